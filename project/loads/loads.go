// Package loads reads out of one file what it makes a program load: the modules it
// requires, the files it runs, the services it launches, and whether running it starts a
// service.
//
// Names that the text does not give are described as far as they go (a known beginning, a
// parameter, a field), and Spread follows them through functions: a project's own wrapper
// around require or skynet.newservice needs no configuration, its callers are what names
// the module.
package loads

import (
	"slices"

	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// A Kind says what a Use does with a name.
type Kind uint8

// The kinds of uses.
const (
	// Require loads the module of that name.
	Require Kind = iota + 1
	// Run loads and runs the file of that path: dofile.
	Run
	// Chunk loads the file of that path, for somebody to run: loadfile.
	Chunk
	// Launch starts a service of that name.
	Launch
	// LaunchSnax starts a snax service of that name.
	LaunchSnax
	// LaunchFunction starts a service whose program is a function of this file.
	LaunchFunction
	// Query waits for a service that somebody else starts.
	Query
	// QuerySnax is Query for a snax service.
	QuerySnax
	// Start makes the running program a service: skynet.start and what calls it.
	Start
)

// A Use is one place where a file loads, launches or starts something.
type Use struct {
	Kind Kind
	// Node is the Call or MethodCall.
	Node syntax.Node
	// Func is the function in which it stands.
	Func scope.Func
	// API is the function that is called in the end: "skynet.newservice", "require".
	API string
	// Names say what is loaded: one, or one for each alternative that the text gives. A
	// Start has none.
	Names []Name
	// Args are the arguments behind the name, those that the launched service gets.
	Args []syntax.Node
	// Unique says that there is at most one such service in the node, Global that there is
	// at most one in the system.
	Unique, Global bool
	// Isolated says that a file is loaded with an environment of its own, so that its
	// globals are that table's.
	Isolated bool
	// Protected says that it may fail: pcall(require, "x").
	Protected bool
	// Wrapped says that the call is one of a function that loads, not of the API itself.
	Wrapped bool
	// Followed says that Spread has found callers for each name that is a parameter: what it
	// loads is among their uses.
	Followed bool
	// Program is, for a LaunchFunction, the function that is the service's program.
	Program syntax.Node
}

// Only reports whether the use launches, or asks for, the only service of its name.
func (u *Use) Only() bool { return u.Unique || u.Kind == Query || u.Kind == QuerySnax }

// A PathEdit is one assignment to package.path: text that comes before the old path, and
// behind it. Unknown parts of the text are Unknown bytes.
type PathEdit struct {
	Node          syntax.Node
	Func          scope.Func
	Before, After string
	Replaces      bool // the old path is dropped
}

// Unknown stands in a text for a part that is not known.
const Unknown = "\x00"

// A Summary is what one file loads. It is immutable once Spread has seen it.
type Summary struct {
	// Uses are in the order of the text.
	Uses      []Use
	PathEdits []PathEdit
	// Snax says that the file has the shape of a snax service: it defines functions in the
	// global tables accept or response.
	Snax bool

	info  *scope.Info
	names *alias.File
	tree  *syntax.Tree
	steps int // what eval may still do
}

// Summarise reads the uses of a file.
func Summarise(info *scope.Info, names *alias.File) *Summary {
	s := &Summary{info: info, names: names, tree: info.Tree}
	seen := syntax.None
	for i := range names.Calls {
		c := &names.Calls[i]
		if api, ok := apiOf(c.Ref); ok {
			s.use(c.Node, api, c.Args, c.Protected)
			seen = c.Node
		} else if c.Node != seen {
			s.passed(c.Node)
		}
	}
	s.others()
	s.sort()
	return s
}

// others looks at what alias does not list: calls of what has no name, functions in global
// tables, assignments to package.path.
func (s *Summary) others() {
	t := s.tree
	named := 0
	for n := range t.Nodes(syntax.Call, syntax.FunctionStat, syntax.AssignStat) {
		switch t.Kind(n) {
		case syntax.Call:
			for named < len(s.names.Calls) && s.names.Calls[named].Node < n {
				named++
			}
			if named == len(s.names.Calls) || s.names.Calls[named].Node != n {
				s.passed(n)
			}
		case syntax.FunctionStat:
			name, _, _ := t.FunctionStat(n)
			if t.Kind(name) != syntax.Index {
				continue
			}
			if object, _ := t.Index(name); s.info.IsGlobal(object, "accept") || s.info.IsGlobal(object, "response") {
				s.Snax = true
			}
		case syntax.AssignStat:
			targets, values := t.Assign(n)
			for i, target := range targets {
				if t.Kind(target) == syntax.Index && i < len(values) && s.names.Ref(target).Is("package", "path") {
					s.pathEdit(n, values[i])
				}
			}
		}
	}
}

// passed looks for a launching function that is given to a call together with its
// arguments: pcall(skynet.newservice, "x") and a project's own boot(skynet.newservice, "x").
func (s *Summary) passed(call syntax.Node) {
	t := s.tree
	_, args := t.Call(call)
	for i, arg := range args {
		if k := t.Kind(arg); k != syntax.Index && k != syntax.Name {
			continue
		}
		if ref := s.names.Ref(arg); ref.Known() {
			if api, ok := apiOf(ref); ok && api.name > 0 && i+1 < len(args) {
				s.use(call, api, args[i+1:], false)
				return
			}
		}
	}
}

// use notes a call of an API function with these arguments.
func (s *Summary) use(call syntax.Node, api api, args []syntax.Node, protected bool) {
	u := Use{
		Kind: api.kind, Node: call, Func: s.info.FuncOf(call), API: api.path, Protected: protected,
		Unique: api.unique, Global: api.global,
	}
	if api.kind == Start {
		s.Uses = append(s.Uses, u)
		return
	}
	if api.flag && len(args) > 0 {
		if k := s.tree.Kind(args[0]); k == syntax.True || k == syntax.False {
			u.Global = k == syntax.True
			args = args[1:]
		}
	}
	at := api.name - 1
	if at >= len(args) || at < 0 {
		return
	}
	u.Names = s.eval(args[at])
	u.Args = args[at+1:]
	switch {
	case api.snlua:
		if !s.snlua(&u, args[0]) {
			return
		}
	case api.kind == Chunk:
		u.Isolated = len(args) > 2
	case api.kind == LaunchFunction:
		if len(u.Args) > 0 {
			u.Program = s.function(u.Args[0])
			u.Args = u.Args[1:]
		}
	}
	s.Uses = append(s.Uses, u)
}

// function returns the Function that an expression gives, None if that is not known.
func (s *Summary) function(n syntax.Node) syntax.Node {
	n = s.names.Origin(n)
	switch s.tree.Kind(n) {
	case syntax.Function:
		return n
	case syntax.Name:
		v := s.info.VarOf(n)
		if d := s.info.Var(v); v != scope.NoVar && d.Kind == scope.LocalFunction && d.Constant() {
			_, fn := s.tree.LocalFunction(s.tree.Parent(d.Decl))
			return fn
		}
	}
	return syntax.None
}

// snlua reads skynet.launch("snlua", "name"), and the same in one string; it returns false
// for other C services.
func (s *Summary) snlua(u *Use, service syntax.Node) bool {
	names := s.eval(service)
	if len(names) != 1 || names[0].Open != Closed {
		return false
	}
	first, rest := cutWord(names[0].Prefix)
	if first != "snlua" {
		return false
	}
	if rest != "" {
		name, _ := cutWord(rest)
		u.Names = []Name{{Prefix: name}}
		return true
	}
	if len(u.Args) == 0 {
		return false
	}
	u.Names = s.eval(u.Args[0])
	u.Args = u.Args[1:]
	return true
}

// pathEdit notes an assignment to package.path.
func (s *Summary) pathEdit(assign, value syntax.Node) {
	e := PathEdit{Node: assign, Func: s.info.FuncOf(assign), Replaces: true}
	text := &e.Before
	for rest := value; rest != syntax.None; {
		part := s.tree.Unparen(rest)
		rest = syntax.None
		if s.tree.Kind(part) == syntax.Binary {
			if op, left, right := s.tree.Binary(part); op == syntax.Concat {
				part, rest = left, right // it is right-associative: left is one operand
			}
		}
		if s.names.Ref(part).Is("package", "path") {
			e.Replaces = false
			text = &e.After
			continue
		}
		if names := s.eval(part); len(names) == 1 && names[0].Open == Closed {
			*text += names[0].Prefix
		} else {
			*text += Unknown
		}
	}
	s.PathEdits = append(s.PathEdits, e)
}

// sort puts the uses in the order of the text and drops those noted twice.
func (s *Summary) sort() {
	sortUses(s.tree, s.Uses)
	out := s.Uses[:0]
	for i := range s.Uses {
		u := s.Uses[i]
		same := func(o Use) bool {
			return o.Node == u.Node && o.Kind == u.Kind && o.API == u.API && slices.Equal(o.Names, u.Names)
		}
		if j := slices.IndexFunc(out[firstOf(out, u.Node):], same); j >= 0 {
			known := &out[firstOf(out, u.Node)+j]
			known.Protected = known.Protected || u.Protected
			continue
		}
		out = append(out, u)
	}
	s.Uses = out
}

// firstOf returns the index of the first of the uses at the end that are of the same call.
func firstOf(uses []Use, call syntax.Node) int {
	i := len(uses)
	for i > 0 && uses[i-1].Node == call {
		i--
	}
	return i
}
