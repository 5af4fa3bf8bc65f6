package cluster

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// TestBytes compares with what skynet's own skynet.cluster.core writes.
func TestBytes(t *testing.T) {
	get := "\x1cGET\x0ca"
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"to a number", appendRequest(nil, Address{Handle: 0x01020304}, 7, false, get), "000f0004030201070000001c4745540c61"},
		{"to a name", appendRequest(nil, Address{Name: "@sdb"}, 8, false, get), "0010800440736462080000001c4745540c61"},
		{"push to a name", appendRequest(nil, Address{Name: "@sdb"}, 9, true, "\x24PING"), "000f800440736462000000002450494e47"},
		{"push to a number", appendRequest(nil, Address{Handle: 10}, 9, true, "\x24PING"), "000e000a000000000000002450494e47"},
		{"query", appendRequest(nil, Address{}, 3, false, "\x1csdb"), "000d0000000000030000001c736462"},
		{"answer", appendAnswer(nil, 12, "abc"), "00080c00000001616263"},
		{"error", appendError(nil, 12, "oops"), "00090c000000006f6f7073"},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	// Messages in parts: the first packet, the first bytes of the next one, and the last.
	x := "\x15\x00\x80" + strings.Repeat("x", 0x8000)
	for _, c := range []struct {
		name              string
		got               []byte
		first, next, last string
	}{
		{"large", appendRequest(nil, Address{Handle: 10}, 11, false, x), "000d010a0000000b00000003800000", "8005020b000000150080", "0008030b000000787878"},
		{"large to a name", appendRequest(nil, Address{Name: "@sdb"}, 11, false, x), "000e8104407364620b00000003800000", "8005020b000000150080", "0008030b000000787878"},
		{"large push", appendRequest(nil, Address{Handle: 10}, 11, true, x), "000d410a0000000b00000003800000", "8005020b000000150080", "0008030b000000787878"},
		{"large push to a name", appendRequest(nil, Address{Name: "@sdb"}, 11, true, x), "000ec104407364620b00000003800000", "8005020b000000150080", "0008030b000000787878"},
		{"just large", appendRequest(nil, Address{Handle: 10}, 11, false, x[:0x8000]), "000d010a0000000b00000000800000", "8005030b000000150080", ""},
		{"large answer", appendAnswer(nil, 13, strings.Repeat("y", 0x8001)), "00090d0000000201800000", "80050d0000000379797979", "00060d0000000479"},
		{"just small answer", appendAnswer(nil, 13, strings.Repeat("y", 0x8000)), "80050d0000000179797979", "", ""},
	} {
		got := hex.EncodeToString(c.got)
		if !strings.HasPrefix(got, c.first+c.next) || !strings.HasSuffix(got, c.last) {
			t.Errorf("%s: %.80s...%s, want %s%s...%s", c.name, got, got[len(got)-40:], c.first, c.next, c.last)
		}
	}
}

// assemble reads a stream of packets to its end.
func assemble(stream []byte, most int64, parse func([]byte) (packet, error)) (messages []string, last packet, err error) {
	r := bufio.NewReader(bytes.NewReader(stream))
	a := assembler{most: most}
	var buffer []byte
	for {
		if buffer, err = readPacket(r, buffer); err != nil {
			return messages, last, err
		}
		p, err := parse(buffer)
		if err != nil {
			return messages, last, err
		}
		message, of, complete, err := a.add(&p)
		if err != nil {
			return messages, last, err
		}
		if complete {
			messages, last = append(messages, message), of
		}
	}
}

func TestAssemble(t *testing.T) {
	large := strings.Repeat("0123456789", 10_000)
	var b []byte
	b = appendRequest(b, Address{Name: "@sdb"}, 1, false, "small")
	b = append(b, "\x00\x06\x04(tag)"...)
	one := appendRequest(nil, Address{Handle: 7}, 2, true, large)
	b = append(b, one[:15]...) // the beginning of one message, all of another, and the rest of the first
	b = appendRequest(b, Address{Name: ".db"}, 3, false, large[1:])
	b = append(b, one[15:]...)
	messages, last, err := assemble(b, 1<<20, parseRequest)
	if err == nil || err.Error() != "EOF" || len(messages) != 3 || messages[0] != "small" || messages[1] != large[1:] || messages[2] != large {
		t.Errorf("%d messages, %v", len(messages), err)
	}
	if last.to.Handle != 7 || !last.push || last.session != 2 {
		t.Errorf("%+v", last)
	}
	messages, _, err = assemble(appendAnswer(nil, 5, large), 1<<20, parseAnswer)
	if err.Error() != "EOF" || len(messages) != 1 || messages[0] != large {
		t.Errorf("answer: %d messages, %v", len(messages), err)
	}
}

func TestBroken(t *testing.T) {
	part := func(kind byte, session byte, data string) string {
		return string([]byte{0, byte(5 + len(data)), kind, session, 0, 0, 0}) + data
	}
	begin := "\x00\x0d\x01\x0a\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00"
	for _, c := range []struct{ stream, want string }{
		{"\x00\x00", "shorter than its kind"},
		{"\x00\x04\x00\x01\x02\x03", "shorter than its kind"},
		{"\x00\x06\x80\xffname", "shorter than its kind"},
		{"\x00\x06\x80\x00\x00\x00\x00\x00", "shorter than its kind"},
		{"\x00\x01\x05", "unknown kind 5"},
		{"\x00\x0e\x01\x0a\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00x", "shorter than its kind"},
		{part(2, 1, "ab"), "without a beginning"},
		{begin + begin, "two messages in parts"},
		{begin + part(2, 1, "abc") + part(3, 1, "de"), "longer than the 4 bytes"},
		{begin + part(3, 1, "ab"), "shorter than the 4 bytes"},
		{begin[:11] + "\xff\xff\xff\xff", "a message of 4294967295 bytes is larger than 1024"},
		{"\x00\x0d\x00", "unexpected EOF"},
	} {
		if _, _, err := assemble([]byte(c.stream), 1024, parseRequest); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%x: %v, want %q", c.stream, err, c.want)
		}
	}
	var many []byte
	for i := range maxUnfinished + 1 {
		many = appendRequest(many, Address{Handle: 1}, uint32(i+1), false, strings.Repeat("x", partSize))[:len(many)+15]
	}
	if _, _, err := assemble(many, 1<<20, parseRequest); err == nil || !strings.Contains(err.Error(), "messages at once") {
		t.Errorf("%d messages in parts: %v", maxUnfinished+1, err)
	}
}

// FuzzAssemble feeds any bytes. Nothing panics, and no more is kept than has come.
func FuzzAssemble(f *testing.F) {
	f.Add([]byte("\x00\x0f\x80\x04@sdb\x00\x00\x00\x00\x24PING"))
	f.Add(appendRequest(nil, Address{Handle: 10}, 11, true, strings.Repeat("x", 0x8001)))
	f.Add(appendAnswer(nil, 11, strings.Repeat("x", 0x8001)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte) (packet, error){parseRequest, parseAnswer} {
			messages, _, err := assemble(data, 1<<16, parse)
			n := 0
			for _, m := range messages {
				n += len(m)
			}
			if err == nil || n > len(data) {
				t.Errorf("%d bytes of messages in a stream of %d, %v", n, len(data), err)
			}
		}
	})
}
