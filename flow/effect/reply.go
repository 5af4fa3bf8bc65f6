package effect

import (
	"slices"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
)

// maxReplied is how many values of a reply are followed.
const maxReplied = 4

// reply is what an entry answers to a call, from one of its results on.
type reply struct {
	target   *Entry
	protocol string
	site     Site
	from     int
}

// answer carries what the handler of a message replies to the results of the call. Many messages
// are the same call, made while different handlers run: what was answered counts once.
func (sys *System) answer(m *Message, answered map[reply]bool) {
	site, from, ok := sys.resultAt(m)
	if !ok || answered[reply{m.Target, m.Protocol, site, from}] {
		return
	}
	answered[reply{m.Target, m.Protocol, site, from}] = true
	for _, c := range m.Target.replies {
		list, ok := sys.replied(c)
		if !ok || m.Target.Kind != Command {
			continue
		}
		for i := range maxReplied {
			if i < len(list.Terms) || list.Spread != ir.None {
				at := solve.Place{File: sys.index.siteOf[c].File, List: list, Index: i}
				sys.Values.Answer(at, site.File, site.Call, from+i)
				if sys.ownAddress(m.To, sys.Values.Item(at.File, at.List, at.Index)) {
					sys.Values.AnswerAddress(m.To.Service, site.File, site.Call, from+i)
				}
			}
		}
	}
	if m.Target.returns {
		for _, fn := range m.Target.Functions {
			for i := range maxReplied {
				sys.hand(m.To, fn, i, site, from+i)
			}
		}
		return
	}
	d := m.To.Dispatches(m.Protocol)
	if d == nil || d == m.Target {
		return
	}
	for _, c := range d.replies {
		if list, ok := sys.replied(c); ok {
			sys.returned(m.To, m.Target, c, list, site, from)
		}
	}
}

// returned carries what the functions of a command return, where the handler of the protocol
// replies it: skynet.retpack(f(...)), or local ok, r = pcall(f, ...) in front of it, or a function
// of the program around skynet.retpack.
func (sys *System) returned(to *Service, e *Entry, reply int32, list ir.List, site Site, from int) {
	for i := range maxReplied {
		sys.returnedAt(to, e, sys.index.siteOf[reply], list, i, site, from+i, 0)
	}
}

// returnedAt is returned for value i of a list, that of a call.
func (sys *System) returnedAt(to *Service, e *Entry, at Site, list ir.List, i int, site Site, from, depth int) {
	x := sys.index
	f := sys.Values.IR(at.File)
	var d ir.TermData
	switch n := len(list.Terms); {
	case i < 0:
		return
	case i < n:
		d = *f.Term(list.Terms[i])
	case list.Spread != ir.None:
		d = *f.Term(list.Spread)
		d.B += int32(i - n)
	default:
		return
	}
	switch d.Kind {
	case ir.Result:
		for _, t := range x.targetsOf(x.call(Site{at.File, d.A})) {
			k := int(d.B)
			if t.indirect {
				k--
			}
			if k >= 0 && t.now() && slices.Contains(e.Functions, t.Function) {
				sys.hand(to, t.Function, k, site, from)
			}
		}
	case ir.Parameter, ir.Extra:
		in := sys.Host(at)
		if d.A != int32(in.Func) || depth == maxDepth {
			return
		}
		index := int(d.B)
		if d.Kind == ir.Extra {
			index += sys.Values.Parameters(in.File, in.Func)
		}
		for c := range x.callersIn(to, in) {
			if c.plain {
				sys.returnedAt(to, e, c.site, sys.call(c.site).Args, index+c.first, site, from, depth+1)
			}
		}
	}
}

// hand carries value k of what a function of a service returns to result i of a call.
func (sys *System) hand(from *Service, fn Function, k int, to Site, i int) {
	sys.Values.Returned(fn.File, fn.Func, k, to.File, to.Call, i)
	if sys.ownAddress(from, sys.Values.Return(fn.File, fn.Func, k)) {
		sys.Values.AnswerAddress(from.Service, to.File, to.Call, i)
	}
}

// replied returns the values with which a call answers.
func (sys *System) replied(c int32) (ir.List, bool) {
	site := sys.index.siteOf[c]
	for _, a := range sys.index.apisOf(c) {
		if a.entry.Replies != models.ReplyNow || len(a.entry.Args) == 0 || a.first != 0 {
			continue
		}
		args := sys.call(site).Args
		switch a.entry.Args[0].Role {
		case models.RolePayload:
			return args, true
		case models.RoleMessage:
			return sys.packedIn(site.File, args, 0)
		}
	}
	return ir.List{}, false
}

// resultAt returns the call whose results a reply becomes, and the number of the first: the call
// of the API or, where a wrapper returns just what that gives, the call of the wrapper.
func (sys *System) resultAt(m *Message) (Site, int, bool) {
	if len(m.API.Results) == 0 {
		return Site{}, 0, false
	}
	switch m.API.Results[0].Role {
	case models.RoleReply, models.RoleAddress:
	default:
		return Site{}, 0, false
	}
	site, from := m.Raw, 0
	if len(sys.Values.LaunchUses(site.File, site.Call)) > 0 {
		return Site{}, 0, false // what it launches is known better
	}
	for _, t := range sys.index.apisOf(sys.index.call(site)) {
		if t.entry == m.API && t.indirect {
			from = 1 // behind what pcall says
		}
	}
	for level := 1; level < len(m.frames); level++ {
		fr := m.frames[level]
		if !sys.handsOut(fr.fn, site, &from) {
			break
		}
		site = fr.site
	}
	return site, from, true
}

// handsOut reports whether a function returns the results of a call as its own; from becomes the
// number that the first value of the reply has there.
func (sys *System) handsOut(fn Function, site Site, from *int) bool {
	if fn.File != site.File {
		return false
	}
	f := sys.Values.IR(fn.File)
	for i := range f.Returns {
		r := &f.Returns[i]
		if r.In != fn.Func {
			continue
		}
		for k, t := range append(slices.Clip(r.Values.Terms), r.Values.Spread) {
			if d := f.Term(t); t != ir.None && d.Kind == ir.Result && d.A == site.Call && int(d.B) <= *from {
				*from += k - int(d.B)
				return true
			}
		}
	}
	return false
}
