// Package unknownservice finds names of services that no file has, that nothing launches or that
// nothing registers (SKY306).
package unknownservice

import (
	"fmt"
	"iter"
	"slices"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/rules"
)

// Analyzer reports each place once.
var Analyzer = &analyzers.Analyzer{Rules: []*rules.Rule{rules.UnknownService}, System: run}

func run(p *analyzers.SystemPass) {
	c := &checker{p: p, prog: p.Values.Program(), reported: map[rules.Location]bool{}}
	c.launches = findLaunches(c.prog)
	for _, f := range c.prog.Files {
		if len(f.Services) == 0 || program.ImplementsModel(f.File, c.prog.Models) {
			continue
		}
		for i := range f.Summary.Uses {
			c.use(f, &f.Summary.Uses[i])
		}
	}
	c.addresses()
}

type checker struct {
	p        *analyzers.SystemPass
	prog     *program.Program
	launches launches
	reported map[rules.Location]bool
}

// use looks at what one place launches or asks for.
func (c *checker) use(f *program.File, u *loads.Use) {
	asks := u.Kind == loads.Query || u.Kind == loads.QuerySnax
	if !asks && u.Kind != loads.Launch && u.Kind != loads.LaunchSnax || u.Protected || u.Followed || c.guarded(f, u) {
		return
	}
	for _, n := range u.Names {
		if !n.Known() || n.Prefix == "" {
			continue
		}
		switch {
		case asks && c.launches.isUnique(n.Prefix):
		case c.exists(n.Prefix):
			if asks && !c.launches.dynamic && len(c.p.Values.ServicesNamed(n.Prefix)) > 0 {
				c.report(f.At(u.Node), n.Prefix, fmt.Sprintf("nothing launches '%s' as the one service of its name", n.Prefix),
					"this waits until somebody does", fmt.Sprintf("launch it with skynet.uniqueservice(\"%s\") somewhere", n.Prefix))
			}
		case c.complete(f) && u.API != "skynet.service.query":
			c.missing(f, u, n.Prefix)
		case u.API == "skynet.service.query" && !c.launches.dynamic:
			c.report(f.At(u.Node), n.Prefix, fmt.Sprintf("nothing makes a service '%s'", n.Prefix), "this waits until somebody does", c.meant(n.Prefix, c.launches.names()))
		}
	}
}

func (c *checker) missing(f *program.File, u *loads.Use, name string) {
	label := "this raises"
	if u.Kind == loads.Query || u.Kind == loads.QuerySnax {
		label = "this waits until somebody launches it"
	}
	names := func(yield func(string) bool) {
		for _, s := range c.prog.Project.Services {
			if !yield(s.Name) {
				return
			}
		}
	}
	c.report(f.At(u.Node), name, fmt.Sprintf("there is no service '%s'", name), label, c.meant(name, names))
}

// guarded reports whether pcall calls the function in which a use stands.
func (c *checker) guarded(f *program.File, u *loads.Use) bool {
	file := c.p.Values.FileOf(f)
	call, ok := c.p.Values.CallAt(file, u.Node)
	return ok && c.p.IsGuarded(effect.Site{File: file, Call: call})
}

// exists reports whether a name leads to a service, or might: some file of the project, or a
// service that comes with a library, has it.
func (c *checker) exists(name string) bool {
	return len(c.p.Values.ServicesNamed(name)) > 0 || c.prog.Models.Service(name) != nil || c.launches.files[lastWord(name)]
}

// complete reports whether it is known of each service that loads a file which services can be
// launched where it runs.
func (c *checker) complete(f *program.File) bool {
	return !slices.ContainsFunc(f.Services, func(s *project.Service) bool {
		return len(s.Nodes) == 0 || slices.ContainsFunc(s.Nodes, func(n *project.Node) bool { return !n.Complete })
	})
}

// addresses looks at messages to names that nothing has.
func (c *checker) addresses() {
	r := findRegistered(c.p.System)
	for _, s := range c.p.Services {
		for _, e := range s.Entries {
			messages := c.p.Messages(s, e)
			for i := range messages {
				m := &messages[i]
				if m.Name == "" || m.Kind == effect.Cluster || r.has(m.Name) || !c.p.IsName(m) || c.p.IsGuarded(m.Raw) || c.p.IsGuarded(m.Site) {
					continue
				}
				at := c.p.At(m.Site)
				if c.reported[at] {
					continue
				}
				// Without a configuration the project may be a part of a system: then a name has to be
				// close to one that is registered.
				if _, close := nearest.Of(m.Name, r.known()); !close && !c.complete(c.prog.Files[m.Site.File]) {
					continue
				}
				label := "this raises"
				switch {
				case m.Kind == effect.Send:
					label = "the message is lost"
				case m.Name[0] != '.':
					label = "this waits until somebody does"
				}
				c.report(at, m.Name, fmt.Sprintf("nothing registers the name '%s'", m.Name), label, c.meant(m.Name, r.known()))
			}
		}
	}
}

// meant returns the help: the name that was meant, or what to do.
func (c *checker) meant(name string, among iter.Seq[string]) string {
	if best, ok := nearest.Of(name, among); ok {
		return fmt.Sprintf("did you mean '%s'?", best)
	}
	return "give it the name of a service that is there, or add that service"
}

func (c *checker) report(at rules.Location, key, message, label, help string) {
	if c.reported[at] {
		return
	}
	c.reported[at] = true
	c.p.Report(rules.Diagnostic{Rule: rules.UnknownService, Location: at, Key: key, Message: message, Label: label, Help: []string{help}})
}
