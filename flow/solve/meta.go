package solve

// Meta returns the atoms that a field of a table's metatables may be: the functions behind
// "__index", "__gc" and the like.
func (r *Result) Meta(table Atom, name string) []Atom {
	t := r.s.tableAt(table)
	if t == nil || t.meta == 0 {
		return nil
	}
	var out []Atom
	for _, m := range r.s.set(t.meta) {
		if k, ok := r.s.keys[name]; ok {
			if c := r.s.field(m, k); c != 0 {
				out = append(out, r.s.set(c)...)
			}
		}
	}
	return out
}

// WithMeta returns the tables that have a metatable, in the order in which the program shows
// them.
func (r *Result) WithMeta() []Atom {
	var out []Atom
	for a := range r.s.atoms {
		if t := r.s.tableAt(Atom(a)); t != nil && t.meta != 0 {
			out = append(out, Atom(a))
		}
	}
	return out
}

// HasMeta reports whether a table has a metatable.
func (r *Result) HasMeta(table Atom) bool {
	t := r.s.tableAt(table)
	return t != nil && t.meta != 0
}
