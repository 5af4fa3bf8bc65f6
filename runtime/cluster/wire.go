package cluster

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The protocol is that of lua-cluster.c of cloudwu/skynet. A packet is a length of two bytes, big-endian,
// and that many bytes; all other numbers are little-endian. Of who asks:
//
//	0     address:4  session:4  message          a request to an address; session 0: nobody waits for an answer
//	0x80  n:1 name:n  session:4  message         ... to a name
//	1     address:4  session:4  size:4           a message of that size is to come in parts; 0x41: nobody waits
//	0x81  n:1 name:n  session:4  size:4          ... to a name; 0xc1: nobody waits
//	2     session:4  part                        a part of it; 3: the last one
//	4     tag                                    a tag of tracing for the request that follows
//
// Address 0 asks for the address that has a name, which is the message. Of who answers:
//
//	session:4  0  text                           an error
//	session:4  1  message                        the answer
//	session:4  2  size:4                         an answer of that size is to come in parts
//	session:4  3  part                           a part of it; 4: the last one
const (
	kindNumber      = 0x00
	kindNumberBegin = 0x01
	kindPart        = 0x02
	kindLast        = 0x03
	kindTrace       = 0x04
	kindPush        = 0x40 // of a begin
	kindName        = 0x80 // to a name
	kindNameBegin   = 0x81

	answerError = 0
	answerWhole = 1
	answerBegin = 2
	answerPart  = 3
	answerLast  = 4
)

// partSize is how much of a message is in one packet.
const partSize = 0x8000

// maxName is how long a name may be.
const maxName = 255

// An Address is who a message is for: a name, "@db" (one of cluster.register) or ".db" (one of the node),
// or a number where the name is "".
type Address struct {
	Handle uint32
	Name   string
}

var errName = fmt.Errorf("the name of a service on another node has 1 to %d bytes", maxName)

// appendRequest appends the packets of a request; of one that nobody waits for if push is set.
func appendRequest(b []byte, to Address, session uint32, push bool, message string) []byte {
	large := len(message) >= partSize
	n := 9
	kind := byte(kindNumber)
	if to.Name != "" {
		n, kind = 6+len(to.Name), kindName
	}
	if large {
		n, kind = n+4, kind|kindNumberBegin
		if push {
			kind |= kindPush
		}
	} else {
		n += len(message)
		if push {
			session = 0
		}
	}
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	b = append(b, kind)
	if to.Name != "" {
		b = append(append(b, byte(len(to.Name))), to.Name...)
	} else {
		b = binary.LittleEndian.AppendUint32(b, to.Handle)
	}
	b = binary.LittleEndian.AppendUint32(b, session)
	if !large {
		return append(b, message...)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(message)))
	for len(message) > 0 {
		part, kind := message, byte(kindLast)
		if len(part) > partSize {
			part, kind = part[:partSize], kindPart
		}
		message = message[len(part):]
		b = binary.BigEndian.AppendUint16(b, uint16(len(part)+5))
		b = append(b, kind)
		b = binary.LittleEndian.AppendUint32(b, session)
		b = append(b, part...)
	}
	return b
}

// appendAnswer appends the packets of an answer.
func appendAnswer(b []byte, session uint32, message string) []byte {
	packet := func(kind byte, data string) {
		b = binary.BigEndian.AppendUint16(b, uint16(len(data)+5))
		b = binary.LittleEndian.AppendUint32(b, session)
		b = append(append(b, kind), data...)
	}
	if len(message) <= partSize {
		packet(answerWhole, message)
		return b
	}
	packet(answerBegin, string(binary.LittleEndian.AppendUint32(nil, uint32(len(message)))))
	for len(message) > 0 {
		part, kind := message, byte(answerLast)
		if len(part) > partSize {
			part, kind = part[:partSize], answerPart
		}
		message = message[len(part):]
		packet(kind, part)
	}
	return b
}

// appendError appends the packet of an error, of which a long text is cut.
func appendError(b []byte, session uint32, text string) []byte {
	if len(text) > partSize {
		text = text[:partSize]
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(text)+5))
	b = binary.LittleEndian.AppendUint32(b, session)
	return append(append(b, answerError), text...)
}

// stage says what a packet is of a message.
type stage uint8

const (
	whole stage = iota
	begin       // size bytes are to come
	part
	last
)

// A packet is what was read: of a request, or, with failed, of an answer.
type packet struct {
	stage   stage
	trace   bool // data is a tag
	failed  bool // data is why there is no answer
	push    bool
	to      Address
	session uint32
	size    int64
	data    []byte // valid until the next packet is read
}

var errShort = errors.New("a packet is shorter than its kind needs")

// cutter takes a packet apart.
type cutter struct {
	rest []byte
	bad  bool
}

func (c *cutter) take(n int) []byte {
	if n > len(c.rest) {
		c.bad = true
		return make([]byte, n)
	}
	taken := c.rest[:n]
	c.rest = c.rest[n:]
	return taken
}

func (c *cutter) number() uint32 { return binary.LittleEndian.Uint32(c.take(4)) }

// parseRequest reads a packet of who asks.
func parseRequest(b []byte) (p packet, err error) {
	c := cutter{rest: b}
	kind := c.take(1)[0]
	switch kind {
	case kindNumber, kindNumberBegin, kindNumberBegin | kindPush:
		p.to.Handle = c.number()
	case kindName, kindNameBegin, kindNameBegin | kindPush:
		p.to.Name = string(c.take(int(c.take(1)[0])))
		if p.to.Name == "" {
			c.bad = true
		}
	case kindPart, kindLast:
		p.stage = part
		if kind == kindLast {
			p.stage = last
		}
	case kindTrace:
		p.trace, p.data = true, c.rest
		return p, nil
	default:
		if !c.bad {
			return p, fmt.Errorf("a packet of the unknown kind %d", kind)
		}
	}
	p.session = c.number()
	switch {
	case p.stage != whole:
	case kind&kindNumberBegin != 0:
		p.stage, p.size, p.push = begin, int64(c.number()), kind&kindPush != 0
		c.bad = c.bad || len(c.rest) > 0
	default:
		p.push = p.session == 0
	}
	p.data = c.rest
	if c.bad {
		return p, errShort
	}
	return p, nil
}

// parseAnswer reads a packet of who answers.
func parseAnswer(b []byte) (p packet, err error) {
	c := cutter{rest: b}
	p.session = c.number()
	switch kind := c.take(1)[0]; kind {
	case answerError:
		p.failed = true
	case answerWhole:
	case answerBegin:
		p.stage, p.size = begin, int64(c.number())
		c.bad = c.bad || len(c.rest) > 0
	case answerPart:
		p.stage = part
	case answerLast:
		p.stage = last
	default:
		return p, fmt.Errorf("a packet of the unknown kind %d", kind)
	}
	p.data = c.rest
	if c.bad {
		return p, errShort
	}
	return p, nil
}
