package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/internal/atomicfile"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// baselineFlags are the flags of baseline as they were given.
type baselineFlags struct {
	check  checkFlags // those that both have
	output string
	prune  bool
}

func (p *program) baselineCommand() *cobra.Command {
	f := &baselineFlags{}
	cmd := &cobra.Command{
		Use:   "baseline [flags] [path ...]",
		Short: "Write down today's findings, so that only new ones are reported",
		Long: `Check the project as "skylint check" does, and write what is found to a baseline: a text with
one line for each finding, to be kept under version control. A check with --baseline FILE, or with
baseline = "FILE" under [lint] of sky.toml, then reports only what is not listed. A finding is known
again when its lines move, or those around it change.

The file is the one that sky.toml names, else ` + rules.BaselineName + ` beside sky.toml or in the current folder.
With paths or rules only what is found there is written down anew; other entries stay.

Exit codes:
  0  the baseline is written
  2  skylint was used wrongly: unknown flag or rule, broken sky.toml or baseline
  3  something could not be read or parsed, so that the baseline may lack something
  130, 143  interrupted, terminated: the baseline is as it was`,
		Example: `  skylint baseline                        accept all that is found today
  skylint baseline service/old            accept more, in one folder
  skylint baseline --prune                take out what has been mended
  skylint check --baseline sky.baseline   report only what is new`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, paths []string) error {
			return p.writeBaseline(cmd.Context(), f, paths)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.output, "output", "o", "", "the baseline: `FILE`, written whole or not at all")
	flags.BoolVar(&f.prune, "prune", false, "only take out the entries that are no longer found; add none")
	flags.StringSliceVarP(&f.check.rules, "rule", "r", nil, "only findings of this `RULE` or family; several with commas")
	addConfigFlags(cmd, &f.check, "")
	flags.BoolVar(&f.check.vendored, "include-vendored", false, "write down findings in other people's code too")
	flags.IntVarP(&f.check.jobs, "jobs", "j", 0, "`N` files at a time; the baseline is the same for any N")
	_ = cmd.RegisterFlagCompletionFunc("rule", completeRules)
	return cmd
}

// writeBaseline carries out the command.
func (p *program) writeBaseline(ctx context.Context, f *baselineFlags, paths []string) error {
	if slices.Contains(paths, "-") {
		return usage("standard input has no baseline: give the paths of a project")
	}
	f.check.color, f.check.noBaseline = "auto", true // it is read below, where a missing one is right
	r := &checkRun{program: p, flags: &f.check}
	if err := r.prepare(paths); err != nil {
		return err
	}
	cfg := r.options.Project.Config
	named := cfg.Lint.Baseline.IsSet() && f.output == ""
	if named {
		r.baseline = filepath.Join(cfg.Root, filepath.FromSlash(cfg.Lint.Baseline.Text))
	} else if r.baseline = f.output; r.baseline == "" {
		r.baseline = filepath.Join(cfg.Root, rules.BaselineName)
	}
	r.baseline = shorter(r.baseline)
	old, err := loadBaseline(r.baseline)
	switch {
	case errors.Is(err, fs.ErrNotExist) && f.prune:
		e := usage("there is no baseline %s to prune", r.baseline)
		e.help = []string{"skylint baseline writes one; -o FILE names another"}
		return e
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	r.options.Baseline = old
	result, err := r.lint(ctx)
	if err != nil {
		return err
	}
	if strange(old, result) {
		e := usage("no file that %s lists is in %s: it was written for another folder", r.baseline, result.Program.Project.Root)
		e.help = []string{"remove the file to begin anew, or name another with -o"}
		return e
	}
	now, added := renewed(old, result, f.prune)
	if err := atomicfile.Write(r.baseline, now.Write); err != nil {
		return failure(err)
	}
	fmt.Fprintf(p.out, "wrote %s: %s\n", r.baseline, told(len(now.Entries), added, len(result.Gone)))
	if !named && old == nil {
		colors := palette(p.useColor(p.err, "auto"))
		fmt.Fprintf(p.err, "%s skylint check --baseline %s reports only what is new; so does a plain check, with baseline = %q under [lint] of %s\n",
			colors.help("help:"), r.baseline, filepath.ToSlash(filepath.Base(r.baseline)), config.FileName)
	}
	if len(result.Report.Problems) > 0 {
		p.code = exitProblems
		p.complain(failure(problemsError(result, "the baseline")))
	}
	return nil
}

// renewed returns the baseline after a run, and how many of its entries are new. Entries that
// the run did not look for stay as they are.
func renewed(old *rules.Baseline, result *lint.Result, prune bool) (now *rules.Baseline, added int) {
	var entries []rules.BaselineEntry
	for i := range result.Known {
		entries = append(entries, result.Known[i].Baseline())
	}
	if !prune {
		for i := range result.Report.Diagnostics {
			entries = append(entries, result.Report.Diagnostics[i].Baseline())
			added++
		}
	}
	if old != nil {
		gone := make(map[string]bool, len(result.Gone))
		for _, e := range result.Gone {
			gone[e.Fingerprint] = true
		}
		for _, e := range old.Entries {
			if !gone[e.Fingerprint] {
				entries = append(entries, e) // the second of two with one fingerprint is dropped
			}
		}
	}
	return rules.NewBaseline(entries), added
}

// told says what became of a baseline.
func told(all, added, gone int) string {
	text := counted(all, "finding")
	if all == added && gone == 0 {
		return text
	}
	return fmt.Sprintf("%s (%d new, %d taken out)", text, added, gone)
}

// strange reports whether a baseline has entries, but none about a file of the project, and
// nothing says that the paths of both are relative to the same folder.
func strange(b *rules.Baseline, result *lint.Result) bool {
	if b == nil || len(b.Entries) == 0 || result.Program.Project.Config.Root != "" {
		return false
	}
	for i := range b.Entries {
		if result.Program.Project.File(b.Entries[i].Path) != nil {
			return false
		}
	}
	return true
}

// loadBaseline reads a baseline. The error wraps fs.ErrNotExist if there is no such file.
func loadBaseline(path string) (*rules.Baseline, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, failure(fmt.Errorf("cannot read the baseline: %w", err))
	}
	b, err := rules.ReadBaseline(source.New(path, string(text)))
	var bad *rules.BaselineError
	if errors.As(err, &bad) {
		e := usage("%w", err)
		e.help = []string{bad.Help}
		return nil, e
	}
	return b, err
}

// readBaseline reads the baseline that the flags or sky.toml name; nil for none.
func (r *checkRun) readBaseline(cfg *config.Config) (*rules.Baseline, error) {
	place := ""
	switch named := cfg.Lint.Baseline; {
	case r.flags.noBaseline:
		return nil, nil
	case r.flags.baseline != "":
		r.baseline = r.flags.baseline
	case named.IsSet():
		r.baseline = shorter(filepath.Join(cfg.Root, filepath.FromSlash(named.Text)))
		at := cfg.File.RunePosition(named.At.Start)
		place = fmt.Sprintf("%s:%d:%d: ", shorter(filepath.Join(cfg.Root, cfg.File.Path)), at.Line, at.Column)
	default:
		return nil, nil
	}
	b, err := loadBaseline(r.baseline)
	if errors.Is(err, fs.ErrNotExist) {
		e := usage("%sthere is no baseline %s", place, r.baseline)
		e.help = []string{"skylint baseline writes it", "--no-baseline does without"}
		if place == "" {
			e.help = []string{"skylint baseline -o " + r.baseline + " writes it"}
		}
		return nil, e
	}
	return b, err
}

// shorter returns a path relative to the current folder, if it lies in it.
func shorter(path string) string {
	cwd, err := os.Getwd()
	if err != nil || !filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(cwd, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// maxGone is how many entries that are gone are listed.
const maxGone = 5

// tellGone says which entries of the baseline are no longer found.
func (r *checkRun) tellGone(result *lint.Result) {
	colors := palette(r.useColor(r.err, r.flags.color))
	if strange(r.options.Baseline, result) {
		fmt.Fprintf(r.err, "%s no file that %s lists is in %s: it was written for another folder\n", colors.warn("warning:"), r.baseline, result.Program.Project.Root)
		return
	}
	gone := result.Gone
	if len(gone) == 0 {
		return
	}
	what := "1 entry of the baseline is no longer found"
	if len(gone) > 1 {
		what = fmt.Sprintf("%d entries of the baseline are no longer found", len(gone))
	}
	fmt.Fprintf(r.err, "%s %s\n", colors.bold("note:"), what)
	for i, e := range gone {
		if i == maxGone && len(gone) > maxGone+1 {
			fmt.Fprintf(r.err, "  and %d more\n", len(gone)-i)
			break
		}
		fmt.Fprintf(r.err, "  %s:%d: %s %s: %s\n", r.baseline, e.Line, e.Rule, e.Path, e.Message)
	}
	fmt.Fprintf(r.err, "%s skylint baseline --prune takes %s out\n", colors.help("help:"), map[bool]string{true: "it", false: "them"}[len(gone) == 1])
}
