package program

import (
	"slices"

	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/syntax"
)

// A Program is a system of actors: what the rules look at together. It is immutable and safe
// for concurrent use.
type Program struct {
	Project *project.Project
	// Files are those with a tree, in the order of the project.
	Files []*File
	// Worlds are those of the project's services, then those of its other programs.
	Worlds []*World
	// Models say what API names mean.
	Models *models.Catalogue

	files map[*project.File]*File
}

// A World is one global environment: that of a service's file and the modules it loads, or
// that of a file which no known service loads.
type World struct {
	// Service is whose world it is: a service, or a Standalone program.
	Service *project.Service
	// Files in the order in which they are loaded.
	Files []*File
	// Open says that the world loads something that cannot be seen, or reaches the global table
	// with computed names: any global may be defined.
	Open bool
	// Unseen says that what cannot be seen may well define globals: it is not only modules whose
	// values are kept, or files of the project of which it is not known which one it is.
	Unseen bool
	// Guessed says that no configuration says how the service is started: what runs before it
	// in its world is not known.
	Guessed bool
}

// New groups analysed files, which must be those of the project that have a tree, into worlds.
func New(p *project.Project, files []*File, catalogue *models.Catalogue) *Program {
	prog := &Program{Project: p, Files: files, Models: catalogue, files: make(map[*project.File]*File, len(files))}
	for _, f := range files {
		prog.files[f.File] = f
	}
	lists := [2][]*project.Service{p.Services, p.Programs}
	if slices.ContainsFunc(files, (*File).givesEnvironments) {
		for _, list := range lists {
			for _, s := range list {
				prog.giveEnvironments(s)
			}
		}
	}
	for _, list := range lists {
		for _, s := range list {
			prog.Worlds = append(prog.Worlds, prog.world(s))
		}
	}
	prog.findEarly()
	prog.openGuessed()
	prog.findTools()
	prog.dropReplaced()
	return prog
}

func (p *Program) world(s *project.Service) *World {
	w := &World{Service: s, Guessed: true}
	for i := range s.Opaque {
		l := &s.Opaque[i]
		// Who requires a module for its value gets names from that value.
		statement := l.From.Tree.Kind(l.From.Tree.Parent(l.Use.Node)) == syntax.CallStat
		w.Unseen = w.Unseen || l.Reason == project.Missing && statement
		w.Open = true
	}
	for _, pf := range s.Files {
		if f := p.files[pf]; f != nil {
			w.Files = append(w.Files, f)
			w.Unseen = w.Unseen || f.TouchesEnvironment || f.OwnEnvironment
		} else {
			w.Unseen = true // it could not be read
		}
	}
	for _, n := range s.Nodes {
		if n.Implicit() {
			continue
		}
		w.Guessed = false
		if n.Settings["preload"] != "" && len(n.Preload) == 0 {
			w.Unseen = true // what runs first is not part of the project; a loader like skynet's own defines nothing
		}
	}
	w.Open = w.Open || w.Unseen
	return w
}

// giveEnvironments marks the files that a service loads by a function of the project around
// loadfile, in a project that gives environments to what it loads: their globals are fields of
// the module that the function returns.
func (p *Program) giveEnvironments(s *project.Service) {
	for i := range s.Requires {
		l := &s.Requires[i]
		if l.Use.Kind != loads.Chunk || !l.Use.Wrapped {
			continue
		}
		for _, pf := range l.Files {
			if f := p.files[pf]; f != nil {
				f.OwnEnvironment = true
			}
		}
	}
}

// findEarly marks what preload files and loaders run.
func (p *Program) findEarly() {
	var queue []*File
	add := func(f *File) {
		if f != nil && !f.Early {
			f.Early = true
			queue = append(queue, f)
		}
	}
	for _, f := range p.Files {
		if f.Roles&(project.Preload|project.Loader) != 0 {
			add(f)
		}
	}
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		for i := range f.Requires {
			// What is found by a part of its name is the service itself, or one of many.
			if l := &f.Requires[i]; l.Reason == 0 && len(l.Files) == 1 && !l.Use.Isolated {
				add(p.files[l.Files[0]])
			}
		}
	}
}

// openGuessed makes nothing sure of the worlds of which it is not known what runs first, if one
// of the files that run first somewhere defines globals with computed names.
func (p *Program) openGuessed() {
	if !slices.ContainsFunc(p.Files, func(f *File) bool { return f.Early && (f.TouchesEnvironment || f.OwnEnvironment) }) {
		return
	}
	for _, w := range p.Worlds {
		if w.Guessed && w.IsService() {
			w.Open, w.Unseen = true, true
		}
	}
}

// findTools marks what nothing but scripts load.
func (p *Program) findTools() {
	modules := map[*File]bool{} // loaded by what may be a module of some service
	for _, w := range p.Worlds {
		if w.IsService() {
			continue
		}
		main := p.files[w.Service.Main]
		for _, f := range w.Files {
			f.Tool = !f.InService() && !f.Early
			if main == nil || !main.script {
				modules[f] = true
			}
		}
	}
	for f := range modules {
		f.Tool = false
	}
}

// dropReplaced takes away the Uses of functions of the standard library in whose place each
// world of the file has put another one: after "string.dump = show" nothing makes bytecode.
func (p *Program) dropReplaced() {
	replaced := map[alias.Ref]map[*File]bool{} // by whom
	for _, f := range p.Files {
		for _, ref := range f.replaces {
			if replaced[ref] == nil {
				replaced[ref] = map[*File]bool{}
			}
			replaced[ref][f] = true
		}
	}
	if len(replaced) == 0 {
		return
	}
	for _, f := range p.Files {
		f.Uses = slices.DeleteFunc(f.Uses, func(u Use) bool {
			by := replaced[u.Ref]
			return by != nil && !by[f] && p.everyWorld(f, by)
		})
	}
}

// everyWorld reports whether each world that has f has one of the others too, or could have.
func (p *Program) everyWorld(f *File, others map[*File]bool) bool {
	for _, w := range p.Worlds {
		if w.IsService() && slices.Contains(w.Files, f) && !slices.ContainsFunc(w.Files, func(o *File) bool { return others[o] }) {
			return false
		}
	}
	return true
}

// IsService reports whether the world is that of a service, not of a file that nobody is known
// to load.
func (w *World) IsService() bool { return w.Service.Kind != project.Standalone }

// File returns the analysed file, nil for one without a tree.
func (p *Program) File(f *project.File) *File { return p.files[f] }
