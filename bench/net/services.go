package main

import (
	"context"
	"fmt"
	"os"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// gate is a gate that sends each frame back, written as a project would.
const gate = `
local skynet = require "skynet"
require "skynet.manager"
local gateserver = require "snax.gateserver"
local netpack = require "skynet.netpack"
local driver = require "skynet.socketdriver"
local handler, here, seen = {}, 0, 0
function handler.open(_, conf) return conf.port end
function handler.connect(fd)
  here, seen = here + 1, seen + 1
  gateserver.openclient(fd)
end
function handler.disconnect(fd)
  here = here - 1
  gateserver.closeclient(fd)
end
handler.error = handler.disconnect
function handler.message(fd, message, size) driver.send(fd, netpack.pack(message, size)) end
function handler.warning() end
function handler.command() return here, seen end
skynet.register ".gate"
gateserver.start(handler)
`

// A server is a node with a gate.
type server struct {
	node *runtime.Node
	port int
}

// serve starts a node whose gate takes so many clients.
func serve(clients int, limits socket.Limits) (*server, error) {
	n, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect, Sockets: &limits,
		Find: func(name string) (*source.File, bool) { return source.New(name+".lua", gate), name == "gate" },
		Report: func(e actor.Event) {
			if e.Kind != "handler" { // the end of the node comes as one
				fmt.Fprintln(os.Stderr, e.Kind, e.Name, e.Message)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	if _, err := n.Launch(ctx, "gate"); err != nil {
		n.Close()
		return nil, err
	}
	port, err := n.Call(ctx, ".gate", "open", map[string]any{"address": "127.0.0.1", "port": 0, "maxclient": clients, "nodelay": true})
	if err != nil {
		n.Close()
		return nil, err
	}
	return &server{n, int(port[0].(float64))}, nil
}

func (s *server) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// state returns how many clients the gate has, and how many it has had.
func (s *server) state() (here, seen int, err error) {
	v, err := s.node.Call(context.Background(), ".gate", "state")
	if err != nil {
		return 0, 0, err
	}
	return int(v[0].(float64)), int(v[1].(float64)), nil
}
