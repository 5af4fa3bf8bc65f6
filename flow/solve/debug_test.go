package solve

import (
	"fmt"
	"os"
	"sort"
)

func Dump(r *Result) {
	s := r.s
	edges, atoms, top := 0, 0, 0
	type big struct {
		n int
		r ref
	}
	var succ, watch []big
	for i := range s.cells {
		c := &s.cells[i]
		edges += int(c.edges)
		atoms += len(c.set)
		if c.top {
			top++
		}
		succ = append(succ, big{int(c.edges), ref(i)})
		n := 0
		for e := c.watch; e != 0; e = s.edges[e].next {
			n++
		}
		watch = append(watch, big{n, ref(i)})
	}
	fmt.Fprintln(os.Stderr, "cells", len(s.cells), "edges", edges, "values", atoms, "top", top, "constraints", len(s.constraints), "invocations", len(s.invocations), "atoms", len(s.atoms), "fields", len(s.fields), "loaded", len(s.loaded), "tables", len(s.tables))
	sort.Slice(succ, func(i, j int) bool { return succ[i].n > succ[j].n })
	sort.Slice(watch, func(i, j int) bool { return watch[i].n > watch[j].n })
	for _, b := range succ[:15] {
		fmt.Fprintln(os.Stderr, "succ", b.n, s.name(b.r))
	}
	for _, b := range watch[:15] {
		fmt.Fprintln(os.Stderr, "watch", b.n, s.name(b.r))
	}
	type tb struct {
		n int
		a Atom
	}
	var ts []tb
	for a, t := range s.tables {
		ts = append(ts, tb{len(t.loads) + len(t.any)*len(t.fields), a})
	}
	sort.Slice(ts, func(i, j int) bool { return ts[i].n > ts[j].n })
	for _, b := range ts[:15] {
		d := s.atoms[b.a]
		where := d.Text
		if d.File >= 0 {
			f := s.prog.Files[d.File]
			where = fmt.Sprintf("%s:%d", f.Path, f.Tree.Line(d.Node))
		}
		t := s.tables[b.a]
		fmt.Fprintln(os.Stderr, "table", b.n, "loads", len(t.loads), "any", len(t.any), "fields", len(t.fields), "protos", len(t.protos), where)
	}
}

func (s *solver) name(r ref) string {
	for i, fs := range s.funcs {
		f := s.prog.Files[i]
		for j := range fs {
			fn := fs[j]
			end := fn.first + ref(fn.params) + ref(fn.results)
			if fn.variadic {
				end += maxExtras
			}
			if r >= fn.first && r < end {
				return fmt.Sprintf("%s:%d func cell %d (params %d)", f.Path, f.Tree.Line(s.irs[i].Info.Funcs[j].Node), r-fn.first, fn.params)
			}
		}
		for t, x := range s.terms[i] {
			if x == r {
				d := s.irs[i].Terms[t]
				line := 0
				if d.Node != 0 {
					line = f.Tree.Line(d.Node)
				}
				return fmt.Sprintf("%s:%d term kind %d %s", f.Path, line, d.Kind, d.Ref.Path())
			}
		}
	}
	for k, c := range s.fields {
		if c == r {
			d := s.atoms[k.table]
			where := d.Text
			if d.File >= 0 {
				f := s.prog.Files[d.File]
				where = fmt.Sprintf("%s:%d", f.Path, f.Tree.Line(d.Node))
			}
			return "field " + s.names[k.key] + " of " + where
		}
	}
	for k, c := range s.globals {
		if c == r {
			return "global " + k
		}
	}
	return "?"
}
