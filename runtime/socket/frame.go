package socket

import "fmt"

// A Framer splits what comes on a connection into frames: two bytes of length, the high one first,
// and as many bytes of content. It belongs to one socket.
type Framer struct {
	// Max is how long the content of a frame may be; a longer one ends the connection.
	Max int

	partial []byte
}

// Partial reports whether a part of a frame has come.
func (f *Framer) Partial() bool { return len(f.partial) > 0 }

// Feed takes what has come, and calls emit with the content of each whole frame. The error is of a
// frame that is too long.
func (f *Framer) Feed(chunk string, emit func(string)) error {
	for len(f.partial) > 0 && chunk != "" {
		want := 2
		if len(f.partial) >= 2 {
			want += int(f.partial[0])<<8 | int(f.partial[1])
			if err := f.check(want - 2); err != nil {
				return err
			}
		}
		n := min(want-len(f.partial), len(chunk))
		f.partial = append(f.partial, chunk[:n]...)
		chunk = chunk[n:]
		if len(f.partial) >= 2 && len(f.partial) == 2+(int(f.partial[0])<<8|int(f.partial[1])) {
			emit(string(f.partial[2:]))
			f.partial = nil
		}
	}
	for len(chunk) >= 2 {
		n := int(chunk[0])<<8 | int(chunk[1])
		if err := f.check(n); err != nil {
			return err
		}
		if len(chunk) < 2+n {
			break
		}
		emit(chunk[2 : 2+n])
		chunk = chunk[2+n:]
	}
	if chunk != "" {
		f.partial = append(f.partial, chunk...)
	}
	return nil
}

func (f *Framer) check(n int) error {
	if f.Max > 0 && n > f.Max {
		return fmt.Errorf("a frame of %d bytes, more than %d", n, f.Max)
	}
	return nil
}
