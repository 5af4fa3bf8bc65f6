// Package debugaccess finds uses of the debug library that see or change what Lua keeps apart
// (SKY603): locals and upvalues of other functions, hooks, the registry, a remote debugger.
package debugaccess

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each call.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.DebugAccess}, File: run}

func run(p *analyzers.FilePass) {
	for i := range p.Uses {
		u := &p.Uses[i]
		switch {
		case u.Module == "debug" && u.Entry.Capabilities.Has(models.CanDebug) && u.Entry.MayBeIn(p.Dialect):
			switch u.Member {
			case "traceback", "getinfo", "setmetatable", "getmetatable": // harmless, or SKY602
				continue
			case "sethook":
				if takesAway(p, u) {
					continue
				}
			}
			p.Report(rules.Diagnostic{
				Rule: rules.DebugAccess, Location: p.At(u.Node), Key: u.Path(),
				Message: fmt.Sprintf("%s reaches into functions and coroutines past the language's own borders", u.Path()),
				Label:   what(u.Member),
				Help:    []string{"keep it out of services that run in production, or grant it to the one service that needs it"},
			})
		case p.DebugCommand(u.Call) == "REMOTEDEBUG":
			p.Report(rules.Diagnostic{
				Rule: rules.DebugAccess, Location: p.At(u.Node), Key: "REMOTEDEBUG",
				Message: "a remote debugger is attached to another service",
				Label:   "whoever is at its other end can run code in that service",
				Help:    []string{"make sure that only an authenticated operator can get here"},
			})
		}
	}
}

// takesAway recognises the calls that end a hook: debug.sethook(), debug.sethook(thread), or
// one that names no event.
func takesAway(p *analyzers.FilePass, u *program.Use) bool {
	if len(u.Args) < 2 {
		return true
	}
	for i, arg := range u.Args[1:min(len(u.Args), 3)] { // a thread may come before function and events
		if events := p.API.Origin(arg); p.Tree.Kind(events) == syntax.String && p.Tree.Str(events) == "" {
			return len(u.Args) == i+2 // with a number behind it the hook counts instructions
		}
	}
	return false
}

func what(member string) string {
	switch member {
	case "getlocal", "getupvalue", "getuservalue", "getfenv", "gethook", "upvalueid":
		return "reads what other code keeps to itself"
	case "sethook":
		return "runs between the instructions of other code"
	case "getregistry":
		return "gives away every object of the service"
	case "debug":
		return "waits for commands on the standard input, and stops the whole thread"
	}
	return "changes what other code keeps to itself"
}
