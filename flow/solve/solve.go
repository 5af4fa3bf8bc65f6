// Package solve finds which values reach which variables, fields, parameters and results in all
// files of a program at once: functions, tables, strings, and the addresses of services.
//
// It solves inclusion constraints with difference propagation (Andersen's analysis; Pearce,
// Kelly and Hankin, "Online cycle detection and difference propagation for pointer analysis").
// A module's constraints exist once, whichever services load it: a function or a table belongs
// to the file that makes it, and can only be in a service that loads this file, so what is in a
// shared place is told apart by asking for one service (see Result.In).
package solve

import (
	"slices"
	"strconv"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

// solver holds the state of the analysis.
type solver struct {
	prog *program.Program
	irs  []*ir.File // by index in prog.Files

	atoms       []AtomData
	atomIDs     map[atomKey]Atom
	texts       map[string]Atom // the strings
	funcAtoms   [][]Atom        // by file and scope.Func; 0 until used
	cells       []cell
	constraints []constraint
	work        []ref
	edges       []edge
	many        pairs     // the edges from cells that have many
	static      int       // how many cells allocate has made
	limit       int       // of what a set holds besides strings
	strings     bool      // strings are followed
	deferred    []pending // for generic code, while it is looked for
	depth       int       // of tables in which a missing field is looked up
	inherited   []inherited
	tooMany     Atom
	carried     pairs         // by messages
	dead        map[site]bool // generic code: see maxGeneric
	generic     map[site]bool // what was found to be generic this time

	terms   [][]ref             // by file and ir.Term
	vars    [][]ref             // by file and scope.Var; 0 until used
	funcs   [][]function        // by file and scope.Func
	results [][][maxResults]ref // by file and call; 0 where nothing uses the result

	keys    map[string]int32
	names   []string             // of keys
	keyOfs  []int32              // by atom of a string: its key, 0 until asked for
	items   [ir.MaxKey + 1]int32 // the keys of small numbers, 0 until asked for
	tables  []*table             // by atom; those at the end, and nil, have no fields
	slab    []table              // where tables come from
	slots   pairs                // the index of a field of an atom that has many, by its key
	loaded  map[loadKey]int      // how many tables away a load began
	values  []Atom               // where the first room of sets comes from
	globals map[globalKey]ref
	island  []int32 // by file

	modules     []module
	meets       []bitset // by file: the files that some world loads beside it
	files       map[*project.File]int32
	serviceIDs  map[*project.Service]int32
	services    map[string][]*project.Service // by the name by which they are launched
	invocations []invocation
	launches    map[nodeKey][]*loads.Use
	byCall      [][]chain // invocations of a call, by file and call
}

// chain is the first and the last of a list of invocations, counted from 1; 0 for none.
type chain struct{ first, last int32 }

type loadKey struct {
	table Atom
	key   int32
	to    ref
}

// table is what is known of the fields of an atom.
type table struct {
	fields []field
	all    ref   // holds any field's value, once somebody asks for it
	keysTo []ref // cells that hold the names of the fields
	keys   []ref // what its computed keys are
	loads  []load
	wanted []load // of fields that need not be there
	protos []Atom // tables in which missing fields are looked up
	// mergedTo are the tables into which all fields are copied.
	mergedTo []Atom
	copies   []Atom // what receivers of messages get for it
	meta     ref    // holds the metatables
	answers  []ref  // what its functions __index return
}

// reset forgets what is known, and keeps the room for it.
func (t *table) reset() {
	*t = table{
		fields: t.fields[:0], keysTo: t.keysTo[:0], keys: t.keys[:0], loads: t.loads[:0], wanted: t.wanted[:0],
		protos: t.protos[:0], mergedTo: t.mergedTo[:0], answers: t.answers[:0],
	}
}

type field struct {
	key  int32
	cell ref
}

type load struct {
	key   int32
	to    ref
	depth int // how many tables away it began
}

// anyKey stands for a key that is not known; numbers that are no list items are such.
const anyKey int32 = 0

func (s *solver) key(text string) int32 {
	if k, ok := s.keys[text]; ok {
		return k
	}
	k := int32(len(s.names))
	s.names = append(s.names, text)
	s.keys[text] = k
	return k
}

// keyOf returns the key that a term is, anyKey if it is not one constant.
func (s *solver) keyOf(file int32, t ir.Term) int32 {
	d := s.irs[file].Term(t)
	switch d.Kind {
	case ir.String:
		a := s.terms[file][t].atom()
		if int(a) >= len(s.keyOfs) {
			s.keyOfs = append(s.keyOfs, make([]int32, len(s.atoms)-len(s.keyOfs))...)
		}
		k := &s.keyOfs[a]
		if *k == 0 {
			*k = s.key(d.Text)
		}
		return *k
	case ir.Number:
		if i, err := strconv.Atoi(d.Text); err == nil {
			return s.itemKey(i)
		}
	}
	return anyKey
}

// itemKey returns the key of a small number.
func (s *solver) itemKey(i int) int32 {
	if i >= len(s.items) {
		return s.key("#" + strconv.Itoa(i))
	}
	k := &s.items[i]
	if *k == 0 {
		*k = s.key("#" + strconv.Itoa(i))
	}
	return *k
}

// tableAt returns what is known of the fields of an atom, nil if nothing is.
func (s *solver) tableAt(a Atom) *table {
	if int(a) < len(s.tables) {
		return s.tables[a]
	}
	return nil
}

func (s *solver) tableOf(a Atom) *table {
	if t := s.tableAt(a); t != nil {
		return t
	}
	for len(s.tables) <= int(a) {
		s.tables = append(s.tables, nil)
	}
	if len(s.slab) == 0 {
		s.slab = make([]table, 256)
	}
	t := &s.slab[0]
	s.slab = s.slab[1:]
	s.tables[a] = t
	return t
}

// fewFields is how many fields are looked through one by one.
const fewFields = 8

// field returns the cell of a field of an atom, 0 if it has none.
func (s *solver) field(a Atom, key int32) ref {
	t := s.tableAt(a)
	if t == nil {
		return 0
	}
	if len(t.fields) > fewFields {
		if i, ok := s.slots.get(pair(int32(a), key)); ok {
			return t.fields[i].cell
		}
		return 0
	}
	for i := range t.fields {
		if t.fields[i].key == key {
			return t.fields[i].cell
		}
	}
	return 0
}

func (s *solver) addField(a Atom, t *table, f field) {
	t.fields = append(t.fields, f)
	switch n := len(t.fields); {
	case n == fewFields+1:
		for i := range t.fields {
			s.slots.add(pair(int32(a), t.fields[i].key), int32(i))
		}
	case n > fewFields:
		s.slots.add(pair(int32(a), f.key), int32(n-1))
	}
}

// fieldCell returns the cell of a field, which is made if need be.
func (s *solver) fieldCell(a Atom, key int32) ref {
	if c := s.field(a, key); c != 0 {
		return c
	}
	t := s.tableOf(a)
	c := s.newCell()
	s.addField(a, t, field{key, c})
	if t.all != 0 {
		s.flow(c, t.all)
	}
	for _, w := range t.wanted {
		if w.key == key {
			s.flow(c, w.to)
		}
	}
	for i := 0; i < len(t.mergedTo); i++ {
		s.flow(c, s.fieldCell(t.mergedTo[i], key))
	}
	for i := 0; i < len(t.copies); i++ {
		s.copyField(field{key, c}, t.copies[i])
	}
	if key != anyKey {
		for _, to := range t.keysTo {
			s.putKey(to, key)
		}
	}
	return c
}

func (s *solver) putKey(to ref, key int32) {
	if text := s.names[key]; text == "" || text[0] != '#' {
		s.put(to, s.stringAtom(text))
	}
}

// computedKey notes what a computed key of a table may be: who goes through its pairs gets the
// addresses among them.
func (s *solver) computedKey(a Atom, from ref) {
	t := s.tableOf(a)
	if slices.Contains(t.keys, from) {
		return
	}
	t.keys = append(t.keys, from)
	for _, to := range t.keysTo {
		s.on(from, constraint{kind: addressInto, file: -1, to: to})
	}
}

// loadField makes the value of a field of a table reach a cell.
func (s *solver) loadField(a Atom, key int32, to ref) {
	t := s.tableOf(a)
	if len(t.protos) > 0 || s.depth > 0 {
		// The tables in which missing fields are looked up may form a circle.
		done := loadKey{a, key, to}
		if depth, ok := s.loaded[done]; ok && depth <= s.depth {
			return
		}
		s.loaded[done] = s.depth
	}
	if key == anyKey {
		if t.all == 0 {
			t.all = s.newCell()
			for _, f := range t.fields {
				s.flow(f.cell, t.all)
			}
		}
		s.flow(t.all, to)
	} else {
		s.flow(s.fieldCell(a, key), to)
		s.flow(s.fieldCell(a, anyKey), to)
	}
	t.loads = append(t.loads, load{key, to, s.depth})
	for i := 0; i < len(t.protos); i++ {
		s.inherit(t.protos[i], load{key, to, s.depth})
	}
	for _, r := range t.answers {
		s.flow(r, to)
	}
}

// addProto makes p a table in which missing fields of a are looked up.
func (s *solver) addProto(a, p Atom) {
	t := s.tableOf(a)
	for _, q := range t.protos {
		if q == p {
			return
		}
	}
	if a == p {
		return
	}
	t.protos = append(t.protos, p)
	for i := 0; i < len(t.loads); i++ {
		s.inherit(p, t.loads[i])
	}
}

// maxInherited is through how many tables a missing field is looked up. Classes are a few deep.
const maxInherited = 32

// inherit loads a field that is missing in a table from one in which such fields are looked up,
// the nearest ones first: so a load comes to a table on the shortest way.
func (s *solver) inherit(p Atom, l load) {
	if l.depth >= maxInherited {
		s.put(l.to, s.tooMany)
		return
	}
	l.depth++
	s.inherited = append(s.inherited, inherited{p, l})
	if len(s.inherited) > 1 {
		return // the loop below comes to it
	}
	for i := 0; i < len(s.inherited); i++ {
		h := s.inherited[i]
		s.depth = h.depth
		s.loadMember(h.from, h.key, h.to)
	}
	s.inherited, s.depth = s.inherited[:0], 0
}

// inherited is a load that has come to another table.
type inherited struct {
	from Atom
	load
}

// Solve analyses a program. irs are the terms of its files, in the same order.
//
// It solves twice: the first time finds the places that treat many values alike, the second
// leaves them out from the start, so that what they did before they were found does no harm.
// The first time needs no strings: what a field is called is known without.
func Solve(prog *program.Program, irs []*ir.File) *Result {
	s := newSolver(prog, irs)
	s.limit, s.dead = maxOthers, nil
	s.solve()
	s.dead = s.generic
	s.reset()
	s.limit, s.strings = maxOthers, true
	s.solve()
	return &Result{s: s}
}

func newSolver(prog *program.Program, irs []*ir.File) *solver {
	terms, calls := 0, 0
	for _, f := range irs {
		terms += len(f.Terms)
		calls += len(f.Calls)
	}
	s := &solver{
		prog: prog, irs: irs, atoms: make([]AtomData, 1, 1024+terms/8), atomIDs: make(map[atomKey]Atom, 1024),
		texts: make(map[string]Atom, 1024+terms/32), cells: make([]cell, 1, 1024+terms/2), edges: make([]edge, 1, 1024+terms/2),
		constraints: make([]constraint, 0, terms/4), invocations: make([]invocation, 0, calls/2+16),
		keys: make(map[string]int32, 1024), names: make([]string, 1, 1024), loaded: make(map[loadKey]int, 1024),
		globals: map[globalKey]ref{},
		files:   make(map[*project.File]int32, len(irs)), serviceIDs: map[*project.Service]int32{},
		services: map[string][]*project.Service{}, generic: map[site]bool{}, launches: map[nodeKey][]*loads.Use{},
	}
	for i, f := range prog.Files {
		s.files[f.File] = int32(i)
		s.funcAtoms = append(s.funcAtoms, make([]Atom, len(irs[i].Info.Funcs)))
	}
	for i, svc := range prog.Project.Services {
		s.serviceIDs[svc] = int32(i)
		s.services[svc.Name] = append(s.services[svc.Name], svc)
	}
	s.tooMany = s.unknownAtom(TooMany, "")
	s.meet()
	s.findIslands()
	s.findLaunches()
	for i := range s.irs {
		s.allocate(int32(i))
	}
	s.static = len(s.cells)
	return s
}

// reset forgets what was solved, and keeps what allocate has made.
func (s *solver) reset() {
	s.cells = s.cells[:s.static]
	clear(s.cells)
	s.edges, s.constraints, s.invocations = s.edges[:1], s.constraints[:0], s.invocations[:0]
	s.many.clear()
	s.slots.clear()
	clear(s.loaded)
	for _, t := range s.tables {
		if t != nil {
			t.reset()
		}
	}
	for _, calls := range s.byCall {
		clear(calls)
	}
	for _, calls := range s.results {
		for i := range calls {
			for k, c := range calls[i] {
				if int(c) >= s.static {
					calls[i][k] = 0
				}
			}
		}
	}
	for name, c := range s.globals {
		if int(c) >= s.static {
			delete(s.globals, name)
		}
	}
	s.generic = map[site]bool{}
}

func (s *solver) solve() {
	for i := range s.irs {
		s.link(int32(i))
	}
	for _, m := range s.modules {
		for _, loaded := range s.prog.Files[m.file].Requires[m.load].Files {
			if id, ok := s.files[loaded]; ok {
				s.flow(s.result(id, scope.Main, 0), m.to)
			}
		}
	}
	s.run()
	for len(s.deferred) > 0 {
		batch := s.deferred
		s.deferred = nil
		for i := range batch {
			if p := &batch[i]; p.site == (site{}) || !s.generic[p.site] {
				s.do(&p.constraint, p.value)
			}
		}
		s.run()
	}
}

// allocate makes the cells of a file.
func (s *solver) allocate(file int32) {
	f := s.irs[file]
	funcs := make([]function, len(f.Info.Funcs))
	for i := range funcs {
		fn := &funcs[i]
		fn.params = int32(s.params(file, scope.Func(i)))
		fn.variadic = i == 0 || f.Info.Tree.IsVariadic(f.Info.Funcs[i].Node)
	}
	for i := range f.Returns {
		r := &f.Returns[i]
		n := len(r.Values.Terms)
		if r.Values.Spread != ir.None {
			n = maxResults
		}
		funcs[r.In].results = max(funcs[r.In].results, uint8(min(n, maxResults)))
	}
	for i := range funcs {
		fn := &funcs[i]
		fn.first = ref(len(s.cells))
		n := int(fn.params) + int(fn.results)
		if fn.variadic {
			n += maxExtras
		}
		s.cells = append(s.cells, make([]cell, n)...)
	}
	s.funcs = append(s.funcs, funcs)
	s.byCall = append(s.byCall, make([]chain, len(f.Calls)))
	s.results = append(s.results, make([][maxResults]ref, len(f.Calls)))
	s.vars = append(s.vars, make([]ref, len(f.Info.Vars)))
	terms := make([]ref, len(f.Terms))
	s.terms = append(s.terms, terms)
	for i := 1; i < len(terms); i++ {
		terms[i] = s.allocateTerm(file, ir.Term(i), &f.Terms[i])
	}
}

func (s *solver) allocateTerm(file int32, t ir.Term, d *ir.TermData) ref {
	switch d.Kind {
	case ir.String:
		return atomRef(s.stringAtom(d.Text))
	case ir.Function:
		return atomRef(s.functionAtom(file, scope.Func(d.A)))
	case ir.Table:
		return atomRef(s.newAtom(AtomData{Kind: Table, File: file, Node: d.Node}))
	case ir.Variable:
		if s.vars[file][d.A] == 0 {
			s.vars[file][d.A] = s.newCell()
		}
		return s.vars[file][d.A]
	case ir.Parameter:
		return s.param(file, scope.Func(d.A), int(d.B))
	case ir.Extra:
		return s.extra(file, scope.Func(d.A), int(d.B))
	case ir.Result:
		if d.B == 0 && s.irs[file].Info.Tree.Kind(s.irs[file].Info.Tree.Parent(d.Node)) == syntax.CallStat {
			return 0 // nobody uses it
		}
		return s.wantResult(file, d.A, int(d.B))
	case ir.Load, ir.Join, ir.Element, ir.KeyOf:
		return s.newCell()
	case ir.API:
		return s.api(file, d)
	}
	return 0
}

// api returns what a global name or a require gives.
func (s *solver) api(file int32, d *ir.TermData) ref {
	f := s.prog.Files[file]
	if d.Ref.Module == "" {
		if e := s.prog.Models.Global(d.Ref.Member); e != nil && e.MayBeIn(f.Dialect) {
			return atomRef(s.apiAtom(e))
		}
		return s.global(file, d.Ref.Member)
	}
	if m := s.prog.Models.Module(d.Ref.Module); m != nil {
		return atomRef(s.apiAtom(&m.Value))
	}
	for i := range f.Requires {
		l := &f.Requires[i]
		if l.Use.Node != d.Node && !namesModule(l, d.Ref.Module) || len(l.Files) == 0 {
			continue
		}
		c := s.newCell()
		s.modules = append(s.modules, module{file, int32(i), c})
		return c
	}
	return 0
}

// module is a cell that gets what the files of a require return.
type module struct {
	file, load int32
	to         ref
}

// namesModule reports whether a require is of the module of that name.
func namesModule(l *project.Require, name string) bool {
	for i := range l.Use.Names {
		if n := &l.Use.Names[i]; n.Known() && n.Prefix == name {
			return true
		}
	}
	return false
}

// global returns the cell of a global name, as a file sees it.
func (s *solver) global(file int32, name string) ref {
	k := globalKey{s.island[file], name}
	c := s.globals[k]
	if c == 0 {
		c = s.newCell()
		s.globals[k] = c
	}
	return c
}

// globalKey is a global name on an island: among files that worlds join.
type globalKey struct {
	island int32
	name   string
}

// findIslands numbers the sets of files between which no world is shared.
func (s *solver) findIslands() {
	s.island = make([]int32, len(s.irs))
	for i := range s.island {
		s.island[i] = int32(i)
	}
	root := func(i int32) int32 {
		for s.island[i] != i {
			s.island[i] = s.island[s.island[i]]
			i = s.island[i]
		}
		return i
	}
	for _, w := range s.prog.Worlds {
		for _, f := range w.Files {
			a, b := root(s.files[f.File]), root(s.files[w.Files[0].File])
			s.island[max(a, b)] = min(a, b)
		}
	}
	for i := range s.island {
		s.island[i] = root(int32(i))
	}
}

// bitset is a set of small numbers.
type bitset []uint64

func (b bitset) has(i int32) bool { return b[i>>6]&(1<<(i&63)) != 0 }
func (b bitset) add(i int32)      { b[i>>6] |= 1 << (i & 63) }

// meet notes for each file which others can be in one service with it. What a file makes can be
// met only there: worlds share nothing but messages.
func (s *solver) meet() {
	n := len(s.prog.Files)
	words := (n + 63) / 64
	backing := make([]uint64, n*words)
	s.meets = make([]bitset, n)
	for i := range s.meets {
		s.meets[i] = backing[i*words : (i+1)*words]
		s.meets[i].add(int32(i))
	}
	members := make(bitset, words)
	for _, w := range s.prog.Worlds {
		clear(members)
		for _, f := range w.Files {
			members.add(s.files[f.File])
		}
		for _, f := range w.Files {
			mine := s.meets[s.files[f.File]]
			for k, word := range members {
				mine[k] |= word
			}
		}
	}
}

// together reports whether code of a file can meet an atom.
func (s *solver) together(file int32, a Atom) bool {
	other := s.atoms[a].File
	return other < 0 || s.meets[file].has(other)
}
