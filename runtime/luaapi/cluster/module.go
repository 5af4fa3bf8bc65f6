package cluster

import (
	"fmt"
	"net"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/cluster"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Module returns the module skynet.cluster.
func (n *Node) Module() actor.Module {
	return actor.Functions("skynet.cluster", []library.Function{
		{Name: "call", Call: n.luaCall}, {Name: "send", Call: n.luaSend}, {Name: "open", Call: n.luaOpen}, {Name: "reload", Call: n.luaReload},
		{Name: "proxy", Call: n.luaProxy}, {Name: "snax", Call: n.luaSnax}, {Name: "register", Call: n.luaRegister},
		{Name: "unregister", Call: n.luaUnregister}, {Name: "query", Call: n.luaQuery},
	})
}

// receiver returns who argument n names on another node.
func receiver(L *lua.LState, n int) cluster.Address {
	switch v := L.Get(n).(type) {
	case lua.LNumber:
		return cluster.Address{Handle: uint32(v)}
	case lua.LString:
		if v != "" {
			return cluster.Address{Name: string(v)}
		}
	}
	arg.TypeError(L, n, "address or name")
	return cluster.Address{}
}

// await waits until the address of a node is known. L is nil for an actor of Go code.
func (n *Node) await(t *actor.Task, L *lua.LState, node string) (*cluster.Link, error) {
	k := t.Ticket()
	l, known, err := n.find(node, func(_ *cluster.Link, err error) { k.Complete(actor.Payload{}, err) })
	if known {
		return l, err
	}
	w := actor.Wait{Kind: actor.OnOther, What: "the address of the node " + node + " of the cluster, which no cluster.reload has given yet"}
	w.Deadline, w.Key = t.Expiry()
	if _, err := t.Block(L, w); err != nil {
		return nil, err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.link(node)
}

// request asks a node and waits for the answer.
func request(t *actor.Task, L *lua.LState, l *cluster.Link, node string, to cluster.Address, message string) (string, error) {
	name := to.Name
	if name == "" {
		name = actor.Handle(to.Handle).String()
	}
	k := t.Ticket()
	cancel := l.Request(to, message, func(answer string, err error) { k.Complete(actor.Bytes(answer), err) })
	defer cancel()
	w := actor.Wait{Kind: actor.OnSocket, What: fmt.Sprintf("an answer of %s of the node %s of the cluster (%s)", name, node, l.Address())}
	w.Deadline, w.Key = t.Expiry()
	p, err := t.Block(L, w)
	if err != nil {
		return "", err
	}
	answer, _ := p.Raw()
	return answer, nil
}

// push sends a message that nobody answers: when the address of the node is known.
func (n *Node) push(node string, to cluster.Address, message string) error {
	l, known, err := n.find(node, func(l *cluster.Link, err error) {
		if err == nil {
			err = l.Push(to, message)
		}
		if err != nil {
			n.log(err.Error())
		}
	})
	if err == nil && known {
		err = l.Push(to, message)
	}
	return err
}

// ask is a request of a script. It raises why there is no answer, and pushes what it holds.
func (n *Node) ask(L *lua.LState, node string, to cluster.Address, message string) int {
	t := actor.Running(L)
	t.MayWait(L)
	l, err := n.await(t, L, node)
	var answer string
	if err == nil {
		answer, err = request(t, L, l, node, to, message)
	}
	if err != nil {
		thread.Errorf(L, "call failed: %s", err.Error())
	}
	return seri.Unpack(L, answer)
}

func (n *Node) luaCall(L *lua.LState) int {
	node, to := arg.String(L, 1), receiver(L, 2)
	return n.ask(L, node, to, seri.Pack(L, 3))
}

func (n *Node) luaQuery(L *lua.LState) int {
	node, name := arg.String(L, 1), arg.String(L, 2)
	message, err := seri.PackMessage(n.o.Limits.Message, lua.LString(name))
	if err != nil {
		actor.Raise(L, err)
	}
	return n.ask(L, node, cluster.Address{}, message)
}

func (n *Node) luaSend(L *lua.LState) int {
	node, to := arg.String(L, 1), receiver(L, 2)
	switch err := n.push(node, to, seri.Pack(L, 3)); {
	case err == nil:
	case n.o.Transport == nil:
		actor.Raise(L, err)
	default: // who sends is not told, as in skynet; the log is
		n.log(err.Error())
	}
	return 0
}

func (n *Node) luaOpen(L *lua.LState) int {
	most := int(arg.OptInteger(L, 2, 0))
	if name, ok := L.Get(1).(lua.LString); ok {
		address, err := n.address(string(name))
		if err == nil {
			_, err = n.open(address, most)
		}
		if err != nil {
			thread.Errorf(L, "cluster.open %s: %s", string(name), err.Error())
		}
		L.Push(name)
		return 1
	}
	// skynet listens on all interfaces here.
	port := arg.Integer(L, 1)
	at, err := n.open(net.JoinHostPort("127.0.0.1", strconv.FormatInt(port, 10)), most)
	if err != nil {
		thread.Errorf(L, "cluster.open %d: %s", port, err.Error())
	}
	host, number, _ := net.SplitHostPort(at.String())
	L.Push(lua.LString(host))
	p, _ := strconv.Atoi(number)
	L.Push(lua.LNumber(p))
	return 2
}

func (n *Node) luaReload(L *lua.LState) int {
	var names []Name
	var err error
	switch {
	case n.o.Transport == nil:
		err = errOff
	case L.Get(1) == lua.LNil:
		if n.o.Names != nil {
			names, err = n.o.Names()
		}
	default:
		names, err = namesOf(arg.Table(L, 1))
	}
	if err == nil {
		err = n.reload(names)
	}
	if err != nil {
		thread.Errorf(L, "cluster.reload: %s", err.Error())
	}
	return 0
}

// namesOf reads the table of cluster.reload.
func namesOf(t *lua.LTable) ([]Name, error) {
	t = library.Contents(t)
	var names []Name
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		key, ok := k.(lua.LString)
		if !ok {
			return nil, fmt.Errorf("the name of a node is a string, not a %s", k.Type())
		}
		name := Name{Key: string(key)}
		switch v := v.(type) {
		case lua.LBool:
			name.Flag, name.Down = bool(v), !bool(v)
			if bool(v) && !name.option() {
				return nil, fmt.Errorf("the address of the node %s is a string, or false, not true", key)
			}
		case lua.LString:
			name.Address = string(v)
		default:
			if !name.option() {
				return nil, fmt.Errorf("the address of the node %s is a string, or false, not a %s", key, v.Type())
			}
			name.Flag = v != lua.LNil
		}
		names = append(names, name)
	}
	return names, nil
}

// option reports whether it is no node.
func (n *Name) option() bool { return len(n.Key) > 2 && n.Key[:2] == "__" }

func (n *Node) luaProxy(L *lua.LState) int {
	node := arg.String(L, 1)
	var to cluster.Address
	if L.Get(2) == lua.LNil {
		var name string
		var ok bool
		if node, name, ok = split(node); !ok {
			thread.Errorf(L, "Invalid name %s: a service of another node is node@name or node.name", L.Get(1).String())
		}
		to.Name = name
	} else {
		to = receiver(L, 2)
	}
	L.Push(n.proxyOf(L, node, to))
	return 1
}

func (n *Node) proxyOf(L *lua.LState, node string, to cluster.Address) lua.LValue {
	if n.o.Transport == nil {
		actor.Raise(L, errOff)
	}
	a, err := n.proxy(node, to)
	if err != nil {
		actor.Raise(L, err)
	}
	return lua.LNumber(a.Handle())
}

// luaSnax is cluster.snax: an object for a snax service of another node, the only one of its name
// unless its address is given.
func (n *Node) luaSnax(L *lua.LState) int {
	node, name := arg.String(L, 1), arg.String(L, 2)
	var to cluster.Address
	if L.Get(3) == lua.LNil {
		message, err := seri.PackMessage(n.o.Limits.Message, lua.LString("QUERY"), lua.LString("snaxd"), lua.LString(name))
		if err != nil {
			actor.Raise(L, err)
		}
		top := L.GetTop()
		n.ask(L, node, cluster.Address{Name: ".service"}, message)
		h, ok := L.Get(top + 1).(lua.LNumber)
		if !ok {
			thread.Errorf(L, "the node %s of the cluster has no address of the snax service %s", node, name)
		}
		to.Handle = uint32(h)
	} else {
		to = receiver(L, 3)
	}
	handle := n.proxyOf(L, node, to)
	L.Push(library.Global("require"))
	L.Push(lua.LString("skynet.snax"))
	L.Call(1, 1)
	L.Push(L.GetField(L.Get(-1), "bind"))
	L.Push(handle)
	L.Push(lua.LString(name))
	L.Call(2, 1)
	return 1
}

func (n *Node) luaRegister(L *lua.LState) int {
	name, a := arg.String(L, 1), actor.Of(L)
	h := actor.Handle(arg.OptInteger(L, 2, int64(a.Handle())))
	if err := n.register(name, h); err != nil {
		actor.Raise(L, err)
	}
	a.Host().Print(a, fmt.Sprintf("Register [%s] %s", name, h))
	return 0
}

func (n *Node) luaUnregister(L *lua.LState) int {
	name, a := arg.String(L, 1), actor.Of(L)
	if h, ok := n.unregister(name); ok {
		a.Host().Print(a, fmt.Sprintf("Unregister [%s] %s", name, h))
	}
	return 0
}
