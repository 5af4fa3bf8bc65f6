package cluster

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// readPacket reads a packet into a buffer, which it returns.
func readPacket(r *bufio.Reader, into []byte) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(head[:]))
	if cap(into) < n {
		into = make([]byte, n)
	}
	into = into[:n]
	_, err := io.ReadFull(r, into)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return into, err
}

// maxUnfinished is how many messages may be on their way in parts on one connection.
const maxUnfinished = 1024

// An assembler puts the parts of messages together. Memory is taken as the parts come, not for what
// was announced.
type assembler struct {
	most  int64 // bytes of a message
	held  int64 // bytes of all that is unfinished
	parts map[uint32]*unfinished
}

type unfinished struct {
	packet
	data    []byte
	refused bool // it is too large: its parts are thrown away
}

// errLarge is why a message is refused. The connection goes on.
type errLarge struct {
	session uint32
	push    bool
	size    int64
	most    int64
}

func (e *errLarge) Error() string {
	return fmt.Sprintf("a message of %d bytes is larger than %d; see cluster.message-size in sky.toml", e.size, e.most)
}

// add takes a packet. It returns the message that is whole with it, if any. Any error but *errLarge is
// for good.
func (a *assembler) add(p *packet) (message string, of packet, complete bool, err error) {
	if p.trace {
		return "", packet{}, false, nil
	}
	switch p.stage {
	case whole:
		return string(p.data), *p, true, nil
	case begin:
		if len(a.parts) >= maxUnfinished {
			return "", packet{}, false, fmt.Errorf("more than %d messages at once are in parts", maxUnfinished)
		}
		if a.parts == nil {
			a.parts = make(map[uint32]*unfinished)
		}
		if a.parts[p.session] != nil {
			return "", packet{}, false, fmt.Errorf("two messages in parts have the session %d", p.session)
		}
		u := &unfinished{packet: *p}
		u.packet.data = nil
		a.parts[p.session] = u
		if p.size > a.most {
			u.refused = true
			return "", packet{}, false, &errLarge{p.session, p.push, p.size, a.most}
		}
		return "", packet{}, false, nil
	}
	u := a.parts[p.session]
	if u == nil {
		return "", packet{}, false, fmt.Errorf("a part of a message without a beginning, of session %d", p.session)
	}
	if !u.refused {
		a.held += int64(len(p.data))
		if a.held > 2*a.most {
			return "", packet{}, false, fmt.Errorf("messages in parts take more than %d bytes", 2*a.most)
		}
		if u.data = append(u.data, p.data...); int64(len(u.data)) > u.size {
			return "", packet{}, false, fmt.Errorf("the parts of a message are longer than the %d bytes that were announced", u.size)
		}
	}
	if p.stage == part {
		return "", packet{}, false, nil
	}
	delete(a.parts, p.session)
	a.held -= int64(len(u.data))
	if u.refused {
		return "", packet{}, false, nil
	}
	if int64(len(u.data)) < u.size {
		return "", packet{}, false, fmt.Errorf("the parts of a message are shorter than the %d bytes that were announced", u.size)
	}
	return string(u.data), u.packet, true, nil
}
