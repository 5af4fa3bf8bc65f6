package effect

import (
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/scope"
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
	// Shown is where a reader is shown it: the innermost of the calls from Site to Raw that is in
	// the file of Site. A helper of the same file does the sending; one of a library does not.
	Shown    Site
	To       *Service // nil if it is not known, or no Lua program
	Native   string   // the name of a service of C code
	Protocol string
	Command  string // "" if it is not known or there is none
	Target   *Entry // what handles it; nil if nothing is known to
	// API is the model of the called function, nil for a Launch.
	API *models.Entry
	// Certain says that this is the only service and command that is known.
	Certain bool
	// Vague says that the address, or the command, may also be a value that is not followed.
	Vague bool
	// Self says that the address is the sender's own.
	Self bool
	// Name is the address where it is a name that nothing has.
	Name string
	// Implied says that the called function sends it to a service of its library.
	Implied bool
	// Reason says why To or Command is not known.
	Reason string
	// payload are the values behind the command.
	payload payload
	frames  []frame
	address int // which argument of Raw is the address; -1 if none is
}

// Passes reports whether a call is one of those that lead from Site to Raw.
func (m *Message) Passes(site Site) bool {
	return m.Site == site || m.Raw == site || slices.ContainsFunc(m.frames, func(f frame) bool { return f.site == site })
}

// AnyCommand reports whether a message may have any command, or one that means several things.
func (m *Message) AnyCommand() bool {
	if m.Kind == Launch || m.Target == nil {
		return false
	}
	same := 0
	for _, e := range m.To.Entries {
		if e.Kind == Command && e.Protocol == m.Target.Protocol {
			if m.Target.Kind == Dispatch {
				return true
			}
			if e.Command == m.Target.Command {
				same++
			}
		}
	}
	return same > 1
}

// payload is a list of values, from one on, as they stand at a call seen through frames.
type payload struct {
	file int32 // -1 for none
	list ir.List
	from int
}

// Messages returns what a service sends while an entry runs, in a fixed order. The slice must
// not be changed.
func (sys *System) Messages(s *Service, e *Entry) []Message { return e.messages }

// messages adds what a service sends while an entry runs to out.
func (sys *System) messages(s *Service, e *Entry, out []Message) []Message {
	m := sender{sys: sys, s: s, e: e, walk: newWalk(sys, s), out: out}
	var sites []int32
	m.walk.visit = func(c int32) {
		for _, a := range sys.index.apisOf(c) {
			if a.entry.Replies == models.ReplyNow {
				e.replies = append(e.replies, c)
			}
		}
		if x := sys.index; (x.launch.has(c) || len(x.apisOf(c)) > 0) && !x.modelled[x.siteOf[c].File] {
			sites = append(sites, c) // what an API does inside is what its model says
		}
	}
	if len(e.Functions) > 0 {
		m.walk.run(e.Functions)
	} else {
		m.walk.runArms(e)
	}
	for _, c := range sites {
		site := sys.index.siteOf[c]
		if sys.index.launch.has(c) {
			m.launch(site)
		}
		for _, a := range sys.index.apisOf(c) {
			m.raw, m.api, m.atom, m.first, m.indirect = site, a.entry, a.atom, int(a.first), a.indirect
			m.called(a)
		}
	}
	m.walk.end()
	return m.out
}

// sender collects the messages that a service sends while an entry runs.
type sender struct {
	sys  *System
	s    *Service
	e    *Entry
	walk *walk
	out  []Message

	// The call of an API that is looked at.
	raw      Site
	api      *models.Entry
	atom     solve.Atom
	first    int  // which argument of the call is the function's first
	indirect bool // it is an argument itself
}

// called adds what one call of an API sends.
func (m *sender) called(a api) {
	e := a.entry
	switch {
	case e.Asks.Command != "":
		m.ask()
	case e.Protocol != "":
		m.method(a.atom)
	}
	if sh, ok := shapeOf(e); ok {
		m.expand(func(v *view) bool { return m.send(v, sh) })
	}
}

// shape says where a function that sends takes what.
type shape struct {
	kind                       MessageKind
	address, protocol, command int // -1 if it takes none
	payload, message, request  int
}

// Sends reports whether a call of a modelled function sends a message whose receiver is one of its
// arguments.
func Sends(e *models.Entry) bool {
	_, ok := shapeOf(e)
	return ok
}

// shapeOf reads the shape of a modelled function from the roles of its arguments.
func shapeOf(e *models.Entry) (shape, bool) {
	sh := shape{kind: Send, address: -1, protocol: -1, command: -1, payload: -1, message: -1, request: -1}
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
		case models.RolePayload:
			if sh.payload < 0 {
				sh.payload = i
			}
		case models.RoleMessage:
			if sh.message < 0 {
				sh.message = i
			}
		case models.RoleRequest:
			sh.request = i
		case models.RoleNode:
			node = true
		}
	}
	switch {
	case node && sh.command >= 0:
		sh.kind = Cluster
	case e.WaitsFor == models.WaitReply, sh.request >= 0:
		sh.kind = Call
	}
	return sh, sh.request >= 0 || sh.address >= 0 && (sh.protocol >= 0 || sh.command >= 0)
}

// launch adds what a call of the text launches.
func (m *sender) launch(site Site) {
	sys := m.sys
	for _, use := range sys.Values.LaunchUses(site.File, site.Call) {
		if !isLaunch(use) {
			continue
		}
		services := sys.Values.Launched(site.File, site.Call)
		for _, svc := range services {
			to := sys.byProject[svc]
			if to == nil {
				continue
			}
			m.out = append(m.out, Message{
				From: m.s, Entry: m.e, Kind: Launch, Site: site, Raw: site, Shown: site, To: to, Target: to.Entries[0], Certain: len(services) == 1,
				payload: m.words(site.File, use),
			})
		}
		if len(services) > 0 {
			continue
		}
		l := Message{From: m.s, Entry: m.e, Kind: Launch, Site: site, Raw: site, Shown: site, Reason: "the name is made when the program runs", payload: payload{file: -1}}
		if len(use.Names) > 0 && use.Names[0].Known() {
			l.Command = use.Names[0].Prefix
			l.Reason = "no service of the project is called " + l.Command
		}
		m.out = append(m.out, l)
	}
}

// words are the arguments that a launched service gets.
func (m *sender) words(file int32, use *loads.Use) payload {
	f := m.sys.Values.IR(file)
	p := payload{file: file}
	for i, n := range use.Args {
		t := f.Of(n)
		if k := f.Term(t).Kind; i == len(use.Args)-1 && (k == ir.Result || k == ir.Extra) {
			p.list.Spread = t
			break
		}
		p.list.Terms = append(p.list.Terms, t)
	}
	return p
}

// expand looks at the call of an API with ever more of its callers, until address and command
// are known: try reports whether it wants no more.
func (m *sender) expand(try func(v *view) bool) {
	var expand func(frames []frame)
	expand = func(frames []frame) {
		v := &view{sys: m.sys, s: m.s, frames: frames, budget: 200}
		if !m.calls(v) || try(v) {
			return
		}
		expanded := false
		if at := v.at(); len(frames) < maxDepth {
			for c := range m.sys.index.callersIn(m.s, at) {
				if c.plain && m.walk.passes(c.site) && !recursive(frames, at) {
					expanded = true
					expand(append(frames[:len(frames):len(frames)], frame{at, c.site, c.first}))
				}
			}
		}
		if !expanded {
			v.final, v.budget = true, 200
			try(v)
		}
	}
	// The frame of the API call itself is the raw site: frames[0] stands for it.
	expand([]frame{{fn: Function{-1, 0}, site: m.raw}})
}

// calls reports whether the API's function can be what is called, as far as the callers that are
// looked at know: pcall(f, ...) calls many.
func (m *sender) calls(v *view) bool {
	c := m.sys.call(m.raw)
	if !m.indirect {
		if k := m.sys.Values.IR(m.raw.File).Term(c.Callee).Kind; k != ir.Parameter && k != ir.Extra {
			return true
		}
		return slices.Contains(v.term(m.raw.File, c.Callee, 1), m.atom)
	}
	for i := range m.first {
		if slices.Contains(v.item(m.raw.File, c.Args, i, 1), m.atom) {
			return true
		}
	}
	return m.first == 0
}

func recursive(frames []frame, fn Function) bool {
	return slices.ContainsFunc(frames, func(f frame) bool { return f.fn == fn })
}

// argument returns the atoms that an argument of the API call may be.
func (m *sender) argument(v *view, i int) []solve.Atom {
	if i < 0 {
		return nil
	}
	return v.item(m.raw.File, m.sys.call(m.raw).Args, i+m.first, 1)
}

// send adds a message whose parts are arguments. It reports false if callers would know more.
func (m *sender) send(v *view, sh shape) bool {
	if sh.request >= 0 {
		return m.request(v, sh)
	}
	address, protocol, command := m.argument(v, sh.address), m.argument(v, sh.protocol), m.argument(v, sh.command)
	rest := payload{file: -1}
	args := m.sys.call(m.raw).Args
	hasCommand := sh.command >= 0 && sh.command+m.first < len(args.Terms)
	if sh.payload >= 0 {
		rest = payload{m.raw.File, args, sh.payload + m.first}
	}
	if packed, ok := m.packed(args, sh); ok {
		command = v.item(m.raw.File, packed, 0, 1)
		rest = payload{m.raw.File, packed, 1}
		hasCommand = len(packed.Terms) > 0
	}
	if v.open && !v.final {
		return false
	}
	m.emit(v, parts{sh.kind, address, sh.address + m.first, m.sys.texts(protocol), command, hasCommand, rest})
	return true
}

// packed returns what skynet.pack was given, where an argument of the call is a packed message.
func (m *sender) packed(args ir.List, sh shape) (ir.List, bool) {
	if sh.message < 0 {
		return ir.List{}, false
	}
	return m.sys.packedIn(m.raw.File, args, sh.message+m.first)
}

// packedIn returns what skynet.pack was given whose result is value i of a list.
func (sys *System) packedIn(file int32, l ir.List, i int) (ir.List, bool) {
	t := l.Spread
	if i < len(l.Terms) {
		t = l.Terms[i]
	} else if i > len(l.Terms) {
		return ir.List{}, false
	}
	f := sys.Values.IR(file)
	if t == ir.None || f.Term(t).Kind != ir.Result || f.Term(t).B != 0 {
		return ir.List{}, false
	}
	call := f.Term(t).A
	for _, a := range sys.index.apisOf(sys.index.call(Site{file, call})) {
		e := a.entry
		if len(e.Args) == 1 && e.Args[0].Role == models.RolePayload && len(e.Results) > 0 && e.Results[0].Role == models.RoleMessage && a.first == 0 {
			return f.Calls[call].Args, true
		}
	}
	return ir.List{}, false
}

// request adds a message that a table describes: { address, protocol, command, ... }.
func (m *sender) request(v *view, sh shape) bool {
	tables := m.argument(v, sh.request)
	if v.open && !v.final {
		return false
	}
	for _, t := range tables {
		if m.sys.Values.Atom(t).Kind != solve.Table {
			continue
		}
		field := func(name string) []solve.Atom { return m.sys.in(m.s, m.sys.Values.Field(t, name)) }
		command := field("#3")
		m.emit(v, parts{sh.kind, field("#1"), -1, m.sys.texts(field("#2")), command, len(command) > 0, payload{file: -1}})
	}
	return true
}

// parts are what a message is made of.
type parts struct {
	kind       MessageKind
	address    []solve.Atom
	at         int // which argument is the address; -1 if none is
	protocol   []string
	command    []solve.Atom
	hasCommand bool
	payload    payload
}

// emit adds a message for each service and command that a call may mean.
func (m *sender) emit(v *view, p parts) {
	msg := Message{
		From: m.s, Entry: m.e, Kind: p.kind, Site: v.frames[len(v.frames)-1].site, Raw: m.raw, Shown: m.shown(v), API: m.api, Protocol: "lua",
		payload: p.payload, frames: v.frames, address: p.at,
	}
	if len(p.protocol) > 0 {
		msg.Protocol = p.protocol[0]
	}
	to := m.sys.targets(m.s, p.address, p.kind)
	commands := m.sys.texts(p.command)
	msg.Vague = m.sys.isVague(p.address) || m.sys.isVague(p.command)
	unknown := len(commands) == 0
	if unknown {
		commands = []string{""}
	}
	certain := len(to.services)+len(to.native) == 1 && len(commands) == 1 && !unknown
	for _, c := range commands {
		msg.Command = c
		for _, s := range to.services {
			r := msg
			r.To, r.Certain, r.Self = s, certain, to.self && s == m.s
			switch {
			case !unknown:
				r.Target = s.Entry(r.Protocol, c)
			default:
				r.Target = s.Dispatches(r.Protocol)
				if p.hasCommand {
					r.Reason = "the command is not a constant"
				}
			}
			if r.Target == nil && !unknown && s.IsOpen(r.Protocol) {
				r.Target = s.Dispatches(r.Protocol)
			}
			m.out = append(m.out, r)
		}
		for _, name := range to.native {
			r := msg
			r.Native, r.Certain = name, certain
			m.out = append(m.out, r)
		}
		if len(to.services) == 0 && len(to.native) == 0 {
			r := msg
			r.Reason, r.Name = to.reason, to.name
			m.out = append(m.out, r)
		}
	}
}

// shown returns the innermost of the calls that are looked through, of those that are in the file
// of the outermost and do not merely call what they are given.
func (m *sender) shown(v *view) Site {
	outermost := v.frames[len(v.frames)-1].site
	at := outermost
	for _, f := range slices.Backward(v.frames[m.givenAt(v):]) {
		if f.site.File != outermost.File {
			break
		}
		at = f.site
	}
	return at
}

// givenAt returns the level at which the API's function stands in the text: that of the call
// itself, unless what is called is a parameter.
func (m *sender) givenAt(v *view) int {
	file, t := m.raw.File, m.sys.call(m.raw).Callee
	if m.indirect {
		args := m.sys.call(m.raw).Args
		t = ir.None
		for i := range min(m.first, len(args.Terms)) {
			if slices.Contains(v.term(file, args.Terms[i], 1), m.atom) {
				t = args.Terms[i]
			}
		}
	}
	for level := 0; ; level++ {
		d := m.sys.Values.IR(file).Term(t)
		if level+1 == len(v.frames) || t == ir.None || d.Kind != ir.Parameter || v.frames[level+1].fn != (Function{file, scope.Func(d.A)}) {
			return level
		}
		fr := v.frames[level+1]
		args := m.sys.call(fr.site).Args.Terms
		i := int(d.B) + fr.first
		if i >= len(args) {
			return level
		}
		file, t = fr.site.File, args[i]
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

// isVague reports whether a value may be one that is not followed.
func (sys *System) isVague(atoms []solve.Atom) bool {
	return slices.ContainsFunc(atoms, func(a solve.Atom) bool { return sys.Values.Atom(a).Kind == solve.Unknown })
}
