package cluster

import (
	"errors"
	"fmt"
	"net"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/cluster"
	"github.com/skylint/skylint/runtime/seri"
)

// An agent stands for a node that is connected: what the node asks for is sent in the agent's name.
type agent struct {
	node  *Node
	actor *actor.Actor
}

// accept makes an agent of a connection.
func (n *Node) accept(peer net.Addr) (cluster.Peer, error) {
	g := &agent{node: n}
	a, err := n.o.Add("", g)
	if err != nil {
		return nil, err
	}
	g.actor = a
	n.log("socket accept from " + peer.String())
	return g, nil
}

// Message implements actor.Behaviour.
func (*agent) Message(*actor.Task, *actor.Envelope) error {
	return errors.New("this is a connection from another node, and handles no messages")
}

// Close implements actor.Behaviour.
func (*agent) Close() {}

// Closed implements cluster.Peer.
func (g *agent) Closed(why error) {
	g.node.log("a node has gone: " + why.Error())
	g.actor.Kill("the connection has ended: " + why.Error())
}

// Request implements cluster.Peer.
func (g *agent) Request(to cluster.Address, message string, push bool, done func(string, error)) {
	if to == (cluster.Address{}) {
		done(g.query(message))
		return
	}
	if g.node.o.Host().Find(g.actor.Handle()) == nil {
		done("", errClosed)
		return
	}
	g.actor.Event(func(a *actor.Actor) {
		a.Go(func(t *actor.Task) {
			answered := false
			defer func() { // the task may be ended where it waits
				if !answered {
					done("", errClosed)
				}
			}()
			answer, err := g.pass(t, to, message, push)
			answered = true
			done(answer, err)
		})
	})
}

// query answers with the address that has a name.
func (g *agent) query(message string) (string, error) {
	values, err := seri.UnpackMessage(message)
	if err != nil {
		return "", err
	}
	if len(values) == 1 {
		if name, ok := values[0].(lua.LString); ok {
			if h := g.node.lookup(string(name)); h != 0 {
				return seri.PackMessage(g.node.o.Limits.Message, lua.LNumber(h))
			}
		}
	}
	return "", errors.New("name not found")
}

// pass hands a message on, and returns the answer.
func (g *agent) pass(t *actor.Task, to cluster.Address, message string, push bool) (string, error) {
	callee, p, err := g.receiver(to, message)
	if err != nil {
		return "", err
	}
	if push {
		return "", t.Send(nil, callee, actor.Lua, &p)
	}
	answer, err := t.Call(nil, callee, actor.Lua, &p)
	if err != nil {
		return "", err
	}
	text, err := pack(&answer, g.node.o.Limits.Message)
	if err != nil {
		err = fmt.Errorf("the answer cannot be sent: %w; see cluster.message-size in sky.toml", err)
	}
	return text, err
}

// receiver returns who a message is for, if other nodes may send to it, and what it gets.
func (g *agent) receiver(to cluster.Address, message string) (actor.Handle, actor.Payload, error) {
	n := g.node
	host := n.o.Host()
	h := actor.Handle(to.Handle)
	switch {
	case to.Name == "":
	case to.Name[0] == '@':
		if h = n.lookup(to.Name[1:]); h == 0 {
			return 0, actor.Payload{}, fmt.Errorf("Invalid name: nobody has the name %s here (see cluster.register)", to.Name)
		}
	default:
		if h = host.Lookup(to.Name); h == 0 {
			return 0, actor.Payload{}, fmt.Errorf("call to invalid address %s", to.Name)
		}
	}
	callee := host.Find(h)
	if callee == nil {
		return 0, actor.Payload{}, &actor.SendError{To: h, Gone: true}
	}
	if callee.State() != nil {
		if n.o.Closed(callee) && !n.isRegistered(h) {
			return 0, actor.Payload{}, closed(callee)
		}
		return h, actor.Bytes(message), nil
	}
	// An actor of Go code takes values. Those that the node brings start and end services, which is for
	// no other node to do; but which snax services there are may be asked.
	values, err := seri.UnpackMessage(message)
	if err != nil {
		return 0, actor.Payload{}, err
	}
	p := actor.Values(values...)
	if n.o.Closed(callee) && !n.isRegistered(h) && (callee.Name() != ".service" || p.Text(0) != "QUERY") {
		return 0, actor.Payload{}, closed(callee)
	}
	return h, p, nil
}

func closed(a *actor.Actor) error {
	return fmt.Errorf("%s %s is closed to other nodes, since it starts and ends services; cluster.register would open it", a.Handle(), a.Name())
}

// pack returns a payload as bytes.
func pack(p *actor.Payload, most int64) (string, error) {
	if text, raw := p.Raw(); raw {
		return text, nil
	}
	values := make([]lua.LValue, p.Len())
	for i := range values {
		values[i] = p.At(i)
	}
	return seri.PackMessage(most, values...)
}
