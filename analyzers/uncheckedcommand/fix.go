package uncheckedcommand

import (
	"slices"

	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// assertFix puts assert around a lookup, with the command as the message: a handler that raises
// it answers the caller with an error, and the log names the command. That is not safe: whoever
// lived with the error that there was, under a pcall further out, gets another one.
func assertFix(f *program.File, lookup syntax.Node) (rules.Fix, bool) {
	t := f.Tree
	_, command := t.Index(lookup)
	if !repeatable(t, command) || redefines(f, "assert") {
		return rules.Fix{}, false
	}
	open, end := "assert(", ", "+t.Text(command)+")"
	if spreads(t, lookup) { // assert returns the message too
		open, end = "("+open, end+")"
	}
	before, behind := f.At(lookup), f.At(lookup)
	before.End, behind.Start = before.Start, behind.End
	return rules.Fix{
		Title: "raise an error that names the command",
		Edits: []rules.Edit{{Location: before, NewText: open}, {Location: behind, NewText: end}},
	}, true
}

// repeatable reports whether an expression can stand in the text twice: it has the same value, and
// no effect.
func repeatable(t *syntax.Tree, n syntax.Node) bool {
	switch t.Kind(n) {
	case syntax.Name, syntax.String, syntax.Number:
		return true
	case syntax.Index:
		object, key := t.Index(n)
		return repeatable(t, object) && repeatable(t, key)
	case syntax.Paren:
		return repeatable(t, t.Operand(n))
	}
	return false
}

// redefines reports whether a file has a variable of its own with a global name, or assigns to
// the global one.
func redefines(f *program.File, name string) bool {
	return slices.ContainsFunc(f.Scope.Vars, func(v scope.Variable) bool { return v.Name == name }) ||
		slices.ContainsFunc(f.Scope.Globals, func(g scope.Global) bool { return g.Name == name && g.Access == scope.Write })
}

// spreads reports whether a further value of the node would reach a variable: it is the last value
// of a declaration with more names.
func spreads(t *syntax.Tree, n syntax.Node) bool {
	p := t.Parent(n)
	if t.Kind(p) != syntax.LocalStat {
		return false
	}
	decls, values := t.Local(p)
	return len(decls) > len(values) && values[len(values)-1] == n
}
