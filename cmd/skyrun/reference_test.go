package main

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/SKYRUN.md anew")

// docs/SKYRUN.md is the help of every command: go test ./cmd/skyrun -run Reference -update writes it anew.
func TestReference(t *testing.T) {
	const path = "../../docs/SKYRUN.md"
	var b strings.Builder
	b.WriteString("# Commands and flags of skyrun\n\nWhat `skyrun COMMAND --help` prints. This page is generated; [skyrun run](RUN.md) and " +
		"[skyrun exec](EXEC.md) show how the commands are used.\n")
	commands := []string{""}
	for _, c := range (&program{}).root().Commands() {
		if c.IsAvailableCommand() {
			commands = append(commands, c.Name())
		}
	}
	for _, name := range commands {
		args := []string{"--help"}
		if name != "" {
			args = []string{name, "--help"}
		}
		code, out, errs := command(args...)
		if code != 0 {
			t.Errorf("%q: exit code %d: %s", args, code, errs)
		}
		b.WriteString("\n## " + strings.TrimSpace("skyrun "+name) + "\n\n```\n" + strings.TrimRight(out, "\n") + "\n```\n")
	}
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
		t.Error("docs/SKYRUN.md is not what --help prints: go test ./cmd/skyrun -run Reference -update")
	}
}
