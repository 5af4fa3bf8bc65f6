package droppedresponse

import (
	"fmt"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
)

// kept reports the functions to answer with that are kept, and that no call of the program calls.
func kept(p *analyzers.SystemPass) {
	prog := p.Values.Program()
	var made []solve.Atom
	for i, f := range prog.Files {
		for k := range f.Uses {
			u := &f.Uses[k]
			if u.Entry.Replies != models.ReplyLater || program.ImplementsModel(f.File, prog.Models) || !f.InService() || dropped(f, u.Node) {
				continue
			}
			terms := p.Values.IR(int32(i))
			for _, a := range p.Values.Values(int32(i), terms.Of(u.Node)) {
				if d := p.Values.Atom(a); d.Kind == solve.Response && d.File == int32(i) && d.Node == u.Node {
					made = append(made, a)
				}
			}
		}
	}
	if len(made) == 0 {
		return
	}
	called, hidden := calls(p)
	for _, a := range made {
		d := p.Values.Atom(a)
		if called[a] || mayBeCalled(p.System, d.File, hidden) {
			continue
		}
		f := prog.Files[d.File]
		p.Report(rules.Diagnostic{
			Rule: rules.DroppedResponse, Location: f.At(d.Node), Key: "kept",
			Message: fmt.Sprintf("what %s returns is kept, and nothing ever calls it", f.Tree.Text(d.Node)),
			Label:   "only this function could answer the request now",
			Help:    []string{"call it with true and the values once they are known, or with false where they will not be"},
		})
	}
}

// calls returns the functions to answer with that some call calls, and the files with calls of
// which nothing is known and which may be that of one.
func calls(p *analyzers.SystemPass) (called map[solve.Atom]bool, hidden map[int32]bool) {
	called, hidden = map[solve.Atom]bool{}, map[int32]bool{}
	for i := range p.Values.Program().Files {
		file := int32(i)
		terms := p.Values.IR(file)
		for k := range terms.Calls {
			known := false
			p.Values.Callees(file, int32(k), func(c solve.Callee) {
				known = true
				if p.Values.Atom(c.Atom).Kind == solve.Response {
					called[c.Atom] = true
				}
			})
			if !known && takes(p, file, &terms.Calls[k]) {
				hidden[file] = true
			}
		}
	}
	return called, hidden
}

// takes reports whether a call of something unknown is given what answers a request, or might be
// the answer itself: that begins with a boolean.
func takes(p *analyzers.SystemPass, file int32, call *ir.Call) bool {
	terms := p.Values.IR(file)
	for i, t := range call.Args.Terms {
		if i == 0 && terms.Term(t).Kind != ir.String && terms.Term(t).Kind != ir.Table && !call.Method {
			return true
		}
		for _, a := range p.Values.Values(file, t) {
			if p.Values.Atom(a).Kind == solve.Response {
				return true
			}
		}
	}
	return len(call.Args.Terms) == 0 && call.Args.Spread != ir.None
}

// mayBeCalled reports whether a service that loads a file has calls of which nothing is known.
func mayBeCalled(sys *effect.System, file int32, hidden map[int32]bool) bool {
	for _, s := range sys.Services {
		if !s.Has(file) {
			continue
		}
		if len(s.Opaque) > 0 {
			return true
		}
		for _, f := range s.World.Files {
			if hidden[sys.Values.FileOf(f)] {
				return true
			}
		}
	}
	return false
}
