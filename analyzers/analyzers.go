// Package analyzers defines what an analyzer is and what it sees.
//
// Each analyzer is a package of its own below this one, named after its rule, and exports
// one variable, Analyzer. The registry of all of them is generated.
package analyzers

import (
	"sync"

	"github.com/skylint/skylint/flow/answer"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/rules"
)

// An Analyzer finds the violations of a rule, or of a few that belong together. It keeps no
// state between calls.
type Analyzer struct {
	// Rules are the rules that it reports.
	Rules []*rules.Rule
	// Options, if any, returns a pointer to the struct of the options of one of Rules, filled with
	// their defaults; nil if that has none. A struct declares its keys as document.Decode takes
	// them. A pass gets them by Options.
	Options func(*rules.Rule) any
	// File, if any, looks at one file. It is called for several files at the same time.
	File func(*FilePass)
	// Program, if any, looks at all files together. It is called once, while those of other
	// analyzers run.
	Program func(*ProgramPass)
	// System, if any, looks at what the services do to each other. It is called once, while
	// those of other analyzers run.
	System func(*SystemPass)
	// Long says that System takes much longer than those of most: it begins before them, so that
	// no goroutine is left alone with it in the end.
	Long bool
}

// Settings say how a configuration sets rules. They are safe for concurrent use.
type Settings interface {
	// Enabled reports whether a rule is on for the file at path.
	Enabled(rule *rules.Rule, path string) bool
	// Options decodes the options of a rule into what Analyzer.Options returns; it leaves alone what
	// is not set. They were checked before the analyzers run.
	Options(rule *rules.Rule, into any)
}

// reporter collects the findings of one call of an analyzer.
type reporter struct {
	Settings
	found []rules.Diagnostic
}

// Report adds a finding. A Severity of 0 becomes the rule's.
func (r *reporter) Report(d rules.Diagnostic) {
	if d.Severity == 0 {
		d.Severity = d.Rule.Severity
	}
	if r.Enabled(d.Rule, d.File.Path) {
		r.found = append(r.found, d)
	}
}

// A FilePass is the look of an analyzer at one file.
type FilePass struct {
	*program.File
	Program *program.Program
	reporter
}

// A ProgramPass is the look of an analyzer at all files.
type ProgramPass struct {
	*program.Program
	reporter
}

// A SystemPass is the look of an analyzer at all services and their messages.
type SystemPass struct {
	*effect.System
	// Suspensions returns where the code of the services suspends.
	Suspensions func() *suspend.Info
	// Answers returns where the handlers answer.
	Answers func() *answer.System
	reporter
}

// Facts are what the analyzers that look at the services share.
type Facts struct {
	System      *effect.System
	suspensions func() *suspend.Info
	answers     func() *answer.System
}

// NewFacts returns the facts of a system. Those that only some analyzers need are found when
// they are asked for, once.
func NewFacts(sys *effect.System) *Facts {
	return &Facts{
		System:      sys,
		suspensions: sync.OnceValue(func() *suspend.Info { return suspend.Find(sys) }),
		answers:     sync.OnceValue(func() *answer.System { return answer.New(sys) }),
	}
}

// Prepare finds the facts that are found when they are asked for, each by a call of measure.
func (f *Facts) Prepare(measure func(name string, find func())) {
	measure("suspend", func() { f.suspensions() })
	measure("answer", func() { f.answers() })
}

// RunSystem lets the analyzer look at the services and returns what it found.
func (a *Analyzer) RunSystem(facts *Facts, settings Settings) []rules.Diagnostic {
	if a.System == nil {
		return nil
	}
	pass := &SystemPass{System: facts.System, Suspensions: facts.suspensions, Answers: facts.answers, reporter: reporter{Settings: settings}}
	a.System(pass)
	return pass.found
}

// RunFile lets the analyzer look at a file and returns what it found.
func (a *Analyzer) RunFile(p *program.Program, f *program.File, settings Settings) []rules.Diagnostic {
	if a.File == nil {
		return nil
	}
	pass := &FilePass{File: f, Program: p, reporter: reporter{Settings: settings}}
	a.File(pass)
	return pass.found
}

// RunProgram lets the analyzer look at all files and returns what it found.
func (a *Analyzer) RunProgram(p *program.Program, settings Settings) []rules.Diagnostic {
	if a.Program == nil {
		return nil
	}
	pass := &ProgramPass{Program: p, reporter: reporter{Settings: settings}}
	a.Program(pass)
	return pass.found
}
