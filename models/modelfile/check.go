package modelfile

import (
	"slices"
	"strings"

	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// A checker finds what is wrong in one file although each value by itself is right.
type checker struct {
	file   *File
	errors []*Error
}

func (c *checker) fail(key []string, format string, args ...any) {
	c.errors = append(c.errors, c.file.errorAt(key, format, args...))
}

func (c *checker) document() {
	d := &c.file.doc
	if d.Library == "" {
		c.fail([]string{"library"}, "the file does not say which library it describes: add library = \"name\"")
	}
	for _, name := range sorted(d.Modules) {
		c.module(name, d.Modules[name])
	}
	for _, name := range sorted(d.Globals) {
		c.named([]string{"global", name}, d.Globals[name], everywhere)
	}
	for _, name := range sorted(d.Objects) {
		key := []string{"object", name}
		if last := name[strings.LastIndexByte(name, '.')+1:]; last == "" || last[0] < 'A' || last[0] > 'Z' {
			c.fail(key, "the name of a kind of objects ends in a word with a capital: \"io.File\", not %q", name)
		}
		c.members(key, d.Objects[name].Members, everywhere)
	}
	for _, name := range sorted(d.Environments) {
		key := []string{"environment", name}
		var kind models.EnvironmentKind
		if err := kind.UnmarshalText([]byte(name)); err != nil {
			c.fail(key, "%s", err)
		}
		c.members(key, d.Environments[name].Members, everywhere)
	}
	for _, name := range sorted(d.Services) {
		key := []string{"service", name}
		if strings.ContainsAny(name, " :") || name == "" {
			c.fail(key, "%q is not the name of a service: write what newservice is given", name)
		}
		for _, n := range d.Services[name].Names {
			if strings.ContainsAny(n, " :@") || n == "" {
				c.fail(append(key, "names"), "%q is not a name that a service is registered under", n)
			}
		}
	}
}

func (c *checker) module(name string, m *module) {
	key := []string{"module", name}
	if strings.ContainsAny(name, " :/\\") || name == "" {
		c.fail(key, "%q is not the name of a module: write what require is given", name)
	}
	if m.Global && strings.Contains(name, ".") {
		c.fail(append(key, "global"), "a global cannot have a dot in its name")
	}
	for _, g := range m.Defines {
		if !isName(g) {
			c.fail(append(key, "defines"), "%q is not the name of a global", g)
		}
	}
	if !slices.IsSorted(m.Defines) {
		c.fail(append(key, "defines"), "list the globals in alphabetical order")
	}
	c.entry(key, &m.entry, everywhere)
}

func (c *checker) members(key []string, members map[string]*entry, within presence) {
	for _, name := range sorted(members) {
		c.named(append(slices.Clone(key), "members", name), members[name], within)
	}
}

// named checks an entry whose name is the last part of key.
func (c *checker) named(key []string, e *entry, within presence) {
	if name := key[len(key)-1]; !isName(name) {
		c.fail(key, "%q is not a name in Lua", name)
	}
	c.entry(key, e, within)
}

// entry checks one entry; within says which dialects have what it is a member of.
func (c *checker) entry(key []string, e *entry, within presence) {
	at := func(k string) []string { return append(slices.Clone(key), k) }
	there := c.presence(at, e, within)

	kind := e.kind()
	if kind != models.KindFunction && e.SameAs == "" {
		for _, k := range e.callKeys() {
			c.fail(at(k), "%q is said of calls, and a %s is not called", k, kind)
		}
	}
	if kind == models.KindFunction || kind == models.KindValue {
		for _, k := range (written{{"members", e.Members != nil}, {"open", e.Open}, {"object", e.Object != ""}}).keys() {
			c.fail(at(k), "a %s has no members", kind)
		}
	}
	if e.Object != "" && e.Members != nil {
		c.fail(at("members"), "the members are those of the objects %q: add them there", e.Object)
	}
	if e.SameAs != "" && e.Members != nil {
		c.fail(at("members"), "the members are those of %q: add them there", e.SameAs)
	}
	c.call(at, e)
	c.members(key, e.Members, there)
}

// presence checks which dialects have the name.
func (c *checker) presence(at func(string) []string, e *entry, within presence) presence {
	p := e.presence(within)
	if both := p.always & p.compat; both != 0 {
		c.fail(at("compat"), "%s cannot have it always and only by compatibility", both)
	}
	if extra := p.always&^within.always | p.compat&^within.some(); extra != 0 {
		c.fail(at("dialects"), "%s cannot have it: what it is a member of is not there", extra)
	}
	if extra := union(e.Deprecated) &^ p.some(); extra != 0 {
		c.fail(at("deprecated"), "%s does not have it at all", extra)
	}
	if p.always == syntax.AllDialects && e.Deprecated == nil && e.Replacement != "" {
		c.fail(at("replacement"), "nothing needs replacing: all dialects have the name, and it is not deprecated")
	}
	for _, k := range sorted(e.ReplacementIn) {
		var d dialects
		if err := d.UnmarshalText([]byte(k)); err != nil {
			c.fail(append(at("replacement-in"), k), "%s", err)
		} else if good := d.set & p.always &^ union(e.Deprecated); good != 0 {
			c.fail(append(at("replacement-in"), k), "nothing needs replacing in %s: it has the name", good)
		}
	}
	return p
}

// call checks what is said of calls.
func (c *checker) call(at func(string) []string, e *entry) {
	for i, a := range e.Args {
		if a.Repeats && i < len(e.Args)-1 {
			c.fail(at("args"), "only the last argument can repeat")
		}
		if a.Role == models.RoleFlag && i > 0 {
			c.fail(at("args"), "a flag stands in front of all arguments")
		}
	}
	for i, r := range e.Returns {
		if r.Repeats && i < len(e.Returns)-1 {
			c.fail(at("returns"), "only the last result can repeat")
		}
		if r.Role == models.RoleArgument && !e.hasArgument(int(r.Arg)) {
			c.fail(at("returns"), "there is no argument %d", r.Arg+1)
		}
	}
	if e.AsksFlagged != (request{}) && (len(e.Args) == 0 || e.Args[0].Role != models.RoleFlag) {
		c.fail(at("asks-flagged"), "there is no flag among the arguments")
	}
	for _, n := range e.Mutates {
		if n < 1 || n > 8 || !e.hasArgument(n-1) {
			c.fail(at("mutates-argument"), "there is no argument %d", n)
		}
	}
	if e.Pure {
		more := written{{"source", e.Source != 0}, {"capability", e.Capability != nil}}.keys()
		for _, k := range append(e.effectKeys(), more...) {
			c.fail(at(k), "what is pure has no %q", k)
		}
	}
	if e.NeverReturns && e.Returns != nil {
		c.fail(at("returns"), "what never returns has no results")
	}
}

// hasArgument reports whether a call can have the argument i, counted from 0.
func (e *entry) hasArgument(i int) bool {
	n := len(e.Args)
	return i < n || n > 0 && e.Args[n-1].Repeats
}

// callKeys returns the keys that are written and that only functions have.
func (e *entry) callKeys() []string {
	return append(e.effectKeys(), written{
		{"args", e.Args != nil}, {"returns", e.Returns != nil}, {"raises", e.Raises != ""}, {"serial", e.Serial != nil},
		{"sanitises", e.Sanitises != nil}, {"pure", e.Pure},
	}.keys()...)
}

// effectKeys returns the keys that are written and say that a call does something.
func (e *entry) effectKeys() []string {
	return written{
		{"asks", e.Asks != request{}}, {"asks-flagged", e.AsksFlagged != request{}}, {"protocol", e.Protocol != ""},
		{"waits-for", e.WaitsFor != 0}, {"replies", e.Replies != 0}, {"spawns", e.Spawns != nil},
		{"mutates-argument", e.Mutates != nil}, {"never-returns", e.NeverReturns}, {"blocks", e.Blocks},
	}.keys()
}

// written says of keys whether they are written.
type written []struct {
	key string
	is  bool
}

func (w written) keys() (keys []string) {
	for _, k := range w {
		if k.is {
			keys = append(keys, k.key)
		}
	}
	return keys
}

func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
