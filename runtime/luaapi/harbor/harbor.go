// Package harbor is the module skynet.harbor of a node that is on its own: what skynet has where harbor = 0. Nodes
// are connected by skynet.cluster.
package harbor

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Module is the module.
var Module = actor.Functions("skynet.harbor", []library.Function{
	{Name: "globalname", Call: globalName}, {Name: "queryname", Call: queryName},
	{Name: "link", Call: alone}, {Name: "connect", Call: alone}, {Name: "linkmaster", Call: alone},
})

// globalName gives a service a name: the caller, if no address is given.
func globalName(L *lua.LState) int {
	name, a := arg.String(L, 1), actor.Of(L)
	h := actor.Handle(arg.OptInteger(L, 2, int64(a.Handle())))
	if !a.Host().Bind(name, h) {
		a.Host().Print(a, fmt.Sprintf("the name %s is not given to %s: another service has it, or nobody is there", name, h))
	}
	return 0
}

// again is how often a name is looked for that nobody has, in hundredths of a second.
const again = 10

// queryName returns the service of a name, and waits for one as long as a call does.
func queryName(L *lua.LState) int {
	name, t, host := arg.String(L, 1), actor.Running(L), actor.Of(L).Host()
	t.MayWait(L)
	deadline, key := t.Expiry()
	for {
		if h := host.Lookup(name); h != 0 {
			L.Push(lua.LNumber(h))
			return 1
		}
		if deadline > 0 && host.Now() >= deadline {
			thread.Errorf(L, "call failed: timeout: nobody has taken the name %s; see %s in sky.toml", name, key)
		}
		token := L.CreateTable(0, 0)
		if _, err := t.Sleep(L, again, token); err != nil {
			actor.Raise(L, err)
		}
	}
}

// alone is link, connect and linkmaster.
func alone(L *lua.LState) int {
	thread.Errorf(L, "there are no harbors: nodes are connected by skynet.cluster")
	return 0
}
