package unprotectedhandler

import (
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/solve"
)

// bare returns the functions that the handlers of a service run outside of any pcall.
func (c *checker) bare(s *effect.Service) map[effect.Function]bool {
	seen := map[effect.Function]bool{}
	var work []effect.Function
	push := func(f effect.Function) {
		if !seen[f] && s.Has(f.File) {
			seen[f] = true
			work = append(work, f)
		}
	}
	for _, e := range s.Entries {
		if c.plain(e) {
			for _, f := range e.Functions {
				push(f)
			}
		}
	}
	calls := map[effect.Function][]int32{}
	for _, f := range s.World.Files {
		file := c.p.Values.FileOf(f)
		terms := c.p.Values.IR(file)
		for i := range terms.Calls {
			fn := effect.Function{File: file, Func: terms.Calls[i].In}
			calls[fn] = append(calls[fn], int32(i))
		}
	}
	for len(work) > 0 {
		f := work[0]
		work = work[1:]
		for _, call := range calls[f] {
			c.p.Values.Callees(f.File, call, func(callee solve.Callee) {
				if d := c.p.Values.Atom(callee.Atom); d.Kind == solve.Function && !callee.Indirect {
					push(effect.Function{File: d.File, Func: d.Func})
				}
			})
		}
	}
	return seen
}

// plain reports whether the functions of an entry are called as they are for each message: the
// frames of logins and of HTTP servers catch what theirs raise.
func (c *checker) plain(e *effect.Entry) bool {
	if e.Kind == effect.Init {
		return false
	}
	site := e.Registered
	calls := c.p.Values.IR(site.File).Calls
	if int(site.Call) >= len(calls) {
		return false
	}
	for _, a := range c.p.Values.Values(site.File, calls[site.Call].Callee) {
		if api := c.p.Values.Atom(a).Entry; api != nil {
			switch api.Path {
			case "skynet.dispatch", "skynet.register_protocol":
				return e.Kind == effect.Dispatch
			case "snax.gateserver.start":
				return e.Protocol == "socket" || e.Kind == effect.Dispatch
			}
		}
	}
	return false
}
