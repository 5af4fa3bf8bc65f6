package loads

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// An Opening says what the unknown part of a Name is.
type Opening uint8

// The openings.
const (
	// Closed: the name is known, it is Prefix.
	Closed Opening = iota
	// Anything: nothing is known of the part.
	Anything
	// Parameter: the part is the parameter Param of the function Func.
	Parameter
	// Argument: the part is the argument Param, from 0, that the program was started with.
	Argument
	// Member: the part is a field called Key of some table.
	Member
	// Setting: the part is the setting Key of the node: skynet.getenv(Key).
	Setting
)

// A Name is what is known of a name: it begins with Prefix and ends in Suffix, and Open says
// what is between them.
type Name struct {
	Prefix, Suffix string
	Open           Opening
	Param          int
	Func           scope.Func
	Key            string
}

// Known reports whether the whole name is known.
func (n Name) Known() bool { return n.Open == Closed }

// fill puts a name in the place of the unknown part of n.
func (n Name) fill(part Name) Name {
	if n.Open == Closed {
		return n
	}
	if part.Open == Closed {
		return Name{Prefix: n.Prefix + part.Prefix + n.Suffix}
	}
	part.Prefix = n.Prefix + part.Prefix
	part.Suffix += n.Suffix
	return part
}

// join returns the concatenation of two names. Where both are open only the ends remain.
func join(a, b Name) Name {
	switch {
	case a.Open == Closed:
		b.Prefix = a.Prefix + b.Prefix
		return b
	case b.Open == Closed:
		a.Suffix += b.Prefix
		return a
	}
	return Name{Prefix: a.Prefix, Suffix: b.Suffix, Open: Anything}
}

// maxNames bounds the alternatives of one name. Beyond it nothing is known.
const maxNames = 8

// maxDepth and maxSteps bound how far an expression is followed.
const (
	maxDepth = 16
	maxSteps = 256
)

// eval returns what is known of the string that an expression gives.
func (s *Summary) eval(n syntax.Node) []Name {
	s.steps = maxSteps
	names := s.alternatives(n, maxDepth)
	slices.SortStableFunc(names, compareNames)
	names = slices.Compact(names)
	if len(names) > maxNames {
		return []Name{{Open: Anything}}
	}
	return names
}

func compareNames(a, b Name) int {
	return cmp.Or(cmp.Compare(a.Open, b.Open), cmp.Compare(a.Prefix, b.Prefix), cmp.Compare(a.Suffix, b.Suffix),
		cmp.Compare(a.Func, b.Func), cmp.Compare(a.Param, b.Param), cmp.Compare(a.Key, b.Key))
}

func (s *Summary) alternatives(n syntax.Node, depth int) []Name {
	unknown := []Name{{Open: Anything}}
	if s.steps--; depth == 0 || s.steps < 0 {
		return unknown
	}
	t := s.tree
	n = s.names.Origin(n)
	switch t.Kind(n) {
	case syntax.String:
		return []Name{{Prefix: t.Str(n)}}
	case syntax.Binary:
		op, left, right := t.Binary(n)
		switch op {
		case syntax.Or:
			return append(s.alternatives(left, depth-1), s.alternatives(right, depth-1)...)
		case syntax.And:
			return s.alternatives(right, depth-1)
		case syntax.Concat:
			return product(s.alternatives(left, depth-1), s.alternatives(right, depth-1), join)
		}
	case syntax.Name:
		return s.variable(n, depth)
	case syntax.Vararg:
		if s.info.FuncOf(n) == scope.Main {
			return []Name{{Open: Argument}}
		}
	case syntax.Index:
		return s.member(n, depth)
	case syntax.Call:
		return s.result(n, depth)
	case syntax.MethodCall:
		receiver, name, args := t.MethodCall(n)
		if t.Str(name) == "format" {
			return s.format(s.alternatives(receiver, depth-1), args, depth)
		}
	}
	return unknown
}

func product(a, b []Name, f func(a, b Name) Name) []Name {
	if len(a)*len(b) > maxNames {
		return []Name{{Open: Anything}}
	}
	var out []Name
	for _, x := range a {
		for _, y := range b {
			out = append(out, f(x, y))
		}
	}
	return out
}

// variable returns what is known of the value of a Name.
func (s *Summary) variable(n syntax.Node, depth int) []Name {
	v := s.info.VarOf(n)
	if v == scope.NoVar {
		return s.global(s.tree.Name(n), depth)
	}
	d := s.info.Var(v)
	switch {
	case !d.Constant():
	case d.Kind == scope.Param:
		return []Name{{Open: Parameter, Func: d.Func, Param: s.paramIndex(d)}}
	case d.Kind == scope.Local && d.Init != syntax.None && s.tree.Kind(d.Init) == syntax.Vararg && d.Func == scope.Main:
		return []Name{{Open: Argument, Param: int(d.Result)}}
	}
	return []Name{{Open: Anything}}
}

func (s *Summary) paramIndex(d *scope.Variable) int {
	params, _ := s.tree.Function(s.info.Funcs[d.Func].Node)
	return slices.Index(params, d.Decl)
}

// global returns what is known of a global variable: its value where the file assigns it
// exactly once.
func (s *Summary) global(name string, depth int) []Name {
	value := syntax.None
	writes := 0
	for i := range s.info.Globals {
		if g := &s.info.Globals[i]; g.Access == scope.Write && g.Name == name {
			value = g.Value
			writes++
		}
	}
	if writes != 1 || value == syntax.None {
		return []Name{{Open: Anything}}
	}
	return s.alternatives(value, depth-1)
}

// member returns what is known of a field.
func (s *Summary) member(n syntax.Node, depth int) []Name {
	t := s.tree
	object, key := t.Index(n)
	table := s.names.Origin(object)
	if t.Kind(table) == syntax.Table {
		fields := t.Fields(table)
		if i := arrayIndex(t, key); i > 0 && len(fields) == 1 {
			if k, value := t.Field(fields[0]); k == syntax.None && t.Kind(value) == syntax.Vararg && s.info.FuncOf(table) == scope.Main {
				return []Name{{Open: Argument, Param: i - 1}}
			}
		}
	}
	if t.Kind(key) != syntax.String {
		return []Name{{Open: Anything}}
	}
	name := t.Str(key)
	if t.Kind(table) == syntax.Table {
		for _, f := range t.Fields(table) {
			if k, value := t.Field(f); k != syntax.None && t.Kind(k) == syntax.String && t.Str(k) == name {
				return s.alternatives(value, depth-1)
			}
		}
	}
	return []Name{{Open: Member, Key: name}}
}

func arrayIndex(t *syntax.Tree, key syntax.Node) int {
	if t.Kind(key) != syntax.Number {
		return 0
	}
	i, err := strconv.Atoi(t.Text(key))
	if err != nil {
		return 0
	}
	return i
}

// result returns what is known of what a call gives.
func (s *Summary) result(n syntax.Node, depth int) []Name {
	_, args := s.tree.Call(n)
	callee, _ := s.tree.Call(n)
	ref := s.names.Ref(callee)
	if len(args) == 0 {
		return []Name{{Open: Anything}}
	}
	switch {
	case ref.Is("", "tostring"), ref.Is("", "assert"):
		return s.alternatives(args[0], depth-1)
	case ref.Is("string", "format"):
		return s.format(s.alternatives(args[0], depth-1), args[1:], depth)
	case ref.Is("skynet", "getenv"), ref.Is("skynet.manager", "getenv"):
		if key := s.alternatives(args[0], depth-1); len(key) == 1 && key[0].Open == Closed {
			return []Name{{Open: Setting, Key: key[0].Prefix}}
		}
	}
	return []Name{{Open: Anything}}
}

// format returns what is known of string.format's result: all that stands before the first
// directive and behind the last one, and, if there is only one and it is %s, what is there.
func (s *Summary) format(formats []Name, args []syntax.Node, depth int) []Name {
	if len(formats) != 1 || formats[0].Open != Closed {
		return []Name{{Open: Anything}}
	}
	var pieces []string // the text around the directives
	var verbs []byte
	text := formats[0].Prefix
	piece := ""
	for text != "" {
		i := strings.IndexByte(text, '%')
		if i < 0 || i+1 == len(text) {
			piece += text
			break
		}
		piece += text[:i]
		text = text[i+1:]
		if text[0] == '%' {
			piece += "%"
			text = text[1:]
			continue
		}
		j := strings.IndexFunc(text, func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' })
		if j < 0 {
			break
		}
		verbs = append(verbs, text[j])
		pieces = append(pieces, piece)
		piece = ""
		text = text[j+1:]
	}
	pieces = append(pieces, piece)
	if len(verbs) == 0 {
		return []Name{{Prefix: pieces[0]}}
	}
	out := []Name{{Prefix: pieces[0]}}
	for i, verb := range verbs {
		part := []Name{{Open: Anything}}
		if verb == 's' && i < len(args) {
			part = s.alternatives(args[i], depth-1)
		}
		out = product(product(out, part, join), []Name{{Prefix: pieces[i+1]}}, join)
	}
	return out
}

// Eval returns what is known of the string that an expression of the file gives. It is not
// safe for concurrent use.
func (s *Summary) Eval(n syntax.Node) []Name { return s.eval(n) }
