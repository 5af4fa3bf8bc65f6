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

// root is the command line.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "skyrun",
		Short: "Run skynet services and Lua scripts under exact limits",
		Long: `skyrun runs the services of a skynet project as isolated, bounded actors, and single Lua scripts, under exact limits:
instructions, time, memory, depth, sizes. No script can get out of it, nor take the process down.`,
		Example: `  skyrun run etc/config.game     run the services of a skynet config file
  skyrun top                     look at them
  skyrun ctl waits               who waits for whom
  skyrun exec job.lua            run a single script`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.AddCommand(p.runCommand(), p.topCommand(), p.ctlCommand(), p.execCommand(), p.versionCommand())
	return root
}

// run runs the command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
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
