package models

import (
	"sort"
	"strings"
)

// Globals is the path of the table of global names.
const Globals = "_G"

// A Catalogue is a set of models. It is never changed once it is made, so it is safe for
// concurrent use; what its methods return must not be written to.
type Catalogue struct {
	Tables       []Table       // sorted by Path
	Modules      []Module      // sorted by Name
	Environments []Environment // sorted by Kind
	Services     []Service     // sorted by Name
}

// A Table is a set of named members: the globals, a library, a module, or the methods of a
// kind of object.
type Table struct {
	// Path is Globals, the name of a library ("os"), a require name ("skynet.socket"),
	// the path of a table inside one ("skynet.crypt.padding"), or the name of a kind of
	// objects ("io.File").
	Path string
	// Object says that the members are methods and fields of objects of this kind.
	Object bool
	Doc    string
	// Members are sorted by name. __index stands for all fields that are not listed, and
	// __call for a call of the object itself.
	Members []Entry
}

// prefix is the number of bytes before the name in the path of a member.
func (t *Table) prefix() int {
	if t.Path == Globals {
		return 0
	}
	return len(t.Path) + 1
}

// Member returns the member of that name, nil if there is none.
func (t *Table) Member(name string) *Entry {
	n := t.prefix()
	low, high := 0, len(t.Members)
	for low < high {
		i := int(uint(low+high) >> 1)
		switch e := &t.Members[i]; strings.Compare(e.Path[n:], name) {
		case 0:
			return e
		case -1:
			low = i + 1
		default:
			high = i
		}
	}
	return nil
}

// A Module is what a require of a name gives.
type Module struct {
	// Name is the require name.
	Name string
	// Library is the name of the library it comes with: "skynet".
	Library string
	// Native says that the module, or what it is a thin layer of, is made in C: there is
	// no Lua file to find on the path.
	Native bool
	// Defines are the globals that loading it creates, sorted. They are usually none.
	Defines []string
	// Value is the value itself: mostly a table; for skynet.queue a function. Its SameAs
	// is the module that this one is another name of: skynet.manager gives the table of
	// skynet.
	Value Entry
}

// An EnvironmentKind says what sort of code sees the names of an Environment.
type EnvironmentKind uint8

// The kinds of environments.
const (
	// ServiceEnvironment is that of a service's main file and the modules it loads.
	ServiceEnvironment EnvironmentKind = iota + 1
	// SnaxEnvironment is that of a snax service's file.
	SnaxEnvironment
	// PreloadEnvironment is that of the file that the setting preload names.
	PreloadEnvironment
	// LoaderEnvironment is that of the file that the setting lualoader names.
	LoaderEnvironment
	// InjectEnvironment is that of code that the debug console injects into a service.
	InjectEnvironment
)

// An Environment is what code of one kind finds defined beside the standard libraries, or
// is asked to define (the entry has the flag Hook).
type Environment struct {
	Kind    EnvironmentKind
	Doc     string
	Members []Entry // sorted by name
}

// A Service is one that comes with a library, whether a project's tree holds its file or not.
type Service struct {
	// Name is what it is launched by.
	Name    string
	Library string
	Doc     string
	// Names are those that it is registered under.
	Names []string
}

// Service returns the service of that name that comes with a library, nil if there is none.
func (c *Catalogue) Service(name string) *Service {
	i := sort.Search(len(c.Services), func(i int) bool { return c.Services[i].Name >= name })
	if i < len(c.Services) && c.Services[i].Name == name {
		return &c.Services[i]
	}
	return nil
}

// Global returns the global of that name in any dialect, nil if no dialect has it.
func (c *Catalogue) Global(name string) *Entry {
	if t := c.table(Globals); t != nil {
		return t.Member(name)
	}
	return nil
}

// Lookup returns the entry of a full path: "print", "os.execute", "skynet.socket.write",
// "io.File:read", or "skynet.queue" for the value of a module. A path that begins with
// another name of a module ("skynet.manager.kill"), or with a member that is an object or
// another table ("io.stdout:write"), leads to the same entry as the usual one. An unknown method of an object whose table has a member __index leads to that one.
// It returns nil for an unknown path.
func (c *Catalogue) Lookup(path string) *Entry {
	i := strings.LastIndexAny(path, ".:")
	if i < 0 {
		if e := c.Global(path); e != nil {
			return e
		}
	} else if t := c.Table(path[:i]); t != nil && (path[i] == ':') == t.Object {
		if e := t.Member(path[i+1:]); e != nil {
			return e
		}
		if e := t.Member("__index"); e != nil && t.Object {
			return e
		}
	}
	if m := c.Module(path); m != nil {
		return &m.Value
	}
	return nil
}

// Table returns the table at a path: see Table.Path. The name of a module, and the path of
// a member that is a table, lead to the table of their members. It returns nil where none
// is known.
func (c *Catalogue) Table(path string) *Table {
	if t := c.table(path); t != nil {
		return t
	}
	var e *Entry
	if m := c.Module(path); m != nil {
		e = &m.Value
	} else if i := strings.LastIndexByte(path, '.'); i >= 0 {
		if t := c.Table(path[:i]); t != nil {
			e = t.Member(path[i+1:])
		}
	} else {
		e = c.Global(path)
	}
	if e == nil || e.Table == "" || e.Table == path {
		return nil
	}
	return c.table(e.Table)
}

func (c *Catalogue) table(path string) *Table {
	if len(c.Tables) > 0 && c.Tables[0].Path == path {
		return &c.Tables[0] // that of the globals, as a rule
	}
	i := sort.Search(len(c.Tables), func(i int) bool { return c.Tables[i].Path >= path })
	if i < len(c.Tables) && c.Tables[i].Path == path {
		return &c.Tables[i]
	}
	return nil
}

// Members returns the members of the table at a path, as Table finds it, sorted by name.
func (c *Catalogue) Members(path string) []Entry {
	if t := c.Table(path); t != nil {
		return t.Members
	}
	return nil
}

// Module returns what a require of the name gives, nil if it is unknown.
func (c *Catalogue) Module(name string) *Module {
	i := sort.Search(len(c.Modules), func(i int) bool { return c.Modules[i].Name >= name })
	if i < len(c.Modules) && c.Modules[i].Name == name {
		return &c.Modules[i]
	}
	return nil
}

// Environment returns the names that code of a kind finds defined or is asked to define,
// sorted.
func (c *Catalogue) Environment(kind EnvironmentKind) []Entry {
	for i := range c.Environments {
		if c.Environments[i].Kind == kind {
			return c.Environments[i].Members
		}
	}
	return nil
}

// Builtin returns the models that are part of the program.
func Builtin() *Catalogue { return &builtin }
