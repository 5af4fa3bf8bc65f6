package config

import (
	"fmt"
	"sync"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/glob"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// An override is one [[override]].
type override struct {
	Paths       Globs     `toml:"paths" doc:"Globs of the files that it is about."`
	Dialect     dialect   `toml:"dialect" doc:"The Lua dialect of these files."`
	Globals     Names     `toml:"globals" doc:"Global variables that these files may write and read, besides those of [lint]."`
	ReadGlobals Names     `toml:"read-globals" doc:"Global variables that these files may read, besides those of [lint]."`
	Rules       ruleTable `toml:"rules" doc:"Severity by rule, family or all."`

	at    source.Span
	layer layer
}

// Validate implements document.Validator.
func (o *override) Validate(t *document.Table, errs *document.Errors) {
	o.at = t.Span
	if t.Get("paths") == nil {
		errs.Add(t.Span, `an [[override]] needs "paths"`, `write paths = ["some/folder/**"]`)
	}
}

// maxOverrides bounds the sections that a mask has a bit for.
const maxOverrides = 256

// A mask says which overrides hold for a file.
type mask [maxOverrides / 64]uint64

// Settings are what holds for one file. They are shared by all files that the same
// overrides hold for, immutable, and safe for concurrent use.
type Settings struct {
	Dialect    syntax.Dialect
	DialectSet bool // false: nothing says the dialect, and a better guess may be made

	write, read Names
	layers      []*layer // those that say something, the strongest first
}

// effective makes Settings, one for each set of overrides.
type effective struct {
	once  sync.Once
	base  *Settings
	mu    sync.RWMutex
	cache map[mask]*Settings
}

// For returns the settings of the file of that path, relative to Root and separated by "/".
// It is safe for concurrent use.
func (c *Config) For(path string) *Settings {
	c.settings.once.Do(func() {
		c.settings.base = c.combine(mask{})
		c.settings.cache = make(map[mask]*Settings)
	})
	var m mask
	for i := range c.overrides {
		if glob.Set(c.overrides[i].Paths).Match(path) {
			m[i/64] |= 1 << (i % 64)
		}
	}
	if m == (mask{}) {
		return c.settings.base
	}
	c.settings.mu.RLock()
	s := c.settings.cache[m]
	c.settings.mu.RUnlock()
	if s != nil {
		return s
	}
	c.settings.mu.Lock()
	defer c.settings.mu.Unlock()
	if s = c.settings.cache[m]; s == nil {
		s = c.combine(m)
		c.settings.cache[m] = s
	}
	return s
}

// combine applies the overrides of a mask in the order of the file.
func (c *Config) combine(m mask) *Settings {
	s := &Settings{Dialect: c.Dialect, DialectSet: c.DialectSet, write: c.Lint.Globals, read: c.Lint.ReadGlobals}
	for i := range c.overrides {
		o := &c.overrides[i]
		if m[i/64]&(1<<(i%64)) == 0 {
			continue
		}
		if o.Dialect.set {
			s.Dialect, s.DialectSet = o.Dialect.Dialect, true
		}
		s.write, s.read = s.write.union(o.Globals), s.read.union(o.ReadGlobals)
		if !o.layer.empty() {
			s.layers = append([]*layer{&o.layer}, s.layers...)
		}
	}
	if !c.rules.empty() {
		s.layers = append(s.layers, &c.rules)
	}
	return s
}

// MayWrite reports whether a global variable of that name is declared for writing.
func (s *Settings) MayWrite(name string) bool { return s.write.Has(name) }

// MayRead reports whether a global variable of that name is declared, for writing or for
// reading alone.
func (s *Settings) MayRead(name string) bool { return s.write.Has(name) || s.read.Has(name) }

// Level returns what the configuration says about a rule, LevelDefault where it says
// nothing.
func (s *Settings) Level(r *rules.Rule) Level {
	for _, l := range s.layers {
		if level, ok := l.level(r); ok {
			return level
		}
	}
	return LevelDefault
}

// Severity returns the severity that a finding has here, given the one that its rule
// decided on, and false for one that is turned off.
func (s *Settings) Severity(r *rules.Rule, usual rules.Severity) (rules.Severity, bool) {
	switch level := s.Level(r); level {
	case LevelOff:
		return 0, false
	case LevelDefault:
		return usual, true
	default:
		return rules.Severity(level), true
	}
}

// limitOverrides drops the overrides that no mask has room for.
func (c *Config) limitOverrides(errs *document.Errors) {
	if n := len(c.overrides); n > maxOverrides {
		errs.Add(c.overrides[maxOverrides].at, fmt.Sprintf("there are %d [[override]] sections, more than %d", n, maxOverrides))
		c.overrides = c.overrides[:maxOverrides]
	}
}
