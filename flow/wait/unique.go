package wait

import (
	"slices"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
)

// others are the services of which there may be others than the only one of their name: those that something
// launches as one of many.
type others struct {
	services map[*project.Service]bool
	any      bool // something launches services of which nothing is known
}

// isAlone reports whether a service is launched as the only one of its name, and in no other way: one that asks for
// its own name gets itself.
func (g *Graph) isAlone(s *effect.Service) bool {
	if g.others == nil {
		g.others = g.findOthers()
	}
	return !g.others.any && !g.others.services[s.Service]
}

func (g *Graph) findOthers() *others {
	o := &others{services: map[*project.Service]bool{}}
	prog := g.sys.Values.Program()
	for i, f := range prog.Files {
		if program.ImplementsModel(f.File, prog.Models) {
			continue
		}
		for k := range f.Summary.Uses {
			u := &f.Summary.Uses[k]
			switch u.Kind {
			case loads.Launch, loads.LaunchSnax, loads.LaunchFunction:
			default:
				continue
			}
			if u.Unique || u.Followed {
				continue
			}
			o.any = o.any || slices.ContainsFunc(u.Names, func(n loads.Name) bool { return !n.Known() })
			if call, ok := g.sys.Values.CallAt(int32(i), u.Node); ok {
				for _, s := range g.sys.Values.Launched(int32(i), call) {
					o.services[s] = true
				}
			}
		}
	}
	for s, t := range g.services { // what a node begins with is launched by nothing in the text
		if slices.ContainsFunc(s.Nodes, func(n *project.Node) bool { return n.Start == s.Name || n.Bootstrap == s.Name }) {
			o.services[t.Service] = true
		}
	}
	return o
}
