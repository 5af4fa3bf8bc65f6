package undefinedglobal

import (
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/scope"
)

// written are names that files write, by how sure it is in which worlds those files are.
type written struct {
	// anywhere has all names, with a write of the chunk itself if there is one. What a file runs
	// in that no service is known to load is not known at all.
	anywhere map[string]*scope.Global
	// in are the files of those in anywhere.
	in map[*scope.Global]*program.File
	// unattached has those of files that no service is known to load: any service may.
	unattached map[string]bool
	// early has those of preload files and loaders, which run in every service of a node whose
	// configuration names them. Where there is no configuration any may.
	early map[string]bool
	// hosted are those that files of other hosts read: web pages of OpenResty, tests of busted.
	// Whatever such a file needs, its host has.
	hosted map[string]bool
}

// hosts are names by which a file is known to run in a host of its own, beside the services.
var hosts = map[string]bool{
	"ngx": true, "ndk": true, "describe": true, "love": true, "KEYS": true, "ARGV": true, "vim": true, "box": true,
}

func collect(p *program.Program) written {
	names := written{
		anywhere: map[string]*scope.Global{}, in: map[*scope.Global]*program.File{},
		unattached: map[string]bool{}, early: map[string]bool{}, hosted: map[string]bool{},
	}
	for _, f := range p.Files {
		for _, g := range f.Free {
			if g.Access != scope.Write {
				continue
			}
			if first := names.anywhere[g.Name]; first == nil || first.Func != scope.Main && g.Func == scope.Main {
				names.anywhere[g.Name], names.in[g] = g, f
			}
			if f.Early {
				names.early[g.Name] = true
			}
			if !f.InService() {
				names.unattached[g.Name] = true
			}
		}
	}
	for _, f := range p.Files {
		if !f.InService() && names.isHosted(f) {
			for _, g := range f.Free {
				names.hosted[g.Name] = true
			}
		}
	}
	return names
}

// isHosted reports whether a file uses a name of another host, which the project does not
// define itself.
func (n *written) isHosted(f *program.File) bool {
	for _, g := range f.Free {
		if g.Access == scope.Read && hosts[g.Name] && n.anywhere[g.Name] == nil {
			return true
		}
	}
	return false
}

// mayBeIn reports whether a file that is not known to be in a world, and could be, writes the
// name.
func (n *written) mayBeIn(w *program.World, name string) bool {
	return n.unattached[name] || w.Guessed && n.early[name] || !w.IsService() && (n.anywhere[name] != nil || n.hosted[name])
}
