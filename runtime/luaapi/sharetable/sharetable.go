// Package sharetable is the module skynet.sharetable: tables that all services of a node read
// without a copy, and none can change.
//
// A table is copied once, when it is loaded. What a service gets by query is a view of its own
// of the table; the tables inside are the same for all services. sharetable.update makes the
// view show what was loaded last; a table inside that a service has kept stays as it was.
package sharetable

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/seri"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// A store holds the tables of one node by name. What they hold is never written to.
type store struct {
	mutex  sync.RWMutex
	tables map[string]*lua.LTable
}

func (s *store) get(name string) *lua.LTable {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.tables[name]
}

func (s *store) set(name string, t *lua.LTable) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.tables[name] = t
}

func (s *store) names() []string {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return slices.Sorted(maps.Keys(s.tables))
}

// views are what one service has got, by name.
type views map[string]*lua.LTable

var key = actor.NewKey(func(*actor.Actor) *views { return &views{} })

// New makes the module for the services of one node.
func New() actor.Module {
	s := &store{tables: map[string]*lua.LTable{}}
	return actor.Functions("skynet.sharetable", []library.Function{
		{Name: "loadfile", Call: s.loadFile}, {Name: "loadstring", Call: s.loadString}, {Name: "loadtable", Call: s.loadTable},
		{Name: "query", Call: s.query}, {Name: "queryall", Call: s.queryAll}, {Name: "update", Call: s.update},
	})
}

// loadFile is sharetable.loadfile: it runs a file, which returns the table.
func (s *store) loadFile(L *lua.LState) int {
	name := arg.String(L, 1)
	read := host.Of(L).ReadFile
	if read == nil {
		thread.Errorf(L, "cannot open %s: files are not granted", name)
	}
	text, err := read(name)
	if err != nil {
		thread.Errorf(L, "cannot open %s: %s", name, err.Error())
	}
	s.run(L, name, string(text), "@"+name, 2)
	return 0
}

// loadString is sharetable.loadstring: it runs a text, which returns the table.
func (s *store) loadString(L *lua.LState) int {
	name, text := arg.String(L, 1), arg.String(L, 2)
	s.run(L, name, text, text, 3)
	return 0
}

// run runs a text with the arguments from the n-th on, in globals of its own, and keeps the table
// that it returns.
func (s *store) run(L *lua.LState, name, text, chunk string, n int) {
	h := host.Of(L)
	if h.Compile == nil {
		thread.Errorf(L, "load is not granted")
	}
	env, mt := L.CreateTable(0, 4), L.CreateTable(0, 1)
	mt.RawSetString("__index", h.Globals)
	env.Metatable = mt
	fn, err := h.Compile(L, text, chunk, env)
	if err != nil {
		thread.Errorf(L, "%s", err.Error())
	}
	top := L.GetTop()
	L.Push(fn)
	for i := n; i <= top; i++ {
		L.Push(L.Get(i))
	}
	L.Call(max(top-n+1, 0), 1)
	t, ok := L.Get(-1).(*lua.LTable)
	if !ok {
		thread.Errorf(L, "%s does not return a table but a %s", name, L.Get(-1).Type())
	}
	s.set(name, freeze(L, t))
}

// loadTable is sharetable.loadtable.
func (s *store) loadTable(L *lua.LState) int {
	s.set(arg.String(L, 1), freeze(L, arg.Table(L, 2)))
	return 0
}

// query is sharetable.query: it returns the table of a name, or nil.
func (s *store) query(L *lua.LState) int {
	if v := s.view(L, arg.String(L, 1)); v != nil {
		L.Push(v)
		return 1
	}
	L.Push(lua.LNil)
	return 1
}

// view returns the view of a table that the service has, and lets it show what was loaded last.
func (s *store) view(L *lua.LState, name string) *lua.LTable {
	t := s.get(name)
	if t == nil {
		return nil
	}
	// A new view for a new version: who has the old one keeps it until he asks for the update.
	mine := *key.Of(actor.Of(L))
	if v := mine[name]; v != nil && library.Contents(v) == t {
		return v
	}
	limit.Of(L).Charge(L, limit.Memory, 1024)
	v := library.Share(t)
	mine[name] = v
	return v
}

// queryAll is sharetable.queryall: the tables of the names in a list, or all, by name.
func (s *store) queryAll(L *lua.LState) int {
	names := s.names()
	if L.Get(1) != lua.LNil {
		list := arg.Table(L, 1)
		names = nil
		for i := 1; i <= list.Len(); i++ {
			if name, ok := list.RawGetInt(i).(lua.LString); ok {
				names = append(names, string(name))
			}
		}
	}
	limit.Of(L).Charge(L, limit.Table, int64(len(names)))
	result := L.CreateTable(0, len(names))
	for _, name := range names {
		if v := s.view(L, name); v != nil {
			result.RawSetString(name, v)
		}
	}
	L.Push(result)
	return 1
}

// update is sharetable.update: views that the service has got by these names show what was loaded
// last.
func (s *store) update(L *lua.LState) int {
	mine := *key.Of(actor.Of(L))
	for i := 1; i <= L.GetTop(); i++ {
		name := arg.String(L, i)
		if t, v := s.get(name), mine[name]; t != nil && v != nil {
			library.Show(v, t)
		}
	}
	return 0
}

// maxDepth is how many tables may hold each other.
const maxDepth = 200

// What a shared table and a field of it take, in bytes.
const (
	tableSize = 1200
	fieldSize = 120
)

// freeze copies a table, with all that it holds.
func freeze(L *lua.LState, t *lua.LTable) *lua.LTable {
	f := freezer{L: L, done: map[*lua.LTable]*lua.LTable{}}
	return f.contents(t, 1)
}

type freezer struct {
	L    *lua.LState
	done map[*lua.LTable]*lua.LTable // tables that occur twice stay one
}

// contents copies a table. What it returns is read by several states, and reached through views.
func (f *freezer) contents(t *lua.LTable, depth int) *lua.LTable {
	if depth > maxDepth {
		thread.Errorf(f.L, "a shared table has more than %d tables within each other, or one that holds itself", maxDepth)
	}
	budget := limit.Of(f.L)
	t = library.Contents(t)
	n := t.Len()
	budget.Charge(f.L, limit.Memory, int64(tableSize+16*n))
	to := f.L.CreateTable(n, 0)
	for key, v := t.Next(lua.LNil); key != lua.LNil; key, v = t.Next(key) {
		budget.Work(f.L, 8)
		if i, ok := key.(lua.LNumber); !ok || i < 1 || int(i) > n {
			budget.Charge(f.L, limit.Memory, fieldSize)
		}
		if _, ok := key.(*lua.LTable); ok {
			f.refuse(key, "a key")
		}
		to.RawSet(f.value(key, "a key", depth), f.value(v, fmt.Sprintf("the field %v", key), depth))
	}
	return to
}

func (f *freezer) value(v lua.LValue, what string, depth int) lua.LValue {
	switch x := v.(type) {
	case lua.LString, lua.LNumber, lua.LBool:
		return v
	case *lua.LTable:
		if done := f.done[x]; done != nil {
			return done
		}
		view := library.Share(f.contents(x, depth+1))
		f.done[x] = view
		return view
	}
	if v != lua.LValue(seri.Null) {
		f.refuse(v, what)
	}
	return v
}

func (f *freezer) refuse(v lua.LValue, what string) {
	thread.Errorf(f.L, "%s of a shared table cannot be a %s", what, v.Type())
}
