package modelfile

import (
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/skylint/skylint/internal/nearest"
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
		b.link(find, maps.Keys(index), r)
		b.check(r)
	}
}

// link fills in an entry that is another name.
func (b *builder) link(find func(*reference) *reference, paths iter.Seq[string], r *reference) {
	if r.done || r.file == nil || r.entry.SameAs == "" {
		r.done = true
		return
	}
	key := append(slices.Clone(r.key), "same-as")
	target := find(r)
	switch {
	case target == nil:
		b.fail(r.file, key, "nothing is called %q%s", r.entry.SameAs, meant(r.entry.SameAs, paths))
	case r.busy || target == r:
		b.fail(r.file, key, "%q is the same as itself", r.entry.Path)
	default:
		r.busy = true
		b.link(find, paths, target)
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
			b.fail(r.file, append(slices.Clone(r.key), "returns"), "no objects are called %q%s: describe them in [object.%q]",
				result.Object, meant(result.Object, b.objects()), result.Object)
		}
	}
	if t := r.entry.Table; t != "" && b.tables[t] == nil {
		b.fail(r.file, append(slices.Clone(r.key), "object"), "no objects are called %q%s: describe them in [object.%q]", t, meant(t, b.objects()), t)
	}
	if m := r.entry.Module; m != "" && b.modules[m] == nil {
		b.fail(r.file, append(slices.Clone(r.key), "needs"), "no module is called %q%s", m, meant(m, maps.Keys(b.modules)))
	}
}

// objects returns the names of the kinds of objects.
func (b *builder) objects() iter.Seq[string] {
	return func(yield func(string) bool) {
		for path, t := range b.tables {
			if t.object && !yield(path) {
				return
			}
		}
	}
}

// meant returns an addition to a message: the name that was probably meant.
func meant(name string, known iter.Seq[string]) string {
	if best, ok := nearest.Of(name, slices.Values(slices.Sorted(known))); ok {
		return " (did you mean " + strconv.Quote(best) + "?)"
	}
	return ""
}
