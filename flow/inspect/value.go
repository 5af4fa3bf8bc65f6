package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/syntax"
)

const (
	maxText   = 72 // runes of a piece of code
	maxAtoms  = 8  // values of a name
	maxFields = 8  // names of a table's fields
)

// short returns a text on one line, cut where it is long.
func short(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' || r == ' ' }), " ")
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText-1]) + "…"
	}
	return s
}

// values returns what the names on the line stand for, in the order of the text: variables, and
// fields of them, each once. What only says which function is called is left to the calls.
func (in *inspector) values() []Value {
	t := in.file.Tree
	var nodes []syntax.Node
	for n := range t.Nodes(syntax.Name, syntax.Decl, syntax.Index) {
		if in.here(n) && !in.told[n] && in.isPath(n) {
			nodes = append(nodes, n)
		}
	}
	slices.SortStableFunc(nodes, func(a, b syntax.Node) int {
		return cmp.Or(cmp.Compare(t.Start(a), t.Start(b)), cmp.Compare(t.End(a), t.End(b)))
	})
	if in.narrow && len(nodes) > 1 { // the innermost
		nodes = nodes[:1]
	}
	var list []Value
	for _, n := range nodes {
		v, ok := in.value(n)
		if ok && !slices.ContainsFunc(list, func(o Value) bool { return o.Name == v.Name }) {
			list = append(list, v)
		}
	}
	return list
}

// isPath reports whether a node is a name, or fields of one by constant or variable keys.
func (in *inspector) isPath(n syntax.Node) bool {
	t := in.file.Tree
	for t.Kind(n) == syntax.Index {
		object, key := t.Index(n)
		if k := t.Kind(key); k != syntax.String && k != syntax.Name && k != syntax.Number {
			return false
		}
		n = object
	}
	return t.Kind(n) == syntax.Name || t.Kind(n) == syntax.Decl
}

// value returns what a name stands for; false for one of which that is plain: the module of a
// library of which the line takes a field.
func (in *inspector) value(n syntax.Node) (Value, bool) {
	t := in.file.Tree
	term := in.termOf(n)
	atoms := in.sys.Values.Values(in.id, term)
	if p := t.Parent(n); t.Kind(p) == syntax.Index && len(atoms) > 0 {
		if object, _ := t.Index(p); object == n && !in.narrow && in.onlyLibrary(atoms) {
			return Value{}, false
		}
	}
	v := Value{Name: short(t.Text(n))}
	if t.Kind(n) == syntax.Decl {
		v.Name = t.Name(n)
	}
	for _, a := range atoms {
		if d := in.sys.Values.Atom(a); d.Kind == solve.Unknown {
			v.Why = d.Reason.String()
			continue
		}
		if text := in.describe(a); !slices.Contains(v.Atoms, text) {
			v.Atoms = append(v.Atoms, text)
		}
	}
	slices.Sort(v.Atoms)
	if len(v.Atoms) > maxAtoms {
		v.Atoms = append(v.Atoms[:maxAtoms:maxAtoms], fmt.Sprintf("and %d more", len(v.Atoms)-maxAtoms))
	}
	if v.Atoms == nil && v.Why == "" {
		v.Why = cmp.Or(in.why(term), "nothing is known of it")
		if what := in.plain(term); what != "" {
			v.Atoms, v.Why = []string{what}, ""
		}
	}
	return v, true
}

func (in *inspector) onlyLibrary(atoms []solve.Atom) bool {
	return !slices.ContainsFunc(atoms, func(a solve.Atom) bool { return in.sys.Values.Atom(a).Kind != solve.API })
}

// termOf returns the term of a name or field; that of a declared name is what its uses have, or
// what it is given.
func (in *inspector) termOf(n syntax.Node) ir.Term {
	if t := in.terms.Of(n); t != ir.None {
		return t
	}
	t := in.file.Tree
	v := in.file.Scope.VarOf(n)
	if v == scope.NoVar && t.Kind(n) != syntax.Name {
		return ir.None
	}
	for use := range t.Nodes(syntax.Name) {
		if in.file.Scope.VarOf(use) == v && (v != scope.NoVar || t.Name(use) == t.Name(n)) {
			if term := in.terms.Of(use); term != ir.None {
				return term
			}
		}
	}
	if d := in.file.Scope.Var(v); v != scope.NoVar && d.Init != syntax.None && d.Result == 0 {
		return in.terms.Of(d.Init)
	}
	return ir.None
}

// plain names a value that the analysis does not tell from others of its type.
func (in *inspector) plain(t ir.Term) string {
	if t == ir.None {
		return ""
	}
	switch in.terms.Term(t).Kind {
	case ir.Nil:
		return "nil"
	case ir.Boolean:
		return "true or false"
	case ir.Number:
		return "a number"
	}
	return ""
}

// why says why nothing is known of a term.
func (in *inspector) why(t ir.Term) string {
	if t == ir.None {
		return ""
	}
	for _, a := range in.sys.Values.Values(in.id, t) {
		if d := in.sys.Values.Atom(a); d.Kind == solve.Unknown {
			return d.Reason.String()
		}
	}
	switch d := in.terms.Term(t); d.Kind {
	case ir.Unknown:
		return "it is computed when the program runs"
	case ir.Parameter:
		return "it is a parameter, and no known caller passes a value that is followed"
	case ir.Extra:
		return "it is one of ..., and no known caller passes a value that is followed"
	case ir.Result:
		return "it is what " + in.calleeText(d.A) + " returns, which is not followed"
	case ir.Load:
		return "it is a field to which nothing that is followed is assigned"
	case ir.Element, ir.KeyOf:
		return "it is what a loop finds in a table"
	case ir.Join:
		return cmp.Or(in.why(ir.Term(d.A)), in.why(ir.Term(d.B)))
	case ir.Variable:
		return "nothing that is followed is assigned to it"
	}
	return ""
}

func (in *inspector) calleeText(call int32) string {
	t, n := in.file.Tree, in.terms.Calls[call].Node
	if t.Kind(n) == syntax.MethodCall {
		receiver, name, _ := t.MethodCall(n)
		return short(t.Text(receiver) + ":" + t.Str(name))
	}
	callee, _ := t.Call(n)
	return short(t.Text(callee))
}

// describe says what an atom stands for.
func (in *inspector) describe(a solve.Atom) string {
	d := in.sys.Values.Atom(a)
	switch d.Kind {
	case solve.String:
		return strconv.Quote(short(d.Text))
	case solve.Function:
		f := in.prog.Files[d.File]
		if d.Node == syntax.None {
			return "the main chunk of " + in.shown(f.Path)
		}
		return fmt.Sprintf("%s at %s:%d", functionName(f.Tree, d.Node), in.shown(f.Path), f.Tree.Line(d.Node))
	case solve.Table:
		if d.File < 0 {
			return "a table that a message brings" + in.fields(a)
		}
		return "the table made at " + in.place(d) + in.fields(a)
	case solve.API:
		if d.Entry.Doc != "" {
			return d.Entry.Path + " of the library: " + firstSentence(d.Entry.Doc)
		}
		return d.Entry.Path + " of the library"
	case solve.Object:
		return "an object of " + d.Text + " made at " + in.place(d)
	case solve.Method:
		return "the function " + d.Text + " of " + in.describe(d.Of)
	case solve.Service:
		if d.Service == nil {
			return "the address of " + d.Text + ", a service of C code"
		}
		return "the address of service " + d.Service.Name
	case solve.Self:
		return "the address of the service that runs this"
	case solve.Queue:
		return "a queue made at " + in.place(d)
	case solve.Response:
		return "a response made at " + in.place(d)
	}
	return d.Reason.String()
}

func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSuffix(s, ".")
}

func (in *inspector) place(d *solve.AtomData) string {
	f := in.prog.Files[d.File]
	return fmt.Sprintf("%s:%d", in.shown(f.Path), f.Tree.Line(d.Node))
}

// fields lists the names of a table's fields.
func (in *inspector) fields(table solve.Atom) string {
	var names []string
	in.sys.Values.Fields(table, func(name string, _ []solve.Atom) {
		if !strings.HasPrefix(name, "#") { // an index, as solve spells it
			names = append(names, name)
		}
	})
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	more := ""
	if len(names) > maxFields {
		more = fmt.Sprintf(" and %d more", len(names)-maxFields)
		names = names[:maxFields]
	}
	return ", with " + short(strings.Join(names, ", ")) + more
}

// functionName names a function by what it is assigned to.
func functionName(t *syntax.Tree, fn syntax.Node) string {
	if fn == syntax.None {
		return "the main chunk"
	}
	p := t.Parent(fn)
	switch t.Kind(p) {
	case syntax.FunctionStat:
		name, _, _ := t.FunctionStat(p)
		return "function " + short(t.Text(name))
	case syntax.LocalFunction, syntax.GlobalFunc:
		decl, _ := t.LocalFunction(p)
		return "function " + t.Name(decl)
	case syntax.LocalStat:
		decls, values := t.Local(p)
		if i := slices.Index(values, fn); i >= 0 && i < len(decls) {
			return "function " + t.Name(decls[i])
		}
	case syntax.AssignStat:
		targets, values := t.Assign(p)
		if i := slices.Index(values, fn); i >= 0 && i < len(targets) {
			return "function " + short(t.Text(targets[i]))
		}
	case syntax.Field:
		if key, _ := t.Field(p); key != syntax.None {
			return "function " + short(t.Text(key))
		}
	case syntax.Call, syntax.MethodCall:
		if t.Kind(p) == syntax.Call {
			if callee, _ := t.Call(p); callee != fn {
				return "a function given to " + short(t.Text(callee))
			}
			break
		}
		receiver, name, _ := t.MethodCall(p)
		return "a function given to " + short(t.Text(receiver)+":"+t.Str(name))
	}
	return "a function without a name"
}

// describeFunction says in which function the line stands.
func (in *inspector) describeFunction(fn scope.Func) string {
	t := in.file.Tree
	n := in.file.Scope.Funcs[fn].Node
	if fn == scope.Main {
		return "the main chunk"
	}
	first, last := t.Line(n), in.file.Line(t.End(n)-1)
	if first == last {
		return fmt.Sprintf("%s, line %d", functionName(t, n), first)
	}
	return fmt.Sprintf("%s, lines %d to %d", functionName(t, n), first, last)
}
