// Package place names the places in which the coroutines of a service share what they know: the
// variables of a file and what is below them.
//
// A place is known by the text: two expressions that have the same Place are the same variable
// or field if its keys have the same values, and expressions with different ones may still meet.
package place

import (
	"strconv"
	"strings"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// A Place is a variable or global name and the keys behind it, such as "agents[fd].state". The
// zero Place is none.
type Place struct {
	Root   scope.Var // NoVar for a global name, which Keys begins with
	Keys   string
	Static bool // all keys are constants
}

// Shape returns the place without the values of keys that are not constants: those that may meet
// have the same shape.
func (p Place) Shape() Place {
	if p.Static {
		return p
	}
	var b strings.Builder
	for rest := p.Keys; rest != ""; {
		i := strings.IndexByte(rest, '[')
		if i < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		b.WriteString("[]")
		rest = rest[i+strings.IndexByte(rest[i:], ']')+1:]
	}
	p.Keys = b.String()
	return p
}

// Holder returns the place of the table of which p is a field; the zero Place for a variable.
func (p Place) Holder() Place {
	i := strings.LastIndexByte(p.Keys, '.')
	if strings.HasSuffix(p.Keys, "]") { // there may be a point in the brackets
		i = strings.LastIndexByte(p.Keys, '[')
	}
	if i < 0 || i == 0 && p.Root == scope.NoVar {
		return Place{}
	}
	p.Keys = p.Keys[:i]
	p.Static = !strings.Contains(p.Keys, "[")
	return p
}

// A Finder finds the places of one file. It is not safe for concurrent use.
type Finder struct {
	info *scope.Info
	ir   *ir.File
	// once reports whether a function runs only once in a service, so that all coroutines share
	// its variables.
	once func(scope.Func) bool
	// globals are the global names that the file assigns to.
	globals map[string]bool
}

// NewFinder returns a finder for a file.
func NewFinder(f *ir.File, once func(scope.Func) bool) *Finder {
	x := &Finder{info: f.Info, ir: f, once: once, globals: map[string]bool{}}
	for i := range f.Assigns {
		if a := &f.Assigns[i]; a.Var == scope.NoVar {
			x.globals[a.Global] = true
		}
	}
	return x
}

// maxDepth bounds how many names a place is seen through.
const maxDepth = 6

// Of returns the place that an expression in a function names, if other coroutines may see it. A
// local name for a place is the place itself: after "local s = state[id]", s.open is
// state[id].open.
func (f *Finder) Of(n syntax.Node) (Place, bool) { return f.of(n, maxDepth) }

func (f *Finder) of(n syntax.Node, depth int) (Place, bool) {
	t := f.info.Tree
	if depth == 0 {
		return Place{}, false
	}
	switch n = t.Unparen(n); t.Kind(n) {
	case syntax.Name:
		v := f.info.VarOf(n)
		if v == scope.NoVar {
			if !f.globals[t.Name(n)] || f.info.EnvOf(n) != scope.NoVar {
				return Place{}, false
			}
			return Place{Keys: t.Name(n), Static: true}, true
		}
		return f.variable(v, n, depth)
	case syntax.Index:
		object, key := t.Index(n)
		p, ok := f.of(object, depth)
		if !ok {
			return Place{}, false
		}
		return f.field(p, key)
	}
	return Place{}, false
}

func (f *Finder) variable(v scope.Var, n syntax.Node, depth int) (Place, bool) {
	d := f.info.Var(v)
	in := f.info.FuncOf(n)
	if d.Func != in || in == scope.Main {
		// An upvalue. That of a function which runs for each message belongs to the message.
		if d.Kind == scope.Local && d.Attr == 0 && f.once(d.Func) && !f.ir.API.Ref(n).Known() {
			return Place{Root: v, Static: true}, true
		}
		if d.Func != scope.Main && d.Constant() && d.Kind == scope.Local && d.Init != syntax.None && d.Result == 0 {
			return f.of(d.Init, depth-1)
		}
		return Place{}, false
	}
	if d.Constant() && d.Kind == scope.Local && d.Init != syntax.None && d.Result == 0 {
		if init := f.info.Tree.Unparen(d.Init); f.info.Tree.Kind(init) == syntax.Index || f.info.Tree.Kind(init) == syntax.Name {
			return f.of(init, depth-1)
		}
	}
	return Place{}, false
}

// field adds a key to a place. A key that is a variable has to keep its value.
func (f *Finder) field(p Place, key syntax.Node) (Place, bool) {
	t := f.info.Tree
	d := f.ir.Term(f.ir.Of(key))
	switch {
	case d.Kind == ir.String:
		p.Keys += "." + d.Text
		return p, !strings.ContainsAny(d.Text, ".[]")
	case d.Kind == ir.Number && d.Text != "":
		p.Keys += "." + d.Text
		return p, true
	}
	text, ok := f.keyText(key)
	p.Keys += "[" + text + "]"
	p.Static = false
	return p, ok && t.Kind(key) != syntax.Vararg
}

// keyText spells a key such that equal texts mean equal values.
func (f *Finder) keyText(key syntax.Node) (string, bool) {
	t := f.info.Tree
	switch key = t.Unparen(key); t.Kind(key) {
	case syntax.Name:
		v := f.info.VarOf(key)
		if v == scope.NoVar {
			return "", false
		}
		return strconv.Itoa(int(v)), f.info.Var(v).Constant()
	case syntax.Index:
		object, field := t.Index(key)
		text, ok := f.keyText(object)
		if d := f.ir.Term(f.ir.Of(field)); ok && d.Kind == ir.String && !strings.ContainsAny(d.Text, ".[]") {
			return text + "." + d.Text, true
		}
	}
	return "", false
}
