package discover

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"unsafe"
)

// MaxSize is how many bytes a file may have. Offsets into files are 32 bits wide, and no
// program that people write comes near it.
const MaxSize = 256 << 20

// Read returns the content of a regular file of at most limit bytes. It never blocks: a
// named pipe or a device is an error. The error's text is made for a rules.Problem, without
// the file's name.
func Read(name string, limit int64) (string, error) {
	// A pipe that took the place of a file since it was listed must not block the open.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", errors.New(describeError(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", errors.New(describeError(err))
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("not a file but " + describeMode(info.Mode()))
	}
	if info.Size() > limit {
		return "", fmt.Errorf("too large: %d MiB, and files of more than %d MiB are not read", info.Size()>>20, limit>>20)
	}
	text, err := readAll(f, int(info.Size()))
	if err != nil {
		return "", errors.New(describeError(err))
	}
	if int64(len(text)) > limit {
		return "", fmt.Errorf("too large: files of more than %d MiB are not read", limit>>20)
	}
	return text, nil
}

// readAll reads a file that has size bytes, or more if it grows: then as much as there is.
func readAll(r io.Reader, size int) (string, error) {
	buf := make([]byte, size+1) // one more, so that the end shows in the first read
	n := 0
	for {
		m, err := r.Read(buf[n:])
		n += m
		if err == io.EOF || m == 0 && err == nil {
			break
		}
		if err != nil {
			return "", err
		}
		if n == len(buf) {
			if n > MaxSize {
				break
			}
			buf = append(buf, make([]byte, len(buf))...)
		} else if n == size {
			break // the usual case: one read
		}
	}
	// buf is not written to any more, so the string may share its bytes.
	return unsafe.String(unsafe.SliceData(buf), n), nil
}
