// Package lint runs the analyzers over a project: it is what the command, the language server
// and skyrun call. Parse once, then a line of stages over shared results.
package lint

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/analyzers/registry"
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/flow/solve"
	"github.com/skylint/skylint/internal/parallel"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Options say what is to be checked, and how.
type Options struct {
	// Project says which files there are, and holds the configuration. Without models in it, those
	// of Models are taken.
	Project project.Options
	// Rules are the only ones to check; none means all.
	Rules []*rules.Rule
	// Vendored asks for the findings in other people's code too.
	Vendored bool
	// System asks for Result.System.
	System bool
	// NoRules checks no rule, whatever Rules says; problems are reported all the same.
	NoRules bool
	// Suppressed keeps suppressed findings in the report, marked.
	Suppressed bool
	// Baseline, if any, is the findings that are left out of the report.
	Baseline *rules.Baseline
	// Measure asks for the Parts of stages, which costs a little time.
	Measure bool
	// Progress, if any, is told how far a stage is; total is 0 while it is not known. It is
	// called from several goroutines.
	Progress func(stage string, done, total int)
}

// A Result is what a run has found.
type Result struct {
	Report  rules.Report
	Program *program.Program
	// System is what the services do to each other; nil if neither a rule nor Options.System
	// asked for it.
	System *effect.System
	// Known are the findings that Options.Baseline has, and Gone those of its entries that were
	// looked for and not found.
	Known []rules.Diagnostic
	Gone  []rules.BaselineEntry
	// Stages are the parts of the run and how long each took.
	Stages []Stage
}

// Run checks a project. The result is the same for any number of jobs. An error means that
// nothing was checked; what could not be read or parsed is in the report.
func Run(ctx context.Context, opts Options) (*Result, error) {
	r := &run{ctx: ctx, opts: opts, result: &Result{}, began: time.Now()}
	if opts.Project.Config == nil {
		opts.Project.Config = config.Default()
		r.opts = opts
	}
	for _, rule := range rules.All() {
		if err := opts.Project.Config.Options(rule, registry.Options(rule)); err != nil {
			return nil, err
		}
	}
	if opts.Project.Models == nil {
		all, err := Models(opts.Project.Config)
		if err != nil {
			return nil, err
		}
		opts.Project.Models = all
		r.opts = opts
	}
	r.choose()
	r.meter.on = opts.Measure
	if parallel.Jobs(opts.Project.Jobs) > 1 {
		opts.Project.Meanwhile = r.meanwhile
	}
	p, err := project.Load(ctx, opts.Project)
	if err != nil {
		return nil, err
	}
	r.meter.add(Part{"files", p.Times.Read, counts(len(p.Files), "file")})
	r.meter.add(Part{"services", p.Times.Resolve, counts(len(p.Services), "service") + ", " + counts(len(p.Nodes), "node")})
	r.stage("read and parse", "")
	if err := r.analyse(p); err != nil {
		return nil, err
	}
	r.stage("resolve names", "")
	if err := r.check(); err != nil {
		return nil, err
	}
	found := 0
	for _, ds := range r.found {
		found += len(ds)
	}
	r.stage("check rules", counts(found, "finding"))
	r.finish()
	r.stage("report", counts(len(r.result.Report.Diagnostics), "finding"))
	return r.result, nil
}

// run is the state of one Run.
type run struct {
	ctx      context.Context
	opts     Options
	result   *Result
	began    time.Time
	meter    meter
	found    [][]rules.Diagnostic // by task
	settings settings
	analysed []*program.File // by file of the project, then without those that have no tree
	terms    []*ir.File      // the same; nil if nothing needs them

	whole, single, systemic []*analyzers.Analyzer
}

func (r *run) stage(name, count string) {
	now := time.Now()
	r.result.Stages = append(r.result.Stages, Stage{name, now.Sub(r.began), count, r.meter.take()})
	r.began = now
}

func counts(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// meanwhile looks at files alone while the project finds out what they are to each other. Whether a
// vendored file, or one of mere data, is to be followed, is not known by then.
func (r *run) meanwhile(files []*project.File) {
	r.analysed = make([]*program.File, len(files))
	if r.needsSystem() {
		r.terms = make([]*ir.File, len(files))
	}
	// An error is that of the context, which analyse finds again.
	_ = parallel.For(r.ctx, len(files), parallel.Jobs(r.opts.Project.Jobs)-1, func(i int) {
		f := files[i]
		if f.Tree == nil {
			return
		}
		r.look(f, i)
		if r.terms != nil && f.Vendored == "" && !isData(f) {
			r.build(f, i)
		}
	})
}

// look finds what is known of one file.
func (r *run) look(f *project.File, i int) {
	r.meter.time("names", func() {
		r.analysed[i] = program.Analyse(f, r.opts.Project.Config.For(f.Path), r.opts.Project.Models)
	})
}

// build makes the terms of one file.
func (r *run) build(f *project.File, i int) {
	r.meter.time("terms", func() { r.terms[i] = ir.Build(f.Scope, f.API) })
}

// analyse looks at each file alone, as far as that is not done, and groups them.
func (r *run) analyse(p *project.Project) error {
	if r.analysed == nil {
		r.analysed = make([]*program.File, len(p.Files))
		if r.needsSystem() {
			r.terms = make([]*ir.File, len(p.Files))
		}
	}
	loaded := map[*project.File]bool{}
	for _, f := range p.Files {
		for i := range f.Requires {
			for _, l := range f.Requires[i].Files {
				loaded[l] = true
			}
		}
	}
	err := parallel.For(r.ctx, len(p.Files), r.opts.Project.Jobs, func(i int) {
		f := p.Files[i]
		if f.Tree == nil {
			return
		}
		if r.analysed[i] == nil {
			r.look(f, i)
		}
		switch {
		case r.terms == nil || r.terms[i] != nil:
		case len(f.Services) == 0 && (f.Vendored != "" || isData(f) && !loaded[f]): // nothing runs it
			r.terms[i] = ir.Empty(f.Scope, f.API)
		default:
			r.build(f, i)
		}
	})
	if err != nil {
		return err
	}
	r.analysed = slices.DeleteFunc(r.analysed, func(f *program.File) bool { return f == nil })
	if r.terms != nil {
		r.terms = slices.DeleteFunc(r.terms, func(t *ir.File) bool { return t == nil })
		terms, calls := 0, 0
		for _, t := range r.terms {
			terms, calls = terms+len(t.Terms), calls+len(t.Calls)
		}
		r.meter.add(Part{Name: "terms", Count: counts(terms, "term") + ", " + counts(calls, "call")})
	}
	r.result.Program = program.New(p, r.analysed, r.opts.Project.Models)
	return nil
}

// isData reports whether a file has neither calls nor functions: its values say nothing unless
// another file loads them.
func isData(f *project.File) bool {
	for range f.Tree.Nodes(syntax.Call, syntax.MethodCall, syntax.Function) {
		return false
	}
	return true
}

// choose picks the analyzers that the run needs.
func (r *run) choose() {
	r.settings = newSettings(r.opts)
	for _, a := range registry.All() {
		if !slices.ContainsFunc(a.Rules, r.settings.asked) {
			continue
		}
		if a.Program != nil {
			r.whole = append(r.whole, a)
		}
		if a.File != nil {
			r.single = append(r.single, a)
		}
		if a.System != nil {
			r.systemic = append(r.systemic, a)
		}
	}
	slices.SortStableFunc(r.systemic, func(a, b *analyzers.Analyzer) int {
		switch {
		case a.Long == b.Long:
			return 0
		case a.Long:
			return -1
		}
		return 1
	})
}

func (r *run) needsSystem() bool { return r.opts.System || len(r.systemic) > 0 }

// check runs the analyzers. The longest tasks come first: what the services do to each other,
// then the rules about the whole program, then the files.
func (r *run) check() error {
	prog := r.result.Program
	first := 0
	if r.needsSystem() {
		first = 1
	}
	tasks := first + len(r.whole) + len(prog.Files)
	r.found = make([][]rules.Diagnostic, tasks, tasks+len(r.systemic))
	err := parallel.For(r.ctx, tasks, r.opts.Project.Jobs, func(i int) {
		switch k := i - first; {
		case k < 0:
			r.solve(prog)
		case k < len(r.whole):
			r.meter.time(r.whole[k].Rules[0].Name, func() { r.found[i] = r.whole[k].RunProgram(prog, &r.settings) })
		default:
			f := prog.Files[k-len(r.whole)]
			for _, a := range r.single {
				r.meter.time(a.Rules[0].Name, func() { r.found[i] = append(r.found[i], a.RunFile(prog, f, &r.settings)...) })
			}
			if r.opts.Progress != nil {
				r.opts.Progress("checking", i+1, tasks)
			}
		}
	})
	if err != nil {
		return err
	}
	r.found = r.found[:tasks+len(r.systemic)]
	facts := analyzers.NewFacts(r.result.System)
	if r.meter.on && len(r.systemic) > 0 {
		facts.Prepare(r.meter.time) // else the first rule that asks for them would be charged
	}
	return parallel.For(r.ctx, len(r.systemic), r.opts.Project.Jobs, func(i int) {
		r.meter.time(r.systemic[i].Rules[0].Name, func() { r.found[tasks+i] = r.systemic[i].RunSystem(facts, &r.settings) })
	})
}

// solve finds what values reach what, and what the services do to each other.
func (r *run) solve(prog *program.Program) {
	var values *solve.Result
	r.meter.time("solve", func() { values = solve.Solve(prog, r.terms) })
	r.meter.time("effect", func() { r.result.System = effect.Analyse(values, r.opts.Project.Jobs) })
	if !r.meter.on {
		return
	}
	size := values.Size()
	r.meter.add(Part{Name: "solve", Count: counts(size.Atoms, "value") + ", " + counts(size.Cells, "place") + ", " + counts(size.Edges, "edge")})
	entries, messages := 0, 0
	for _, s := range r.result.System.Services {
		entries += len(s.Entries)
		for _, e := range s.Entries {
			messages += len(r.result.System.Messages(s, e))
		}
	}
	r.meter.add(Part{Name: "effect", Count: counts(entries, "handler") + ", " + counts(messages, "message")})
}

// finish applies what configuration and comments say, and makes the report.
func (r *run) finish() {
	prog, report := r.result.Program, &r.result.Report
	byFile := map[string][]rules.Diagnostic{}
	for _, ds := range r.found {
		for _, d := range ds {
			byFile[d.File.Path] = append(byFile[d.File.Path], d)
		}
	}
	for _, f := range prog.Files {
		report.Files++
		report.Lines += lines(f)
		ds := byFile[f.Path]
		if len(ds) == 0 && f.Suppressions == nil {
			continue
		}
		if !r.wanted(f.File) {
			continue
		}
		for i := range ds {
			ds[i].Severity, _ = f.Settings.Severity(ds[i].Rule, ds[i].Severity)
		}
		report.Suppressed += f.Suppressions.Apply(ds)
		whole := len(f.Tree.Errors) == 0 // else more could have been found
		for _, d := range f.Suppressions.Findings(func(rule *rules.Rule) bool { return whole && r.settings.ran(rule, f.Path) }) {
			if severity, on := f.Settings.Severity(d.Rule, d.Severity); on && r.settings.asked(d.Rule) {
				d.Severity = severity
				ds = append(ds, d)
			}
		}
		report.Diagnostics = append(report.Diagnostics, ds...)
	}
	rules.Sort(report.Diagnostics)
	rules.Fingerprint(report.Diagnostics)
	report.Diagnostics, r.result.Known = r.opts.Baseline.Apply(report.Diagnostics)
	report.Baselined = len(r.result.Known)
	r.result.Gone = r.opts.Baseline.Gone(r.result.Known, r.lookedFor)
	if !r.opts.Suppressed {
		report.Diagnostics = slices.DeleteFunc(report.Diagnostics, func(d rules.Diagnostic) bool { return d.Suppressed != nil })
	}
	report.Problems = prog.Project.Problems
}

// lines returns the number of lines of a file as people count: what follows the last line break
// is a line only if there is something.
func lines(f *program.File) int {
	n := f.LineCount()
	if f.Text == "" || strings.HasSuffix(f.Text, "\n") || strings.HasSuffix(f.Text, "\r") {
		n--
	}
	return n
}

// wanted reports whether findings in the file are to be reported.
func (r *run) wanted(f *project.File) bool {
	if f.Vendored != "" && !r.opts.Vendored && !r.opts.Project.Config.Lint.ReportVendored {
		return false
	}
	return f.Asked
}

// lookedFor reports whether the run would have found what an entry of the baseline says, if it
// were still there.
func (r *run) lookedFor(e *rules.BaselineEntry) bool {
	if rule := rules.Lookup(e.Rule); rule != nil && !r.settings.Enabled(rule, e.Path) {
		return false
	}
	if slices.ContainsFunc(r.result.Program.Project.Problems, func(p rules.Problem) bool { return p.Path == e.Path }) {
		return false // it could not be read, or only in part
	}
	f := r.result.Program.Project.File(e.Path)
	return f == nil || r.wanted(f)
}

// settings implements analyzers.Settings.
type settings struct {
	config *config.Config
	only   []*rules.Rule
	none   bool
}

func newSettings(opts Options) settings {
	return settings{config: opts.Project.Config, only: opts.Rules, none: opts.NoRules}
}

// asked reports whether the run is to check the rule.
func (s *settings) asked(rule *rules.Rule) bool {
	return !s.none && (len(s.only) == 0 || slices.Contains(s.only, rule))
}

// ran reports whether the rule was checked on a file, so that nothing more can be found.
func (s *settings) ran(rule *rules.Rule, path string) bool {
	return !strings.HasPrefix(rule.Static, "none") && s.Enabled(rule, path)
}

// Enabled implements analyzers.Settings.
func (s *settings) Enabled(rule *rules.Rule, path string) bool {
	if !s.asked(rule) {
		return false
	}
	_, on := s.config.For(path).Severity(rule, rule.Severity)
	return on
}

// Options implements analyzers.Settings. Run has looked for errors.
func (s *settings) Options(rule *rules.Rule, into any) { _ = s.config.Options(rule, into) }
