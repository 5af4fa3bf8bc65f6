package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/sarif"
)

// logTrip returns a function that logs what breaks a rule.
func logTrip(log *slog.Logger) func(guard.Trip) {
	return func(t guard.Trip) {
		if t.Logged && t.Times == 1 {
			return // as the error that it led to
		}
		args := []any{"rule", t.Rule.ID, "name", t.Rule.Name, "guard", t.Mode.String()}
		if t.File != nil {
			args = append(args, "place", fmt.Sprintf("%s:%d", t.Path(), t.Line))
		}
		if t.Actor != 0 {
			args = append(args, "actor", fmt.Sprintf(":%08x", t.Actor), "service", t.Service)
		}
		if t.Command != "" {
			args = append(args, "handler", t.Command)
		}
		if t.Source != 0 {
			args = append(args, "source", fmt.Sprintf(":%08x", t.Source))
		}
		if t.Trace != 0 {
			args = append(args, "trace", t.Trace)
		}
		if t.Times > 1 {
			args = append(args, "times", t.Times)
		}
		if t.Stack != "" {
			args = append(args, "stack", t.Stack)
		}
		log.Log(context.Background(), slog.LevelWarn, t.Message, args...)
	}
}

// guarded is what is done about what breaks rules.
type guarded struct {
	guards *guard.Guards
	out    *output // nil: none is asked for
}

// An output is where violations are written to when the node has ended.
type output struct {
	file string // absolute
	root string // the folder that its files are named from: that of sky.toml, else the current one
}

// newOutput returns nil for no name.
func newOutput(name string, cfg *config.Config) (*output, error) {
	if name == "" {
		return nil, nil
	}
	file, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	root, err := os.Getwd()
	if err == nil && cfg.File != nil {
		root, err = filepath.Abs(cfg.Root)
	}
	return &output{file, root}, err
}

// write writes what has broken rules in a node, as SARIF.
func (o *output) write(n *runtime.Node, exitCode int, log *slog.Logger) error {
	if o == nil {
		return nil
	}
	found, left := n.Findings(o.root)
	if left > 0 {
		log.Warn("violations in no file of the project are not in the SARIF report", "count", left)
	}
	version, _ := buildVersion()
	err := sarif.WriteFile(o.file, &rules.Report{Diagnostics: found}, sarif.Options{Tool: "skyrun", Version: version, Rules: guard.Rules(), ExitCode: exitCode})
	if err != nil {
		return unreadable{fmt.Errorf("--sarif: %w", err)}
	}
	return nil
}
