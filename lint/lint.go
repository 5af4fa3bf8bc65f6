// Package lint runs the analyzers over a project: it is what the command, the language server
// and skyrun call. Parse once, then a line of stages over shared results.
package lint

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/analyzers/registry"
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/internal/parallel"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
)

// Options say what is to be checked, and how.
type Options struct {
	// Project says which files there are, and holds the configuration.
	Project project.Options
	// Rules are the only ones to check; none means all.
	Rules []*rules.Rule
	// Vendored asks for the findings in other people's code too.
	Vendored bool
	// Suppressed keeps suppressed findings in the report, marked.
	Suppressed bool
	// Progress, if any, is told how far a stage is; total is 0 while it is not known. It is
	// called from several goroutines.
	Progress func(stage string, done, total int)
}

// A Result is what a run has found.
type Result struct {
	Report  rules.Report
	Program *program.Program
	// Stages are the parts of the run and how long each took.
	Stages []Stage
}

// A Stage is one part of a run.
type Stage struct {
	Name string
	Time time.Duration
}

// Run checks a project. The result is the same for any number of jobs. An error means that
// nothing was checked; what could not be read or parsed is in the report.
func Run(ctx context.Context, opts Options) (*Result, error) {
	r := &run{ctx: ctx, opts: opts, result: &Result{}, began: time.Now()}
	if opts.Project.Config == nil {
		opts.Project.Config = config.Default()
		r.opts = opts
	}
	p, err := project.Load(ctx, opts.Project)
	if err != nil {
		return nil, err
	}
	r.stage("read and parse")
	if err := r.analyse(p); err != nil {
		return nil, err
	}
	r.stage("resolve names")
	if err := r.check(); err != nil {
		return nil, err
	}
	r.stage("check rules")
	r.finish()
	r.stage("report")
	return r.result, nil
}

// run is the state of one Run.
type run struct {
	ctx      context.Context
	opts     Options
	result   *Result
	began    time.Time
	found    [][]rules.Diagnostic // by task
	settings settings
}

func (r *run) stage(name string) {
	now := time.Now()
	r.result.Stages = append(r.result.Stages, Stage{name, now.Sub(r.began)})
	r.began = now
}

// analyse looks at each file alone and groups them.
func (r *run) analyse(p *project.Project) error {
	var files []*project.File
	for _, f := range p.Files {
		if f.Tree != nil {
			files = append(files, f)
		}
	}
	catalogue := models.Builtin()
	analysed := make([]*program.File, len(files))
	err := parallel.For(r.ctx, len(files), r.opts.Project.Jobs, func(i int) {
		analysed[i] = program.Analyse(files[i], r.opts.Project.Config.For(files[i].Path), catalogue)
	})
	if err != nil {
		return err
	}
	r.result.Program = program.New(p, analysed, catalogue)
	return nil
}

// check runs the analyzers. Those of the whole program are the first tasks, since each is
// longer than that of one file.
func (r *run) check() error {
	prog := r.result.Program
	r.settings = newSettings(r.opts)
	var all []*analyzers.Analyzer
	for _, a := range registry.All() {
		if slices.ContainsFunc(a.Rules, r.settings.asked) {
			all = append(all, a)
		}
	}
	var whole, single []*analyzers.Analyzer
	for _, a := range all {
		if a.Program != nil {
			whole = append(whole, a)
		}
		if a.File != nil {
			single = append(single, a)
		}
	}
	tasks := len(whole) + len(prog.Files)
	r.found = make([][]rules.Diagnostic, tasks)
	return parallel.For(r.ctx, tasks, r.opts.Project.Jobs, func(i int) {
		if i < len(whole) {
			r.found[i] = whole[i].RunProgram(prog, &r.settings)
			return
		}
		f := prog.Files[i-len(whole)]
		for _, a := range single {
			r.found[i] = append(r.found[i], a.RunFile(prog, f, &r.settings)...)
		}
		if r.opts.Progress != nil {
			r.opts.Progress("checking", i+1, tasks)
		}
	})
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
		if !r.wanted(f) {
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
	if !r.opts.Suppressed {
		report.Diagnostics = slices.DeleteFunc(report.Diagnostics, func(d rules.Diagnostic) bool { return d.Suppressed != nil })
	}
	report.Problems = prog.Project.Problems
}

// lines returns the number of lines of a file as people count: what follows the last line break
// is a line only if there is something.
func lines(f *program.File) int {
	n := f.LineCount()
	if f.LineStart(n) == uint32(len(f.Text)) {
		n--
	}
	return n
}

// wanted reports whether findings in the file are to be reported.
func (r *run) wanted(f *program.File) bool {
	if f.Vendored != "" && !r.opts.Vendored && !r.opts.Project.Config.Lint.ReportVendored {
		return false
	}
	return f.Asked
}

// settings implements analyzers.Settings.
type settings struct {
	config *config.Config
	only   []*rules.Rule
}

func newSettings(opts Options) settings {
	return settings{config: opts.Project.Config, only: opts.Rules}
}

// asked reports whether the command line asks for the rule.
func (s *settings) asked(rule *rules.Rule) bool {
	return len(s.only) == 0 || slices.Contains(s.only, rule)
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

// Options implements analyzers.Settings.
func (s *settings) Options(rule *rules.Rule, into any) { _ = s.config.Options(rule, into) }
