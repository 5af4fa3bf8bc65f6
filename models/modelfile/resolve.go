package modelfile

import (
	"slices"

	"github.com/skylint/skylint/models"
)

// A reference is an entry that others can refer to by its path.
type reference struct {
	file  *File // nil for what comes from the base, which refers to nothing unknown
	key   []string
	entry *models.Entry

	busy, done bool
}

// resolve gives each entry that is another name what the usual name says, and checks that
// everything that is referred to is there.
func (b *builder) resolve() {
	var all []*reference
	modules := map[string]*reference{}
	for _, path := range sorted(b.tables) {
		t := b.tables[path]
		for _, name := range sorted(t.members) {
			o := t.members[name]
			all = append(all, &reference{file: o.file, key: o.key, entry: &o.value})
		}
	}
	for _, name := range sorted(b.modules) {
		m := b.modules[name]
		modules[name] = &reference{file: m.file, key: m.key, entry: &m.value.Value}
		all = append(all, modules[name])
	}
	index := map[string]*reference{}
	for _, r := range all {
		if index[r.entry.Path] == nil {
			index[r.entry.Path] = r
		}
	}
	find := func(r *reference) *reference {
		if t := index[r.entry.SameAs]; t != r {
			return t
		}
		return modules[r.entry.SameAs] // as skynet.queue, a module that enters itself in the table skynet
	}
	for _, r := range all {
		b.link(find, r)
		b.check(r)
	}
}

// link fills in an entry that is another name.
func (b *builder) link(find func(*reference) *reference, r *reference) {
	if r.done || r.file == nil || r.entry.SameAs == "" {
		r.done = true
		return
	}
	key := append(slices.Clone(r.key), "same-as")
	target := find(r)
	switch {
	case target == nil:
		b.fail(r.file, key, "nothing is called %q", r.entry.SameAs)
	case r.busy || target == r:
		b.fail(r.file, key, "%q is the same as itself", r.entry.Path)
	default:
		r.busy = true
		b.link(find, target)
		become(r.entry, target.entry)
	}
	r.done = true
}

// check reports what the entry refers to and is not there.
func (b *builder) check(r *reference) {
	if r.file == nil {
		return
	}
	for _, result := range r.entry.Results {
		if t := b.tables[result.Object]; result.Object != "" && (t == nil || !t.object) {
			b.fail(r.file, append(slices.Clone(r.key), "returns"), "no objects are called %q: describe them in [object.%q]",
				result.Object, result.Object)
		}
	}
	if t := r.entry.Table; t != "" && b.tables[t] == nil {
		b.fail(r.file, append(slices.Clone(r.key), "object"), "no objects are called %q: describe them in [object.%q]", t, t)
	}
	if m := r.entry.Module; m != "" && b.modules[m] == nil {
		b.fail(r.file, append(slices.Clone(r.key), "needs"), "no module is called %q", m)
	}
}
