package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/syntax"
)

// oneOf returns the error of a flag whose value is none of the choices.
func oneOf(flag, value string, choices ...string) error {
	e := usage("%s takes %s, not %q", flag, enumerate(choices), value).suggest(value, slices.Values(choices))
	return e
}

// enumerate joins words as a sentence does: "a, b or c".
func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// complete offers values of a flag to the shell.
func complete(cmd *cobra.Command, flag string, choices ...string) {
	// The only error is a flag that does not exist, and a test goes over all of them.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp))
}

// addConfigFlags adds the flags of every command that reads a project: those about its configuration.
// The prefix says when they mean something.
func addConfigFlags(cmd *cobra.Command, f *checkFlags, prefix string) {
	dialects := syntax.AllDialects.String()
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", prefix+"use this sky.toml: `FILE`")
	flags.BoolVar(&f.noConfig, "no-config", false, prefix+"use no sky.toml")
	flags.StringVar(&f.dialect, "dialect", "", prefix+"`DIALECT` of files where sky.toml says nothing: "+dialects)
	complete(cmd, "dialect", strings.Split(dialects, ", ")...)
}

func addColorFlag(cmd *cobra.Command, color *string) {
	cmd.Flags().StringVar(color, "color", "auto", "`WHEN` to use colours: auto, always or never")
	complete(cmd, "color", "auto", "always", "never")
}

func validColor(color string) error {
	switch color {
	case "auto", "always", "never":
		return nil
	}
	return oneOf("--color", color, "auto", "always", "never")
}
