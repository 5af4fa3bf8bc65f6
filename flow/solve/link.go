package solve

import (
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
)

// link makes the constraints of a file.
func (s *solver) link(file int32) {
	f := s.irs[file]
	fn, span := s.enclosed(file)
	owned := s.owners[s.fileOf(file)]
	here := func(in scope.Func) bool { return owned == nil || owned.funcs[in] == fn }
	for i := span.Terms[0]; i < span.Terms[1]; i++ {
		if owned != nil && owned.terms[i] != fn {
			continue
		}
		d := &f.Terms[i]
		to := s.refOf(file, ir.Term(i))
		switch d.Kind {
		case ir.Load:
			s.on(s.refOf(file, ir.Term(d.A)), constraint{kind: loadInto, file: file, key: s.keyOf(file, ir.Term(d.B)), to: to, site: site{file, i, loadInto}})
		case ir.Join:
			s.flow(s.refOf(file, ir.Term(d.A)), to)
			s.flow(s.refOf(file, ir.Term(d.B)), to)
		case ir.Element:
			s.on(s.refOf(file, ir.Term(d.A)), constraint{kind: loadInto, file: file, key: anyKey, to: to, site: site{file, i, loadInto}})
		case ir.KeyOf:
			s.on(s.refOf(file, ir.Term(d.A)), constraint{kind: keysInto, file: file, to: to})
		}
	}
	for i := span.Assigns[0]; i < span.Assigns[1]; i++ {
		a := &f.Assigns[i]
		if !here(a.In) {
			continue
		}
		to := ref(0)
		if a.Var != scope.NoVar {
			to = s.variable(file, a.Var)
		} else {
			to = s.global(file, a.Global)
		}
		s.flow(s.refOf(file, a.Value), to)
	}
	for i := span.Stores[0]; i < span.Stores[1]; i++ {
		if here(f.Stores[i].In) {
			s.store(file, i)
		}
	}
	for i := span.Returns[0]; i < span.Returns[1]; i++ {
		r := &f.Returns[i]
		if !here(r.In) {
			continue
		}
		for k := range int(s.function(file, r.In).results) {
			s.flow(s.item(file, r.Values, k), s.result(file, r.In, k))
		}
	}
	for i := span.Calls[0]; i < span.Calls[1]; i++ {
		if here(f.Calls[i].In) {
			s.call(file, i)
		}
	}
}

// store links an assignment to a field. A copy of all pairs of a table keeps their keys.
func (s *solver) store(file, index int32) {
	f := s.irs[file]
	st := &f.Stores[index]
	at := site{file, index, storeFrom}
	object, value := s.refOf(file, st.Object), s.refOf(file, st.Value)
	if st.Key == ir.None {
		s.on(object, constraint{kind: storeFrom, file: file, key: anyKey, from: value, site: at})
		return
	}
	key, element := f.Term(st.Key), f.Term(st.Value)
	if from := s.refOf(file, st.Key); from > 0 && element.Kind != ir.Nil {
		s.on(object, constraint{kind: keyedBy, file: file, from: from})
	}
	if key.Kind == ir.KeyOf && element.Kind == ir.Element && key.A == element.A {
		s.on(s.refOf(file, ir.Term(key.A)), constraint{kind: mergeInto, file: file, from: object, site: at})
		return
	}
	if value == 0 {
		return
	}
	s.on(object, constraint{kind: storeFrom, file: file, key: s.keyOf(file, st.Key), from: value, site: at})
}

// item returns the source of value i of a list.
func (s *solver) item(file int32, l ir.List, i int) ref {
	if i < len(l.Terms) {
		return s.refOf(file, l.Terms[i])
	}
	if l.Spread == ir.None {
		return 0
	}
	i -= len(l.Terms)
	switch d := s.irs[file].Term(l.Spread); d.Kind {
	case ir.Result:
		return s.wantResult(file, d.A, int(d.B)+i)
	case ir.Extra:
		return s.extra(file, scope.Func(d.A), int(d.B)+i)
	}
	return 0
}

// constraintKind says what is to be done with each value that reaches a place.
type constraintKind uint8

const (
	loadInto    constraintKind = iota // its field key reaches to
	storeFrom                         // from reaches its field key
	fieldInto                         // its own field key, if it is ever set, reaches to
	keysInto                          // the names of its fields reach to
	keyedBy                           // from are computed keys of it
	mergeInto                         // its fields reach the fields of what from holds
	mergeFrom                         // the fields of table reach its fields
	invokedBy                         // it is called by invocation number
	metatableIn                       // from holds its metatables
	metatableOf                       // it is the metatable of table
	protoOf                           // table looks missing fields up in it
	addressInto                       // it reaches to if it is an address
	carryInto                         // a copy of it reaches to, by a message
	copyInto                          // the same, in a table
	handedOn                          // of sites only: it is called by what it is handed to
)

type constraint struct {
	kind   constraintKind
	file   int32
	key    int32
	number int32
	from   ref
	to     ref
	table  Atom
	seen   int32 // how many values it was applied to
	site   site
}

// A site is the place of the text that a constraint comes from.
type site struct {
	file, index int32
	kind        constraintKind
}

// maxGeneric is how many values code is followed for that treats all alike: a copy of all pairs,
// a computed field, a call of whatever it is given. What serves more is a helper for everybody,
// and following it would make everything reach everything.
const maxGeneric = 16

// generic reports whether a constraint is of such code.
func (k *constraint) generic() bool {
	switch k.kind {
	case loadInto, storeFrom:
		return k.key == anyKey
	case mergeInto, mergeFrom, invokedBy:
		return true
	}
	return false
}

// hasFields reports whether programs may put fields into an atom.
func (s *solver) hasFields(a Atom) bool {
	switch d := &s.atoms[a]; d.Kind {
	case Table, Object:
		return true
	case API:
		return d.Entry.Kind != models.KindFunction
	}
	return false
}

// apply does what a constraint wants for one value, unless it is of generic code. While generic
// code is being looked for, it waits until all else is done: most of it is found by then. number is
// that of the constraint, -1 for one that has none.
func (s *solver) apply(k *constraint, number int32, a Atom) {
	if k.file >= 0 && !s.together(k.file, a) {
		return
	}
	if k.generic() && s.kinds[a] != String && s.kinds[a] != API {
		if k.seen++; k.seen > maxGeneric || s.isDead(k.site) {
			if k.site != (site{}) {
				s.generic[k.site] = true
			}
			return
		}
		if !s.strings {
			if number < 0 {
				number = int32(len(s.constraints))
				s.constraints = append(s.constraints, *k)
			}
			s.deferred = append(s.deferred, pending{number, a})
			return
		}
	}
	s.do(k, a)
}

// pending is a constraint that waits to be applied to a value.
type pending struct {
	constraint int32
	value      Atom
}

// do does what a constraint wants for one value.
func (s *solver) do(k *constraint, a Atom) {
	switch k.kind {
	case loadInto:
		s.loadMember(a, k.key, k.to)
	case storeFrom:
		if s.hasFields(a) {
			s.flow(k.from, s.fieldCell(a, k.key))
		}
	case fieldInto:
		if s.kinds[a] == Table {
			t := s.tableOf(a)
			t.used().wanted = append(t.used().wanted, load{key: k.key, to: k.to})
			if c := s.field(a, k.key); c != 0 {
				s.flow(c, k.to)
			}
		}
	case keysInto:
		if s.kinds[a] == Table {
			t := s.tableOf(a)
			t.used().keysTo = append(t.used().keysTo, k.to)
			for _, from := range t.uses().keys {
				s.on(from, constraint{kind: addressInto, file: -1, to: k.to})
			}
			for i := 0; i < len(t.fields); i++ {
				if key := t.fields[i].key; key != anyKey {
					s.putKey(k.to, key)
				}
			}
		}
	case keyedBy:
		if s.kinds[a] == Table {
			s.computedKey(a, k.from)
		}
	case mergeInto:
		if s.kinds[a] == Table {
			s.on(k.from, constraint{kind: mergeFrom, file: k.file, table: a, site: site{k.site.file, k.site.index, mergeFrom}})
		}
	case mergeFrom:
		s.merge(k.table, a)
	case invokedBy:
		s.invoke(k.number, a)
	case metatableIn:
		if s.kinds[a] == Table {
			s.on(k.from, constraint{kind: metatableOf, file: k.file, table: a})
		}
	case metatableOf:
		if s.kinds[a] == Table {
			t := s.tableOf(k.table)
			if t.meta == 0 {
				t.meta = s.newCell()
			}
			s.put(t.meta, a)
			s.on(s.fieldCell(a, s.key("__index")), constraint{kind: protoOf, file: k.file, table: k.table})
		}
	case addressInto:
		switch s.kinds[a] {
		case Service, Self, Unknown:
			s.put(k.to, a)
		}
	case carryInto, copyInto:
		switch s.kinds[a] {
		case Table:
			s.put(k.to, s.copyOf(a))
		case Self: // of one that stands alone who sends it knows which
			if k.kind == copyInto {
				s.put(k.to, s.sender(a))
			}
		case Function, Queue, Response, API, Object, Method: // they are not sent
		case String:
			if k.number > 0 {
				s.received[k.number-1].grow(int32(a))
			} else {
				s.sent.grow(int32(a))
			}
			s.put(k.to, a)
		default:
			s.put(k.to, a)
		}
	case protoOf:
		switch {
		case s.hasFields(a):
			s.addProto(k.table, a)
		case s.kinds[a] == Function:
			s.answer(k.table, a)
		}
	}
}

// answer makes what a function __index returns reach the loads of missing fields.
func (s *solver) answer(table, fn Atom) {
	d := s.atoms[fn]
	t := s.tableOf(table)
	unit := d.unit
	if fa := s.factoryOf(d.File, d.Func); fa != nil && fa.fn == d.Func {
		unit = s.anybody(fa)
	}
	r := s.result(unit, d.Func, 0)
	if slices.Contains(t.uses().answers, r) {
		return
	}
	t.used().answers = append(t.used().answers, r)
	s.flow(atomRef(table), s.param(unit, d.Func, 0))
	for _, l := range t.loads {
		s.flow(r, l.to)
	}
}

// merge makes each field of one table reach the field of the same name of another.
func (s *solver) merge(from, to Atom) {
	if from == to || s.kinds[to] != Table {
		return
	}
	t := s.tableOf(from)
	for _, m := range t.uses().mergedTo {
		if m == to {
			return
		}
	}
	t.used().mergedTo = append(t.used().mergedTo, to)
	for i := 0; i < len(t.fields); i++ {
		s.flow(t.fields[i].cell, s.fieldCell(to, t.fields[i].key))
	}
}

// loadMember makes a field of an atom reach a cell.
func (s *solver) loadMember(a Atom, key int32, to ref) {
	d := &s.atoms[a]
	switch d.Kind {
	case Table:
		s.loadField(a, key, to)
	case API, Object:
		listed := false
		if key != anyKey {
			switch e := s.memberOf(a, s.names[key]); {
			case e == nil:
			case d.Kind == Object && e.Name() == "__index":
				s.put(to, s.method(a, e, s.names[key]))
			case d.Kind == Object && e.Table != "":
				s.put(to, s.part(a, e))
			default:
				s.put(to, s.apiAtom(e))
				listed = true
			}
		}
		switch {
		case !s.hasFields(a):
		case listed:
			// A copy of many functions into a library of Lua or skynet is not taken to replace it.
			s.flow(s.fieldCell(a, key), to)
		default:
			s.loadField(a, key, to)
		}
	case Unknown:
		if d.Reason == FromOutside {
			s.put(to, a) // what is in it comes from outside, too
		}
	}
}

// copyField makes what a field of a sent table is reach that of its copy: tables in it are copies,
// too.
func (s *solver) copyField(f field, to Atom) {
	if text := s.names[f.key]; f.key != anyKey {
		s.sentKeys.grow(f.key)
		if a, ok := s.texts[text]; ok {
			s.sent.grow(int32(a))
		}
	}
	s.on(f.cell, constraint{kind: copyInto, file: -1, to: s.fieldCell(to, f.key)})
}

// sender returns the address that a service's own is for others: that of the one service that can
// send it, else the same.
func (s *solver) sender(self Atom) Atom {
	if from := s.prog.Files[s.atoms[self].File].Services; len(from) == 1 {
		return s.serviceAtom(from[0])
	}
	return self
}

// copyOf returns the table that the receiver of a message gets for one that was sent. A copy of a
// copy is itself.
func (s *solver) copyOf(a Atom) Atom {
	d := s.atoms[a]
	if d.File < 0 {
		return a
	}
	key := atomKey{Table, -1, int32(a), "copy"}
	if c, ok := s.atomIDs[key]; ok {
		return c
	}
	c := s.intern(key, AtomData{Kind: Table, File: -1, Node: d.Node, Text: "copy"})
	t := s.tableOf(a)
	t.used().copies = append(t.used().copies, c)
	for i := 0; i < len(t.fields); i++ {
		s.copyField(t.fields[i], c)
	}
	return c
}
