// Package replyoutsiderequest finds answers where there is no request to answer (SKY206).
package replyoutsiderequest

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each call that answers in a function which an API runs in a coroutine of its
// own, and which nothing else runs.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.ReplyOutsideRequest}, System: run}

// way is how a function comes to run.
type way struct {
	by   *models.Entry // the API that it is given to
	file int32
	node syntax.Node // the call of it
}

func run(p *analyzers.SystemPass) {
	ways, called := roots(p.System)
	files := p.Values.Program().Files
	for i, f := range files {
		if program.ImplementsModel(f.File, p.Values.Program().Models) {
			continue
		}
		for k := range f.Uses {
			u := &f.Uses[k]
			if u.Entry.Replies == models.ReplyNone {
				continue
			}
			fn := effect.Function{File: int32(i), Func: f.Scope.FuncOf(u.Node)}
			w, ok := ways[fn]
			if !ok || called[fn] || fn.Func == scope.Main {
				continue
			}
			p.Report(rules.Diagnostic{
				Rule: rules.ReplyOutsideRequest, Location: f.At(u.Node), Key: u.Path(),
				Message: fmt.Sprintf("%s answers no request: %s runs this function in a coroutine of its own", u.Path(), w.by.Path),
				Label:   "this raises, and the caller is not answered",
				Help:    []string{"take local answer = skynet.response() before, and call answer(true, ...) here"},
				Related: []rules.Related{{Location: files[w.file].At(w.node), Message: "it is run from here"}},
			})
		}
	}
}

// roots returns the functions that APIs run in coroutines which handle no request, and those that
// come to run by another way too.
func roots(sys *effect.System) (ways map[effect.Function]way, called map[effect.Function]bool) {
	ways, called = map[effect.Function]way{}, map[effect.Function]bool{}
	for i := range sys.Values.Program().Files {
		file := int32(i)
		for c := range sys.Values.IR(file).Calls {
			var by *models.Entry
			sys.Values.Callees(file, int32(c), func(callee solve.Callee) {
				d := sys.Values.Atom(callee.Atom)
				switch {
				case d.Kind == solve.API && !callee.Indirect:
					by = d.Entry
				case d.Kind != solve.Function:
				case callee.Indirect && by != nil && leaves(by):
					fn := effect.Function{File: d.File, Func: d.Func}
					if _, ok := ways[fn]; !ok {
						ways[fn] = way{by, file, sys.Values.IR(file).Calls[c].Node}
					}
				default:
					called[effect.Function{File: d.File, Func: d.Func}] = true
				}
			})
		}
	}
	for _, s := range sys.Services {
		for _, e := range s.Entries {
			if e.Kind != effect.Init {
				for _, f := range e.Functions {
					called[f] = true
				}
			}
		}
	}
	return ways, called
}

// leaves reports whether an API runs the functions that it is given where no request is handled.
func leaves(e *models.Entry) bool {
	found := false
	for i := range e.Args {
		if e.Args[i].Role != models.RoleCallback {
			continue
		}
		switch e.Args[i].Callback {
		case models.CallbackCoroutine, models.CallbackInit:
			found = true
		default:
			return false
		}
	}
	return found
}
