package node

import (
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
)

// AddServices starts the services that every node of skynet has, under their usual names: .logger,
// .launcher and .service. Here the API does its work without them; they are for programs that
// send to them. Without a logger the name .logger is left for a service of the project.
func (n *Node) AddServices(logs bool) error {
	for _, s := range []struct {
		name string
		b    actor.Behaviour
	}{{".logger", logger{n}}, {".launcher", launcher{n}}, {".service", manager{n}}} {
		if s.name == ".logger" && !logs {
			continue
		}
		if _, err := n.Add(s.name, s.b); err != nil {
			return err
		}
	}
	return nil
}

// OwnService reports whether a name is that of a service of AddServices.
func OwnService(name string) bool {
	return name == ".logger" || name == ".launcher" || name == ".service"
}

// logger prints what it is sent.
type logger struct{ node *Node }

func (l logger) Message(_ *actor.Task, e *actor.Envelope) error {
	text := e.Text(0)
	if raw, ok := e.Raw(); ok {
		text = raw
	}
	l.node.Print(l.node.Find(e.Source), text)
	return nil
}

func (logger) Close() {}

// texts returns the values of a message from the n-th on as words.
func texts(e *actor.Envelope, n int) []string {
	var list []string
	for ; n < e.Len(); n++ {
		list = append(list, strings.Fields(e.Text(n))...)
	}
	return list
}

// launcher starts and ends services, and lists them.
type launcher struct{ node *Node }

func (launcher) Close() {}

func (l launcher) Message(t *actor.Task, e *actor.Envelope) error {
	switch command := e.Text(0); command {
	case "LAUNCH", "LOGLAUNCH":
		words := texts(e, 1)
		if len(words) < 2 || words[0] != "snlua" {
			return fmt.Errorf("%s: there is no C service here: only snlua can be launched", command)
		}
		a, err := l.node.Spawn(l.node.Find(e.Source), words[1], words[2:])
		if err == nil {
			err = t.AwaitStart(nil, a)
		}
		switch {
		case errors.Is(err, actor.ErrExited):
			t.Answer(actor.Values(lua.LNil))
		case err != nil:
			return err
		default:
			t.Answer(actor.Values(lua.LNumber(a.Handle())))
		}
	case "LIST":
		list := new(lua.LState).CreateTable(0, 8)
		l.node.Each(func(a *actor.Actor) {
			if a.State() != nil {
				list.RawSetString(a.Handle().String(), lua.LString("snlua "+strings.Join(append([]string{a.Name()}, a.Args()...), " ")))
			}
		})
		t.Answer(actor.Values(list))
	case "STAT":
		list := new(lua.LState).CreateTable(0, 8)
		l.node.Each(func(a *actor.Actor) {
			stat := new(lua.LState).CreateTable(0, 2)
			stat.RawSetString("mqlen", lua.LNumber(a.Length()))
			stat.RawSetString("message", lua.LNumber(a.Handled()))
			list.RawSetString(a.Handle().String(), stat)
		})
		t.Answer(actor.Values(list))
	case "KILL":
		h := handleOf(e.At(1))
		a := l.node.Find(h)
		if a == nil {
			return fmt.Errorf("there is no service %s", h)
		}
		a.Kill("killed by " + e.Source.String() + " through the launcher")
		killed := new(lua.LState).CreateTable(0, 1)
		killed.RawSetString(h.String(), lua.LString(a.Name()))
		t.Answer(actor.Values(killed))
	case "REMOVE", "LAUNCHOK", "ERROR":
		t.Answer(actor.Payload{}) // the node knows by itself
	default:
		return fmt.Errorf("the launcher has no command %q", command)
	}
	return nil
}

func handleOf(v lua.LValue) actor.Handle {
	switch v := v.(type) {
	case lua.LNumber:
		return actor.Handle(v)
	case lua.LString:
		h, _ := actor.ParseHandle(string(v))
		return h
	}
	return 0
}

// manager keeps the services that there are one of.
type manager struct{ node *Node }

func (manager) Close() {}

func (m manager) Message(t *actor.Task, e *actor.Envelope) error {
	words := texts(e, 1)
	switch command := e.Text(0); command {
	case "LAUNCH", "GLAUNCH":
		if len(words) == 0 {
			return errors.New("LAUNCH: the name of a service is missing")
		}
		if words[0] == "snaxd" && len(words) > 1 {
			return m.provider(t, "snax", words[1:])
		}
		a, err := m.node.Unique(m.node.Find(e.Source), words[0], words[1:])
		if err == nil {
			err = t.AwaitStart(nil, a)
		}
		if err != nil {
			return err
		}
		t.Answer(actor.Values(lua.LNumber(a.Handle())))
	case "QUERY", "GQUERY":
		if len(words) == 0 {
			return errors.New("QUERY: the name of a service is missing")
		}
		if words[0] == "snaxd" && len(words) > 1 {
			return m.provider(t, "querysnax", words[1:])
		}
		k := t.Ticket()
		m.node.Query(words[0], func(a *actor.Actor, err error) {
			if a == nil {
				k.Complete(actor.Payload{}, err)
				return
			}
			k.Complete(actor.Values(lua.LNumber(a.Handle())), nil)
		})
		answer, err := t.Block(nil, actor.Wait{Kind: actor.OnQuery, What: words[0]})
		if err != nil {
			return err
		}
		t.Answer(answer)
	case "LIST":
		list := new(lua.LState).CreateTable(0, 8)
		m.node.mutex.Lock()
		for name, u := range m.node.unique {
			switch {
			case u.actor != nil:
				list.RawSetString(name, lua.LString(u.actor.Handle().String()))
			case u.err != nil:
				list.RawSetString(name, lua.LString(u.err.Error()))
			default:
				list.RawSetString(name, lua.LString("asked for"))
			}
		}
		m.node.mutex.Unlock()
		t.Answer(actor.Values(list))
	default:
		return fmt.Errorf("the service manager has no command %q", command)
	}
	return nil
}

// provider asks the service that keeps the snax services that there are one of.
func (m manager) provider(t *actor.Task, command string, words []string) error {
	a, err := m.node.Unique(nil, "service_provider", nil)
	if err == nil {
		err = t.AwaitStart(nil, a)
	}
	if err != nil {
		return err
	}
	p := actor.Values(lua.LString(command))
	for _, word := range words {
		p.Add(lua.LString(word))
	}
	answer, err := t.Call(nil, a.Handle(), actor.Lua, &p)
	if err != nil {
		return err
	}
	t.Answer(answer)
	return nil
}
