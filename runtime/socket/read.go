package socket

import (
	"io"
	"sync"
)

// chunkSize is how much is read at once.
const chunkSize = 16 << 10

// buffers are what bytes are read into, before they become a string of their own length.
var buffers = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// readSome waits for bytes, and reads some.
func (s *socket) readSome() (string, error) {
	if s.raw != nil && readable {
		return s.readReady()
	}
	b := buffers.Get().(*[chunkSize]byte)
	defer buffers.Put(b)
	n, err := s.conn.Read(b[:])
	return string(b[:n]), err
}

// readReady takes a buffer only when there is something to read, so that an idle connection holds none.
func (s *socket) readReady() (chunk string, err error) {
	failed := s.raw.Read(func(fd uintptr) bool {
		b := buffers.Get().(*[chunkSize]byte)
		defer buffers.Put(b)
		n, again, e := readNow(fd, b[:])
		switch {
		case again:
			return false
		case e != nil:
			err = e
		case n == 0:
			err = io.EOF
		default:
			chunk = string(b[:n])
		}
		return true
	})
	if failed != nil {
		err = failed
	}
	return chunk, err
}

// writeSome hands the kernel what it takes at once. What goes wrong shows when the rest is written.
func (s *socket) writeSome(b []byte) int {
	if s.raw == nil || !readable {
		return 0
	}
	n := 0
	s.raw.Write(func(fd uintptr) bool {
		n = writeNow(fd, b)
		return true
	})
	return n
}
