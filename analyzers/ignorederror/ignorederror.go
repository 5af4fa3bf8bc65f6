// Package ignorederror finds calls under pcall whose failure is taken for a result (SKY205), or
// passes without a trace (SKY209).
package ignorederror

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Analyzer reports each such call once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.IgnoredError, rules.SwallowedError}, File: run}

func run(p *analyzers.FilePass) {
	for i := range p.Uses {
		if u := &p.Uses[i]; catches(u) {
			check(p, u)
		}
	}
}

// catches reports whether a call runs something and says in its first result whether that raised.
func catches(u *program.Use) bool {
	e := u.Entry
	if len(e.Results) < 2 || e.Results[0].Role != models.RoleOK || len(e.Args) == 0 {
		return false
	}
	return e.Args[0].Role == models.RoleCallback && e.Results[1].Role == models.RoleCalled
}

func check(p *analyzers.FilePass, u *program.Use) {
	t := p.Tree
	n := u.Node
	switch parent := t.Parent(n); t.Kind(parent) {
	case syntax.CallStat:
		if !drops(p, u) {
			return
		}
		alike := followers(p, parent)
		if alike < 0 {
			return // it was reported with the one in front of it
		}
		d := rules.Diagnostic{
			Rule: rules.IgnoredError, Location: p.AtCallee(n), Key: key(p, u),
			Message: fmt.Sprintf("nobody looks at whether %s has failed", what(p, u)),
			Label:   "an error that is raised in there leaves no trace",
			Help:    []string{"log it: local ok, err = pcall(...) if not ok then skynet.error(err) end"},
		}
		switch alike {
		case 0:
		case 1:
			d.Message += ", nor the call that follows"
		default:
			d.Message += fmt.Sprintf(", nor any of the %d calls that follow", alike)
		}
		p.Report(d)
	case syntax.LocalStat:
		decls, values := t.Local(parent)
		k := len(values) - 1
		if values[k] != n || k >= len(decls) {
			return
		}
		ok := p.Scope.VarOf(decls[k])
		var results []scope.Var
		for _, d := range decls[k+1:] {
			results = append(results, p.Scope.VarOf(d))
		}
		if p.Scope.Var(ok).Reads == 0 && len(results) > 0 {
			if use := mistaken(p.File, results[0]); use != syntax.None {
				p.Report(rules.Diagnostic{
					Rule: rules.IgnoredError, Location: p.At(n), Key: key(p, u),
					Message: fmt.Sprintf("the result of %s is used without a look at whether it has failed", what(p, u)),
					Label:   fmt.Sprintf("'%s' is the error if it has", t.Name(decls[k+1])),
					Help:    []string{fmt.Sprintf("test the first result before '%s' is used", t.Name(decls[k+1]))},
					Related: []rules.Related{{Location: p.At(use), Message: "used here as if nothing could fail"}},
				})
				return
			}
		}
		if !handles(p, u) && !probes(p, u) && swallows(p.File, ok, results) {
			p.Report(rules.Diagnostic{
				Rule: rules.SwallowedError, Location: p.At(n), Key: key(p, u),
				Message: fmt.Sprintf("when %s fails, nothing is done and nothing is logged", what(p, u)),
				Label:   "an error that is raised in there leaves no trace",
				Help:    []string{"log the second result when the first is false"},
			})
		}
	}
}

// drops reports whether a call whose results nobody gets may fail without a trace.
func drops(p *analyzers.FilePass, u *program.Use) bool {
	return p.InService() && catches(u) && !handles(p, u) && !probes(p, u) && !tidies(p, u)
}

// followers returns how many statements right behind one are calls like it, -1 if one right in
// front of it is.
func followers(p *analyzers.FilePass, stat syntax.Node) int {
	t := p.Tree
	alike := func(n syntax.Node) bool {
		if t.Kind(n) != syntax.CallStat {
			return false
		}
		i := slices.IndexFunc(p.Uses, func(u program.Use) bool { return t.Parent(u.Node) == n })
		return i >= 0 && drops(p, &p.Uses[i])
	}
	if t.Kind(t.Parent(stat)) != syntax.Block {
		return 0
	}
	list := t.Statements(t.Parent(stat))
	at := slices.Index(list, stat)
	if at > 0 && alike(list[at-1]) {
		return -1
	}
	n := 0
	for n+1 < len(list)-at && alike(list[at+1+n]) {
		n++
	}
	return n
}

// what names what is called: the function that pcall is given, where it has a name.
func what(p *analyzers.FilePass, u *program.Use) string {
	if len(u.Args) > 0 {
		switch t := p.Tree; t.Kind(u.Args[0]) {
		case syntax.Name, syntax.Index:
			return "'" + t.Text(u.Args[0]) + "'"
		}
	}
	return "this call of " + u.Path()
}

func key(p *analyzers.FilePass, u *program.Use) string {
	if len(u.Args) == 0 {
		return u.Path()
	}
	if k := p.Tree.Kind(u.Args[0]); k != syntax.Name && k != syntax.Index {
		return u.Path()
	}
	return u.Path() + " " + p.Tree.Text(u.Args[0])
}

// handles reports whether a call is given a function of its own for errors, as xpcall is: that may
// log them. debug.traceback only makes a text.
func handles(p *analyzers.FilePass, u *program.Use) bool {
	for i, a := range u.Args {
		if arg, ok := u.Entry.Arg(i); ok && i > 0 && arg.Role == models.RoleCallback {
			return p.API.Ref(a).Path() != "debug.traceback"
		}
	}
	return false
}

// probes reports whether a call asks whether something is there, where a failure is an answer.
func probes(p *analyzers.FilePass, u *program.Use) bool {
	if len(u.Args) == 0 {
		return false
	}
	switch p.API.Ref(u.Args[0]).Path() {
	case "require", "error", "setmetatable", "getmetatable":
		return true
	}
	return nameOf(p.Tree, u.Args[0]) == "require"
}

// tidies reports whether a call ends something, as its name says: what is broken may fail to.
func tidies(p *analyzers.FilePass, u *program.Use) bool {
	if len(u.Args) == 0 {
		return false
	}
	name := nameOf(p.Tree, u.Args[0])
	for _, word := range []string{"close", "disconnect", "shutdown", "destroy"} {
		if strings.HasSuffix(name, word) {
			return true
		}
	}
	return false
}

// nameOf returns the name of a function; that of the only one that it calls if it is written here.
func nameOf(t *syntax.Tree, n syntax.Node) string {
	switch t.Kind(n) {
	case syntax.Name:
		return t.Name(n)
	case syntax.Index:
		if _, k := t.Index(n); t.Kind(k) == syntax.String {
			return t.Str(k)
		}
	case syntax.Function:
		_, body := t.Function(n)
		list := t.Statements(body)
		if len(list) != 1 || t.Kind(list[0]) != syntax.CallStat {
			return ""
		}
		switch call := t.Operand(list[0]); t.Kind(call) {
		case syntax.Call:
			if callee, _ := t.Call(call); t.Kind(callee) != syntax.Function {
				return nameOf(t, callee)
			}
		case syntax.MethodCall:
			_, name, _ := t.MethodCall(call)
			return t.Str(name)
		}
	}
	return ""
}

// mistaken returns the first use of a result that fails, or does nonsense, with a text of an error
// in its place: a call, an index, arithmetic. It is None if the result is tested or kept anywhere.
func mistaken(f *program.File, v scope.Var) syntax.Node {
	t := f.Tree
	if v == scope.NoVar || !f.Scope.Var(v).Constant() {
		return syntax.None
	}
	first := syntax.None
	for n := range t.Nodes(syntax.Name) {
		if f.Scope.VarOf(n) != v {
			continue
		}
		use := strict(f, n)
		if use == syntax.None {
			return syntax.None
		}
		if first == syntax.None {
			first = use
		}
	}
	return first
}

// strict returns the node that needs n to be a table, a function or a number; None if there is
// none.
func strict(f *program.File, n syntax.Node) syntax.Node {
	t := f.Tree
	parent := t.Parent(n)
	switch t.Kind(parent) {
	case syntax.Call:
		callee, args := t.Call(parent)
		if callee == n {
			return parent
		}
		switch f.API.Ref(callee).Path() {
		case "pairs", "ipairs", "next", "table.unpack", "unpack", "table.concat", "table.insert", "table.sort":
			if args[0] == n {
				return parent
			}
		}
	case syntax.Index:
		if object, _ := t.Index(parent); object == n {
			return parent
		}
	case syntax.Binary:
		if op, _, _ := t.Binary(parent); op >= syntax.Add && op <= syntax.Pow {
			return parent
		}
	}
	return syntax.None
}

// swallows reports whether nothing is done where a call has failed: its first result decides only
// whether something is done on success, and its error is not read.
func swallows(f *program.File, ok scope.Var, results []scope.Var) bool {
	t := f.Tree
	if ok == scope.NoVar || f.Scope.Var(ok).Writes > 0 {
		return false
	}
	var success []syntax.Node // the blocks that run if nothing was raised
	for n := range t.Nodes(syntax.Name) {
		if f.Scope.VarOf(n) != ok {
			continue
		}
		block, none := onSuccess(t, n)
		if !none {
			return false
		}
		if block != syntax.None {
			success = append(success, block)
		}
	}
	if len(success) == 0 && len(results) == 0 {
		return false // a result that is named and never read is another rule's
	}
	for i, v := range results {
		if v == scope.NoVar || f.Scope.Var(v).Writes > 0 {
			return false
		}
		for n := range t.Nodes(syntax.Name) {
			if f.Scope.VarOf(n) == v && (len(success) == 0 && i >= 0 || !within(t, n, success)) {
				return false
			}
		}
	}
	return true
}

func within(t *syntax.Tree, n syntax.Node, blocks []syntax.Node) bool {
	for _, b := range blocks {
		if t.Within(n, b) {
			return true
		}
	}
	return false
}

// onSuccess returns the block that runs if a name in a condition is true, and whether nothing runs
// if it is false, neither there nor because the block leaves.
func onSuccess(t *syntax.Tree, name syntax.Node) (block syntax.Node, none bool) {
	n, negated := name, false
	for {
		parent := t.Parent(n)
		switch t.Kind(parent) {
		case syntax.Paren:
			n = parent
			continue
		case syntax.Unary:
			if op, _ := t.Unary(parent); op == syntax.Not && !negated {
				n, negated = parent, true
				continue
			}
			return syntax.None, false
		case syntax.Clause:
			clauses := t.Clauses(t.Parent(parent))
			cond, body := t.Clause(parent)
			if cond != n || len(clauses) != 1 {
				return syntax.None, false
			}
			if negated {
				return syntax.None, len(t.Statements(body)) == 0 && !commented(t, body)
			}
			return body, !leaves(t, body)
		}
		return syntax.None, false
	}
}

// commented reports whether somebody said why a block is empty.
func commented(t *syntax.Tree, block syntax.Node) bool {
	around := t.Parent(t.Parent(block))
	for _, c := range t.Comments {
		if c.Start >= t.Start(around) && c.End <= t.End(around) {
			return true
		}
	}
	return false
}

// leaves reports whether a block may end in a jump, so that what stands behind it is done only on
// failure.
func leaves(t *syntax.Tree, block syntax.Node) bool {
	for n := range t.Nodes(syntax.ReturnStat, syntax.BreakStat, syntax.GotoStat) {
		if t.Within(n, block) {
			return true
		}
	}
	return false
}
