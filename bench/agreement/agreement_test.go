package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

func TestGenerate(t *testing.T) {
	for seed := range uint64(100) {
		files := generate(seed)
		if len(files) < 2 || !maps.Equal(files, generate(seed)) {
			t.Fatalf("seed %d: %d files, or others each time", seed, len(files))
		}
		for name, text := range files {
			if tree := syntax.Parse(source.New(name, text), syntax.DefaultDialect); len(tree.Errors) > 0 {
				t.Errorf("seed %d: %s: %s\n%s", seed, name, tree.Errors[0].Message, text)
			}
		}
	}
}

// TestTally counts a trip that was reported, one that was not, and a finding that never tripped.
func TestTally(t *testing.T) {
	const text = "local function f()\n\tx = 1\n\ty = 2\nend\nz = 3\n"
	file := source.New("a.lua", text)
	at := func(word string) source.Span {
		i := uint32(strings.Index(text, word))
		return source.Span{Start: i, End: i + 1}
	}
	finding := func(word string, severity rules.Severity) rules.Diagnostic {
		return rules.Diagnostic{Rule: rules.GlobalWrite, Severity: severity, Location: rules.Location{File: file, Span: at(word)}}
	}
	trip := func(rule *rules.Rule, word string) guard.Trip {
		return guard.Trip{Rule: rule, Place: guard.Place{File: file, Line: file.Line(at(word).Start), Span: at(word)}}
	}
	tally := newTally()
	p := &program{name: "p", group: "g"}
	tally.add(p, result{
		graph: &graph.Graph{},
		found: []rules.Diagnostic{finding("y = ", rules.Error), finding("z = ", rules.Error)},
		trips: []guard.Trip{trip(rules.GlobalWrite, "x = "), trip(rules.MissingReply, "x = ")},
	})
	all := tally.sum()
	if want := (row{reported: 1, unreported: 1, made: 1, never: 1, errors: 2, errorsMade: 1}); all != want || tally.met() {
		t.Errorf("counted %+v, want %+v", all, want)
	}
	name := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(name, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeTable(name, tally.table(options{})); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(name)
	if got := string(data); !strings.Contains(got, "| SKY101 global-write | 1 | 0 | 0 | 1 | 1 | 1 of 2 |") || strings.Contains(got, "old") || !strings.HasSuffix(got, end+"after\n") {
		t.Errorf("the page is %s", got)
	}
}
