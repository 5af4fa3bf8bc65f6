package dns_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/sockettest"
	"github.com/skylint/skylint/runtime/luaapi/dns"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	sockets "github.com/skylint/skylint/runtime/socket"
)

// server is a name server that knows two addresses of IPv4 for every name but those that begin with x.
func server(t *testing.T) int {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			end := 12
			for b[end] != 0 {
				end += int(b[end]) + 1
			}
			end += 5 // the end of the name, type and class
			answer := append([]byte{b[0], b[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, b[12:min(end, n)]...)
			switch {
			case b[13] == 'x':
				answer[3] = 0x83 // no such name
			case b[end-3] == 1:
				answer[7] = 2
				for last := byte(7); last <= 8; last++ {
					answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, last)
				}
			}
			conn.WriteTo(answer, from)
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

func TestResolve(t *testing.T) {
	sockettest.Run(t, sockettest.System{Env: map[string]string{"port": strconv.Itoa(server(t))}, Modules: func(p *sockets.Pool) []actor.Module {
		return append(socket.Modules(&socket.Options{Pool: p}), dns.Module)
	}, Want: `
name	10.0.0.7	10.0.0.7,10.0.0.8
address	127.0.0.1	nil
wrong	nil	illegal ip address
nobody	false	true
`, Body: `
  local dns = require "skynet.dns"
  dns.server("127.0.0.1", tonumber(skynet.getenv "port"))
  local a, all = dns.resolve "game.example."
  table.sort(all)
  print("name", all[1], table.concat(all, ","))
  print("address", dns.resolve "127.0.0.1", nil)
  print("wrong", dns.resolve("127.0.0.1", true))
  local ok, e = pcall(dns.resolve, "x.example.")
  print("nobody", ok, e:find "timeout or no answer: .*no such host" ~= nil)
  done()`})
}
