package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/runtime/grant"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// The rights that --grant gives; cluster is for nodes alone.
var (
	grants     = []string{"files", "env"}
	nodeGrants = append(grants[:2:2], "cluster")
)

type execFlags struct {
	limits  []string
	grants  []string
	dialect string
}

func (p *program) execCommand() *cobra.Command {
	var f execFlags
	cmd := &cobra.Command{
		Use:   "exec [flags] FILE [ARGUMENT]...",
		Short: "Run a file",
		Long: `Run a Lua file; - is the standard input. What stands behind the file is what the script finds in "..." and in the table arg.

Limits are set by --limit KEY=VALUE, with the keys of sky.toml: ` + strings.Join(limit.Keys(), ", ") + `.
A value is a number (1e9), a size (64MiB), a time (5s), or none.

A script can touch neither files nor the environment unless --grant says so: files (those of the current folder), files=FOLDER, env.

Exit codes: 0 the script ended; 1 it raised an error; 2 skyrun was used wrongly; 3 the file cannot be read or compiled;
4 a limit was reached (the message says which); 130 or 143 stopped by a signal. os.exit gives its own.`,
		Example: `  skyrun exec --limit time=5s --limit memory=64MiB job.lua
  skyrun exec --grant files report.lua out.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("exec: which file is to be run? (- for the standard input)")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return p.exec(cmd.Context(), f, args) },
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // what stands behind the file is the script's
	flags.StringArrayVar(&f.limits, "limit", nil, "set a limit, `KEY=VALUE`; may be repeated")
	flags.StringSliceVar(&f.grants, "grant", nil, "grant a `RIGHT`: "+strings.Join(grants, ", ")+"; may be repeated")
	flags.StringVar(&f.dialect, "dialect", syntax.DefaultDialect.String(), "read the file as Lua `VERSION`: 5.1 to 5.5, or luajit")
	return cmd
}

func (p *program) exec(ctx context.Context, f execFlags, args []string) error {
	limits := limit.Default()
	for _, s := range f.limits {
		if err := limits.Set(s); err != nil {
			return err
		}
	}
	rights, err := parseGrants(f.grants, grants)
	if err != nil {
		return err
	}
	dialect, err := syntax.ParseDialect(f.dialect)
	if err != nil {
		return err
	}
	file, err := p.read(args[0])
	if err != nil {
		return unreadable{err}
	}
	var files *grant.Files
	if len(rights.folders) > 0 {
		if files, err = grant.OpenFiles(rights.folders...); err != nil {
			return err
		}
		defer files.Close()
	}
	if limits.Memory > 0 {
		// The collector works harder near the limit, so that garbage is not what meets it.
		debug.SetMemoryLimit(2*limits.Memory + 256<<20)
		defer limit.Watch(uint64(max(limits.Memory/8, 16<<20)), 0)()
	}
	out := bufio.NewWriterSize(p.out, 64<<10)
	state := script.New(script.Options{Limits: limits, Dialect: dialect, Host: func(h *host.State) {
		h.Out, h.Err = out, p.err
		if args[0] != "-" {
			h.In = p.in
		}
		h.Environment = rights.environment
		if files != nil {
			h.Files = files
			h.ReadFile = func(name string) ([]byte, error) { return readSource(files, name, limits.Source) }
		}
	}})
	defer state.Close()
	p.code = p.runFile(ctx, state, file, args, out)
	if err := out.Flush(); err != nil && p.code == 0 {
		fmt.Fprintf(p.err, "skyrun: %v\n", err)
		p.code = exitError
	}
	return nil
}

// granted is what --grant gives.
type granted struct {
	folders     []string
	environment bool
	cluster     bool
}

// parseGrants reads what --grant says, of the rights that there are.
func parseGrants(all, rights []string) (g granted, err error) {
	for _, right := range all {
		name, value, given := strings.Cut(right, "=")
		switch {
		case name == "files" && given && value != "":
			g.folders = append(g.folders, value)
		case name == "files" && !given:
			g.folders = append(g.folders, ".")
		case name == "files":
			return g, errors.New("grant files= names no folder")
		case right == "env":
			g.environment = true
		case right == "cluster" && slices.Contains(rights, right):
			g.cluster = true
		default:
			if near, ok := nearest.Of(name, slices.Values(rights)); ok && near != name {
				return g, fmt.Errorf("grant %q is not known: did you mean %q?", right, near)
			}
			return g, fmt.Errorf("grant %q is not known: the rights are %s", right, strings.Join(rights, ", "))
		}
	}
	return g, nil
}

// readSource reads a file for loadfile and require. One that is too large is cut off behind
// the limit, which the library then meets.
func readSource(files *grant.Files, name string, most int64) ([]byte, error) {
	data, err := files.Read(name, most)
	if err != nil {
		return nil, reason(err)
	}
	return data, nil
}

func reason(err error) error {
	text, _ := host.Reason(err)
	return errors.New(text)
}

// read reads the file to run.
func (p *program) read(name string) (*source.File, error) {
	var text []byte
	var err error
	shown := filepath.ToSlash(name)
	if name == "-" {
		shown = "stdin"
		text, err = io.ReadAll(p.in)
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, err
	}
	return source.New(shown, string(text)), nil
}

// runFile runs a file and shows what went wrong; it returns the exit code.
func (p *program) runFile(ctx context.Context, state *script.State, file *source.File, args []string, out *bufio.Writer) int {
	stop := context.AfterFunc(ctx, func() { state.Budget.Stop("interrupted") })
	defer stop()
	fn, err := state.Load(file)
	if err != nil {
		p.showLoad(err)
		return stopped(ctx, err, exitUnreadable)
	}
	values := make([]lua.LValue, 0, len(args)-1)
	table := &lua.LTable{Metatable: lua.LNil}
	table.RawSet(lua.LNumber(0), lua.LString(args[0]))
	for i, a := range args[1:] {
		values = append(values, lua.LString(a))
		table.RawSetInt(i+1, lua.LString(a))
	}
	state.Globals.RawSetString("arg", table)
	_, err = state.Call(fn, values...)
	out.Flush()
	var exit *script.Exit
	var failed *script.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Code
	case errors.As(err, &failed):
		p.showFailure(failed)
	default:
		fmt.Fprintf(p.err, "skyrun: %v\n", err)
	}
	return stopped(ctx, err, exitError)
}

// stopped returns the exit code of a run that a signal or a limit stopped, wherever it was; of any
// other, the given one.
func stopped(ctx context.Context, err error, other int) int {
	if _, ok := script.IsLimit(err); !ok {
		return other
	}
	var code interruption
	if errors.As(context.Cause(ctx), &code) {
		return int(code)
	}
	return exitLimit
}

// showLoad shows why a file cannot run.
func (p *program) showLoad(err error) {
	fmt.Fprintf(p.err, "skyrun: %v\n", err)
	var e *lower.Error
	if errors.As(err, &e) && e.File != nil {
		writeFrame(p.err, e.File, e.Span)
	}
}

// showFailure shows an error as the standalone interpreter does, with the code.
func (p *program) showFailure(e *script.Error) {
	if e.Limit != nil && e.File != nil {
		fmt.Fprintf(p.err, "skyrun: %s:%d: %s\n", e.File.Path, e.Line, e.Message)
	} else {
		fmt.Fprintf(p.err, "skyrun: %s\n", e.Message)
	}
	if e.Defect != "" {
		fmt.Fprintf(p.err, "skyrun: this is a defect of skyrun, not of the script: %s\n", e.Defect)
	}
	if e.File != nil {
		writeFrame(p.err, e.File, e.Span)
	}
	if e.Traceback != "" {
		fmt.Fprintf(p.err, "%s\n", e.Traceback)
	}
}
