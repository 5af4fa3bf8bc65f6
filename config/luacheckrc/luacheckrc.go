// Package luacheckrc reads what a .luacheckrc says about global variables.
//
// luacheck executes that file; here it is evaluated as data, and what cannot be told by
// that is marked as incomplete.
package luacheckrc

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/skylint/skylint/config/glob"
	"github.com/skylint/skylint/config/luadata"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// FileName is the name of luacheck's configuration.
const FileName = ".luacheckrc"

// A Config is a .luacheckrc. It is immutable after Read and safe for concurrent use. Its
// paths and globs are relative to the folder of the file.
type Config struct {
	File *source.File
	// Exclude and Include are exclude_files and include_files.
	Exclude, Include glob.Set
	// Problems are syntax errors.
	Problems []rules.Problem

	stds      map[string]options // those that the file defines
	base      options
	overrides []override // in the order in which they apply

	mu    sync.RWMutex
	cache map[string]*Globals // by the overrides that apply
}

// options are what one level of the file says.
type options struct {
	std                   string
	hasStd                bool
	stdNames              *options // a std that is written out as a table
	write, read           []string
	newWrite, newRead     []string
	hasNewWrite, hasNewRd bool
	remove                []string
	incomplete            bool
}

type override struct {
	pattern glob.Pattern
	options
}

// Globals are the global variables that are declared for a file.
type Globals struct {
	write, read map[string]bool
	// Stds are luacheck's own sets of names that are in force, sorted: "lua54", "busted".
	// "max", which holds what any Lua has, is luacheck's default.
	Stds []string
	// Complete is false if some names could not be told: any other name may be declared.
	Complete bool
}

// MayWrite reports whether a global variable is declared for writing.
func (g *Globals) MayWrite(name string) bool { return g.write[name] }

// MayRead reports whether a global variable is declared at all, in the file or by a set of
// names that a test framework or host defines; the language's own names are not looked at.
func (g *Globals) MayRead(name string) bool {
	if g.write[name] || g.read[name] {
		return true
	}
	for _, std := range g.Stds {
		if slices.Contains(hostNames[std], name) {
			return true
		}
	}
	return false
}

// hostNames are the names of luacheck's sets that are not about the language itself.
var hostNames = map[string][]string{
	"busted": {
		"after_each", "assert", "async", "before_each", "context", "describe", "done", "expose", "finally", "insulate", "it", "lazy_setup",
		"lazy_teardown", "match", "mock", "pending", "randomize", "setup", "spec", "spy", "strict_setup", "strict_teardown", "stub", "teardown", "test",
	},
	"love":     {"love"},
	"ngx_lua":  {"ndk", "ngx"},
	"playdate": {"import", "json", "playdate"},
}

// Read evaluates a .luacheckrc.
func Read(file *source.File) *Config {
	c := &Config{File: file, stds: make(map[string]options), cache: make(map[string]*Globals)}
	tree := syntax.Parse(file, syntax.DefaultDialect)
	for i := range tree.Errors {
		c.Problems = append(c.Problems, rules.Problem{
			Path: file.Path, Location: rules.Location{File: file, Span: tree.Errors[i].Span}, Message: tree.Errors[i].Message,
		})
	}
	eval := luadata.Evaluator{Vivify: []string{"files"}}
	for _, name := range []string{"files", "stds"} {
		eval.Set(name, luadata.Value{Kind: luadata.TableKind, Table: &luadata.Table{}})
	}
	returned := eval.Run(tree)
	get := eval.Global
	if len(returned) > 0 && returned[0].Kind == luadata.TableKind {
		// What is returned wins over the globals, option by option.
		get = func(name string) luadata.Value {
			if v := returned[0].Table.Get(name); v.Kind != luadata.Nil {
				return v
			}
			return eval.Global(name)
		}
	}
	c.base = readOptions(get)
	if len(returned) > 0 && returned[0].Kind == luadata.Unknown {
		c.base.incomplete = true
	}
	c.Exclude, c.Include = globs(get("exclude_files")), globs(get("include_files"))
	c.readStds(get("stds"))
	c.readOverrides(get("files"))
	return c
}

func (c *Config) readStds(v luadata.Value) {
	if v.Kind != luadata.TableKind {
		return
	}
	for _, f := range v.Table.Fields {
		if !f.IsItem && f.Value.Kind == luadata.TableKind {
			c.stds[f.Name] = readOptions(f.Value.Table.Get)
		}
	}
}

// bustedPaths are where luacheck expects the test framework's names by itself.
var bustedPaths = []string{"**/spec/**/*_spec.lua", "**/test/**/*_spec.lua", "**/tests/**/*_spec.lua"}

func (c *Config) readOverrides(v luadata.Value) {
	given := make(map[string]options)
	if v.Kind == luadata.TableKind {
		for _, f := range v.Table.Fields {
			switch {
			case f.IsItem:
			case f.Value.Kind == luadata.TableKind:
				given[f.Name] = readOptions(f.Value.Table.Get)
			case f.Value.Kind == luadata.Unknown:
				given[f.Name] = options{incomplete: true}
			}
		}
		if v.Table.Open != "" {
			c.base.incomplete = true
		}
	} else if v.Kind == luadata.Unknown {
		c.base.incomplete = true
	}
	for _, path := range bustedPaths {
		if o, ok := given[path]; !ok || !o.hasStd {
			o.std, o.hasStd = "+busted", true
			given[path] = o
		}
	}
	for path, o := range given {
		if p, ok := compile(path); ok {
			c.overrides = append(c.overrides, override{p, o})
		}
	}
	// luacheck applies the more general ones first.
	slices.SortFunc(c.overrides, func(a, b override) int {
		x, y := a.pattern.String(), b.pattern.String()
		return cmp.Or(cmp.Compare(generality(y), generality(x)), cmp.Compare(strings.Count(x, "/"), strings.Count(y, "/")), cmp.Compare(x, y))
	})
}

// generality is high for a pattern that can match at many places.
func generality(pattern string) int {
	return 2*strings.Count(pattern, "**") + strings.Count(pattern, "*") + strings.Count(pattern, "?")
}

// compile reads a glob as luacheck does: from the folder of the file, never at any depth.
func compile(pattern string) (glob.Pattern, bool) {
	p, err := glob.Compile("/" + strings.TrimPrefix(strings.TrimPrefix(pattern, "./"), "/"))
	return p, err == nil
}

func globs(v luadata.Value) glob.Set {
	if v.Kind != luadata.TableKind {
		return nil
	}
	var set glob.Set
	for _, item := range v.Table.Items() {
		if text, ok := item.Text(); ok {
			if p, ok := compile(text); ok {
				set = append(set, p)
			}
		}
	}
	return set
}

// readOptions reads one level of options.
func readOptions(get func(string) luadata.Value) options {
	var o options
	switch v := get("std"); v.Kind {
	case luadata.String:
		o.std, o.hasStd = v.Str, v.Known()
		o.incomplete = !v.Known()
	case luadata.TableKind:
		inner := readOptions(v.Table.Get)
		o.hasStd, o.stdNames = true, &inner
	case luadata.Unknown:
		o.incomplete = true
	}
	o.names(get("globals"), &o.write, &o.read, true)
	o.names(get("read_globals"), &o.write, &o.read, false)
	if v := get("new_globals"); v.Kind != luadata.Nil {
		o.hasNewWrite = true
		o.names(v, &o.newWrite, &o.newRead, true)
	}
	if v := get("new_read_globals"); v.Kind != luadata.Nil {
		o.hasNewRd = true
		o.names(v, &o.newWrite, &o.newRead, false)
	}
	o.names(get("not_globals"), &o.remove, nil, true)
	return o
}

// names adds the names of a list or of a table of definitions. A dotted one defines a field;
// the variable itself is then read. read may be nil: dotted names are left out.
func (o *options) names(v luadata.Value, write, read *[]string, writable bool) {
	if v.Kind == luadata.Unknown {
		o.incomplete = true
	}
	if v.Kind != luadata.TableKind {
		return
	}
	if v.Table.Open != "" {
		o.incomplete = true
	}
	for _, f := range v.Table.Fields {
		name, mayWrite := f.Name, writable
		if f.IsItem {
			text, ok := f.Value.Text()
			if !ok {
				o.incomplete = o.incomplete || f.Value.Kind != luadata.Nil
				continue
			}
			name = text
		} else if f.Value.Kind == luadata.TableKind {
			if ro := f.Value.Table.Get("read_only"); ro.Kind == luadata.Boolean {
				mayWrite = !ro.Bool
			}
		}
		name, _, dotted := strings.Cut(name, ".")
		switch {
		case mayWrite && !dotted:
			*write = append(*write, name)
		case read != nil:
			*read = append(*read, name)
		}
	}
}

// For returns what is declared for a file, whose path is relative to the folder of the
// .luacheckrc and separated by "/". It is safe for concurrent use.
func (c *Config) For(path string) *Globals {
	which := make([]byte, len(c.overrides))
	for i := range c.overrides {
		if c.overrides[i].pattern.Match(path) {
			which[i] = 1
		}
	}
	c.mu.RLock()
	g := c.cache[string(which)]
	c.mu.RUnlock()
	if g != nil {
		return g
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if g = c.cache[string(which)]; g == nil {
		levels := []*options{&c.base}
		for i := range c.overrides {
			if which[i] == 1 {
				levels = append(levels, &c.overrides[i].options)
			}
		}
		g = c.combine(levels)
		c.cache[string(which)] = g
	}
	return g
}

// combine applies levels of options, the strongest last.
func (c *Config) combine(levels []*options) *Globals {
	g := &Globals{write: make(map[string]bool), read: make(map[string]bool), Complete: true}
	lastWrite, lastRead := 0, 0
	for i, o := range levels {
		if o.hasNewWrite {
			lastWrite = i
		}
		if o.hasNewRd {
			lastRead = i
		}
		if o.incomplete {
			g.Complete = false
		}
	}
	c.combineStds(g, levels)
	for i, o := range levels {
		if i >= lastWrite {
			if o.hasNewWrite {
				g.add(o.newWrite, nil)
			} else {
				g.add(o.write, nil)
			}
		}
		if i >= lastRead {
			if o.hasNewRd {
				g.add(nil, o.newRead)
			} else {
				g.add(nil, o.read)
			}
		}
		for _, name := range o.remove {
			delete(g.write, name)
			delete(g.read, name)
		}
	}
	return g
}

// combineStds finds the sets of names in force: the last std that does not begin with "+",
// and all behind it that do.
func (c *Config) combineStds(g *Globals, levels []*options) {
	names := map[string]bool{}
	based := false
	for i := len(levels) - 1; i >= 0 && !based; i-- {
		o := levels[i]
		switch {
		case !o.hasStd:
			continue
		case o.stdNames != nil:
			g.add(o.stdNames.write, o.stdNames.read)
			g.Complete = g.Complete && !o.stdNames.incomplete
			based = true
			continue
		}
		parts := strings.Split(o.std, "+")
		based = strings.TrimSpace(parts[0]) != ""
		for _, part := range parts {
			if part = strings.TrimSpace(part); part != "" {
				names[part] = true
			}
		}
	}
	if !based {
		names["max"] = true
	}
	for name := range names {
		if std, ok := c.stds[name]; ok {
			g.add(std.write, std.read)
			g.Complete = g.Complete && !std.incomplete
			continue
		}
		g.Stds = append(g.Stds, name)
	}
	slices.Sort(g.Stds)
}

func (g *Globals) add(write, read []string) {
	for _, name := range write {
		g.write[name] = true
	}
	for _, name := range read {
		g.read[name] = true
	}
}
