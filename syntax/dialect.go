package syntax

import (
	"fmt"
	"strings"
)

// A Dialect is a version of the Lua language.
type Dialect uint8

// The dialects that the parser knows.
const (
	Lua51 Dialect = iota
	Lua52
	Lua53
	Lua54
	Lua55
	LuaJIT
	dialectCount
)

// DefaultDialect is what a file is read as when nothing says otherwise. It is 5.4
// rather than 5.5 because real actor code assigns to the variable of a for loop,
// which 5.5 forbids.
const DefaultDialect = Lua54

var dialectNames = [dialectCount]string{"5.1", "5.2", "5.3", "5.4", "5.5", "luajit"}

// String returns the name that sky.toml and the command line use: "5.4", "luajit".
func (d Dialect) String() string {
	if d < dialectCount {
		return dialectNames[d]
	}
	return fmt.Sprintf("Dialect(%d)", uint8(d))
}

// Title returns the name for people: "Lua 5.4", "LuaJIT".
func (d Dialect) Title() string {
	if d == LuaJIT {
		return "LuaJIT"
	}
	return "Lua " + d.String()
}

// Dialects returns all dialects, oldest first, LuaJIT last.
func Dialects() []Dialect { return []Dialect{Lua51, Lua52, Lua53, Lua54, Lua55, LuaJIT} }

// ParseDialect reads the name of a dialect. It takes "5.4", "lua5.4", "lua54" and
// "Lua 5.4" for the same thing, in any case.
func ParseDialect(name string) (Dialect, error) {
	s := strings.ToLower(strings.TrimSpace(name))
	if s == "luajit" || s == "jit" {
		return LuaJIT, nil
	}
	s = strings.TrimSpace(strings.TrimPrefix(s, "lua"))
	s = strings.ReplaceAll(s, ".", "")
	for _, d := range Dialects() {
		if s == strings.ReplaceAll(d.String(), ".", "") {
			return d, nil
		}
	}
	return 0, fmt.Errorf("unknown Lua dialect %q: use one of %s", name, AllDialects)
}

// A DialectSet is a set of dialects.
type DialectSet uint8

// AllDialects holds every dialect.
const AllDialects DialectSet = 1<<dialectCount - 1

// DialectsOf returns the set of the given dialects.
func DialectsOf(ds ...Dialect) DialectSet {
	var s DialectSet
	for _, d := range ds {
		s |= 1 << d
	}
	return s
}

// Has reports whether d is in the set.
func (s DialectSet) Has(d Dialect) bool { return s&(1<<d) != 0 }

// String lists the names: "5.3, 5.4, 5.5".
func (s DialectSet) String() string {
	var names []string
	for _, d := range Dialects() {
		if s.Has(d) {
			names = append(names, d.String())
		}
	}
	return strings.Join(names, ", ")
}
