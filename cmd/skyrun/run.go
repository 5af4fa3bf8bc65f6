package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/analyzers/registry"
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/running"
	"github.com/skylint/skylint/config/skynetcfg"
	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/grant"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/setup"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/runtime/transport"
)

type runFlags struct {
	profile   string
	lint      string
	dir       string
	node      string
	log       string
	grace     time.Duration
	sarif     string
	grants    []string
	allowRoot bool
	observe   observeFlags
}

func (p *program) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] CONFIG|DIR|FILE",
		Short: "Run a node of skynet services",
		Long: `Run the services of a skynet project as isolated, bounded actors.

CONFIG is a skynet config file, which is read as data and not run. DIR is a folder with a sky.toml that describes a node, or
with one skynet config file. FILE is a single service. What sky.toml says ([limits], [actor], [run]) holds in all three cases.

The node runs until all of its services have ended, one calls skynet.abort, or a signal stops it: then each service has the
time of --grace to end. What services print goes to the standard output, their log to the standard error output: as text on a
terminal, as JSON elsewhere.

Exit codes: 0 the node has ended by itself; 1 its first service has not started, or a policy has ended the node; 2 skyrun was
used wrongly, or a configuration is broken; 3 a file cannot be read; 5 the linter refuses what is about to be loaded; 130 or 143
stopped by a signal.`,
		Example: `  skyrun run etc/config.game
  skyrun run --lint off examples/config
  skyrun run --node gate .
  skyrun run --web etc/config.game     and look at http://127.0.0.1:7788
  skyrun run hello.lua`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("run: one skynet config file, folder or service is to be run")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return p.runNode(cmd.Context(), cmd, f, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.profile, "profile", "", "how strictly rules are enforced: `compat` or strict (default: compat, strict with a sky.toml)")
	flags.StringVar(&f.lint, "lint", "", "what findings of the linter do: `error` refuses to run, warn logs them, off (default: warn, error under strict)")
	flags.StringVar(&f.dir, "dir", "", "the `FOLDER` that skynet would be started in (default: found by what the config names)")
	flags.StringVar(&f.node, "node", "", "the `NAME` of the node in sky.toml")
	flags.StringVar(&f.log, "log", "", "how the log is written: `auto`, text or json")
	flags.DurationVar(&f.grace, "grace", 0, "how long services have to end when a signal stops the node (default 5s)")
	flags.StringSliceVar(&f.grants, "grant", nil, "grant a `RIGHT`: "+strings.Join(nodeGrants, ", ")+"; may be repeated")
	flags.StringVar(&f.sarif, "sarif", "", "when the node has ended, write what broke rules to `FILE` as SARIF")
	flags.BoolVar(&f.allowRoot, "allow-root", false, "run as root under the profile strict")
	f.observe.add(flags)
	return cmd
}

// choose returns the value of a flag that takes one of some words; otherwise where it is not given.
func choose(flag, value, otherwise string, words ...string) (string, error) {
	if value == "" {
		return otherwise, nil
	}
	if !slices.Contains(words, value) {
		return "", fmt.Errorf("--%s takes %s, not %q", flag, strings.Join(words, ", "), value)
	}
	return value, nil
}

func (p *program) runNode(ctx context.Context, cmd *cobra.Command, f runFlags, target string) error {
	cfg, err := findConfig(target)
	if err != nil {
		return err
	}
	profile, err := choose("profile", f.profile, cfg.Profile.String(), "compat", "strict")
	if err != nil {
		return err
	}
	otherwise := "warn"
	if profile == config.Strict.String() {
		otherwise = "error"
	}
	lintMode, err := choose("lint", f.lint, otherwise, "error", "warn", "off")
	if err != nil {
		return err
	}
	rights, err := parseGrants(f.grants, nodeGrants)
	if err != nil {
		return err
	}
	node, err := findNode(target, f, cfg)
	if err != nil {
		return err
	}
	run := running.RunSection.ForNode(cfg, node.Name)
	logger, err := p.logger(f.log, run.Log)
	if err != nil {
		return err
	}
	if profile == config.Strict.String() && os.Geteuid() == 0 && !f.allowRoot {
		return errors.New("under the profile strict nothing runs as root: use another user, or --allow-root")
	}
	violations := guarded{}
	if violations.out, err = newOutput(f.sarif, cfg); err != nil {
		return err
	}
	if err := f.observe.absolute(); err != nil {
		return err
	}
	if err := os.Chdir(node.Dir); err != nil {
		return unreadable{err}
	}
	for key, reason := range node.Unknown {
		logger.Warn("a setting cannot be told without running the config file", "key", key, "reason", reason)
	}
	if lintMode != "off" {
		if err := p.lintNode(ctx, node, cfg, lintMode == "error", logger); err != nil {
			return p.refused(ctx, err)
		}
	}
	if run.Memory > 0 {
		debug.SetMemoryLimit(int64(run.Memory))
	}
	grace := time.Duration(run.Grace)
	if cmd.Flags().Changed("grace") {
		grace = f.grace
	}
	violations.guards = guard.New(guard.Options{Policy: runtime.GuardPolicy(cfg, node.Name, profile == config.Strict.String()), Report: logTrip(logger)})
	return p.runServices(ctx, node, cfg, violations, rights, grace, f.observe, logger)
}

// refused shows why the linter lets nothing be loaded.
func (p *program) refused(ctx context.Context, err error) error {
	var refused *lintError
	var signal interruption
	switch {
	case errors.As(context.Cause(ctx), &signal):
		p.code = int(signal)
		return nil
	case errors.As(err, &refused):
		fmt.Fprintf(p.err, "skyrun: %v\n", err)
		p.code = exitLint
		return nil
	}
	return unreadable{err}
}

// input is what services read as the standard input.
func input(r io.Reader) io.ReadCloser {
	if c, ok := r.(io.ReadCloser); ok {
		return c
	}
	return io.NopCloser(r)
}

// runServices runs a node to its end.
func (p *program) runServices(ctx context.Context, node *setup.Node, cfg *config.Config, violations guarded, g granted, grace time.Duration, look observeFlags, logger *slog.Logger) error {
	var files *grant.Files
	if len(g.folders) > 0 {
		var err error
		if files, err = grant.OpenFiles(g.folders...); err != nil {
			return err
		}
		defer files.Close()
	}
	var view observed
	opts := runtime.Options{Setup: node, Dialect: cfg.Dialect, Stdin: input(p.in), Out: p.out, Log: logService(logger), Report: view.report(logEvent(logger)), Guards: violations.guards, Library: func(h *host.State) {
		h.Err, h.Environment = p.err, g.environment
		if files != nil {
			h.Files = files
		}
	}}
	opts.Configure(cfg, node.Name)
	if g.cluster {
		opts.Transport = transport.Loopback{}
	}
	n, err := runtime.New(opts)
	if err != nil {
		return unreadable{err}
	}
	defer view.stop()
	if err := view.serve(look, node.Name, n, logger); err != nil {
		n.Close()
		return err
	}
	if err = n.Start(ctx); err == nil || errors.Is(err, actor.ErrExited) {
		err = n.WaitIdle(ctx)
	} else if ctx.Err() == nil {
		err = fmt.Errorf("the first service has not started: %w", err)
	}
	var signal interruption
	if errors.As(err, &signal) {
		logger.Info("stopping", "grace", grace.String())
	}
	reason := n.Reason()
	if !n.Stop("the node is stopped", grace) {
		logger.Warn("services that had not ended were killed", "grace", grace.String())
	}
	n.Close()
	switch {
	case errors.As(err, &signal):
		p.code = int(signal)
	case err != nil:
		fmt.Fprintf(p.err, "skyrun: %v\n", err)
		p.code = exitError
	case strings.Contains(reason, "has failed"):
		fmt.Fprintf(p.err, "skyrun: %s\n", reason)
		p.code = exitError
	}
	return violations.out.write(n, p.code, logger)
}

// findConfig reads the sky.toml that holds for what is to be run.
func findConfig(target string) (*config.Config, error) {
	dir := target
	if info, err := os.Stat(target); err != nil {
		return nil, unreadable{err}
	} else if !info.IsDir() {
		dir = filepath.Dir(target)
	}
	path, err := config.Find(dir)
	if err != nil {
		return nil, unreadable{err}
	}
	if path == "" {
		return config.Default(), nil
	}
	cfg, err := config.Load(path, config.Options{Sections: running.Sections(), RuleOptions: registry.Options})
	var bad *document.Error
	if errors.As(err, &bad) {
		var lines []string
		for i := range bad.Problems {
			problem := &bad.Problems[i]
			where := path
			if problem.File != nil {
				at := problem.File.RunePosition(problem.Start)
				where = fmt.Sprintf("%s:%d:%d", path, at.Line, at.Column)
			}
			line := where + ": " + problem.Message
			for _, help := range problem.Help {
				line += "\n  " + help
			}
			lines = append(lines, line)
		}
		return nil, errors.New(strings.Join(lines, "\n"))
	}
	return cfg, err
}

// findNode finds what is to be run.
func findNode(target string, f runFlags, cfg *config.Config) (*setup.Node, error) {
	info, err := os.Stat(target)
	if err != nil {
		return nil, unreadable{err}
	}
	var node *setup.Node
	switch {
	case info.IsDir():
		node, err = folderNode(target, f, cfg)
	case filepath.Ext(target) != ".lua" || isConfig(target):
		node, err = configNode(target, "", f, cfg)
	default:
		node, err = setup.Script(target)
	}
	if err != nil {
		return nil, err
	}
	if f.dir != "" {
		if node.Dir, err = filepath.Abs(f.dir); err != nil {
			return nil, err
		}
	}
	return node, nil
}

func isConfig(name string) bool {
	data, err := os.ReadFile(name)
	return err == nil && skynetcfg.LooksLike(string(data))
}

// configNode reads a skynet config file, and what sky.toml says of it.
func configNode(name, as string, f runFlags, cfg *config.Config) (*setup.Node, error) {
	system := &cfg.System.Skynet
	for i := range cfg.Nodes {
		n := &cfg.Nodes[i]
		if as == n.Name || as == "" && n.Config.IsSet() && same(filepath.Join(cfg.Root, filepath.FromSlash(n.Config.Text)), name) {
			system, as = &n.Skynet, n.Name
		}
	}
	dir := f.dir
	if dir == "" && system.Cwd.IsSet() {
		dir = filepath.Join(cfg.Root, filepath.FromSlash(system.Cwd.Text))
	}
	node, err := setup.Config(name, setup.Options{Dir: dir, Env: os.LookupEnv, System: system})
	if err != nil {
		return nil, unreadable{err}
	}
	if as != "" {
		node.Name = as
	}
	return node, nil
}

func same(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// folderNode finds the node of a folder: the one of sky.toml, or the one skynet config file.
func folderNode(dir string, f runFlags, cfg *config.Config) (*setup.Node, error) {
	var names []string
	for i := range cfg.Nodes {
		n := &cfg.Nodes[i]
		names = append(names, n.Name)
		if f.node == n.Name || f.node == "" && len(cfg.Nodes) == 1 {
			if n.Config.IsSet() {
				return configNode(filepath.Join(cfg.Root, filepath.FromSlash(n.Config.Text)), n.Name, f, cfg)
			}
			return setup.System(n.Name, cfg.Root, &n.Skynet)
		}
	}
	switch {
	case f.node != "" && len(names) > 0:
		return nil, fmt.Errorf("sky.toml has no node %q: its nodes are %s", f.node, strings.Join(names, ", "))
	case len(names) > 1:
		return nil, fmt.Errorf("sky.toml has several nodes: choose one by --node %s", strings.Join(names, ", --node "))
	}
	if c := cfg.System.Config; len(c) == 1 {
		return configNode(filepath.Join(cfg.Root, filepath.FromSlash(c[0].Text)), "", f, cfg)
	}
	if cfg.System.LuaService != nil && cfg.System.Start.IsSet() {
		return setup.System(filepath.Base(cfg.Root), cfg.Root, &cfg.System.Skynet)
	}
	found, err := setup.Configs(dir)
	if err != nil {
		return nil, unreadable{err}
	}
	switch len(found) {
	case 1:
		return configNode(found[0], "", f, cfg)
	case 0:
		return nil, fmt.Errorf("%s has no skynet config file whose start service is there, and no sky.toml with a node", dir)
	}
	for i, name := range found {
		found[i] = "skyrun run " + filepath.ToSlash(name)
	}
	return nil, fmt.Errorf("%s has several skynet config files: say which one\n  %s", dir, strings.Join(found, "\n  "))
}
