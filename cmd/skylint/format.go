package main

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/report"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/sarif"
)

// The formats of a report.
const (
	formatText   = "text"
	formatSARIF  = "sarif"
	formatJSON   = "json"
	formatGitHub = "github"
	formatGitLab = "gitlab"
	formatJUnit  = "junit"
)

var formats = []string{formatText, formatSARIF, formatJSON, formatGitHub, formatGitLab, formatJUnit}

// formatOf returns the format of a report: what --format says, or else what the ending of
// the output's name says.
func formatOf(format, output string) (string, error) {
	if format != "" {
		for _, f := range formats {
			if f == format {
				return f, nil
			}
		}
		return "", oneOf("--format", format, formats...)
	}
	if output == "" || output == "-" {
		return formatText, nil
	}
	switch ext := strings.ToLower(filepath.Ext(output)); ext {
	case ".sarif":
		return formatSARIF, nil
	case ".json":
		if strings.HasSuffix(strings.ToLower(output), ".sarif.json") {
			return formatSARIF, nil
		}
		return formatJSON, nil
	case ".xml":
		return formatJUnit, nil
	case ".txt", ".log", "":
		return formatText, nil
	default:
		e := usage("the name %s does not say the format of the report", output)
		e.help = []string{"add --format " + enumerate(formats)}
		return "", e
	}
}

// shownPath returns how the path of a file below root is shown: relative to the current
// folder.
func shownPath(root string) func(path string) string {
	cwd, err := os.Getwd()
	if err != nil || cwd == root {
		return func(path string) string { return path }
	}
	return func(p string) string {
		rel, err := filepath.Rel(cwd, filepath.Join(root, filepath.FromSlash(p)))
		if err != nil {
			return p
		}
		return filepath.ToSlash(rel)
	}
}

// repositoryPath returns how code scanning knows a file below root: relative to the root of the
// repository that root is in. It is nil where there is none.
func repositoryPath(root string) func(path string) string {
	for dir := root; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			below, err := filepath.Rel(dir, root)
			if err != nil {
				return nil
			}
			below = filepath.ToSlash(below)
			return func(p string) string { return path.Join(below, p) }
		}
		if filepath.Dir(dir) == dir {
			return nil
		}
	}
}

// writeReport writes the report of a run in the format that was asked for.
func (r *checkRun) writeReport(w io.Writer, result *lint.Result) error {
	if r.format == formatSARIF {
		list := r.options.Rules
		if len(list) == 0 {
			list = rules.All()
		}
		opts := sarif.Options{
			Version:    buildInfo().version,
			Rules:      list,
			Suppressed: r.flags.suppressed,
			Path:       repositoryPath(result.Program.Project.Root),
			ExitCode:   r.exitCode(&result.Report),
		}
		if result.System != nil {
			opts.Graph = messageGraph(graph.Build(result.System))
		}
		return sarif.Write(w, &result.Report, opts)
	}
	format, err := report.Builtin().Find(r.format)
	if err != nil {
		return err
	}
	shown := shownPath(result.Program.Project.Root)
	if r.format == formatGitHub || r.format == formatGitLab {
		if of := repositoryPath(result.Program.Project.Root); of != nil {
			shown = of
		}
	}
	color := r.useColor(r.out, r.flags.color) && (w == io.Writer(r.out) || r.flags.color == "always")
	return format.Write(w, &result.Report, report.Options{
		Color:   color,
		Width:   r.out.width(),
		Unicode: r.out.terminal && r.utf8(),
		Links:   color && r.out.terminal,
		Version: buildInfo().version,
		Path:    shown,
	})
}

// utf8 reports whether the user's locale says that the terminal shows Unicode.
func (p *program) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := p.getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin"
}
