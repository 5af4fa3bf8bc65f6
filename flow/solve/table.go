package solve

import (
	"slices"
	"strconv"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
)

// table is what is known of the fields of an atom. There are many, so it has only what most need.
type table struct {
	fields []field
	loads  []load
	protos []Atom // tables in which missing fields are looked up
	all    ref    // holds any field's value, once somebody asks for it
	meta   ref    // holds the metatables
	more   *uses  // nil if it has none of these
}

// uses is what is done with few tables.
type uses struct {
	keysTo []ref  // cells that hold the names of the fields
	keys   []ref  // what its computed keys are
	wanted []load // of fields that need not be there
	// mergedTo are the tables into which all fields are copied.
	mergedTo []Atom
	copies   []Atom // what receivers of messages get for it
	answers  []ref  // what its functions __index return
}

var unused uses // of tables that have none; nobody changes it

// uses returns what is done with the table, to be read.
func (t *table) uses() *uses {
	if t.more == nil {
		return &unused
	}
	return t.more
}

// used returns what is done with the table, to be added to.
func (t *table) used() *uses {
	if t.more == nil {
		t.more = &uses{}
	}
	return t.more
}

// reset forgets what is known, and keeps the room for it.
func (t *table) reset() {
	*t = table{fields: t.fields[:0], loads: t.loads[:0], protos: t.protos[:0], more: t.more}
	if u := t.more; u != nil {
		*u = uses{keysTo: u.keysTo[:0], keys: u.keys[:0], wanted: u.wanted[:0], mergedTo: u.mergedTo[:0], answers: u.answers[:0]}
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
		a := s.refOf(file, t).atom()
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
	case ir.Parameter:
		if in := s.instanceOf(file); in != nil && scope.Func(d.A) == in.fn && int(d.B) < len(in.args) {
			return in.args[d.B]
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
	for _, w := range t.uses().wanted {
		if w.key == key {
			s.flow(c, w.to)
		}
	}
	for i := 0; i < len(t.uses().mergedTo); i++ {
		s.flow(c, s.fieldCell(t.uses().mergedTo[i], key))
	}
	for i := 0; i < len(t.uses().copies); i++ {
		s.copyField(field{key, c}, t.uses().copies[i])
	}
	if key != anyKey {
		for _, to := range t.uses().keysTo {
			s.putKey(to, key)
		}
		return c
	}
	// Most tables are never stored into by a key that is not known. The loads from one that is have
	// waited for this.
	for i := 0; i < len(t.loads); i++ {
		if t.loads[i].key != anyKey {
			s.flow(c, t.loads[i].to)
		}
	}
	return c
}

func (s *solver) putKey(to ref, key int32) {
	if text := s.names[key]; text == "" || text[0] != '#' {
		a := s.stringAtom(text)
		if s.sentKeys.has(key) {
			s.sent.grow(int32(a))
		}
		s.put(to, a)
	}
}

// computedKey notes what a computed key of a table may be: who goes through its pairs gets the
// addresses among them.
func (s *solver) computedKey(a Atom, from ref) {
	t := s.tableOf(a)
	if slices.Contains(t.uses().keys, from) {
		return
	}
	t.used().keys = append(t.used().keys, from)
	for _, to := range t.uses().keysTo {
		s.on(from, constraint{kind: addressInto, file: -1, to: to})
	}
}

// loadField makes the value of a field of a table reach a cell.
func (s *solver) loadField(a Atom, key int32, to ref) {
	t := s.tableOf(a)
	from := t.all
	if key != anyKey {
		from = s.fieldCell(a, key)
	} else if from == 0 {
		from = s.newCell()
		t.all = from
		for _, f := range t.fields {
			s.flow(f.cell, from)
		}
	}
	if len(t.protos) > 0 || s.depth > 0 {
		// The tables in which missing fields are looked up may form a circle.
		done := pair(int32(from), int32(to))
		if depth, ok := s.loaded.get(done); ok && int(depth) <= s.depth {
			return
		}
		s.loaded.set(done, int32(s.depth))
	}
	s.flow(from, to)
	if key != anyKey {
		s.flow(s.field(a, anyKey), to) // where there is none, fieldCell will see to it
	}
	t.loads = append(t.loads, load{key, to, s.depth})
	for i := 0; i < len(t.protos); i++ {
		s.inherit(t.protos[i], load{key, to, s.depth})
	}
	for _, r := range t.uses().answers {
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
