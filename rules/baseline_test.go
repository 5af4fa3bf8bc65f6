package rules

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/source"
)

// findings returns one diagnostic for each mark of a text: a line that writes a global.
func findings(path, text string) []Diagnostic {
	f := source.New(path, text)
	var ds []Diagnostic
	at := 0
	for line := range strings.Lines(text) {
		if name, _, ok := strings.Cut(line, " = "); ok {
			ds = append(ds, Diagnostic{
				Rule: GlobalWrite, Severity: Warning, Message: "'" + name + "' is a global",
				Location: Location{File: f, Span: source.Span{Start: uint32(at), End: uint32(at + len(name))}},
			})
		}
		at += len(line)
	}
	Sort(ds)
	Fingerprint(ds)
	return ds
}

func baselineOf(ds []Diagnostic) *Baseline {
	var entries []BaselineEntry
	for i := range ds {
		entries = append(entries, ds[i].Baseline())
	}
	return NewBaseline(entries)
}

func written(t *testing.T, b *Baseline) string {
	t.Helper()
	var text strings.Builder
	if err := b.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func anything(*BaselineEntry) bool { return true }

func TestBaselineKnowsWhatMoves(t *testing.T) {
	b := baselineOf(findings("a.lua", "x = 1\ny = 2\ny = 2\n"))
	fresh, known := b.Apply(findings("a.lua", "-- new\n\ny = 2\n  x = 1\nz = 3\ny = 2\n"))
	if len(known) != 3 || len(fresh) != 1 || fresh[0].Message != "'z' is a global" {
		t.Errorf("known %d, fresh %v", len(known), fresh)
	}
	if gone := b.Gone(known, anything); gone != nil {
		t.Errorf("gone: %v", gone)
	}
	// One of two that are alike is mended, and one is new in another file.
	_, known = b.Apply(findings("a.lua", "x = 1\ny = 2\n"))
	gone := b.Gone(known, anything)
	if len(gone) != 1 || gone[0].Message != "'y' is a global" {
		t.Errorf("gone: %v", gone)
	}
	if gone := b.Gone(known, func(e *BaselineEntry) bool { return e.Path != "a.lua" }); gone != nil {
		t.Errorf("gone though nobody looked: %v", gone)
	}
	if _, known := b.Apply(findings("b.lua", "x = 1\n")); known != nil {
		t.Errorf("another file: %v", known)
	}
}

func TestBaselineLeavesSuppressedFindings(t *testing.T) {
	ds := findings("a.lua", "x = 1\n")
	b := baselineOf(ds)
	ds[0].Suppressed = &Suppression{}
	fresh, known := b.Apply(ds)
	if len(fresh) != 1 || known != nil || len(b.Gone(known, anything)) != 1 {
		t.Errorf("fresh %v, known %v", fresh, known)
	}
	var none *Baseline
	if fresh, known := none.Apply(ds); len(fresh) != 1 || known != nil || none.Gone(nil, anything) != nil {
		t.Error("no baseline takes nothing out")
	}
}

func TestBaselineFile(t *testing.T) {
	ds := slices.Concat(findings("b.lua", "y = 1\nx = 1\n"), findings("a.lua", "x = 1\n"), findings("\"odd\t\n.lua", "x = 1\n"))
	ds[0].Message = "two\nlines\tand \x1b[31m"
	text := written(t, baselineOf(ds))
	slices.Reverse(ds)
	if again := written(t, baselineOf(ds)); again != text {
		t.Errorf("another order makes another file:\n%s\n%s", text, again)
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 3+len(ds)+1 || lines[0] != "skylint-baseline 1" || !strings.HasSuffix(lines[4], "\tSKY101\ta.lua\t'x' is a global") {
		t.Errorf("got\n%s", text)
	}
	for _, line := range lines[3:7] {
		if strings.Count(line, "\t") != 3 {
			t.Errorf("not four fields: %q", line)
		}
	}
	for _, text := range []string{text, strings.ReplaceAll(text, "\n", "\r\n")} {
		b, err := ReadBaseline(source.New("sky.baseline", text))
		if err != nil {
			t.Fatal(err)
		}
		if _, known := b.Apply(slices.Clone(ds)); len(known) != len(ds) {
			t.Errorf("%d of %d are known", len(known), len(ds))
		}
		for i, e := range b.Entries {
			if e.Line != i+4 {
				t.Errorf("entry %d is on line %d", i, e.Line)
			}
		}
	}
}

func TestBrokenBaseline(t *testing.T) {
	const good = "skylint-baseline 1\n"
	hash := strings.Repeat("0a", 16)
	for _, c := range []struct{ text, message string }{
		{"", "b:1: this is no baseline"},
		{"{}", "b:1: this is no baseline"},
		{"skylint-baseline 2\n", `b:1: the baseline has the format "2"`},
		{good + "# c\n\nx\n", "b:4: this line is no entry"},
		{good + hash + "\tSKY101\ta.lua\n", "b:2: this line is no entry"},
		{good + hash + "\tSKY101\t\tm\n", "b:2: this line is no entry"},
		{good + hash + "\tSKY101\t\"a\tm\n", "b:2: this line is no entry"},
		{good + strings.ToUpper(hash) + "\tSKY101\ta\tm\n", "b:2: this line is no entry"},
		{good + "<<<<<<< HEAD\n", "b:2: a merge conflict"},
	} {
		_, err := ReadBaseline(source.New("b", c.text))
		var bad *BaselineError
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Error(), c.message) || bad.Help == "" {
			t.Errorf("%q: %v", c.text, err)
		}
	}
	if _, err := ReadBaseline(source.New("b", good+hash+"\tSKY101\ta\t\n")); err != nil {
		t.Errorf("an empty message: %v", err)
	}
}
