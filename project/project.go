// Package project finds out what a folder of Lua actor code is: which files, in which
// dialect, which of them are services, on which nodes, and what each service loads.
//
// It reads and parses, it never runs anything. What it cannot tell it says: a load that may
// bring in something unseen has a Reason, and is among its service's Opaque loads.
package project

import (
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/luacheckrc"
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/project/search"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A Project is a folder of Lua code. It is immutable and safe for concurrent use.
type Project struct {
	// Root is the project's folder, absolute.
	Root string
	// Config is what sky.toml says; never nil.
	Config *config.Config
	// Files are sorted by path.
	Files []*File
	// Nodes are sorted by name.
	Nodes []*Node
	// Services are sorted by name, then by main file.
	Services []*Service
	// Programs are the files that no service loads and no other such file either, each with
	// what it loads: scripts, tools, tests, and modules that nobody seems to use. Sorted by
	// path.
	Programs []*Service
	// Orphans are the project's own files that no service loads.
	Orphans []*File
	// Problems are what could not be read, parsed or understood, sorted by path and place.
	Problems []rules.Problem
	// Times are how long the parts of loading took.
	Times Times

	files *search.Index
}

// A File is one file of Lua, or one that a user named.
type File struct {
	*source.File // Path is relative to the project's root
	// Name is what the operating system calls the file; "" if its text was given.
	Name    string
	Dialect syntax.Dialect
	// Tree is nil for a file that is no Lua text: see Binary.
	Tree *syntax.Tree
	// Scope and API are the names of the file; nil without a Tree.
	Scope *scope.Info
	API   *alias.File
	// Summary is what the file loads; nil without a Tree.
	Summary *loads.Summary
	// Binary says that the file is a precompiled chunk.
	Binary bool
	// Asked says that the user asked for this file, or for a folder that it is in; others are
	// there because the asked ones may load them.
	Asked bool
	// Vendored is the root folder of the copy of other people's code that the file is part of,
	// or the file's own path; "" for the project's own code.
	Vendored string
	Roles    Roles
	// Luacheck are the globals that the nearest .luacheckrc declares for the file; nil if there
	// is none.
	Luacheck *luacheckrc.Globals
	// Starts says that running the file makes the program a service: it calls skynet.start.
	Starts bool
	// Requires are what the file loads, looked at alone. Service.Requires say it for a service:
	// a name may lead elsewhere on another node.
	Requires []Require
	// Services are those that load the file, in the order of the project's.
	Services []*Service

	id          int           // in Project.Files
	dir         string        // of Path
	modelled    bool          // a model says what it does
	programs    []syntax.Node // the programs of its function services, innermost first
	programUses []*loads.Use
}

// Roles are what a file is for, besides being a module.
type Roles uint16

// The roles.
const (
	// NodeConfig is a skynet configuration file: data, not code of a service.
	NodeConfig Roles = 1 << iota
	// ClusterConfig is a file with the names of a cluster's nodes: data.
	ClusterConfig
	// Preload runs before each service of a node.
	Preload
	// Loader loads each service of a node.
	Loader
	// Main is the main file of a service.
	Main
	// Snax is the main file of a snax service: accept and response are tables of its own.
	Snax
	// Data is loaded with an environment of its own: its globals are fields of that table.
	Data
)

// Has reports whether all roles of r hold.
func (r Roles) Has(o Roles) bool { return r&o == o }

// A ServiceKind says how a service is started.
type ServiceKind uint8

// The kinds of services.
const (
	// LuaService is a file that skynet's loader runs.
	LuaService ServiceKind = iota
	// SnaxService is a file that snax runs.
	SnaxService
	// FunctionService is a function that service.new was given.
	FunctionService
	// Container is a file that loads the module that it is told to: one service for each.
	Container
	// Standalone is no service: a file that nobody is known to load, with what it loads.
	Standalone
)

// A Service is one program of the system: there may be many instances of it.
type Service struct {
	// Name is what it is launched by: "db", "game/hall". For a Container it is the module's.
	Name string
	Kind ServiceKind
	Main *File
	// Program is the function that runs, for a FunctionService.
	Program syntax.Node
	// Module is what a Container was told to load.
	Module *File
	// Nodes are those on which it can be launched, in the order of the project's.
	Nodes []*Node
	// Files are what it loads, in load order: the node's loader and preload files, Main, and
	// the modules. A file that it may load is among them.
	Files []*File
	// Requires are what the Files load when they are part of this service.
	Requires []Require
	// Opaque are those of Requires that may bring in something that is not among Files.
	Opaque []Require
	// Launched says that something in the project, or a node's configuration, launches it.
	Launched bool
}

// A Require is what one place of a file loads, by require, dofile or loadfile.
type Require struct {
	From *File
	Use  *loads.Use
	// Files are what it loads: one if the name is known, each that it may be if not.
	Files []*File
	// Reason says why it may load something else; 0 if it does not.
	Reason Reason
}

// A Reason says why a load may bring in something that is not among the project's files.
type Reason uint8

// The reasons.
const (
	// Dynamic: the name is made when the program runs.
	Dynamic Reason = iota + 1
	// Missing: no file of the project has the name, and no model knows it.
	Missing
	// Ambiguous: several files could have the name, and nothing says which one.
	Ambiguous
)

// String completes "it is not known what this loads: ".
func (r Reason) String() string {
	return [...]string{
		"", "the name is made when the program runs", "there is no such module in the project",
		"several files could have this name",
	}[r]
}

// A Node is one skynet process: one configuration.
type Node struct {
	Name string
	// Config is its configuration file; nil where there is none.
	Config *File
	// Dir is the folder in which skynet is started, relative to the root.
	Dir string
	// LuaService, LuaPath and Snax are where its services and modules are, relative to the
	// root. A node without a configuration has none: names are looked for where projects
	// usually keep things.
	LuaService, LuaPath, Snax []search.Pattern
	// Complete says that the folders of LuaService are all there are, and part of the project: a
	// service that is not there, and does not come with skynet, does not exist.
	Complete bool
	// Loader and Preload are the files that run in each service before its own.
	Loader  *File
	Preload []*File
	// Start and Bootstrap are the names of the first services.
	Start, Bootstrap string
	// Cluster is the file with the names of the cluster's nodes.
	Cluster *File
	// Settings are what skynet.getenv returns, as far as it is known.
	Settings map[string]string
	// Services are those that it can launch, in the order of the project's.
	Services []*Service
	// Vendored says that the node is part of other people's code.
	Vendored string

	env   *environment
	index int // in Project.Nodes
}

// Implicit reports whether the node stands for a missing configuration.
func (n *Node) Implicit() bool { return n.env == nil || n.env.guess }

// File returns the file at a path, or nil.
func (p *Project) File(path string) *File {
	if i := p.files.File(path); i != search.None {
		return p.Files[i]
	}
	return nil
}
