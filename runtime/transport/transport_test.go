package transport_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/transport"
)

func TestLoopback(t *testing.T) {
	var plain transport.Transport = transport.Loopback{}
	l, err := plain.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.WriteString(c, "hello")
			c.Close()
		}
	}()
	c, err := plain.Dial(context.Background(), "db", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if text, err := io.ReadAll(c); string(text) != "hello" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// TestOffLoopback makes sure that nothing leaves the machine in the clear.
func TestOffLoopback(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0"} {
		l, err := transport.Loopback{}.Listen(address)
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "is not on this machine") {
			t.Errorf("listens at %s: %v", address, err)
		}
	}
	for _, address := range []string{"192.0.2.1:2528", "[2001:db8::1]:2528"} {
		c, err := transport.Loopback{}.Dial(context.Background(), "db", address)
		if err == nil {
			c.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "is not on this machine") {
			t.Errorf("dials %s: %v", address, err)
		}
	}
}
