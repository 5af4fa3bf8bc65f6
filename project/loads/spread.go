package loads

import (
	"cmp"
	"slices"
	"strings"

	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// Spread follows what functions load to their callers: a function that requires its
// parameter makes each of its calls a Use of the caller, and a function that calls
// skynet.start makes its caller a Start. It looks through local functions, through functions
// that modules return or keep in the table that they return, and through global functions.
// The new uses are added to the summaries, which may contain nil.
//
// target returns which of the summaries is what a file gets by requiring a module, or -1.
func Spread(files []*Summary, target func(file int, module string) int) {
	s := spreader{files: files, target: target, facts: make([]map[scope.Func]*fact, len(files)), followed: map[origin]bool{}}
	for i, f := range files {
		if f != nil {
			for j := range f.Uses {
				s.learn(i, &f.Uses[j])
			}
		}
	}
	if len(s.fresh) > 0 {
		s.findTargets()
	}
	// What a round learns depends on what was known before it, in no order.
	for len(s.fresh) > 0 {
		hot := s.fresh
		s.fresh = nil
		s.round(hot)
	}
	for i, f := range files {
		if f == nil {
			continue
		}
		f.sort()
		for j := range f.Uses {
			f.Uses[j].Followed = s.followed[origin{i, f.Uses[j].Node}]
		}
	}
}

// An origin is the place of a use.
type origin struct {
	file int
	node syntax.Node
}

// A fact is what a call of a function does.
type fact struct {
	file   int
	fn     scope.Func
	starts bool
	// loads are uses whose names have parameters of the function in them.
	loads []Use
}

// maxLoads bounds what is known of one function.
const maxLoads = 8

type spreader struct {
	files  []*Summary
	target func(file int, module string) int
	// targets are, by file, the modules that it requires by name and the files that they are.
	targets [][]module
	facts   []map[scope.Func]*fact
	fresh   []change
	// followed are the uses that a call of their function has made uses of.
	followed map[origin]bool
}

// A module is a required name and the file that it gives.
type module struct {
	name string
	file int
}

func (s *spreader) findTargets() {
	s.targets = make([][]module, len(s.files))
	for i, f := range s.files {
		if f == nil {
			continue
		}
		for j := range f.Uses {
			u := &f.Uses[j]
			if u.Kind != Require || len(u.Names) != 1 || !u.Names[0].Known() {
				continue
			}
			name := u.Names[0].Prefix
			if at := s.target(i, name); at >= 0 && !slices.Contains(s.targets[i], module{name, at}) {
				s.targets[i] = append(s.targets[i], module{name, at})
			}
		}
	}
}

// A change is something that was learnt of a function.
type change struct {
	file int
	fn   scope.Func
	use  Use // a Start, or what the function loads
}

// learn notes what a use says about the functions around it.
func (s *spreader) learn(file int, u *Use) {
	if u.Kind == Start {
		s.starts(file, u)
		return
	}
	for _, name := range u.Names {
		if name.Open == Parameter {
			load := *u
			load.Names = []Name{name}
			s.add(file, name.Func, load)
		}
	}
}

// starts notes that running the function around a Start starts a service: that function, and
// the ones around it as far as a function without a name is run by what it is given to.
func (s *spreader) starts(file int, u *Use) {
	f := s.files[file]
	for fn := u.Func; fn != scope.Main; fn = f.info.Funcs[fn].Outer {
		node := f.info.Funcs[fn].Node
		if f.isProgram(node) {
			return // another service's
		}
		s.add(file, fn, *u)
		if !f.isArgument(node) {
			return
		}
	}
}

// isArgument reports whether a function is written as a part of a call, which then runs it.
func (f *Summary) isArgument(fn syntax.Node) bool {
	switch parent := f.tree.Parent(fn); f.tree.Kind(parent) {
	case syntax.Call, syntax.MethodCall:
		return true
	case syntax.Paren: // (function() end)()
		return f.tree.Kind(f.tree.Parent(parent)) == syntax.Call
	}
	return false
}

// launches reports whether a call starts a service whose program is a function.
func (f *Summary) launches(call syntax.Node) bool {
	for i := range f.Uses {
		if f.Uses[i].Kind == LaunchFunction && f.Uses[i].Node == call {
			return true
		}
	}
	return false
}

// isProgram reports whether a function is the program of a service of its own.
func (f *Summary) isProgram(fn syntax.Node) bool {
	for i := range f.Uses {
		if f.Uses[i].Kind == LaunchFunction && f.Uses[i].Program == fn {
			return true
		}
	}
	return false
}

func (s *spreader) add(file int, fn scope.Func, u Use) {
	if s.facts[file] == nil {
		s.facts[file] = map[scope.Func]*fact{}
	}
	known := s.facts[file][fn]
	if known == nil {
		known = &fact{file: file, fn: fn}
		s.facts[file][fn] = known
	}
	if u.Kind == Start {
		if known.starts {
			return
		}
		known.starts = true
	} else {
		same := func(k Use) bool { return k.Kind == u.Kind && k.API == u.API && k.Names[0] == u.Names[0] }
		if len(known.loads) == maxLoads || slices.ContainsFunc(known.loads, same) {
			return
		}
		known.loads = append(known.loads, u)
	}
	s.fresh = append(s.fresh, change{file, fn, u})
}

// A holder is how a function can be named.
type holder struct {
	variable scope.Var // a local variable of its file
	export   string    // a field of the table that its file returns
	module   bool      // it is what its file returns
	global   alias.Ref // a global variable, or a field of one
}

// holders returns the names of a function.
func (f *Summary) holders(fn syntax.Node) []holder {
	t := f.tree
	switch parent := t.Parent(fn); t.Kind(parent) {
	case syntax.LocalFunction, syntax.GlobalFunc:
		decl, _ := t.LocalFunction(parent)
		return f.held(decl)
	case syntax.FunctionStat:
		name, _, _ := t.FunctionStat(parent)
		return f.held(name)
	case syntax.LocalStat:
		decls, values := t.Local(parent)
		if i := slices.Index(values, fn); i >= 0 && i < len(decls) {
			return f.held(decls[i])
		}
	case syntax.AssignStat:
		targets, values := t.Assign(parent)
		if i := slices.Index(values, fn); i >= 0 && i < len(targets) {
			return f.held(targets[i])
		}
	case syntax.ReturnStat:
		if f.info.FuncOf(parent) == scope.Main {
			return []holder{{module: true}}
		}
	case syntax.Field:
		if key, value := t.Field(parent); value == fn && key != syntax.None && t.Kind(key) == syntax.String {
			table := t.Parent(parent)
			if slices.Contains(f.returned(), table) {
				return []holder{{export: t.Str(key)}}
			}
		}
	}
	return nil
}

// held returns the names of what is kept in a place: a Decl, a Name or an Index.
func (f *Summary) held(place syntax.Node) []holder {
	t := f.tree
	switch t.Kind(place) {
	case syntax.Decl, syntax.Name:
		v := f.info.VarOf(place)
		if v == scope.NoVar {
			return []holder{{global: alias.Ref{Member: t.Name(place)}}}
		}
		hs := []holder{{variable: v}}
		for n := range t.Nodes(syntax.Name) { // where the variable is what the module gives
			if f.info.VarOf(n) == v {
				hs = append(hs, f.given(n)...)
			}
		}
		return hs
	case syntax.Index:
		object, key := t.Index(place)
		if t.Kind(key) != syntax.String {
			return nil
		}
		if t.Kind(object) != syntax.Name {
			return nil
		}
		if v := f.info.VarOf(object); v != scope.NoVar && f.returnsVar(v) {
			return []holder{{export: t.Str(key)}}
		}
		if ref := f.names.Ref(place); ref.Known() {
			return []holder{{global: ref}} // or added to the table of another module
		}
	}
	return nil
}

// given returns what a use of a function's variable makes of the function: the module
// itself, or a field of its table.
func (f *Summary) given(n syntax.Node) []holder {
	t := f.tree
	switch parent := t.Parent(n); t.Kind(parent) {
	case syntax.ReturnStat:
		if f.info.FuncOf(parent) == scope.Main {
			return []holder{{module: true}}
		}
	case syntax.Field:
		if key, value := t.Field(parent); value == n && key != syntax.None && t.Kind(key) == syntax.String &&
			slices.Contains(f.returned(), t.Parent(parent)) {
			return []holder{{export: t.Str(key)}}
		}
	case syntax.AssignStat:
		targets, values := t.Assign(parent)
		if i := slices.Index(values, n); i >= 0 && i < len(targets) && t.Kind(targets[i]) == syntax.Index {
			return f.held(targets[i])
		}
	}
	return nil
}

// returned returns what the file gives to who requires it, seen through local variables and
// setmetatable: tables, functions, names.
func (f *Summary) returned() []syntax.Node {
	var out []syntax.Node
	for _, stat := range f.tree.Statements(f.tree.Main) {
		if f.tree.Kind(stat) != syntax.ReturnStat {
			continue
		}
		for _, v := range f.tree.Results(stat) {
			v = f.names.Origin(v)
			if f.tree.Kind(v) == syntax.Call {
				if callee, args := f.tree.Call(v); len(args) > 0 && f.names.Ref(callee).Is("", "setmetatable") {
					v = f.names.Origin(args[0])
				}
			}
			out = append(out, v)
		}
	}
	return out
}

// returnsVar reports whether what the file returns is the value of a variable.
func (f *Summary) returnsVar(v scope.Var) bool {
	init := f.info.Var(v).Init
	for _, r := range f.returned() {
		if r == init && init != syntax.None || f.tree.Kind(r) == syntax.Name && f.info.VarOf(r) == v {
			return true
		}
	}
	return false
}

// round carries what was learnt of some functions to their callers.
func (s *spreader) round(changes []change) {
	exports := map[int]map[string][]change{} // by file and field; "" is the module itself
	globals := map[alias.Ref][]change{}
	locals := map[int]map[scope.Var][]change{}
	for _, c := range changes {
		f := s.files[c.file]
		for _, h := range f.holders(f.info.Funcs[c.fn].Node) {
			switch {
			case h.variable != scope.NoVar:
				put(locals, c.file, h.variable, c)
			case h.module:
				put(exports, c.file, "", c)
			case h.export != "":
				put(exports, c.file, h.export, c)
			case h.global.Known():
				// Whoever replaces require still requires: its calls are known as such.
				if _, known := apiOf(h.global); !known {
					globals[h.global] = append(globals[h.global], c)
				}
			}
		}
	}
	modules := make([]map[string]int, len(s.files)) // by file and name in it, those with something to say
	if len(exports) > 0 {
		for i, f := range s.files {
			if f == nil {
				continue
			}
			for _, m := range s.targets[i] {
				if exports[m.file] == nil {
					continue
				}
				if modules[i] == nil {
					modules[i] = map[string]int{}
				}
				modules[i][m.name] = m.file
			}
			if modules[i] == nil {
				continue
			}
			for j := range f.info.Globals { // import = loader.load
				g := &f.info.Globals[j]
				if g.Access != scope.Write || g.Value == syntax.None {
					continue
				}
				ref := f.names.Ref(g.Value)
				if at, ok := modules[i][ref.Module]; ok {
					name := alias.Ref{Member: g.Name}
					globals[name] = append(globals[name], exports[at][ref.Member]...)
				}
			}
		}
	}
	for i, f := range s.files {
		if f == nil {
			continue
		}
		if len(modules[i]) > 0 || len(globals) > 0 {
			s.callsOf(i, modules[i], exports, globals)
		}
		if locals[i] != nil || exports[i] != nil {
			s.callsWithin(i, locals[i], exports[i])
		}
	}
}

func put[K1, K2 comparable](m map[K1]map[K2][]change, k1 K1, k2 K2, c change) {
	if m[k1] == nil {
		m[k1] = map[K2][]change{}
	}
	m[k1][k2] = append(m[k1][k2], c)
}

// callsOf finds the calls of other files' functions in a file.
func (s *spreader) callsOf(file int, modules map[string]int, exports map[int]map[string][]change, globals map[alias.Ref][]change) {
	f := s.files[file]
	found := func(ref alias.Ref) []change {
		if at, ok := modules[ref.Module]; ok {
			return exports[at][ref.Member]
		}
		return globals[ref]
	}
	// Most calls are of nothing that is known: a look at the name's length tells them apart.
	var lengths uint64
	for ref := range globals {
		lengths |= 1 << (len(ref.Member) & 63)
	}
	for _, at := range modules {
		for member := range exports[at] {
			lengths |= 1 << (len(member) & 63)
		}
	}
	for i := range f.names.Calls {
		if c := &f.names.Calls[i]; lengths&(1<<(len(c.Member)&63)) != 0 {
			s.called(file, c.Node, c.Args, found(c.Ref))
		}
	}
	if len(modules) == 0 {
		return
	}
	for n := range f.tree.Nodes(syntax.MethodCall) {
		receiver, name, args := f.tree.MethodCall(n)
		if ref := f.names.Ref(receiver); ref.Module != "" && ref.Member == "" {
			s.called(file, n, args, found(alias.Ref{Module: ref.Module, Member: f.tree.Str(name)}))
		}
	}
}

// callsWithin finds the calls of a file's own functions.
func (s *spreader) callsWithin(file int, locals map[scope.Var][]change, exports map[string][]change) {
	f := s.files[file]
	t := f.tree
	for n := range t.Nodes(syntax.Name) {
		v := f.info.VarOf(n)
		if v == scope.NoVar {
			continue
		}
		parent := t.Parent(n)
		if changes := locals[v]; changes != nil {
			if t.Kind(parent) == syntax.Call {
				if callee, args := t.Call(parent); callee == n {
					s.called(file, parent, args, changes)
				} else if i := slices.Index(args, n); i >= 0 && !f.launches(parent) {
					// pcall(load, "x"), xpcall(main, traceback): what it is given to runs it.
					s.called(file, parent, args[i+1:], changes)
				}
			}
		}
		if exports != nil && t.Kind(parent) == syntax.Index {
			s.indexed(file, n, v, parent, exports)
		}
	}
}

// indexed looks at M.name where M may be the table that the file returns.
func (s *spreader) indexed(file int, object syntax.Node, v scope.Var, index syntax.Node, exports map[string][]change) {
	f := s.files[file]
	t := f.tree
	o, key := t.Index(index)
	if o != object || t.Kind(key) != syntax.String {
		return
	}
	changes := exports[t.Str(key)]
	if changes == nil || !f.returnsVar(v) {
		return
	}
	if call := t.Parent(index); t.Kind(call) == syntax.Call {
		if callee, args := t.Call(call); callee == index {
			s.called(file, call, args, changes)
		} else if i := slices.Index(args, index); i >= 0 {
			s.called(file, call, args[i+1:], changes)
		}
	}
}

// called makes uses of a call of functions of which something was learnt.
func (s *spreader) called(file int, call syntax.Node, args []syntax.Node, changes []change) {
	f := s.files[file]
	for _, c := range changes {
		u := c.use
		u.Node, u.Func, u.Wrapped, u.Args = call, f.info.FuncOf(call), true, nil
		u.Program = syntax.None
		if u.Kind != Start {
			name := u.Names[0]
			at := name.Param
			switch self, method := s.files[c.file].takesSelf(c.fn), f.tree.Kind(call) == syntax.MethodCall; {
			case self && !method:
				at++ // M.load(M, "x"): the receiver is the first argument
			case method && !self:
				at-- // M:load("x") of function M.load(self, name)
			}
			if at < 0 || at >= len(args) {
				continue
			}
			u.Names = nil
			for _, part := range f.eval(args[at]) {
				filled := name.fill(part)
				if len(filled.Prefix)+len(filled.Suffix) > maxName {
					filled = Name{Open: Anything}
				}
				u.Names = append(u.Names, filled)
			}
			u.Args = args[at+1:]
		}
		s.followed[origin{c.file, c.use.Node}] = true
		f.Uses = append(f.Uses, u)
		s.learn(file, &u)
	}
}

// maxName bounds the length of names that recursive functions could build.
const maxName = 256

func (f *Summary) takesSelf(fn scope.Func) bool {
	node := f.info.Funcs[fn].Node
	return node != syntax.None && f.tree.HasSelf(node)
}

// StartsAtLoad reports whether running the file itself calls skynet.start: in the main
// chunk, or in a function that the main chunk's calls run.
func (s *Summary) StartsAtLoad() bool {
	for i := range s.Uses {
		u := &s.Uses[i]
		if u.Kind != Start {
			continue
		}
		fn := u.Func
		for fn != scope.Main && s.isArgument(s.info.Funcs[fn].Node) && !s.isProgram(s.info.Funcs[fn].Node) {
			fn = s.info.Funcs[fn].Outer
		}
		if fn == scope.Main {
			return true
		}
	}
	return false
}

// In returns the uses that stand in a function, with those in functions within it.
func (s *Summary) In(fn scope.Func) []Use {
	var out []Use
	for i := range s.Uses {
		if s.info.Encloses(fn, s.Uses[i].Func) {
			out = append(out, s.Uses[i])
		}
	}
	return out
}

func cutWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t")
	word, rest, _ = strings.Cut(s, " ")
	return word, strings.TrimLeft(rest, " \t")
}

func sortUses(t *syntax.Tree, uses []Use) {
	slices.SortStableFunc(uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(t.Start(a.Node), t.Start(b.Node)), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Kind, b.Kind))
	})
}
