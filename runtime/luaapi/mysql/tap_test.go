package mysql

import (
	"io"
	"net"
	"reflect"
	"testing"
)

// script is a connection that gives its pieces one at a time.
type script struct {
	net.Conn
	pieces [][]byte
}

func (s *script) Read(b []byte) (int, error) {
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.pieces[0])
	s.pieces = s.pieces[1:]
	return n, nil
}

func (s *script) Write(b []byte) (int, error) { return len(b), nil }

func packet(payload string) string {
	n := len(payload)
	return string([]byte{byte(n), byte(n >> 8), byte(n >> 16), 1}) + payload
}

// The results of a conversation are told apart, with and without packets behind the columns, and
// however the bytes come.
func TestTap(t *testing.T) {
	const done = "\x00\x03\xfc\x00\x01\x0a\x00\x02\x00three rows" // 3 affected, 256 inserted, more results, 2 warnings
	want := []status{
		{affected: 3, insert: 256, flags: 0x0a, warnings: 2, message: "three rows"},
		{rows: true, flags: 0x0a},
		{rows: true, flags: 2},
	}
	columns := packet("\x02") + packet("\x03def...") + packet("\x03def...")
	rows := packet("\x01x\x01y") + packet("\xfb\x00")
	for _, c := range []struct {
		name  string
		flags []byte
		bytes string
	}{
		{"packets behind the columns", []byte{0, 0, 0, 0}, packet(done) +
			columns + packet("\xfe\x00\x00\x02\x00") + rows + packet("\xfe\x00\x00\x0a\x00") +
			columns + packet("\xfe\x00\x00\x02\x00") + packet("\xfe\x00\x00\x02\x00")},
		{"none", []byte{0, 0, 0, 1}, packet(done) +
			columns + rows + packet("\xfe\x00\x00\x0a\x00\x00\x00") +
			columns + packet("\xfe\x00\x00\x02\x00\x00\x00")},
	} {
		for size := 1; size <= len(c.bytes); size++ {
			s := &script{}
			for i := 0; i < len(c.bytes); i += size {
				s.pieces = append(s.pieces, []byte(c.bytes[i:min(i+size, len(c.bytes))]))
			}
			tap := &tap{Conn: s}
			tap.Write(append([]byte{40, 0, 0, 1}, c.flags...))
			tap.expect(first)
			if _, err := io.ReadAll(tap); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(tap.results, want) {
				t.Fatalf("%s, %d bytes at a time: %+v, want %+v", c.name, size, tap.results, want)
			}
		}
	}
}

// A server cannot make the tap panic.
func FuzzTap(f *testing.F) {
	f.Add([]byte(packet("\x02")+packet("\x03def")), true)
	f.Fuzz(func(t *testing.T, b []byte, deprecated bool) {
		for p := first; p <= preparation; p++ {
			tap := &tap{greeted: true, deprecated: deprecated}
			tap.expect(p)
			tap.look(b)
		}
		(&tap{}).look(b)
	})
}
