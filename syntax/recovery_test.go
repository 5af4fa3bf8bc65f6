package syntax_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/syntax"
)

var update = flag.Bool("update", false, "write the errors into testdata/recovery.txtar")

// TestRecovery compares all errors of programs with mistakes, and what is left of the
// statements, with what is written down.
func TestRecovery(t *testing.T) {
	const path = "testdata/recovery.txtar"
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		program, errors := &archive.Files[i], &archive.Files[i+1]
		at := strings.LastIndex(program.Name, " in ")
		name, dialect := program.Name[:at], program.Name[at+4:]
		if errors.Name != "errors: "+name {
			t.Fatalf("%s: %q follows %q", path, errors.Name, program.Name)
		}
		d, err := syntax.ParseDialect(dialect)
		if err != nil {
			t.Fatal(err)
		}
		got := describe(parse(string(program.Data), d))
		if *update {
			errors.Data = []byte(got)
		} else if got != string(errors.Data) {
			t.Errorf("%s: got\n%s\nexpected\n%s", program.Name, got, errors.Data)
		}
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// describe writes a line for each error, and one with the statements of the main block.
func describe(tree *syntax.Tree) string {
	var b strings.Builder
	for _, e := range tree.Errors {
		p := tree.File.Position(e.Start)
		fmt.Fprintf(&b, "%d:%d: %s", p.Line, p.Column, e.Message)
		if e.HasOpened {
			fmt.Fprintf(&b, " (line %d)", tree.File.Line(e.Opened))
		}
		if e.Accepts != 0 {
			fmt.Fprintf(&b, " [%s]", e.Accepts)
		}
		b.WriteByte('\n')
	}
	for _, s := range tree.Statements(tree.Main) {
		fmt.Fprintf(&b, "%s ", tree.Kind(s))
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}
