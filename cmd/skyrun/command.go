package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// The exit codes. They are an interface: see docs/EXIT-CODES.md.
const (
	exitError       = 1 // the script raised an error
	exitUsage       = 2 // skyrun was used wrongly
	exitUnreadable  = 3 // the text could not be read or compiled
	exitLimit       = 4 // a limit was reached
	exitLint        = 5 // the linter refuses what is to be loaded
	exitInterrupted = 130
	exitTerminated  = 143
)

// run runs the command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	root := &cobra.Command{
		Use:   "skyrun",
		Short: "Run skynet services and Lua scripts under exact limits",
		Long: `skyrun runs the services of a skynet project as isolated, bounded actors, and single Lua scripts, under exact limits:
instructions, time, memory, depth, sizes. No script can get out of it, nor take the process down.`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetArgs(args)
	root.AddCommand(p.runCommand(), p.topCommand(), p.ctlCommand(), p.execCommand(), p.versionCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(p.err, "skyrun: %v\n", err)
		var u unreadable
		if errors.As(err, &u) {
			return exitUnreadable
		}
		fmt.Fprintln(p.err, "See 'skyrun --help'.")
		return exitUsage
	}
	return p.code
}

// unreadable is an error of a file, not of how skyrun is used.
type unreadable struct{ error }
