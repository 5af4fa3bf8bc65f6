// Package skynetcfg reads skynet config files as data, without running them.
//
// A skynet config file is a Lua chunk whose global variables are the settings of one
// process. Before it is loaded, each $NAME in its text is replaced by an environment
// variable, and the only function that it can call is include.
package skynetcfg

import (
	"strings"

	"github.com/skylint/skylint/config/luadata"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// A Config is a skynet config file with the files that it includes. It is immutable after
// Load and safe for concurrent use.
type Config struct {
	// File is the file itself.
	File *source.File
	// Files are File and what it includes, in the order in which they were first read.
	Files []*source.File

	// Search paths, as the file says or, with Default set, as skynet has them without it.
	LuaService []Pattern // where services are
	LuaPath    []Pattern // where require finds Lua modules
	LuaCPath   []Pattern // where require finds C modules
	CPath      []Pattern // where C services are
	Snax       []Pattern // where snax services are; there is no default
	// Preload are the files that run before every Lua service. skynet takes one; a loader
	// of the project's own may take several.
	Preload []Pattern

	// Settings are all that the file sets, sorted by key. What it sets to nil is not among
	// them.
	Settings []Setting
	// Problems are what could not be read: syntax errors, included files.
	Problems []rules.Problem
}

// A Setting is one key of a config file.
type Setting struct {
	Key string
	// Value is what skynet.getenv returns, "" if it is not Known.
	Value string
	Known bool
	// Reason says why the value is not known, for people; "" if it is.
	Reason string
	// KeyAt is where the key was assigned last, ValueAt what gave the value, which may
	// stand elsewhere, or what makes it unknown. Without a file, it is a default of skynet.
	KeyAt, ValueAt rules.Location

	raw luadata.Value
}

// Default reports whether the setting is skynet's own, for want of one in the file.
func (s *Setting) Default() bool { return s.KeyAt.File == nil }

// A Pattern is one part of a search path, with "?" for a name. It is relative to the
// folder in which skynet is started.
type Pattern struct {
	Text string
	// At is the expression that gave it; the file is nil for a default of skynet.
	At rules.Location
}

// Default reports whether the pattern is skynet's own, for want of one in the file.
func (p *Pattern) Default() bool { return p.At.File == nil }

// defaults of skynet for keys that a file does not set.
var defaults = map[string]string{
	"bootstrap":  "snlua bootstrap",
	"cpath":      "./cservice/?.so",
	"harbor":     "1",
	"logservice": "logger",
	"lua_cpath":  "./luaclib/?.so",
	"lua_path":   "./lualib/?.lua;./lualib/?/init.lua",
	"lualoader":  "./lualib/loader.lua",
	"luaservice": "./service/?.lua",
	"profile":    "true",
	"start":      "main",
	"thread":     "8",
}

// Get returns a setting of the file, or skynet's default for the key. ok is false where
// there is neither.
func (c *Config) Get(key string) (s Setting, ok bool) {
	for i := range c.Settings {
		if c.Settings[i].Key == key {
			return c.Settings[i], true
		}
	}
	value, ok := defaults[key]
	return Setting{Key: key, Value: value, Known: ok}, ok
}

// Value returns the known value of a key, its default included, and "" for an unknown one.
func (c *Config) Value(key string) string {
	s, _ := c.Get(key)
	return s.Value
}

// Start returns the name of the service that the bootstrap launches, "" if it is unknown.
func (c *Config) Start() string {
	name, _, _ := strings.Cut(strings.TrimSpace(c.Value("start")), " ")
	return name
}

// Bootstrap returns the name of the first Lua service ("bootstrap" of "snlua bootstrap"),
// "" if it is unknown or not written in Lua.
func (c *Config) Bootstrap() string {
	words := strings.Fields(c.Value("bootstrap"))
	if len(words) < 2 || words[0] != "snlua" {
		return ""
	}
	return words[1]
}

// patterns splits a search path. Parts that are not known as a whole are left out.
func (c *Config) patterns(key string) []Pattern {
	s, ok := c.Get(key)
	if !ok {
		return nil
	}
	text := s.Value
	if s.raw.Kind == luadata.String {
		text = s.raw.Str
	}
	var list []Pattern
	for part := range strings.SplitSeq(text, ";") {
		part = strings.ReplaceAll(strings.TrimSpace(part), `\`, "/")
		if part != "" && !strings.Contains(part, luadata.Hole) {
			list = append(list, Pattern{part, s.ValueAt})
		}
	}
	return list
}
