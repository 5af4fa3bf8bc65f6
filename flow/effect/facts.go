package effect

import (
	"slices"

	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
)

// facts are what can happen while functions and calls run, found once per system.
type facts struct {
	// raises holds, by number of function, one more than the number of a call in it that may
	// raise; 0 for none.
	raises  []int32
	senders map[*Entry][]*Message
	remote  map[*Entry]bool
}

// Raises reports whether a function may raise an error that it raises on purpose: by error, by
// assert, or by a call of a function that does. Errors that pcall catches do not count.
func (sys *System) Raises(f Function) (Site, bool) {
	return sys.witness(sys.facts.raises[sys.index.fn(f)])
}

func (sys *System) witness(call int32) (Site, bool) {
	if call == 0 {
		return Site{}, false
	}
	return sys.index.siteOf[call-1], true
}

// Senders returns the messages that an entry is known to handle, in a fixed order: calls, sends
// and messages of other nodes. The handler of a protocol gets those of its commands that have no
// entry of their own. The slice must not be changed.
func (sys *System) Senders(e *Entry) []*Message { return sys.facts.senders[e] }

// IsReached reports whether an entry is known to handle messages of a kind.
func (sys *System) IsReached(e *Entry, kind MessageKind) bool {
	return slices.ContainsFunc(sys.facts.senders[e], func(m *Message) bool { return m.Kind == kind })
}

// Remote reports whether peers outside of the program choose what an entry is given: it handles
// what a socket receives, or packets of clients that a gate hands on, or messages of other nodes,
// which can be sent to services that have a name in the cluster.
func (sys *System) Remote(e *Entry) bool { return sys.facts.remote[e] }

// findRemote marks the entries that a network reaches, and follows packets that are handed on as
// they are.
func (sys *System) findRemote() {
	var work []*Entry
	mark := func(e *Entry) {
		if e.Kind != Init && !sys.facts.remote[e] {
			sys.facts.remote[e] = true
			work = append(work, e)
		}
	}
	for _, s := range sys.Services {
		exposed := slices.ContainsFunc(s.Names, func(n string) bool { return n[0] == '@' })
		for _, e := range s.Entries {
			if e.network || exposed && e.Protocol == "lua" {
				mark(e)
			}
			for i := range e.messages {
				if m := &e.messages[i]; m.Kind == Cluster && m.Target != nil {
					mark(m.Target)
				}
			}
		}
	}
	for len(work) > 0 {
		e := work[0]
		work = work[1:]
		for i := range e.messages {
			m := &e.messages[i]
			if m.To == nil || m.API == nil || !m.forwards() {
				continue
			}
			for _, t := range m.To.Entries {
				if t.Protocol == m.Protocol {
					mark(t)
				}
			}
		}
	}
}

// forwards reports whether a message is a packet that is handed on as it came.
func (m *Message) forwards() bool {
	return m.payload.file < 0 && !m.Implied && slices.ContainsFunc(m.API.Args, func(a models.Arg) bool { return a.Role == models.RoleMessage })
}

// findFacts follows what calls do up to their callers.
func (sys *System) findFacts() {
	x := sys.index
	n := x.functions()
	f := &facts{raises: make([]int32, n), senders: map[*Entry][]*Message{}, remote: map[*Entry]bool{}}
	sys.facts = f
	sys.spread(f.raises, func(e *models.Entry) bool { return e.Path == "error" || e.Path == "assert" },
		func(c int32, t *target) bool { return t.now() && !x.guarded(c, t) })
	for _, s := range sys.Services {
		for _, e := range s.Entries {
			for i := range e.messages {
				if m := &e.messages[i]; m.Target != nil {
					f.senders[m.Target] = append(f.senders[m.Target], m)
				}
			}
		}
	}
	sys.findRemote()
}

// guarded reports whether a call catches the errors of a function that it hands on.
func (x *index) guarded(c int32, t *target) bool {
	if !t.indirect {
		return false
	}
	for _, a := range x.apisOf(c) {
		if IsProtected(a.entry) {
			return true
		}
	}
	return false
}

// IsProtected reports whether a function of an API catches the errors of what it calls.
func IsProtected(e *models.Entry) bool { return e.Path == "pcall" || e.Path == "xpcall" }

// spread marks the functions with a call of an API that does something, and those that call
// them in a way through which it passes.
func (sys *System) spread(mark []int32, does func(*models.Entry) bool, passes func(c int32, t *target) bool) {
	x := sys.index
	var work []int32
	add := func(c int32) {
		if fn := x.host[c]; mark[fn] == 0 {
			mark[fn] = c + 1
			work = append(work, fn)
		}
	}
	for c := range x.siteOf {
		for _, a := range x.apisOf(int32(c)) {
			if does(a.entry) && (!a.indirect || !x.later(int32(c))) {
				add(int32(c))
			}
		}
	}
	for len(work) > 0 {
		fn := work[0]
		work = work[1:]
		for i := x.fromAt[fn]; i < x.fromAt[fn+1]; i++ {
			if c := x.call(x.from[i].site); passes(c, &x.targets[x.from[i].target]) {
				add(c)
			}
		}
	}
}

// later reports whether a call runs what it is given in another coroutine.
func (x *index) later(c int32) bool {
	for _, a := range x.apisOf(c) {
		switch callbackWay(a.entry) {
		case 0, models.CallbackCalled, models.CallbackUnyieldable, models.CallbackLocked:
		default:
			return true
		}
	}
	return false
}

// A Held is a queue that is held, and the call that took it.
type Held struct {
	Queue solve.Atom
	Site  Site
}

// maxHeld is how many queues are followed that are held at once.
const maxHeld = 4

// ReachLocked is Reach with the queues that are held at each call, the outermost first. A call
// is visited once for each set of queues. Code in coroutines of its own holds none.
func (sys *System) ReachLocked(s *Service, from []Function, visit func(site Site, held []Held)) {
	x := sys.index
	type state struct {
		target
		held []Held
	}
	seen := map[int32][][]Held{}
	var stack []state
	push := func(t target, held []Held) {
		if !s.files.has(t.File) {
			return
		}
		for _, h := range seen[t.fn] {
			if slices.EqualFunc(h, held, func(a, b Held) bool { return a.Queue == b.Queue }) {
				return
			}
		}
		seen[t.fn] = append(seen[t.fn], held)
		stack = append(stack, state{t, held})
	}
	for _, f := range slices.Backward(from) {
		push(target{Function: f, fn: x.fn(f)}, nil)
	}
	for len(stack) > 0 {
		f := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, c := range x.inside(f.fn) {
			site := x.siteOf[c]
			visit(site, f.held)
			for _, t := range x.targetsOf(c) {
				switch {
				case x.sets.has(c) && t.indirect:
				case t.indirect && t.way == models.CallbackLocked:
					for _, a := range x.apisOf(c) {
						if sys.Values.Atom(a.atom).Kind == solve.Queue && sys.isIn(s, a.atom) && len(f.held) < maxHeld {
							push(t, append(slices.Clip(f.held), Held{a.atom, site}))
						}
					}
				case t.now():
					push(t, f.held)
				default:
					push(t, nil)
				}
			}
		}
	}
}

// IsGuarded reports whether pcall or xpcall makes a call, or calls the function in which it stands.
func (sys *System) IsGuarded(s Site) bool {
	x := sys.index
	for _, a := range x.apisOf(x.call(s)) {
		if IsProtected(a.entry) {
			return true
		}
	}
	for _, from := range x.callersOf(sys.Host(s)) {
		c := x.call(from.site)
		for _, t := range x.targetsOf(c) {
			if t.fn == x.host[x.call(s)] && x.guarded(c, &t) {
				return true
			}
		}
	}
	return false
}
