package effect

import (
	"strings"

	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project/loads"
)

// A MessageKind says how one service reaches another.
type MessageKind uint8

// The kinds of messages.
const (
	Call    MessageKind = iota // waits for a reply
	Send                       // does not
	Launch                     // starts it, and waits for its start
	Cluster                    // goes to another node
)

// String returns the name that graphs use.
func (k MessageKind) String() string { return [...]string{"call", "send", "newservice", "cluster"}[k] }

// A Message is what one call of the text sends.
type Message struct {
	From  *Service
	Entry *Entry
	Kind  MessageKind
	// Site is the outermost call at which address and command are known, Raw the call of the
	// API that sends it.
	Site, Raw Site
	To        *Service // nil if it is not known
	Protocol  string
	Command   string // "" if it is not known or there is none
	Target    *Entry // what handles it; nil if nothing is known to
	// Certain says that this is the only service and command that it can be.
	Certain bool
	// Reason says why To or Command is not known.
	Reason string
	// payload is the first argument of Raw behind the command.
	payload int
	frames  []frame
}

// Messages returns what a service sends while an entry runs, in a fixed order.
func (sys *System) Messages(s *Service, e *Entry) []Message {
	reached := map[Site]bool{}
	var sites []Site
	sys.Reach(s, e.Functions, func(site Site) {
		if !reached[site] {
			reached[site] = true
			sites = append(sites, site)
		}
	})
	var out []Message
	for _, site := range sites {
		if f := sys.Values.Program().Files[site.File]; program.ImplementsModel(f.File, sys.Values.Program().Models) {
			continue // what an API does inside is what its model says
		}
		sys.launches(s, e, site, &out)
		sys.apiOf(site, func(entry *models.Entry, first int) {
			if shape, ok := shapeOf(entry); ok {
				sys.send(s, e, site, shape, first, reached, &out)
			}
		})
	}
	return out
}

// shape says where a function that sends takes what.
type shape struct {
	kind                       MessageKind
	address, protocol, command int // -1 if it takes none
	payload                    int
}

// shapeOf reads the shape of a modelled function from the roles of its arguments.
func shapeOf(e *models.Entry) (shape, bool) {
	sh := shape{kind: Send, address: -1, protocol: -1, command: -1, payload: -1}
	waits := e.WaitsFor == models.WaitReply
	node := false
	for i := range e.Args {
		switch e.Args[i].Role {
		case models.RoleAddress:
			if sh.address < 0 {
				sh.address = i
			}
		case models.RoleProtocol:
			sh.protocol = i
		case models.RoleCommand:
			sh.command = i
		case models.RolePayload, models.RoleMessage:
			if sh.payload < 0 {
				sh.payload = i
			}
		case models.RoleNode:
			node = true
		}
	}
	if waits {
		sh.kind = Call
	}
	if node && sh.command >= 0 {
		sh.kind = Cluster
	}
	return sh, sh.address >= 0 && (sh.protocol >= 0 || sh.command >= 0)
}

// launches adds what a call of the text launches.
func (sys *System) launches(s *Service, e *Entry, site Site, out *[]Message) {
	f := sys.Values.Program().Files[site.File]
	node := sys.call(site).Node
	for i := range f.Summary.Uses {
		use := &f.Summary.Uses[i]
		if use.Node != node || use.Followed || use.Kind != loads.Launch && use.Kind != loads.LaunchSnax && use.Kind != loads.LaunchFunction {
			continue
		}
		services := sys.Values.Launched(site.File, site.Call)
		for _, svc := range services {
			to := sys.byProject[svc]
			if to == nil {
				continue
			}
			*out = append(*out, Message{
				From: s, Entry: e, Kind: Launch, Site: site, Raw: site, To: to, Target: to.Entries0(), Certain: len(services) == 1, payload: -1,
			})
		}
		if len(services) == 0 {
			name := ""
			if len(use.Names) > 0 && use.Names[0].Known() {
				name = use.Names[0].Prefix
			}
			m := Message{From: s, Entry: e, Kind: Launch, Site: site, Raw: site, Command: name, Reason: "the name is made when the program runs", payload: -1}
			if name != "" {
				m.Reason = "no service of the project is called " + name
			}
			*out = append(*out, m)
		}
	}
}

// Entries0 returns the entry of a service's start, nil before entries are known.
func (s *Service) Entries0() *Entry {
	if len(s.Entries) == 0 {
		return nil
	}
	return s.Entries[0]
}

// send adds what a call of an API sends, shown at the outermost call that knows its address and
// command.
func (sys *System) send(s *Service, e *Entry, raw Site, sh shape, first int, reached map[Site]bool, out *[]Message) {
	var expand func(v *view)
	expand = func(v *view) {
		v.budget, v.open = 200, false
		args := sys.call(raw).Args
		get := func(i int) []solve.Atom {
			if i < 0 {
				return nil
			}
			return v.item(raw.File, args, i+first, 0)
		}
		address, protocol, command := get(sh.address), get(sh.protocol), get(sh.command)
		if v.open && len(v.frames) < maxDepth {
			at := v.at()
			expanded := false
			for _, c := range sys.callers[at] {
				if c.plain && reached[c.site] && !recursive(v.frames, at) {
					expanded = true
					expand(&view{sys: sys, s: s, frames: append(v.frames[:len(v.frames):len(v.frames)], frame{at, c.site, c.first})})
				}
			}
			if expanded {
				return
			}
		}
		sys.emit(s, e, raw, sh, first, v, address, protocol, command, out)
	}
	// The frame of the API call itself is the raw site: frames[0] stands for it.
	expand(&view{sys: sys, s: s, frames: []frame{{fn: Function{-1, 0}, site: raw}}})
}

func recursive(frames []frame, fn Function) bool {
	for _, f := range frames {
		if f.fn == fn {
			return true
		}
	}
	return false
}

// emit adds a message for each service and command that a call may mean.
func (sys *System) emit(s *Service, e *Entry, raw Site, sh shape, first int, v *view, address, protocol, command []solve.Atom, out *[]Message) {
	m := Message{From: s, Entry: e, Kind: sh.kind, Site: v.frames[len(v.frames)-1].site, Raw: raw, Protocol: "lua", payload: -1, frames: v.frames}
	if sh.payload >= 0 {
		m.payload = sh.payload + first
	}
	if texts := sys.texts(protocol); len(texts) > 0 {
		m.Protocol = texts[0]
	}
	targets, reason := sys.targets(s, address)
	commands := sys.texts(command)
	unknown := len(commands) == 0
	if unknown {
		commands = []string{""}
	}
	if len(targets) == 0 {
		m.Reason = reason
		for _, c := range commands {
			m.Command = c
			*out = append(*out, m)
		}
		return
	}
	for _, to := range targets {
		for _, c := range commands {
			m.To, m.Command, m.Reason = to, c, ""
			m.Certain = len(targets) == 1 && len(commands) == 1 && !unknown
			m.Target = nil
			if unknown {
				m.Target = to.Dispatches(m.Protocol)
				if sh.command >= 0 && sh.command+first < len(sys.call(raw).Args.Terms) {
					m.Reason = "the command is not a constant"
				}
			} else {
				m.Target = to.Entry(m.Protocol, c)
			}
			*out = append(*out, m)
		}
	}
}

// texts returns the constant strings among atoms.
func (sys *System) texts(atoms []solve.Atom) []string {
	var out []string
	for _, a := range atoms {
		if d := sys.Values.Atom(a); d.Kind == solve.String {
			out = append(out, d.Text)
		}
	}
	return out
}

// targets returns the services that an address may be, and why it is not known if there is none.
func (sys *System) targets(s *Service, address []solve.Atom) ([]*Service, string) {
	var found []*Service
	reason := "nothing is known of the address"
	add := func(t *Service) {
		for _, f := range found {
			if f == t {
				return
			}
		}
		found = append(found, t)
	}
	for _, a := range address {
		switch d := sys.Values.Atom(a); d.Kind {
		case solve.Service:
			if t := sys.byProject[d.Service]; t != nil {
				add(t)
			}
		case solve.Self:
			if s.Has(d.File) {
				add(s)
				continue
			}
			for _, other := range sys.Services {
				if other.Has(d.File) {
					add(other)
				}
			}
		case solve.String:
			named := sys.names[d.Text]
			if len(named) == 0 && !strings.HasPrefix(d.Text, ".") {
				for _, svc := range sys.Values.ServicesNamed(d.Text) {
					if t := sys.byProject[svc]; t != nil {
						named = append(named, t)
					}
				}
			}
			if len(named) == 0 {
				named = sys.builtin(strings.TrimPrefix(d.Text, "."))
			}
			for _, t := range named {
				add(t)
			}
			if len(named) == 0 {
				reason = "no service of the project registers the name " + d.Text
			}
		case solve.Unknown:
			reason = d.Reason.String()
		}
	}
	return found, reason
}

// builtin returns the services of skynet itself that are registered under a fixed name by code
// in C or by the launcher.
func (sys *System) builtin(name string) []*Service {
	var out []*Service
	switch name {
	case "launcher", "service", "cslave", "logger":
		file := name
		if name == "service" {
			file = "service_mgr"
		}
		for _, svc := range sys.Values.ServicesNamed(file) {
			if t := sys.byProject[svc]; t != nil {
				out = append(out, t)
			}
		}
	}
	return out
}

// connect lets messages carry values: the arguments behind the command to the functions that
// handle it, and what they reply to the call. It reports whether anything became known by that.
func (sys *System) connect() bool {
	for _, s := range sys.Services {
		for _, e := range s.Entries {
			for _, m := range sys.Messages(s, e) {
				if m.To == nil || m.Target == nil || m.payload < 0 {
					continue
				}
				args := sys.call(m.Raw).Args
				for _, fn := range m.Target.Functions {
					if m.Target.Source >= 0 {
						sys.Values.PassAddress(s.Service, fn.File, fn.Func, m.Target.Source)
					}
					for i := range 8 {
						sys.Values.Pass(solve.Place{File: m.Raw.File, List: args, Index: m.payload + i}, fn.File, fn.Func, m.Target.First+i)
					}
				}
			}
		}
	}
	return sys.Values.Continue()
}
