package socket

import (
	"errors"
	"io"
	"net"
	"time"
)

// Reader makes something to read, the standard input say, a connection for Pool.Adopt. Nothing can
// be sent to it.
func Reader(r io.ReadCloser) net.Conn { return stream{r} }

type stream struct{ io.ReadCloser }

var errStream = errors.New("nothing can be sent to what is only read")

func (stream) Write([]byte) (int, error)        { return 0, errStream }
func (stream) LocalAddr() net.Addr              { return streamAddr{} }
func (stream) RemoteAddr() net.Addr             { return streamAddr{} }
func (stream) SetDeadline(time.Time) error      { return errStream }
func (stream) SetReadDeadline(time.Time) error  { return errStream }
func (stream) SetWriteDeadline(time.Time) error { return errStream }

type streamAddr struct{}

func (streamAddr) Network() string { return "stream" }
func (streamAddr) String() string  { return "stream" }
