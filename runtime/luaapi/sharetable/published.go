package sharetable

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// published is a store whose services are told of new versions: what skynet.sharedata and
// skynet.datasheet are made of.
type published struct {
	store
	watchers map[string][]watcher // guarded by the store's mutex
	key      *actor.Key[watching]
}

// A watcher is a function of a script, and whose it is.
type watcher struct {
	actor *actor.Actor
	call  lua.LValue
}

// watching says whether the end of an actor is looked out for.
type watching struct{ ends bool }

// Published makes a module of that name, for the services of one node, with tables of its own:
//
//	publish(name, table, fresh)  makes a table the newest version; with fresh, it is an error if there is one
//	unpublish(name)              takes the name back, and reports whether anybody had it
//	query(name)                  returns the newest version, which nobody can change, or nil
//	watch(name, f)               has f called after each publish and unpublish, in a task of its own
func Published(name string) actor.Module {
	p := &published{store: store{tables: map[string]*lua.LTable{}}, watchers: map[string][]watcher{}, key: actor.NewKey(func(*actor.Actor) *watching { return &watching{} })}
	return actor.Functions(name, []library.Function{
		{Name: "publish", Call: p.publish}, {Name: "unpublish", Call: p.unpublish}, {Name: "query", Call: p.queryNewest}, {Name: "watch", Call: p.watch},
	})
}

func (p *published) publish(L *lua.LState) int {
	name, t := arg.String(L, 1), freeze(L, arg.Table(L, 2))
	p.mutex.Lock()
	if lua.LVAsBool(L.Get(3)) && p.tables[name] != nil {
		p.mutex.Unlock()
		thread.Errorf(L, "there is a table of the name %s already", name)
	}
	p.tables[name] = t
	told := slices.Clone(p.watchers[name])
	p.mutex.Unlock()
	tell(told)
	return 0
}

func (p *published) unpublish(L *lua.LState) int {
	name := arg.String(L, 1)
	p.mutex.Lock()
	_, had := p.tables[name]
	delete(p.tables, name)
	told := slices.Clone(p.watchers[name])
	p.mutex.Unlock()
	tell(told)
	L.Push(lua.LBool(had))
	return 1
}

// tell has the functions called. Each runs between two messages of its service.
func tell(watchers []watcher) {
	for _, w := range watchers {
		w.actor.Event(func(a *actor.Actor) { a.Fork(w.call, nil) })
	}
}

func (p *published) queryNewest(L *lua.LState) int {
	if t := p.get(arg.String(L, 1)); t != nil {
		L.Push(library.Share(t))
		return 1
	}
	L.Push(lua.LNil)
	return 1
}

func (p *published) watch(L *lua.LState) int {
	name, f, a := arg.String(L, 1), arg.Function(L, 2), actor.Of(L)
	p.mutex.Lock()
	p.watchers[name] = append(p.watchers[name], watcher{a, f})
	p.mutex.Unlock()
	if w := p.key.Of(a); !w.ends {
		w.ends = true
		a.OnEnd(func() { p.forget(a) })
	}
	return 0
}

// forget drops what an actor watches that has ended.
func (p *published) forget(a *actor.Actor) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for name, list := range p.watchers {
		if list = slices.DeleteFunc(list, func(w watcher) bool { return w.actor == a }); len(list) > 0 {
			p.watchers[name] = list
		} else {
			delete(p.watchers, name)
		}
	}
}
