package main

import "github.com/spf13/cobra"

// checkFlags are the flags of check as they were given.
type checkFlags struct {
	format, output string
	stdinName      string
	rules          []string
	failOn         string
	config         string
	baseline       string
	noBaseline     bool
	dialect        string
	color          string
	jobs           int
	fix, diff      bool
	unsafe         bool
	stats          bool
	noConfig       bool
	vendored       bool
	suppressed     bool
	profiles       profiles
}

func (p *program) checkCommand() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check [flags] [path ...]",
		Short: "Check Lua files and report what is wrong",
		Long: `Check Lua files and report what is wrong in them. A path is a file or a folder with all Lua
files below it; without one it is the current folder; "-" is standard input. The whole project
around the paths is read in any case, since what a service may do depends on what it loads.

` + exitCodes,
		Example: `  skylint check
  skylint check service lualib --rule isolation
  skylint check -o report.sarif --fail-on error
  skylint check --diff                    what --fix would change
  skylint check --baseline sky.baseline   only what is new
  skylint check --stdin-filename service/agent.lua - < buffer`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, paths []string) error {
			if cmd.Parent() == nil && len(paths) == 1 {
				if err := mistyped(cmd, paths[0]); err != nil {
					return err
				}
			}
			return p.check(cmd.Context(), f, paths)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.format, "format", "f", "", "`FORMAT` of the report: "+enumerate(formats)+" (else as FILE ends)")
	flags.StringVarP(&f.output, "output", "o", "", "write the report to `FILE`, whole or not at all")
	flags.StringSliceVarP(&f.rules, "rule", "r", nil, "check only this `RULE` or family; several with commas")
	flags.StringVar(&f.failOn, "fail-on", "", "mildest `SEVERITY` that counts: error, warning (usual), note or never")
	flags.BoolVar(&f.fix, "fix", false, "mend what can be mended safely, and report the rest")
	flags.BoolVar(&f.diff, "diff", false, "show what --fix would change, and change nothing")
	flags.BoolVar(&f.unsafe, "unsafe-fixes", false, "with --fix or --diff: also what may change what the program does")
	flags.StringVar(&f.baseline, "baseline", "", "leave out the findings that `FILE` lists; skylint baseline writes it")
	flags.BoolVar(&f.noBaseline, "no-baseline", false, "report what the baseline of sky.toml lists too")
	flags.StringVar(&f.stdinName, "stdin-filename", "", "the `NAME` of what comes from standard input")
	addConfigFlags(cmd, f, "")
	flags.BoolVar(&f.vendored, "include-vendored", false, "report findings in other people's code too")
	flags.BoolVar(&f.suppressed, "show-suppressed", false, "show suppressed findings too; they do not count")
	flags.IntVarP(&f.jobs, "jobs", "j", 0, "`N` files at a time; the report is the same for any N")
	flags.BoolVar(&f.stats, "stats", false, "print how long each stage took, and what it did")
	addColorFlag(cmd, &f.color)
	for _, name := range []string{"cpuprofile", "memprofile"} {
		_ = flags.MarkHidden(name) // the only error is a flag that does not exist
	}

	complete(cmd, "format", formats...)
	complete(cmd, "fail-on", severities...)
	_ = cmd.RegisterFlagCompletionFunc("rule", completeRules)
	return cmd
}
