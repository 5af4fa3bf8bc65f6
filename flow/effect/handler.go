package effect

import (
	"slices"
	"strings"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
)

// layout says which parameters of a handler are what.
type layout struct {
	source, command, payload int
	loose                    bool // it is not certain where the payload begins
}

var (
	luaHandler   = layout{source: 1, command: 2, payload: 3}  // function(session, source, command, ...)
	gateHandler  = layout{source: 1, command: 0, payload: 2}  // function(command, source, ...)
	loginHandler = layout{source: -1, command: 0, payload: 1} // function(command, ...)
)

// enter finds the entries of a service, and the names that it gives.
func (sys *System) enter(s *Service) {
	s.Entries = append(s.Entries, &Entry{Kind: Init, Functions: sys.roots(s)})
	w := newWalk(sys, s)
	w.visit = func(call int32) {
		site := sys.index.siteOf[call]
		for _, a := range sys.index.apisOf(call) {
			sys.enterCall(s, site, a.entry, int(a.first))
		}
	}
	if s.Kind == project.SnaxService {
		sys.snax(s)
	}
	// Handlers, too, may set handlers and give names.
	for i := 0; i < len(s.Entries); i++ {
		w.run(s.Entries[i].Functions)
	}
	w.end()
}

// enterCall notes what one call of an API sets up.
func (sys *System) enterCall(s *Service, site Site, e *models.Entry, first int) {
	switch e.Path {
	case "skynet.dispatch":
		sys.dispatch(s, site, first)
		return
	case "skynet.register_protocol":
		sys.protocol(s, site, first)
		return
	case "skynet.forward_type", "skynet.filter":
		s.open[""] = true
	}
	name, address := -1, -1
	for i := range e.Args {
		switch a := &e.Args[i]; {
		case a.Role == models.RoleCallbacks && a.Callback == models.CallbackHandler:
			sys.callbacks(s, e, site, first+i)
		case a.Role == models.RoleName:
			name = first + i
		case a.Role == models.RoleAddress:
			address = first + i
		}
	}
	if e.Capabilities.Has(models.CanRegister) && name >= 0 && e.Path != "skynet.cluster.unregister" && !sys.index.modelled[site.File] {
		sys.register(s, e, site, name, address)
	}
}

// register notes a name that a service gives to itself or to another one.
func (sys *System) register(s *Service, e *models.Entry, site Site, name, address int) {
	named := []*Service{s}
	if address >= 0 {
		if atoms := sys.Values.Argument(site.File, site.Call, address); len(atoms) > 0 {
			named = nil
			for _, a := range atoms {
				switch d := sys.Values.Atom(a); {
				case d.Kind == solve.Service && d.Service != nil:
					named = append(named, sys.byProject[d.Service])
				case d.Kind == solve.Self && s.Has(d.File):
					named = append(named, s)
				}
			}
		} else if len(sys.call(site).Args.Terms) > address {
			return // somebody, but nothing is known of whom
		}
	}
	for _, text := range sys.ownNames(s, site, name) {
		if strings.HasPrefix(e.Path, "skynet.cluster.") {
			text = "@" + text
		}
		for _, t := range named {
			if t != nil {
				s.given = append(s.given, given{text, t})
			}
		}
	}
}

// ownNames returns the names that a service may give: those that stand in its files, if there are
// any. What others send it are their names, as a rule.
func (sys *System) ownNames(s *Service, site Site, i int) []string {
	var own, all []string
	for _, a := range sys.atoms(s, site, i) {
		if d := sys.Values.Atom(a); d.Kind == solve.String && !slices.Contains(all, d.Text) {
			all = append(all, d.Text)
			if s.own.has(int32(a)) {
				own = append(own, d.Text)
			}
		}
	}
	if own != nil {
		return own
	}
	return all
}

// atoms returns what an argument of a call may be in a service.
func (sys *System) atoms(s *Service, site Site, i int) []solve.Atom {
	v := &view{sys: sys, s: s, frames: []frame{{fn: Function{-1, 0}, site: site}}, budget: 200}
	return v.item(site.File, sys.call(site).Args, i, 1)
}

// strings returns the constant strings that an argument may be.
func (sys *System) strings(s *Service, site Site, i int) []string {
	var out []string
	for _, a := range sys.atoms(s, site, i) {
		if d := sys.Values.Atom(a); d.Kind == solve.String && !slices.Contains(out, d.Text) {
			out = append(out, d.Text)
		}
	}
	return out
}

// functions returns those of some atoms that are functions of the service.
func (sys *System) functions(s *Service, atoms []solve.Atom) []Function {
	var fs []Function
	for _, a := range atoms {
		if d := sys.Values.Atom(a); d.Kind == solve.Function && sys.isIn(s, a) {
			fs = append(fs, Function{d.File, d.Func})
		}
	}
	return fs
}

// dispatch notes what skynet.dispatch(protocol, handler) sets.
func (sys *System) dispatch(s *Service, site Site, first int) {
	handlers := sys.functions(s, sys.Values.Argument(site.File, site.Call, first+1))
	for _, p := range sys.strings(s, site, first) {
		sys.handle(s, p, site, handlers, luaHandler)
	}
}

// protocol notes what skynet.register_protocol { name = ..., dispatch = ... } sets.
func (sys *System) protocol(s *Service, site Site, first int) {
	for _, a := range sys.in(s, sys.Values.Argument(site.File, site.Call, first)) {
		var names []string
		var handlers []Function
		driven := false
		sys.Values.Fields(a, func(field string, values []solve.Atom) {
			switch field {
			case "name":
				for _, v := range values {
					if d := sys.Values.Atom(v); d.Kind == solve.String {
						names = append(names, d.Text)
					}
				}
			case "dispatch":
				handlers = sys.functions(s, values)
			case "id":
				driven = slices.ContainsFunc(values, func(a solve.Atom) bool {
					d := sys.Values.Atom(a)
					return d.Kind == solve.API && d.Entry.Path == "skynet.PTYPE_SOCKET"
				})
			}
		})
		before := len(s.Lookups)
		for _, p := range names {
			sys.handle(s, p, site, handlers, luaHandler)
		}
		for i := range s.Lookups[before:] {
			s.Lookups[before+i].Driven = driven
		}
	}
}

// callbacks notes the functions of a table that an API calls by their names, such as those that
// snax.gateserver.start { command = ..., message = ... } is given.
func (sys *System) callbacks(s *Service, e *models.Entry, site Site, arg int) {
	frame := frames[e.Path]
	for _, a := range sys.in(s, sys.Values.Argument(site.File, site.Call, arg)) {
		sys.Values.Fields(a, func(field string, values []solve.Atom) {
			fs := sys.functions(s, values)
			if len(fs) == 0 {
				return
			}
			r := frame[field]
			switch {
			case r.dispatch != nil:
				before := len(s.Entries)
				sys.handle(s, "lua", site, fs, *r.dispatch)
				for _, e := range s.Entries[before:] {
					e.returns = e.Kind == Command
				}
			case r.command != "":
				s.Entries = append(s.Entries, &Entry{Kind: Command, Protocol: "lua", Command: r.command, Functions: fs, returns: true, Source: r.source, First: r.payload, Registered: site})
			default:
				name := strings.TrimSuffix(field, "_handler")
				s.Entries = append(s.Entries, &Entry{Kind: Command, Protocol: "socket", Command: name, Functions: fs, Source: -1, First: noPayload, Registered: site, network: e.Source == models.SourceNetwork})
			}
		})
	}
	if frame != nil {
		for _, command := range []string{"open", "close"} { // the frame of gates answers these itself
			if e.Path != "snax.loginserver" && s.Entry("lua", command) == nil {
				s.Entries = append(s.Entries, &Entry{Kind: Command, Protocol: "lua", Command: command, Source: -1, First: noPayload, Registered: site})
			}
		}
	}
}

// noPayload is the First of functions that get no value of a message.
const noPayload = 1 << 20

// reaction says what a function that a frame of gates or logins is given handles: all commands
// of the protocol lua, or one of them.
type reaction struct {
	dispatch        *layout
	command         string
	source, payload int
}

var frames = map[string]map[string]reaction{
	"snax.gateserver.start": {
		"command": {dispatch: &gateHandler},
		"open":    {command: "open", source: 0, payload: 1},
	},
	"snax.msgserver.start": {
		"login_handler":    {command: "login", source: -1},
		"logout_handler":   {command: "logout", source: -1},
		"kick_handler":     {command: "kick", source: -1},
		"register_handler": {command: "open", source: -1, payload: noPayload},
	},
	"snax.loginserver": {
		"command_handler": {dispatch: &loginHandler},
	},
}

// snax notes the functions that a snax service puts into accept and response.
func (sys *System) snax(s *Service) {
	main := sys.Values.FileOf(s.World.Files[slices.IndexFunc(s.World.Files, s.isMain)])
	f := sys.Values.IR(main)
	for i := range f.Stores {
		st := &f.Stores[i]
		group := f.Term(st.Object).Ref()
		if group.Module != "" || group.Member != "accept" && group.Member != "response" {
			continue
		}
		if key := f.Term(st.Key); key.Kind == ir.String && f.Term(st.Value).Kind == ir.Function {
			fn := Function{main, f.Info.FuncOf(f.Term(st.Value).Node)}
			s.Entries = append(s.Entries, &Entry{Kind: Command, Protocol: "snax", Command: key.Text, Functions: []Function{fn}, Source: -1, returns: group.Member == "response"})
		}
	}
	for i := range f.Assigns {
		a := &f.Assigns[i]
		if (a.Global == "init" || a.Global == "exit") && f.Term(a.Value).Kind == ir.Function {
			fn := Function{main, f.Info.FuncOf(f.Term(a.Value).Node)}
			if a.Global == "init" {
				s.Entries[0].Functions = append(s.Entries[0].Functions, fn)
			} else {
				s.Entries = append(s.Entries, &Entry{Kind: Command, Protocol: "snax", Command: "exit", Functions: []Function{fn}, Source: -1})
			}
		}
	}
}

// handle notes the handler of a protocol, and the commands that it tells apart.
func (sys *System) handle(s *Service, protocol string, site Site, handlers []Function, at layout) {
	d := &Entry{Kind: Dispatch, Protocol: protocol, Functions: handlers, First: at.payload, Source: at.source, Registered: site}
	s.Entries = append(s.Entries, d)
	found := &commands{sys: sys, service: s, protocol: protocol, site: site, byName: map[string]*Entry{}, seen: map[commandPlace]bool{}}
	for _, h := range handlers {
		found.visit(h, at, 0)
	}
	if len(found.byName) == 0 {
		s.open[protocol] = true
	}
	names := make([]string, 0, len(found.byName))
	for n := range found.byName {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		s.Entries = append(s.Entries, found.byName[n])
	}
}

// commands collects the commands that a handler tells apart by one of its parameters.
type commands struct {
	sys      *System
	service  *Service
	protocol string
	site     Site
	byName   map[string]*Entry
	seen     map[commandPlace]bool
}

type commandPlace struct {
	fn Function
	at layout
}

// visit looks at a function whose parameter is the command.
func (c *commands) visit(fn Function, at layout, depth int) {
	place := commandPlace{fn, at}
	param := at.command
	if c.seen[place] || depth > 6 {
		return
	}
	c.seen[place] = true
	c.service.Stages = append(c.service.Stages, Stage{fn, c.protocol, at.source, at.command, at.payload})
	f := c.sys.Values.IR(fn.File)
	t := f.Info.Tree
	is := func(term ir.Term) bool { return c.isCommand(f, term, fn, param) }
	for i := range f.Terms {
		if d := &f.Terms[i]; d.Kind == ir.Load && is(ir.Term(d.B)) {
			c.service.Lookups = append(c.service.Lookups, Lookup{File: fn.File, Term: ir.Term(i), In: fn, Protocol: c.protocol})
			c.table(fn.File, ir.Term(d.A), c.positions(f, ir.Term(i), fn, at))
		}
	}
	// A table may also be asked for a word behind the command.
	for i := range f.Terms {
		if d := &f.Terms[i]; d.Kind == ir.Load {
			if key := f.Term(ir.Term(d.B)); key.Kind == ir.Parameter && key.A == int32(fn.Func) && int(key.B) >= at.payload {
				c.service.Lookups = append(c.service.Lookups, Lookup{File: fn.File, Term: ir.Term(i), In: fn, Protocol: c.protocol})
			}
		}
	}
	for n := range t.Nodes(syntax.Binary) {
		op, left, right := t.Binary(n)
		if op != syntax.Eq && op != syntax.Ne {
			continue
		}
		for _, pair := range [2][2]syntax.Node{{left, right}, {right, left}} {
			if term := f.Of(pair[1]); is(f.Of(pair[0])) && f.Term(term).Kind == ir.String {
				c.add(f.Term(term).Text, nil, layout{source: -1})
				e := c.byName[f.Term(term).Text]
				if a, ok := armOf(t, fn, n); ok && op == syntax.Eq {
					a.first = at.payload
					e.arms = append(e.arms, a)
				} else {
					e.apart = true
				}
			}
		}
	}
	for i := range f.Calls {
		call := &f.Calls[i]
		inner := c.arguments(f, call.Args, fn, at, func(term ir.Term) bool { return is(term) })
		if inner.command < 0 {
			continue
		}
		c.sys.Values.Callees(fn.File, int32(i), func(callee solve.Callee) {
			d := c.sys.Values.Atom(callee.Atom)
			if d.Kind == solve.Function && c.service.Has(d.File) && inner.command >= callee.First && !callee.Silent {
				c.visit(Function{d.File, d.Func}, layout{inner.source - callee.First, inner.command - callee.First, inner.payload - callee.First, at.loose || inner.loose}, depth+1)
			}
		})
	}
}

// arguments finds source, command and first payload among the values of a list; -1 for what is
// not there.
func (c *commands) arguments(f *ir.File, l ir.List, fn Function, at layout, isCommand func(ir.Term) bool) layout {
	found := layout{source: -1, command: -1, payload: -1}
	params := c.sys.Values.Parameters(fn.File, fn.Func)
	is := func(d *ir.TermData, index int) bool {
		return d.A == int32(fn.Func) && (d.Kind == ir.Parameter && int(d.B) == index || d.Kind == ir.Extra && params+int(d.B) == index)
	}
	for k := range len(l.Terms) + 1 {
		term := l.Spread
		if k < len(l.Terms) {
			term = l.Terms[k]
		}
		if term == ir.None {
			continue
		}
		d := f.Term(term)
		switch {
		case isCommand(term) && found.command < 0:
			found.command = k
			if d.Kind == ir.Extra && k == len(l.Terms) { // the rest of "..." follows
				found.payload = k + at.payload - at.command
			}
		case is(d, at.source) && found.source < 0:
			found.source = k
		case is(d, at.payload) && found.payload < 0:
			found.payload = k
		}
	}
	if found.payload < 0 {
		found.payload, found.loose = len(l.Terms), true
	}
	return found
}

// isCommand reports whether a term is the parameter that holds the command.
func (c *commands) isCommand(f *ir.File, term ir.Term, fn Function, param int) bool {
	d := f.Term(term)
	switch d.Kind {
	case ir.Parameter:
		return d.A == int32(fn.Func) && int(d.B) == param
	case ir.Extra:
		return d.A == int32(fn.Func) && int(d.B)+c.sys.Values.Parameters(fn.File, fn.Func) == param
	case ir.Result: // string.lower(cmd), tostring(cmd), assert(cmd)
		call := &f.Calls[d.A]
		return d.B == 0 && len(call.Args.Terms) == 1 && c.isCommand(f, call.Args.Terms[0], fn, param) && c.keeps(f, call)
	}
	return false
}

// keeps reports whether a call returns its argument, or the same text.
func (c *commands) keeps(f *ir.File, call *ir.Call) bool {
	if call.Method {
		return false
	}
	callee, _ := f.Info.Tree.Call(call.Node)
	switch f.API.Ref(callee).Path() {
	case "tostring", "assert", "string.lower", "string.upper":
		return true
	}
	return false
}

// table notes the functions of a table in which the command is looked up.
func (c *commands) table(file int32, term ir.Term, at layout) {
	for _, a := range c.sys.in(c.service, c.sys.Values.Values(file, term)) {
		c.fields(a, at, 0)
	}
}

// positions returns which parameters of the functions in a table get source and payload, by the
// call of what was looked up.
func (c *commands) positions(f *ir.File, looked ir.Term, fn Function, at layout) layout {
	out, known := layout{source: -1}, false
	for i := range f.Calls {
		call := &f.Calls[i]
		skip, loose := 0, at.loose
		if !c.isLooked(f, call.Callee, looked) {
			// pcall(f, ...)
			if len(call.Args.Terms) == 0 || !c.isLooked(f, call.Args.Terms[0], looked) || c.keeps(f, call) {
				continue
			}
			skip, loose = c.protected(f, call)
		}
		found := c.arguments(f, call.Args, fn, at, func(ir.Term) bool { return false })
		next := layout{source: found.source - skip, payload: found.payload - skip, loose: loose || found.loose}
		if known {
			out.loose = out.loose || next != out
			continue
		}
		out, known = next, true
	}
	out.loose = out.loose || !known
	return out
}

// protected returns how many arguments of a call that is given a function stand in front of those
// that the function gets, and whether that is a guess.
func (c *commands) protected(f *ir.File, call *ir.Call) (skip int, loose bool) {
	if !call.Method {
		callee, _ := f.Info.Tree.Call(call.Node)
		switch f.API.Ref(callee).Path() {
		case "pcall":
			return 1, false
		case "xpcall":
			return 2, false
		}
	}
	return 1, true
}

// isLooked reports whether a term is what was looked up, perhaps asserted to be there.
func (c *commands) isLooked(f *ir.File, term, looked ir.Term) bool {
	if term == looked {
		return true
	}
	switch d := f.Term(term); d.Kind {
	case ir.Join:
		return c.isLooked(f, ir.Term(d.A), looked) || c.isLooked(f, ir.Term(d.B), looked)
	case ir.Result:
		call := &f.Calls[d.A]
		return d.B == 0 && len(call.Args.Terms) > 0 && c.isLooked(f, call.Args.Terms[0], looked) && c.keeps(f, call)
	}
	return false
}

func (c *commands) fields(a solve.Atom, at layout, depth int) {
	c.sys.Values.Fields(a, func(name string, values []solve.Atom) {
		if fs := c.sys.functions(c.service, values); len(fs) > 0 && !strings.HasPrefix(name, "#") {
			c.add(name, fs, at)
		}
	})
	if depth < 4 {
		for _, p := range c.sys.Values.Prototypes(a) {
			c.fields(p, at, depth+1)
		}
	}
}

func (c *commands) add(name string, fs []Function, at layout) {
	e := c.byName[name]
	if e == nil {
		e = &Entry{Kind: Command, Protocol: c.protocol, Command: name, First: at.payload, Source: at.source, Registered: c.site, Loose: at.loose}
		c.byName[name] = e
	}
	e.Loose = e.Loose || e.First != at.payload
	for _, f := range fs {
		if !slices.Contains(e.Functions, f) {
			e.Functions = append(e.Functions, f)
		}
	}
}

// isMain is for the main file of a snax service.
func (s *Service) isMain(f *program.File) bool { return f.File == s.Main }
