package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/skylint/skylint/analyzers/registry"
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/running"
	"github.com/skylint/skylint/internal/atomicfile"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/lint/fix"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// severities are what --fail-on takes.
var severities = []string{"error", "warning", "note", "never"}

// stdinName is how standard input is called that has no other name.
const stdinName = "stdin.lua"

// maxFixRounds bounds how often --fix looks again: a fix may make room for another that
// overlapped it.
const maxFixRounds = 5

// A checkRun is one run of check.
type checkRun struct {
	*program
	flags   *checkFlags
	format  string
	failOn  config.Threshold
	options lint.Options
	stages  []lint.Stage
	// baseline is the path of the file with the known findings; empty for none.
	baseline string
}

// check carries out the command.
func (p *program) check(ctx context.Context, f *checkFlags, paths []string) error {
	r := &checkRun{program: p, flags: f}
	if err := r.prepare(paths); err != nil {
		return err
	}
	stop, err := f.profiles.start()
	if err != nil {
		return failure(err)
	}
	err = r.run(ctx)
	if stopped := stop(); err == nil && stopped != nil {
		err = failure(stopped)
	}
	return err
}

// prepare makes sense of the flags and reads the configuration.
func (r *checkRun) prepare(paths []string) (err error) {
	f := r.flags
	if r.format, err = formatOf(f.format, f.output); err != nil {
		return err
	}
	if err := validColor(f.color); err != nil {
		return err
	}
	if f.failOn != "" && !slices.Contains(severities, f.failOn) {
		return oneOf("--fail-on", f.failOn, severities...)
	}
	if f.jobs < 0 {
		return usage("--jobs takes a number from 1 on, not %d", f.jobs)
	}
	if f.baseline != "" && f.noBaseline {
		return usage("--baseline and --no-baseline contradict each other: give one of them")
	}
	if f.fix && f.diff {
		return usage("--fix changes files and --diff changes none: give one of them")
	}
	if f.unsafe && !f.fix && !f.diff {
		e := usage("--unsafe-fixes says which fixes are made, and none are asked for")
		e.help = []string{"--diff --unsafe-fixes shows them, --fix --unsafe-fixes makes them"}
		return e
	}
	if f.diff && f.format != "" {
		return usage("--diff prints no report: leave --format %s out", f.format)
	}
	if len(f.rules) > 0 {
		if r.options.Rules, err = selected(f.rules); err != nil {
			return err
		}
	}
	texts, paths, err := r.readInput(paths)
	if err != nil {
		return err
	}
	cfg, err := r.configure(append(slices.Clone(paths), names(texts)...))
	if err != nil {
		return err
	}
	if r.options.Baseline, err = r.readBaseline(cfg); err != nil {
		return err
	}
	all, err := lint.Models(cfg)
	if err != nil {
		return r.badModels(cfg, err)
	}
	r.options.Project = project.Options{Paths: paths, Texts: texts, Config: cfg, Models: all, Jobs: f.jobs}
	r.options.Vendored = f.vendored
	r.options.Suppressed = f.suppressed
	r.options.Measure = f.stats
	return nil
}

// names returns the names of texts: there is one at most.
func names(texts map[string]string) (list []string) {
	for name := range texts {
		list = append(list, name)
	}
	return list
}

// readInput takes "-" out of the paths and reads standard input for it.
func (r *checkRun) readInput(paths []string) (texts map[string]string, rest []string, err error) {
	rest = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == "-" })
	if len(rest) == len(paths) {
		if r.flags.stdinName != "" {
			e := usage("--stdin-filename names standard input, which is not asked for")
			e.help = []string{`add the path "-"`}
			return nil, nil, e
		}
		return nil, paths, nil
	}
	if r.flags.fix {
		e := usage("--fix cannot change standard input")
		e.help = []string{"--diff shows what it would change"}
		return nil, nil, e
	}
	text, err := io.ReadAll(r.in)
	if err != nil {
		return nil, nil, failure(fmt.Errorf("cannot read standard input: %w", err))
	}
	name := r.flags.stdinName
	if name == "" {
		name = stdinName
	}
	return map[string]string{name: string(text)}, rest, nil
}

// configure reads the sky.toml that holds for the paths, and lets flags go before it.
func (r *checkRun) configure(paths []string) (*config.Config, error) {
	f := r.flags
	path := f.config
	switch {
	case f.noConfig && path != "":
		return nil, usage("--config and --no-config contradict each other: give one of them")
	case f.noConfig:
	case path == "":
		var err error
		if path, err = config.Find(folderOf(paths)); err != nil {
			return nil, failure(fmt.Errorf("cannot look for %s: %w", config.FileName, err))
		}
	}
	cfg := config.Default()
	if path != "" {
		var err error
		if cfg, err = config.Load(path, config.Options{Sections: running.Sections(), RuleOptions: registry.Options}); err != nil {
			return nil, r.badConfig(path, err)
		}
	}
	if f.dialect != "" {
		d, err := syntax.ParseDialect(f.dialect)
		if err != nil {
			return nil, usage("--dialect: %v", err)
		}
		if !cfg.DialectSet {
			cfg.Dialect, cfg.DialectSet = d, true
		}
	}
	switch r.failOn = cfg.Lint.FailOn; f.failOn {
	case "error":
		r.failOn = config.Threshold(rules.Error)
	case "warning":
		r.failOn = config.Threshold(rules.Warning)
	case "note":
		r.failOn = config.Threshold(rules.Note)
	case "never":
		r.failOn = 0
	}
	return cfg, nil
}

// folderOf returns the folder in which the search for sky.toml begins: that of the first
// path.
func folderOf(paths []string) string {
	if len(paths) == 0 {
		return "."
	}
	if info, err := os.Stat(paths[0]); err == nil && info.IsDir() {
		return paths[0]
	}
	return filepath.Dir(paths[0])
}

// badConfig shows what is wrong with a configuration: all of it but the last problem,
// which is returned.
func (r *checkRun) badConfig(path string, err error) error {
	var bad *document.Error
	if !errors.As(err, &bad) {
		return usage("%s: %w", path, err)
	}
	path = shorter(path)
	var last *exitError
	for i := range bad.Problems {
		if last != nil {
			r.complain(last)
		}
		p := &bad.Problems[i]
		place := path
		if p.File != nil {
			at := p.File.RunePosition(p.Start)
			place = fmt.Sprintf("%s:%d:%d", path, at.Line, at.Column)
		}
		last = usage("%s: %s", place, p.Message)
		last.help = p.Help
	}
	return last
}

// badModels shows what is wrong with model files: all of it but the last problem, which is
// returned.
func (r *checkRun) badModels(cfg *config.Config, err error) error {
	var bad *lint.ModelError
	if !errors.As(err, &bad) {
		return failure(err)
	}
	var list []*exitError
	for i := range bad.Missing {
		p := &bad.Missing[i]
		at := p.File.RunePosition(p.Start)
		e := usage("%s:%d:%d: %s", shorter(filepath.Join(cfg.Root, p.Path)), at.Line, at.Column, p.Message)
		e.help = []string{"the path is relative to the folder of " + config.FileName}
		list = append(list, e)
	}
	for _, one := range bad.Errors {
		one.File = shorter(one.File)
		list = append(list, usage("%w", one))
	}
	for _, e := range list[:len(list)-1] {
		r.complain(e)
	}
	return list[len(list)-1]
}

// run checks, and does with the result what the flags say.
func (r *checkRun) run(ctx context.Context) error {
	result, err := r.lint(ctx)
	if err != nil {
		return err
	}
	switch {
	case r.flags.fix:
		if result, err = r.fix(ctx, result); err != nil {
			return err
		}
		err = r.write(result)
	case r.flags.diff:
		err = r.diff(result)
	default:
		err = r.write(result)
	}
	if r.flags.stats {
		r.printStats(result)
	}
	if err != nil {
		return failure(err)
	}
	r.tellGone(result)
	r.code = r.exitCode(&result.Report)
	return nil
}

// lint runs the analyzers once, with the progress shown.
func (r *checkRun) lint(ctx context.Context) (*lint.Result, error) {
	progress := newProgress(r.err, time.Now())
	defer progress.end()
	opts := r.options
	if r.err.terminal {
		opts.Progress = progress.update
		opts.Project.Progress = func(files int) { progress.update("reading", files, 0) }
	}
	result, err := lint.Run(ctx, opts)
	if err != nil {
		return nil, failure(err)
	}
	r.stages = append(r.stages, result.Stages...)
	return result, nil
}

// exitCode returns what the findings amount to.
func (r *checkRun) exitCode(report *rules.Report) int {
	if len(report.Problems) > 0 {
		return exitProblems
	}
	for i := range report.Diagnostics {
		if d := &report.Diagnostics[i]; d.Suppressed == nil && r.failOn.Reached(d.Severity) {
			return exitFindings
		}
	}
	return exitClean
}

// plan returns the fixes that are to be made.
func (r *checkRun) plan(result *lint.Result) *fix.Plan {
	if r.flags.unsafe {
		return fix.All(result.Report.Diagnostics)
	}
	return fix.Safe(result.Report.Diagnostics)
}

// fix makes the fixes, looks again at what is left, and returns that.
func (r *checkRun) fix(ctx context.Context, result *lint.Result) (*lint.Result, error) {
	fixed := 0
	for range maxFixRounds {
		plan := r.plan(result)
		if len(plan.Changes) == 0 {
			break
		}
		root := result.Program.Project.Root
		if err := plan.Write(func(f *source.File) string { return filepath.Join(root, filepath.FromSlash(f.Path)) }); err != nil {
			return nil, failure(err)
		}
		fixed += plan.Fixed
		var err error
		if result, err = r.lint(ctx); err != nil {
			return nil, err
		}
	}
	fmt.Fprintln(r.err, "fixed", counted(fixed, "finding"))
	return result, nil
}

// diff shows what fix would do first.
func (r *checkRun) diff(result *lint.Result) error {
	plan := r.plan(result)
	shown := shownPath(result.Program.Project.Root)
	return r.output(func(w io.Writer) error {
		return plan.Diff(w, func(f *source.File) string { return shown(f.Path) })
	})
}

// write writes the report in its format.
func (r *checkRun) write(result *lint.Result) error {
	return r.output(func(w io.Writer) error { return r.writeReport(w, result) })
}

// output hands over the file that -o names, or standard output.
func (r *checkRun) output(write func(io.Writer) error) error {
	if r.flags.output == "" || r.flags.output == "-" {
		return write(r.out)
	}
	return atomicfile.Write(r.flags.output, write)
}
