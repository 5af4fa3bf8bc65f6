package modelfile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/skylint/skylint/models"
)

// Combine makes a catalogue of model files. What they define is added to base, which may be
// nil, and takes the place of what has the same name there; base itself does not change.
// Two files that define one name, and names that are used but defined nowhere, are errors.
func Combine(base *models.Catalogue, files ...*File) (*models.Catalogue, error) {
	b := builder{
		tables:       map[string]*table{},
		modules:      map[string]*owned[models.Module]{},
		environments: map[models.EnvironmentKind]*table{},
		services:     map[string]*owned[models.Service]{},
	}
	if base != nil {
		b.base(base)
	}
	for _, f := range files {
		b.file(f)
	}
	for _, f := range files {
		for _, name := range sorted(f.doc.Modules) {
			if m := f.doc.Modules[name]; m.bare {
				b.bareModule(f, name, m)
			}
		}
	}
	b.resolve()
	if len(b.errors) > 0 {
		return nil, join(b.errors)
	}
	return b.catalogue(), nil
}

type builder struct {
	tables       map[string]*table
	modules      map[string]*owned[models.Module]
	environments map[models.EnvironmentKind]*table
	services     map[string]*owned[models.Service]
	errors       []*Error
}

// A table is a models.Table whose members come from several files.
type table struct {
	doc     string
	object  bool
	members map[string]*owned[models.Entry]
}

// An owned thing knows where it was defined; file is nil for what comes from the base.
type owned[T any] struct {
	file  *File
	key   []string
	value T
}

func (b *builder) base(c *models.Catalogue) {
	for i := range c.Tables {
		t := b.table(c.Tables[i].Path)
		t.doc, t.object = c.Tables[i].Doc, c.Tables[i].Object
		t.take(c.Tables[i].Members)
	}
	for _, m := range c.Modules {
		b.modules[m.Name] = &owned[models.Module]{value: m}
	}
	for _, e := range c.Environments {
		t := &table{doc: e.Doc, members: map[string]*owned[models.Entry]{}}
		t.take(e.Members)
		b.environments[e.Kind] = t
	}
	for _, s := range c.Services {
		b.services[s.Name] = &owned[models.Service]{value: s}
	}
}

func (t *table) take(entries []models.Entry) {
	for _, e := range entries {
		name := e.Path[strings.LastIndexAny(e.Path, ".:")+1:]
		t.members[name] = &owned[models.Entry]{value: e}
	}
}

func (b *builder) table(path string) *table {
	t := b.tables[path]
	if t == nil {
		t = &table{members: map[string]*owned[models.Entry]{}}
		b.tables[path] = t
	}
	return t
}

func (b *builder) file(f *File) {
	for _, name := range sorted(f.doc.Globals) {
		b.entry(f, []string{"global", name}, models.Globals, "", f.doc.Globals[name], everywhere)
	}
	for _, name := range sorted(f.doc.Modules) {
		if m := f.doc.Modules[name]; !m.bare {
			b.module(f, name, m)
		}
	}
	for _, name := range sorted(f.doc.Objects) {
		o := f.doc.Objects[name]
		t := b.table(name)
		t.doc, t.object = cmp.Or(o.Doc, t.doc), true
		for _, m := range sorted(o.Members) {
			b.entry(f, []string{"object", name, "members", m}, name, ":", o.Members[m], everywhere)
		}
	}
	for _, name := range sorted(f.doc.Environments) {
		var kind models.EnvironmentKind
		if kind.UnmarshalText([]byte(name)) != nil {
			continue // Read has said so
		}
		e := f.doc.Environments[name]
		t := b.environments[kind]
		if t == nil {
			t = &table{members: map[string]*owned[models.Entry]{}}
			b.environments[kind] = t
		}
		t.doc = cmp.Or(e.Doc, t.doc)
		for _, m := range sorted(e.Members) {
			key := []string{"environment", name, "members", m}
			put(b, t.members, m, &owned[models.Entry]{file: f, key: key, value: e.Members[m].model(m, everywhere)})
		}
	}
	for _, name := range sorted(f.doc.Services) {
		s := f.doc.Services[name]
		put(b, b.services, name, &owned[models.Service]{file: f, key: []string{"service", name}, value: models.Service{
			Name: name, Library: f.doc.Library, Doc: s.Doc, Names: s.Names,
		}})
	}
}

func (b *builder) module(f *File, name string, m *module) {
	key := []string{"module", name}
	value := m.model(name, everywhere)
	if m.SameAs == "" && value.Kind != models.KindFunction {
		value.Table = name
		b.members(f, key, name, m.Doc, m.Members, m.presence(everywhere))
	}
	put(b, b.modules, name, &owned[models.Module]{file: f, key: key, value: models.Module{
		Name: name, Library: f.doc.Library, Native: m.Native, Defines: m.Defines, Value: value,
	}})
	if m.Global {
		put(b, b.table(models.Globals).members, name, &owned[models.Entry]{file: f, key: key, value: value})
	}
}

// bareModule adds members to a module that is described elsewhere; where it is not, the
// members are all that is known of it.
func (b *builder) bareModule(f *File, name string, m *module) {
	known := b.modules[name]
	if known == nil {
		b.module(f, name, m)
		return
	}
	v := &known.value.Value
	path := v.Table
	if other := b.modules[v.SameAs]; other != nil && path == "" {
		path = other.value.Value.Table
	}
	if path == "" {
		b.fail(f, []string{"module", name, "members"}, "the module %s is a %s and has no members", name, v.Kind)
		return
	}
	b.members(f, []string{"module", name}, path, "", m.Members, presence{v.Dialects, v.Compat})
}

// members adds the members of what is written at a key to the table at a path.
func (b *builder) members(f *File, key []string, path, doc string, members map[string]*entry, within presence) {
	t := b.table(path)
	t.doc = cmp.Or(doc, t.doc)
	for _, name := range sorted(members) {
		b.entry(f, append(slices.Clone(key), "members", name), path, ".", members[name], within)
	}
}

// entry adds one entry, whose name is the last part of key, to the table at a path.
func (b *builder) entry(f *File, key []string, owner, separator string, e *entry, within presence) {
	name := key[len(key)-1]
	path := name
	if owner != models.Globals {
		path = owner + separator + name
	}
	value := e.model(path, within)
	if e.Members != nil {
		value.Table = path
		b.members(f, key, path, e.Doc, e.Members, presence{value.Dialects, value.Compat})
	}
	put(b, b.table(owner).members, name, &owned[models.Entry]{file: f, key: key, value: value})
}

// model returns the entry as the rest of the program sees it.
func (e *entry) model(path string, within presence) models.Entry {
	there := e.presence(within)
	m := models.Entry{
		Path: path, Kind: e.kind(), Dialects: there.always, Compat: there.compat, Deprecated: union(e.Deprecated),
		Doc: e.Doc, SameAs: e.SameAs, Table: e.Object, Module: e.Needs, Raises: e.Raises, WaitsFor: e.WaitsFor, Replies: e.Replies,
		Asks: e.Asks.Request, AsksFlagged: e.AsksFlagged.Request, Protocol: e.Protocol, Serial: e.Serial,
		Spawns: e.spawns(), Source: e.Source, Sanitises: models.RolesOf(e.Sanitises...), Capabilities: e.capabilities(),
		Flags: e.flags(),
	}
	for _, a := range e.Args {
		m.Args = append(m.Args, a.Arg)
	}
	for _, r := range e.Returns {
		m.Results = append(m.Results, r.Result)
	}
	for _, n := range e.Mutates {
		m.Mutates |= 1 << (n - 1)
	}
	for _, k := range sorted(e.ReplacementIn) {
		var d dialects
		if d.UnmarshalText([]byte(k)) == nil {
			m.Replacements = append(m.Replacements, models.Replacement{Dialects: d.set, Text: e.ReplacementIn[k]})
		}
	}
	if e.Replacement != "" {
		rest := m.Deprecated | everywhere.always&^m.Dialects
		for _, r := range m.Replacements {
			rest &^= r.Dialects
		}
		m.Replacements = append(m.Replacements, models.Replacement{Dialects: rest, Text: e.Replacement})
	}
	return m
}

func (b *builder) fail(f *File, key []string, format string, args ...any) {
	b.errors = append(b.errors, f.errorAt(key, format, args...))
}

// put adds a thing under a name, unless another file has defined it.
func put[T any](b *builder, into map[string]*owned[T], name string, o *owned[T]) {
	if other := into[name]; other != nil && other.file != nil {
		line, _ := locate(other.file.data, other.key)
		b.fail(o.file, o.key, "%s is defined in %s, line %d, too", strings.Join(o.key, "."), other.file.Name, line)
		return
	}
	into[name] = o
}

// become gives e all that is said of another entry, apart from its name, where it is there,
// and what was said of e itself.
func become(e, other *models.Entry) {
	own := *e
	*e = *other
	e.Path, e.SameAs, e.Module = own.Path, own.SameAs, own.Module
	e.Dialects, e.Compat, e.Deprecated, e.Replacements = own.Dialects, own.Compat, own.Deprecated, own.Replacements
	e.Doc = cmp.Or(own.Doc, other.Doc)
	e.Capabilities |= own.Capabilities
	e.Flags |= own.Flags
}

// catalogue puts everything in order.
func (b *builder) catalogue() *models.Catalogue {
	c := &models.Catalogue{}
	for _, path := range sorted(b.tables) {
		t := b.tables[path]
		c.Tables = append(c.Tables, models.Table{Path: path, Object: t.object, Doc: t.doc, Members: t.entries()})
	}
	for _, name := range sorted(b.modules) {
		c.Modules = append(c.Modules, b.modules[name].value)
	}
	for _, kind := range sorted(b.environments) {
		e := b.environments[kind]
		c.Environments = append(c.Environments, models.Environment{Kind: kind, Doc: e.doc, Members: e.entries()})
	}
	for _, name := range sorted(b.services) {
		c.Services = append(c.Services, b.services[name].value)
	}
	return c
}

func (t *table) entries() []models.Entry {
	list := make([]models.Entry, 0, len(t.members))
	for _, name := range sorted(t.members) {
		list = append(list, t.members[name].value)
	}
	return list
}
