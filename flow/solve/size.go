package solve

// A Size says how large a problem was.
type Size struct {
	Atoms int // values that are told apart
	Cells int // variables, fields, parameters and results that hold some
	Edges int // ways from one to another
}

// Size returns how large the problem has become.
func (r *Result) Size() Size { return Size{len(r.s.atoms), len(r.s.cells), len(r.s.edges)} }
