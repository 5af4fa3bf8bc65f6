package analyzers

import (
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/rules"
)

// Shared are findings that several services may have in common, such as those in a file that they
// all load: one for each key, in the order in which they were added. The zero Shared is empty.
type Shared[K comparable] struct {
	found map[K]*rules.Diagnostic
	order []*rules.Diagnostic
}

// Of returns the finding of a key, or nil.
func (s *Shared[K]) Of(key K) *rules.Diagnostic { return s.found[key] }

// In notes that the finding of a key is one of a service as well, and reports whether there is one.
func (s *Shared[K]) In(service string, key K) bool {
	d := s.found[key]
	if d == nil {
		return false
	}
	if n := len(d.Services); n == 0 || d.Services[n-1] != service {
		d.Services = append(d.Services, service)
	}
	return true
}

// Add adds the finding of a key that has none.
func (s *Shared[K]) Add(key K, d *rules.Diagnostic) {
	if s.found == nil {
		s.found = map[K]*rules.Diagnostic{}
	}
	s.found[key] = d
	s.order = append(s.order, d)
}

// Report reports the findings.
func (s *Shared[K]) Report(p *SystemPass) {
	for _, d := range s.order {
		p.Report(*d)
	}
}

// At returns the place of a call.
func (p *SystemPass) At(s effect.Site) rules.Location {
	return p.Values.Program().Files[s.File].At(p.Values.IR(s.File).Calls[s.Call].Node)
}

// WaitSteps returns the steps from a point to the call of the API that waits. How a step is told
// depends on the rule: through stands for a call, waits follows the name of the API's function.
func (p *SystemPass) WaitSteps(point suspend.Point, through, waits string) []rules.Step {
	files := p.Values.Program().Files
	var steps []rules.Step
	for _, at := range p.Suspensions().Trace(point) {
		s := rules.Step{Location: files[at.File].At(at.Node), Message: through}
		switch {
		case at.API != nil:
			s.Message = at.API.Path + " " + waits
		case at.Call < 0:
			s.Message = "the metatable calls a function that waits"
		}
		steps = append(steps, s)
	}
	return steps
}
