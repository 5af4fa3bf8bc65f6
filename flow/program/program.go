package program

import (
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
)

// A Program is a system of actors: what the rules look at together. It is immutable and safe
// for concurrent use.
type Program struct {
	Project *project.Project
	// Files are those with a tree, in the order of the project.
	Files []*File
	// Worlds are in the order of the project's services, then of its files.
	Worlds []*World
	// Models say what API names mean.
	Models *models.Catalogue

	files map[*project.File]*File
}

// A World is one global environment: that of a service's file and the modules it loads, or
// that of a file which no known service loads.
type World struct {
	// Service is nil for a file that no service loads.
	Service *project.Service
	// Files in the order in which they are loaded.
	Files []*File
	// Open says that the world loads something that cannot be seen, or reaches the global table
	// with computed names: any global may be defined.
	Open bool
}

// Name returns the service's name; "" without one.
func (w *World) Name() string {
	if w.Service == nil {
		return ""
	}
	return w.Service.Name
}

// New groups analysed files, which must be those of the project that have a tree, into worlds.
func New(p *project.Project, files []*File, catalogue *models.Catalogue) *Program {
	prog := &Program{Project: p, Files: files, Models: catalogue, files: make(map[*project.File]*File, len(files))}
	for _, f := range files {
		prog.files[f.File] = f
	}
	loaded := make(map[*File]bool, len(files))
	for _, s := range p.Services {
		w := &World{Service: s, Open: len(s.Opaque) > 0}
		for _, pf := range s.Files {
			f := prog.files[pf]
			if f == nil {
				w.Open = true // it could not be read
				continue
			}
			w.add(f)
			loaded[f] = true
		}
		prog.Worlds = append(prog.Worlds, w)
	}
	for _, f := range files {
		if !loaded[f] {
			w := &World{Open: true} // who loads it, and beside what, is not known
			w.add(f)
			prog.Worlds = append(prog.Worlds, w)
		}
	}
	return prog
}

func (w *World) add(f *File) {
	w.Files = append(w.Files, f)
	w.Open = w.Open || f.TouchesEnvironment || f.OwnEnvironment
}

// File returns the analysed file, nil for one without a tree.
func (p *Program) File(f *project.File) *File { return p.files[f] }
