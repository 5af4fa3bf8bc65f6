package rules

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestPages holds every page to what the generator cannot know.
func TestPages(t *testing.T) {
	if len(All()) < 3 {
		t.Fatalf("%d rules", len(All()))
	}
	for _, r := range All() {
		p, err := Page(r)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Summary != r.Summary || r.Summary == "" {
			t.Errorf("%s: summary %q, in the page %q", r.ID, r.Summary, p.Summary)
		}
		if f := LookupFamily(r.Family); f == nil || f.Digit != r.ID[3] {
			t.Errorf("%s: family %q is not that of its number", r.ID, r.Family)
		}
		for _, e := range slices.Concat(p.Bad.Examples, p.Good.Examples) {
			for _, b := range slices.Concat(e.Files, e.Drive) {
				for _, w := range slices.Concat(b.Wants, b.Trips) {
					if w.Rule != "" && Lookup(w.Rule) == nil {
						t.Errorf("%s:%d: the marker names %q, which is no rule", p.File.Path, b.Line+w.Line-1, w.Rule)
					}
					if w.Line < 1 || w.Line > strings.Count(b.Text, "\n") {
						t.Errorf("%s:%d: the marker speaks of line %d of the block, which has no such line", p.File.Path, b.Line, w.Line)
					}
				}
			}
		}
	}
}

func TestCatalogueIsSorted(t *testing.T) {
	if !slices.IsSortedFunc(All(), func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("rules are not in the order of their ids")
	}
	entries, err := pages.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(All()) {
		t.Errorf("%d pages are embedded, and there are %d rules", len(entries), len(All()))
	}
}

func TestLookup(t *testing.T) {
	for _, name := range []string{"SKY101", "sky101", "global-write", "Global-Write"} {
		if got := Lookup(name); got != GlobalWrite {
			t.Errorf("Lookup(%q) = %v", name, got)
		}
	}
	for _, name := range []string{"", "SKY1xx", "isolation", "SKY999"} {
		if got := Lookup(name); got != nil {
			t.Errorf("Lookup(%q) = %s", name, got.ID)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"global-wirte", "global-write"}, {"global_write", "global-write"}, {"isolatoin", "isolation"}, {"SKY10l", "SKY101"}, {"banana", ""},
	} {
		if got, ok := Nearest(c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("Nearest(%q) = %q, %t; want %q", c.name, got, ok, c.want)
		}
	}
}

func TestSelect(t *testing.T) {
	var suppressions []*Rule
	for _, r := range All() {
		if strings.HasPrefix(r.ID, "SKY0") {
			suppressions = append(suppressions, r)
		}
	}
	for _, c := range []struct {
		selector string
		want     []*Rule
	}{
		{"sky001", []*Rule{StaleSuppression}},
		{"SKY0xx", suppressions},
		{"Suppressions", suppressions},
		{"all", All()},
	} {
		got, err := Select(c.selector)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("Select(%q) = %v, %v", c.selector, got, err)
		}
	}
	for _, f := range Families() {
		got, err := Select(f.Pattern())
		byName, _ := Select(f.Name)
		if err != nil || !slices.Equal(got, byName) {
			t.Errorf("%s and %s are the same family: %v, %v, %v", f.Pattern(), f.Name, got, byName, err)
		}
		for _, r := range got {
			if r.ID[3] != f.Digit {
				t.Errorf("%s holds %s", f.Pattern(), r.ID)
			}
		}
	}
	_, err := Select("global-wirte")
	unknown, ok := errors.AsType[*UnknownError](err)
	if !ok || unknown.Nearest != "global-write" || err.Error() != `no rule or family is called "global-wirte": did you mean "global-write"?` {
		t.Errorf("got %v", err)
	}
	if _, err := Select("banana"); err == nil || err.Error() != `no rule or family is called "banana": skylint rules lists them` {
		t.Errorf("got %v", err)
	}
}
