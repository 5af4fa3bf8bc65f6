// Package dns is the module skynet.dns, over Go's resolver.
package dns

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/thread"
)

// Module is the module. Nothing is kept of an answer for the next one: that is for the name server.
var Module = actor.Functions("skynet.dns", []library.Function{
	{Name: "server", Call: func(L *lua.LState) int {
		Use(L, arg.String(L, 1), int(arg.OptInteger(L, 2, 53)))
		return 0
	}},
	{Name: "resolve", Call: resolve},
	{Name: "flush", Call: func(*lua.LState) int { return 0 }},
})

// service is what the module keeps for an actor.
type service struct{ resolver *net.Resolver }

var services = actor.NewKey(func(*actor.Actor) *service { return new(service) })

// Use sets the name server of the actor that runs in L.
func Use(L *lua.LState, host string, port int) {
	server := net.JoinHostPort(host, strconv.Itoa(port))
	services.Of(actor.Of(L)).resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}}
}

// Resolver returns what asks the name server that Use has set for the actor that runs in L; nil: none.
func Resolver(L *lua.LState) *net.Resolver { return services.Of(actor.Of(L)).resolver }

// patience is how long a name server may take: as in skynet.
const patience = 30 * time.Second

// resolve is dns.resolve(name [, ipv6]): an address and a list of all, or nil and why not. It raises
// an error when nobody answers.
func resolve(L *lua.LState) int {
	name, v6 := arg.String(L, 1), lua.LVAsBool(L.Get(2))
	if a, err := netip.ParseAddr(name); err == nil {
		if a.Is4() == v6 {
			L.Push(lua.LNil)
			L.Push(lua.LString("illegal ip address"))
			return 2
		}
		L.Push(lua.LString(name))
		return 1
	}
	r, network := Resolver(L), "ip4"
	if r == nil {
		r = net.DefaultResolver
	}
	if v6 {
		network = "ip6"
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var found []netip.Addr
	var failed error
	t := actor.Running(L)
	k := t.Ticket()
	go func() {
		found, failed = r.LookupNetIP(ctx, network, name)
		k.Complete(actor.Payload{}, nil)
	}()
	if _, err := t.Block(L, actor.Wait{Kind: actor.OnSocket, What: "the address of " + name}); err != nil {
		actor.Raise(L, err)
	}
	if failed != nil {
		thread.Errorf(L, "timeout or no answer: %v", failed)
	}
	list := L.CreateTable(len(found), 0)
	for _, a := range found {
		list.Append(lua.LString(a.Unmap().String()))
	}
	L.Push(list.RawGetInt(1))
	L.Push(list)
	return 2
}
