package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/report"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/setup"
)

// A lintError says that the linter refuses what is about to be loaded.
type lintError struct{ errors int }

// Error implements error.
func (e *lintError) Error() string {
	return fmt.Sprintf("nothing is loaded: the linter has found %s; see above, or use --lint warn", count(e.errors, "error"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// mostLogged is how many findings are logged, unless they are errors: somebody wants to read the log of the node.
const mostLogged = 10

// lintNode lints the project of a node. Findings are shown if they refuse it, else logged.
func (p *program) lintNode(ctx context.Context, n *setup.Node, cfg *config.Config, refuse bool, log *slog.Logger) error {
	catalogue, err := lint.Models(cfg)
	if err != nil {
		return err
	}
	opts := lint.Options{}
	opts.Project.Paths = n.Code()
	opts.Project.Config, opts.Project.Models = cfg, catalogue
	result, err := lint.Run(ctx, opts)
	if err != nil {
		return err
	}
	logged, left := 0, 0
	bad := rules.Report{Files: result.Report.Files, Lines: result.Report.Lines}
	for i := range result.Report.Diagnostics {
		d := &result.Report.Diagnostics[i]
		if d.Suppressed != nil {
			continue
		}
		if d.Severity >= rules.Error {
			bad.Diagnostics = append(bad.Diagnostics, *d)
		}
		switch {
		case refuse || d.Severity < rules.Warning:
		case d.Severity < rules.Error && logged >= mostLogged:
			left++
		default:
			logged++
			where := ""
			if d.File != nil {
				at := d.File.RunePosition(d.Start)
				where = fmt.Sprintf("%s:%d:%d", d.File.Path, at.Line, at.Column)
			}
			log.WarnContext(ctx, d.Message, "rule", d.Rule.ID, "name", d.Rule.Name, "severity", d.Severity.String(), "place", where)
		}
	}
	if left > 0 {
		log.WarnContext(ctx, "the linter has found more: run skylint check", "warnings", left)
	}
	if !refuse || len(bad.Diagnostics) == 0 {
		return nil
	}
	if err := report.Text(p.err, &bad, report.Options{Command: "skylint"}); err != nil {
		return errors.Join(err, &lintError{errors: len(bad.Diagnostics)})
	}
	return &lintError{errors: len(bad.Diagnostics)}
}
