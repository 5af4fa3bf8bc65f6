package moduletest

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/script"
)

var update = flag.Bool("update", false, "write testdata/output.txt anew")

// Golden runs testdata/program.lua, which must print what testdata/output.txt has.
func Golden(t *testing.T, modules Modules) {
	t.Helper()
	program, err := os.ReadFile("testdata/program.lua")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Run(t, modules, string(program))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/output.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/output.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines, wanted := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	if len(lines) != len(wanted) {
		t.Errorf("%d lines, want %d", len(lines), len(wanted))
	}
	for i := range min(len(lines), len(wanted)) {
		if lines[i] != wanted[i] {
			t.Errorf("line %d is\n%q\nwant\n%q", i+1, lines[i], wanted[i])
		}
	}
}

// Fuzzed runs a program that finds any bytes in the variable data. It must come to its end, or to
// a limit.
func Fuzzed(t *testing.T, modules Modules, data []byte, program string) {
	t.Helper()
	var escaped strings.Builder
	for _, c := range data {
		fmt.Fprintf(&escaped, `\x%02x`, c)
	}
	got, err := Run(t, modules, `local data = "`+escaped.String()+`"
`+program+`
print "done"`, "instructions=1e7", "memory=64MiB")
	if _, ok := script.IsLimit(err); ok {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if got != "done\n" {
		t.Fatal(got)
	}
}
