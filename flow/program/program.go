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
}

// New groups analysed files, which must be those of the project that have a tree, into worlds.
func New(p *project.Project, files []*File, catalogue *models.Catalogue) *Program {
	prog := &Program{Project: p, Files: files, Models: catalogue, files: make(map[*project.File]*File, len(files))}
	for _, f := range files {
		prog.files[f.File] = f
	}
	for _, list := range [2][]*project.Service{p.Services, p.Programs} {
		for _, s := range list {
			w := &World{Service: s, Open: len(s.Opaque) > 0}
			for _, pf := range s.Files {
				if f := prog.files[pf]; f != nil {
					w.Files = append(w.Files, f)
					w.Open = w.Open || f.TouchesEnvironment || f.OwnEnvironment
				} else {
					w.Open = true // it could not be read
				}
			}
			prog.Worlds = append(prog.Worlds, w)
		}
	}
	return prog
}

// IsService reports whether the world is that of a service, not of a file that nobody is known
// to load.
func (w *World) IsService() bool { return w.Service.Kind != project.Standalone }

// File returns the analysed file, nil for one without a tree.
func (p *Program) File(f *project.File) *File { return p.files[f] }
