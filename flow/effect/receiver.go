package effect

import (
	"slices"
	"strings"

	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/project"
)

// receivers are the services that an address may be.
type receivers struct {
	services []*Service
	native   []string
	self     bool     // the sender itself is one
	reason   string   // why there are none
	name     string   // that nothing has
	near     *Service // only those count that can run on a node with it, if it is not nil
}

func (r *receivers) add(s *Service) {
	if s != nil && !slices.Contains(r.services, s) && (r.near == nil || solve.Share(r.near.Service, s.Service)) {
		r.services = append(r.services, s)
	}
}

// maxReceivers is how many services one address is followed to. What may be more of them, such as
// whoever has sent something, stands for anybody.
const maxReceivers = 16

// targets returns the services that an address may be, and why it is not known if there is none.
func (sys *System) targets(s *Service, address []solve.Atom, kind MessageKind) receivers {
	found := receivers{reason: "nothing is known of the address"}
	if kind != Cluster {
		found.near = s
	}
	for _, a := range address {
		switch d := sys.Values.Atom(a); d.Kind {
		case solve.Service:
			if d.Service == nil {
				found.native = append(found.native, d.Text)
			} else {
				found.add(sys.byProject[d.Service])
			}
		case solve.Self:
			if s.Has(d.File) {
				found.add(s)
				found.self = true
				continue
			}
			for _, other := range sys.byFile[d.File] {
				found.add(other)
			}
		case solve.Object, solve.Method:
			for _, t := range sys.behind(s, a) {
				found.add(t)
			}
		case solve.String:
			named := sys.named(s, d.Text, kind)
			for _, t := range named {
				found.add(t)
			}
			if len(named) == 0 {
				found.reason, found.name = "no service of the project registers the name "+d.Text, d.Text
			}
		case solve.Unknown:
			found.reason = d.Reason.String()
		}
	}
	if len(found.services) > maxReceivers {
		return receivers{near: found.near, reason: "it may be that of too many services"}
	}
	return found
}

// named returns the services that have a name, or are launched by it.
func (sys *System) named(s *Service, name string, kind MessageKind) []*Service {
	found := sys.names[name]
	if kind == Cluster && len(found) == 0 {
		found = sys.names["@"+name]
	}
	if kind != Cluster && len(found) > 1 {
		found = sys.nearest(s, found)
	}
	if len(found) > 0 || strings.HasPrefix(name, "@") {
		return found
	}
	if !strings.HasPrefix(name, ".") {
		return sys.launchedAs(s, name)
	}
	var own []*Service
	for i := range sys.Values.Program().Models.Services { // named by code in C, or by what starts them
		if svc := &sys.Values.Program().Models.Services[i]; slices.Contains(svc.Names, name) {
			own = append(own, sys.launchedAs(s, svc.Name)...)
		}
	}
	return own
}

// nearest keeps those of the services with a name that are of the system of s.
func (sys *System) nearest(s *Service, services []*Service) []*Service {
	all := make([]*project.Service, len(services))
	for i, t := range services {
		all[i] = t.Service
	}
	var kept []*Service
	for _, svc := range solve.Nearest(s.Main.Path, all) {
		kept = append(kept, sys.byProject[svc])
	}
	return kept
}

// launchedAs returns the services that a service means when it launches a name.
func (sys *System) launchedAs(s *Service, name string) []*Service {
	var found []*Service
	for _, svc := range solve.Nearest(s.Main.Path, sys.Values.ServicesNamed(name)) {
		if t := sys.byProject[svc]; t != nil {
			found = append(found, t)
		}
	}
	return found
}
