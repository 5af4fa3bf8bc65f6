package a

import (
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
)

var kept *lua.LTable // want `\*lua.LTable is kept in the package-level variable kept`

var byName = map[string][]*lua.LState{} // want `\*lua.LState is kept in the package-level variable byName`

type holder struct {
	mutex sync.Mutex
	L     *lua.LState
}

var inside struct{ list []*holder } // want `\*lua.LState is kept in the package-level variable inside`

//baton:ok it is made before there are goroutines, and never written to
var frozen *lua.LTable

var fn *lua.LFunction
var maker func() *lua.LState

//baton:ok  // want `baton:ok needs a reason`
var excused *lua.LTable

//baton:ok nothing is wrong here // want `baton:ok allows nothing here`
var plain int

func use(...any) {}

func goes(L *lua.LState, t *lua.LTable, h *holder, ch chan<- *lua.LTable, values chan<- lua.LValue) {
	go use(L)   // want `\*lua.LState is given to a goroutine`
	go func() { // the closure
		use(t.Metatable) // want `\*lua.LTable is captured by a goroutine`
		use(h.L)         // want `\*lua.LState is captured by a goroutine`
		own := new(lua.LTable)
		use(own, h)
	}()
	work := func() { L.Push(nil) } // want `\*lua.LState is captured by a goroutine`
	go work()
	here := func() { L.Push(nil) }
	here()
	go L.Push(nil) // want `\*lua.LState is given to a goroutine`
	time.AfterFunc(1, func() {
		use(L) // want `\*lua.LState is captured by a goroutine`
	})
	var w sync.WaitGroup
	w.Go(func() { use(t) }) // want `\*lua.LTable is captured by a goroutine`
	w.Go(func() { use(h) })
	ch <- t // want `\*lua.LTable is sent over a channel`
	values <- lua.LString("x")
	go func(L *lua.LState) { use(L) }(nil)
	text := L.ToString(1)
	go use(text)
	go func() {
		//baton:ok the state is handed over: who started it waits
		use(L)
	}()
}

// give gives values to another actor.
//
//baton:crosses
func give(values ...lua.LValue) {} // want give:`crosses`

func copied(v lua.LValue) lua.LValue { return v }

func gives(L *lua.LState, t *lua.LTable, argument lua.LValue) {
	give(t)                          // want `\*lua.LTable goes to another actor without the copy`
	give(L.Get(1), lua.LString("x")) // want `a value of Get goes to another actor without the copy`
	give(copied(L.Get(1)), argument)
	v := L.Get(2)
	give(v) // want `a value of Get goes to another actor without the copy`
	w := copied(v)
	give(w)
	field := t.RawGetString("x")
	give(field) // want `a value of RawGetString goes to another actor without the copy`
}
