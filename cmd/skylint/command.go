package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/skylint/skylint/internal/nearest"
)

// The exit codes: an interface, listed in --help and docs/EXIT-CODES.md.
const (
	exitClean       = 0
	exitFindings    = 1
	exitUsage       = 2
	exitProblems    = 3
	exitInterrupted = 130 // as a shell counts: 128 and the number of the signal
	exitTerminated  = 143
)

const exitCodes = `Exit codes:
  0  nothing was found that counts (see --fail-on)
  1  something was found that counts
  2  skylint was used wrongly: unknown flag, rule or format, broken sky.toml
  3  something could not be read or parsed; goes before 1
  130, 143  interrupted, terminated`

// A program is one run of the command with what it reads and writes.
type program struct {
	in       io.Reader
	out, err *stream
	getenv   func(string) string
	code     int // the exit code of a command that has no error
}

// run carries out the command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	err := root.ExecuteContext(ctx)
	if cause := (interruption(0)); errors.As(context.Cause(ctx), &cause) {
		fmt.Fprintln(p.err, "skylint: interrupted")
		return int(cause)
	}
	if err == nil {
		return p.code
	}
	var e *exitError
	if !errors.As(err, &e) {
		// Cobra's own complaints, all about the command line.
		e = &exitError{code: exitUsage, err: err}
	}
	p.complain(e)
	return e.code
}

// complain prints an error in the shape of a finding: what, and the way out.
func (p *program) complain(e *exitError) {
	colors := palette(p.useColor(p.err, "auto"))
	fmt.Fprintf(p.err, "%s %v\n", colors.error("error:"), e.err)
	for _, help := range e.help {
		fmt.Fprintf(p.err, "%s %s\n", colors.help("help:"), help)
	}
}

// An exitError ends a command with an exit code.
type exitError struct {
	code int
	err  error
	help []string
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usage returns the error of a command line that makes no sense.
func usage(format string, args ...any) *exitError {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// suggest adds the name that was probably meant.
func (e *exitError) suggest(name string, candidates iter.Seq[string]) *exitError {
	if best, ok := nearest.Of(name, candidates); ok {
		e.help = append(e.help, fmt.Sprintf("did you mean %s?", best))
	}
	return e
}

// failure returns the error of something that could not be done.
func failure(err error) *exitError { return &exitError{code: exitProblems, err: err} }

// root returns the command with all its subcommands.
func (p *program) root() *cobra.Command {
	root := p.checkCommand()
	root.Use = "skylint [flags] [path ...]"
	root.Short = "Find mistakes in the Lua services of actor systems"
	root.Long = `skylint finds mistakes in the Lua services of actor systems, above all skynet: globals that
services share by accident, commands that nobody checks, code that comes in by a message.

Without a subcommand it is "skylint check".

` + exitCodes
	root.Example = `  skylint                         check the project around the current folder
  skylint explain global-write    say what a rule means
  skylint baseline                accept what is found today; report only what is new
  skylint graph -o graph.svg      draw which service sends what to which
  skylint init                    write a sky.toml with comments
  skylint check --help            all flags of the check`
	root.SilenceErrors = true
	root.SilenceUsage = true
	root.DisableAutoGenTag = true
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveDefault)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(p.checkCommand(), p.graphCommand(), p.baselineCommand(), p.rulesCommand(), p.explainCommand(), p.initCommand(), p.versionCommand())
	root.SetHelpCommand(helpCommand(root))
	return root
}

// helpCommand returns the help command: cobra's own takes a mistyped name for nothing.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Show the help of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			about := root
			for _, c := range root.Commands() {
				if len(args) > 0 && c.Name() == args[0] {
					about = c
				}
			}
			if len(args) == 0 || about != root {
				about.InitDefaultHelpFlag() // cobra adds -h only to what it runs
				return about.Help()
			}
			return usage("no command is called %s", args[0]).suggest(args[0], commandNames(root))
		},
	}
}

// flagError makes pflag's complaints ours, with the flag that was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		e := usage("%w", err)
		e.help = []string{fmt.Sprintf("%s --help lists the flags", cmd.CommandPath())}
		return e
	}
	name := unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		e := usage("unknown flag -%s in -%s", name, unknown.GetSpecifiedShortnames())
		e.help = []string{fmt.Sprintf("%s --help lists the flags", cmd.CommandPath())}
		return e
	}
	e := usage("unknown flag --%s", name).suggest("--"+name, func(yield func(string) bool) {
		more := true
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			more = more && (f.Hidden || yield("--"+f.Name))
		})
	})
	if e.help == nil {
		e.help = []string{fmt.Sprintf("%s --help lists the flags", cmd.CommandPath())}
	}
	return e
}

// mistyped returns an error if path names nothing but looks like a subcommand: after
// "skylint chekc" nobody wants to hear of a missing file.
func mistyped(root *cobra.Command, path string) error {
	if strings.ContainsAny(path, `./\`) {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	e := usage("%s is neither a command nor a file or folder", path).suggest(path, commandNames(root))
	if e.help == nil {
		return nil
	}
	return e
}

func commandNames(root *cobra.Command) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, c := range root.Commands() {
			if !c.Hidden && !yield(c.Name()) {
				return
			}
		}
	}
}
