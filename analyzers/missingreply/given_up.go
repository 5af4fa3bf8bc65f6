package missingreply

import (
	"fmt"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/models"
)

// givesUp reports where the functions of a request that is surely made say that they will not
// answer, in a service that has no way to let somebody else answer.
func (c *checker) givesUp(s *effect.Service, e *effect.Entry, m *effect.Message) {
	for _, fn := range e.Functions {
		f := c.p.Values.Program().Files[fn.File]
		for i := range f.Uses {
			u := &f.Uses[i]
			if u.Entry.Replies != models.ReplyNever || f.Scope.FuncOf(u.Node) != fn.Func || handsOn(s) {
				continue
			}
			c.report(s, e, m, place{fn.File, u.Node}, fmt.Sprintf("'%s' is called, and its answer is given up here", e.Name()),
				"answer with skynet.retpack(), even if there is nothing to say; skynet.ignoreret is for requests that another service answers")
		}
	}
}

// handsOn reports whether a service forwards messages with the session of their sender, or keeps
// that session to answer later.
func handsOn(s *effect.Service) bool {
	for _, f := range s.World.Files {
		for i := range f.API.Calls {
			switch f.API.Calls[i].Path() {
			case "skynet.redirect", "skynet.response", "skynet.context", "skynet.core.send", "skynet.core.redirect", "skynet.forward_type":
				return true
			}
		}
	}
	return false
}

// unpacks reports where the function that unpacks the requests of a protocol raises: that runs
// before there is a coroutine which answers for it.
func (c *checker) unpacks(s *effect.Service, e *effect.Entry) {
	if e.Kind != effect.Dispatch {
		return
	}
	var m *effect.Message
	for _, sent := range c.p.Senders(e) {
		if sent.Kind == effect.Call && sent.API != nil && sent.API.WaitsFor != models.WaitNone && alone(c.p.System, sent) {
			m = sent
			break
		}
	}
	if m == nil {
		return
	}
	site := e.Registered
	for _, t := range c.p.Values.Argument(site.File, site.Call, 0) {
		c.p.Values.Fields(t, func(name string, values []solve.Atom) {
			if name != "unpack" {
				return
			}
			for _, v := range values {
				d := c.p.Values.Atom(v)
				if d.Kind != solve.Function || !s.Has(d.File) || program.ImplementsModel(c.p.Values.Program().Files[d.File].File, c.p.Values.Program().Models) {
					continue
				}
				if at, ok := c.p.Raises(effect.Function{File: d.File, Func: d.Func}); ok {
					c.report(s, e, m, place{at.File, c.p.Values.IR(at.File).Calls[at.Call].Node},
						fmt.Sprintf("'%s' is called, and what unpacks its messages may raise here", e.Name()),
						"return what could be unpacked, and let the handler raise or answer")
				}
			}
		})
	}
}
