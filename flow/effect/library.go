package effect

import (
	"slices"

	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
)

// ask adds what a function of a library asks of a service of this library, by its model.
func (m *sender) ask() {
	request := m.api.Asks
	if m.api.HasLeadingFlag() && m.flagged() {
		request = m.api.AsksFlagged
	}
	var services []*Service
	if request.Service == "*" {
		services = m.object()
	} else {
		// Another service may stand in for the library's: it has the local name of it.
		found := receivers{near: m.s}
		for _, to := range slices.Concat(m.sys.launchedAs(m.s, request.Service), m.sys.names["."+request.Service]) {
			found.add(to)
		}
		services = found.services
	}
	for _, to := range services {
		msg := Message{
			From: m.s, Entry: m.e, Kind: Send, Site: m.raw, Raw: m.raw, Shown: m.raw, API: m.api, To: to, Protocol: "lua", Command: request.Command,
			Certain: len(services) == 1, Implied: true, payload: payload{file: -1}, address: -1,
			frames: []frame{{fn: Function{-1, 0}, site: m.raw}},
		}
		if m.api.WaitsFor != 0 {
			msg.Kind = Call
		}
		if m.api.Protocol != "" {
			msg.Protocol = m.api.Protocol
		}
		msg.Target = to.Entry(msg.Protocol, msg.Command)
		m.out = append(m.out, msg)
	}
}

// flagged reports whether the call puts a literal boolean in front of its arguments.
func (m *sender) flagged() bool {
	args := m.sys.call(m.raw).Args.Terms
	return len(args) > m.first && m.sys.Values.IR(m.raw.File).IsBoolean(args[m.first])
}

// object returns the services of the object among the arguments or, without one, the service
// itself.
func (m *sender) object() []*Service {
	for i := range m.api.Args {
		if m.api.Args[i].Role != models.RoleObject {
			continue
		}
		to := m.sys.targets(m.s, m.sys.in(m.s, m.sys.Values.Argument(m.raw.File, m.raw.Call, m.first+i)), Call)
		return to.services
	}
	return []*Service{m.s}
}

// method adds what a function of an object sends that stands for a service.
func (m *sender) method(a solve.Atom) {
	d := m.sys.Values.Atom(a)
	if d.Kind != solve.Method || !m.sys.isIn(m.s, a) {
		return
	}
	services := m.sys.behind(m.s, a)
	msg := Message{
		From: m.s, Entry: m.e, Kind: Send, Site: m.raw, Raw: m.raw, Shown: m.raw, API: m.api, Protocol: m.api.Protocol, Command: d.Text,
		payload: payload{m.raw.File, m.sys.call(m.raw).Args, m.first}, address: -1,
		frames: []frame{{fn: Function{-1, 0}, site: m.raw}},
	}
	if m.api.WaitsFor != 0 {
		msg.Kind = Call
	}
	if len(services) == 0 {
		msg.Reason = "it is not known which service the object stands for"
		m.out = append(m.out, msg)
	}
	for _, to := range services {
		msg.To, msg.Target, msg.Certain = to, to.Entry(msg.Protocol, msg.Command), len(services) == 1
		m.out = append(m.out, msg)
	}
}

// behind returns the services that an object, or what it is a part of, stands for.
func (sys *System) behind(s *Service, a solve.Atom) []*Service {
	d := sys.Values.Atom(a)
	for d.Of != 0 {
		d = sys.Values.Atom(d.Of)
	}
	call, ok := sys.Values.CallAt(d.File, d.Node)
	if !ok {
		return nil
	}
	site := Site{d.File, call}
	var found receivers
	for _, svc := range sys.Values.Launched(site.File, site.Call) {
		found.add(sys.byProject[svc])
	}
	for _, api := range sys.index.apisOf(sys.index.call(site)) {
		if len(api.entry.Args) == 0 && s.Has(d.File) { // the object for the service itself
			found.add(s)
		}
		for i := range api.entry.Args {
			if api.entry.Args[i].Role != models.RoleService {
				continue
			}
			for _, name := range sys.strings(s, site, int(api.first)+i) {
				for _, t := range sys.launchedAs(s, name) {
					found.add(t)
				}
			}
		}
	}
	return found.services
}
