package mysql

import (
	"bytes"
	"encoding/binary"
	"net"
)

// The driver keeps to itself what the server says of a statement that has no rows, and forgets where
// in a list of results it stood. So the connection looks at the packets on their way: at the first
// byte of each, and at those that the services want to know.
//
// The protocol is that of https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html

// A status is what the server says of one result.
type status struct {
	rows     bool // the result has rows; the rest is of results without
	affected uint64
	insert   uint64
	flags    uint16
	warnings uint16
	message  string
}

// A prepared is what the server says of a statement that it has prepared.
type prepared struct {
	fields, params, warnings uint16
}

const (
	moreResults  = 8       // in the status: another result follows
	deprecateEOF = 1 << 24 // in the capabilities: no packet between columns and rows
	headSize     = 1024    // how much of a packet is looked at
)

// phase is what the next packet is.
type phase uint8

const (
	ignored    phase = iota
	first            // of a result
	definition       // of a column
	separator
	row
	preparation
)

// A tap is a connection whose packets are looked at. It is used by one goroutine.
type tap struct {
	net.Conn
	greeted    bool
	deprecated bool

	version string // of the server: its first packet has it

	phase   phase
	columns uint64
	header  [4]byte
	have    int // bytes of the header
	left    int // bytes of the packet that are still to come
	length  int
	head    []byte
	part    bool // the packet goes on with the next

	results  []status
	prepared prepared
}

// expect says what will be asked next.
func (t *tap) expect(p phase) { t.phase, t.results, t.prepared = p, nil, prepared{} }

// Write sees the first packet of the client, which has its capabilities.
func (t *tap) Write(b []byte) (int, error) {
	if !t.greeted && len(b) >= 8 {
		t.greeted = true
		t.deprecated = binary.LittleEndian.Uint32(b[4:])&deprecateEOF != 0
	}
	return t.Conn.Write(b)
}

// Read sees the packets of the server.
func (t *tap) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	t.look(b[:n])
	return n, err
}

func (t *tap) look(b []byte) {
	for len(b) > 0 {
		if t.have < len(t.header) {
			n := copy(t.header[t.have:], b)
			t.have += n
			b = b[n:]
			if t.have < len(t.header) {
				return
			}
			t.left = int(t.header[0]) | int(t.header[1])<<8 | int(t.header[2])<<16
			t.length = t.left
			t.head = t.head[:0]
		}
		n := min(t.left, len(b))
		t.head = append(t.head, b[:min(n, headSize-min(len(t.head), headSize))]...)
		b = b[n:]
		if t.left -= n; t.left > 0 {
			return
		}
		t.have = 0
		whole := t.part
		t.part = t.length == 1<<24-1
		switch {
		case whole || len(t.head) == 0:
		case !t.greeted:
			version, _, _ := bytes.Cut(t.head[1:], []byte{0})
			t.version = string(version)
		default:
			t.packet()
		}
	}
}

// packet takes a packet: its first bytes, and its length.
func (t *tap) packet() {
	const ok, end, failure = 0x00, 0xfe, 0xff
	h := t.head
	if h[0] == failure {
		t.phase = ignored
		return
	}
	switch t.phase {
	case first:
		if h[0] == ok {
			t.add(read(h[1:]))
			return
		}
		n, rest := integer(h)
		t.columns, t.phase = n, definition
		if len(rest) > 0 && rest[0] == 0 {
			t.columns = 0 // the client knows them from before
		}
		if t.columns == 0 {
			t.afterColumns()
		}
	case definition:
		if t.columns--; t.columns == 0 {
			t.afterColumns()
		}
	case separator:
		t.phase = row
	case row:
		if h[0] == end && t.length < 1<<24-1 {
			s := status{rows: true}
			if t.deprecated {
				s = read(h[1:])
				s.rows = true
			} else if len(h) >= 5 {
				s.flags = binary.LittleEndian.Uint16(h[3:])
			}
			t.add(s)
		}
	case preparation:
		if h[0] == ok && len(h) >= 12 {
			t.prepared = prepared{binary.LittleEndian.Uint16(h[5:]), binary.LittleEndian.Uint16(h[7:]), binary.LittleEndian.Uint16(h[10:])}
		}
		t.phase = ignored
	}
}

func (t *tap) afterColumns() {
	if t.phase = separator; t.deprecated {
		t.phase = row
	}
}

func (t *tap) add(s status) {
	t.results = append(t.results, s)
	if t.phase = ignored; s.flags&moreResults != 0 {
		t.phase = first
	}
}

// read reads a status behind its first byte.
func read(b []byte) (s status) {
	s.affected, b = integer(b)
	s.insert, b = integer(b)
	if len(b) >= 4 {
		s.flags, s.warnings = binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
		s.message = string(b[4:])
	}
	return s
}

// integer reads an integer that says its own length.
func integer(b []byte) (n uint64, rest []byte) {
	if len(b) == 0 {
		return 0, nil
	}
	size := 0
	switch b[0] {
	case 0xfc:
		size = 2
	case 0xfd:
		size = 3
	case 0xfe:
		size = 8
	default:
		return uint64(b[0]), b[1:]
	}
	if len(b) < 1+size {
		return 0, nil
	}
	for i := size; i > 0; i-- {
		n = n<<8 | uint64(b[i])
	}
	return n, b[1+size:]
}
