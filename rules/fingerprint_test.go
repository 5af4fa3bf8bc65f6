package rules

import (
	"regexp"
	"slices"
	"testing"

	"github.com/skylint/skylint/source"
)

// at returns a diagnostic at the start of a line.
func at(f *source.File, r *Rule, line int, key string) Diagnostic {
	start := f.LineStart(line)
	return Diagnostic{Rule: r, Location: Location{f, source.Span{Start: start, End: start + 1}}, Key: key}
}

func fingerprints(ds []Diagnostic) []string {
	Fingerprint(ds)
	var prints []string
	for _, d := range ds {
		prints = append(prints, d.Fingerprint)
	}
	return prints
}

func TestFingerprint(t *testing.T) {
	f := source.New("a.lua", "A = 1\nx()\nx()\nB = 1\n")
	base := fingerprints([]Diagnostic{
		at(f, GlobalWrite, 1, "A"), at(f, GlobalWrite, 2, ""), at(f, GlobalWrite, 3, ""), at(f, GlobalWrite, 4, "B"), at(f, BadSuppression, 1, "A"),
	})
	for i, p := range base {
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(p) || slices.Index(base, p) != i {
			t.Errorf("%s is not of its own: %s", p, base)
		}
	}

	// Lines are put in, indentation and the text of a line with a key change: all stay.
	g := source.New("a.lua", "-- new\n\n  A = 2\nif x then\n\tx()\nend\nx()  \nB = 3\n")
	moved := fingerprints([]Diagnostic{
		at(g, GlobalWrite, 3, "A"), at(g, GlobalWrite, 5, ""), at(g, GlobalWrite, 7, ""), at(g, GlobalWrite, 8, "B"), at(g, BadSuppression, 3, "A"),
	})
	if !slices.Equal(moved, base) {
		t.Errorf("got %s, want %s", moved, base)
	}

	other := source.New("b.lua", f.Text)
	if got := fingerprints([]Diagnostic{at(other, GlobalWrite, 1, "A")})[0]; got == base[0] {
		t.Error("the path does not count")
	}
	keyed := source.New("a.lua", "x()")
	if got := fingerprints([]Diagnostic{at(keyed, GlobalWrite, 1, "x()")})[0]; got == base[1] {
		t.Error("a key is taken for the text of a line")
	}
	// Changing this breaks every baseline: the form of fingerprints is an interface.
	if want := "8b76895a21a21ee43062bd8d41ed22af"; base[0] != want {
		t.Errorf("the fingerprint of A is %s, want %s", base[0], want)
	}
}
