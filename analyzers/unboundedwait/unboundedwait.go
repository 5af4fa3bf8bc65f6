// Package unboundedwait finds waits that nothing in the system ends, and waits for other nodes
// while a queue is held (SKY309).
package unboundedwait

import (
	"sync"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
)

// Analyzer reports each wait once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.UnboundedWait}, System: run, Long: true}

func run(p *analyzers.SystemPass) {
	prog := p.Values.Program()
	wakes := map[*program.File]bool{}
	modelled := make([]bool, len(prog.Files)) // what an API does inside, for its own waits, is what its model says
	for i, f := range prog.Files {
		if modelled[i] = program.ImplementsModel(f.File, prog.Models); modelled[i] {
			continue
		}
		for k := range f.Uses {
			if ends(f.Uses[k].Entry.Path) {
				wakes[f] = true
			}
		}
		// A function of the API that is kept under another name wakes too.
		terms := p.Values.IR(int32(i)).Terms
		for k := range terms {
			switch terms[k].Text {
			case "wakeup", "killthread", "TERM":
				wakes[f] = true
			}
		}
	}
	woken := map[*program.File]bool{} // some service that loads it has a wakeup
	inService := map[*program.File]bool{}
	for _, w := range prog.Worlds {
		if !w.IsService() {
			continue
		}
		any := false
		for _, f := range w.Files {
			any = any || wakes[f]
		}
		for _, f := range w.Files {
			inService[f] = true
			woken[f] = woken[f] || any
		}
	}
	holdsConnection(p)
	where := p.Suspensions()
	kept := sync.OnceValue(func() *keys { return keysSet(prog) })
	for i, f := range prog.Files {
		for k := range f.Uses {
			u := &f.Uses[k]
			switch {
			case u.Entry.Path == "skynet.wait" && !modelled[i] && inService[f] && !woken[f]:
				p.Report(rules.Diagnostic{
					Rule: rules.UnboundedWait, Location: f.At(u.Node), Key: f.Tree.Text(u.Node),
					Message: "nothing in this service wakes who waits here",
					Label:   "this waits for ever",
					Help:    []string{"call skynet.wakeup with the same token, or use skynet.sleep"},
				})
			case u.Entry.Path == dataWait && inService[f] && !kept().has(keyPath(f, u.Args)):
				p.Report(rules.Diagnostic{
					Rule: rules.UnboundedWait, Location: f.At(u.Node), Key: f.Tree.Text(u.Node),
					Message: "nothing sets what is waited for here",
					Label:   "this waits until somebody sets this key of the data centre",
					Help:    []string{"set it with skynet.datacenter.set, or ask with get and go on without it"},
				})
			case isRemote(u.Entry) && where.Locked(effect.Function{File: int32(i), Func: f.Scope.FuncOf(u.Node)}):
				p.Report(rules.Diagnostic{
					Rule: rules.UnboundedWait, Location: f.At(u.Node), Key: f.Tree.Text(u.Node),
					Message: "another node is waited for while a queue is held, without a limit of time",
					Label:   "all that want the queue wait with it",
					Help:    []string{"ask before the queue is entered, or give up after a time"},
				})
			}
		}
	}
}

func ends(path string) bool { return path == "skynet.wakeup" || path == "skynet.killthread" }

// isRemote reports whether a function of an API waits for a service of another node.
func isRemote(e *models.Entry) bool {
	if e.WaitsFor != models.WaitReply {
		return false
	}
	for i := range e.Args {
		if e.Args[i].Role == models.RoleNode {
			return true
		}
	}
	return false
}
