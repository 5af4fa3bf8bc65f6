package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// docs/COMMANDS.md is the help of every command: go test ./cmd/skylint -run Reference -update
// writes it anew.
func TestReference(t *testing.T) {
	const path = "../../docs/COMMANDS.md"
	var b strings.Builder
	b.WriteString("# Commands and flags of skylint\n\nWhat `skylint COMMAND --help` prints. This page is generated; " +
		"[the guide](GUIDE.md) shows how the commands are used.\n")
	root := (&program{}).root()
	var help func(c *cobra.Command)
	help = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" {
			return
		}
		args := strings.Fields(c.CommandPath())[1:]
		r := skylint(t, append(args, "--help")...)
		if r.code != exitClean {
			t.Errorf("%s --help: exit code %d", c.CommandPath(), r.code)
		}
		b.WriteString("\n## " + c.CommandPath() + "\n\n```\n" + strings.TrimRight(r.out, "\n") + "\n```\n")
		for _, sub := range c.Commands() {
			if c == root {
				help(sub)
			}
		}
	}
	// As main does it, the command is run once before, so that cobra's own commands are there.
	root.InitDefaultCompletionCmd()
	help(root)
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(have), "\r\n", "\n") != b.String() {
		t.Error("docs/COMMANDS.md is not what --help prints: go test ./cmd/skylint -run Reference -update")
	}
}
