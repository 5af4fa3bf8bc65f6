package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/source"
)

var comments = regexp.MustCompile(`(?s)--\[\[.*?\]\]|(?-s)--.*`)

// suppressions reads the comments of a text without dashes in its strings.
func suppressions(text string) (*source.File, *Suppressions) {
	f := source.New("x.lua", text)
	s := ReadSuppressions(f, func(yield func(source.Span) bool) {
		for _, m := range comments.FindAllStringIndex(text, -1) {
			if !yield(source.Span{Start: uint32(m[0]), End: uint32(m[1])}) {
				return
			}
		}
	}, func(uint32) uint32 { return uint32(len(text)) })
	return f, s
}

// writes returns a finding of SKY101 for each name in capitals that is assigned.
func writes(f *source.File) []Diagnostic {
	var ds []Diagnostic
	code := comments.ReplaceAllStringFunc(f.Text, func(s string) string { return strings.Repeat(" ", len(s)) })
	for _, m := range regexp.MustCompile(`[A-Z]+ =`).FindAllStringIndex(code, -1) {
		span := source.Span{Start: uint32(m[0]), End: uint32(m[1] - 2)}
		ds = append(ds, Diagnostic{Rule: GlobalWrite, Location: Location{f, span}, Key: f.Text[span.Start:span.End]})
	}
	return ds
}

func always(*Rule) bool { return true }

func TestApply(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"A = 1 -- skylint: ignore global-write: because\nB = 1", "A because"},
		{"A = 1 --skylint:ignore SKY101:because", "A because"},
		{"A = 1 --- skylint: ignore sky1xx:  because: it \t is", "A because: it is"},
		{"A = 1 -- skylint: ignore isolation, handlers: because", "A because"},
		{"A = 1 -- skylint:\tignore\tGlobal-Write\t:\tbecause", "A because"},
		{"A = 1 --[[ skylint: ignore global-write:\n because\n it is ]] B = 2", "A because it is"},
		{"--[[ skylint: ignore global-write: because ]] A = 1\nB = 2", "A because"},
		{"-- skylint: ignore global-write: because\n\n-- words\n--[[ more\n]] A = 1\nB = 2", "A because"},
		{"-- skylint: ignore global-write: first\n-- skylint: ignore-file isolation: second\nA = 1\nB = 2", "A first,B second"},
		{"A = 1\n-- skylint: ignore-begin global-write: because\nB = 1\n-- skylint: ignore-end\nC = 1", "B because"},
		{"-- skylint: ignore-begin global-write: outer\nA = 1\n-- skylint: ignore-begin SKY101: inner\n-- skylint: ignore-end\nB = 1 -- skylint: ignore-end global-write", "A outer,B outer"},
		{"-- skylint: ignore-begin isolation: one\nA = 1\n-- skylint: ignore-begin handlers: two\nB = 1\n-- skylint: ignore-end isolation\nC = 1\n-- skylint: ignore-end", "A one,B one"},
		{"A = 1 -- skylint: ignore-file global-write: wide\nB = 2 -- skylint: ignore global-write: narrow", "A wide,B narrow"},
		{"A = 1 -- skylint: ignore global-wirte, global-write: because", "A because"}, // the right one is heeded
		{"A = 1 -- skylint: ignore-begin global-write: because", ""},                  // never closed
		{"A = 1 -- skylint: ignore global-write", ""},
		{"A = 1 -- skylint: ignore bad-suppression: because", ""},
		{"A = 1 -- skylint: ignore all: because", ""},
		{"A = 1 -- see skylint: ignore global-write: because", ""},
		{"A = 1 -- luacheck: ignore\nB = 2 -- luacheck: ignore 111/C\nC = 3 -- luacheck: ignore 111/C", "A silenced for luacheck,C silenced for luacheck"},
		{"A = 1 -- luacheck: globals A, ignore; skylint: no", "A silenced for luacheck"},
	} {
		f, s := suppressions(c.text)
		ds := writes(f)
		n := s.Apply(ds)
		var got []string
		for _, d := range ds {
			if d.Suppressed != nil {
				got = append(got, d.Key+" "+d.Suppressed.Reason)
				if text := f.Text[d.Suppressed.Start:d.Suppressed.End]; !strings.HasPrefix(text, "--") {
					t.Errorf("%q: the place %q is not the comment", c.text, text)
				}
			}
		}
		if strings.Join(got, ",") != c.want || n != len(got) {
			t.Errorf("%q:\n got %q (%d)\nwant %q", c.text, got, n, c.want)
		}
	}
}

func TestApplyLeavesOthersAlone(t *testing.T) {
	f, s := suppressions("A = 1 -- skylint: ignore-file global-write: because")
	other := source.New("y.lua", f.Text)
	before := &Suppression{Reason: "earlier"}
	ds := []Diagnostic{
		{Rule: GlobalWrite, Location: Location{File: other}},
		{Rule: StaleSuppression, Location: Location{File: f}},
		{Rule: GlobalWrite, Location: Location{File: f}, Suppressed: before},
	}
	if n := s.Apply(ds); n != 0 || ds[0].Suppressed != nil || ds[1].Suppressed != nil || ds[2].Suppressed != before {
		t.Errorf("%d suppressed: %+v", n, ds)
	}
}

func TestWithoutComments(t *testing.T) {
	f, s := suppressions("A = 1 -- an ordinary comment\n")
	if s != nil {
		t.Error("a file without such comments has suppressions")
	}
	if s.Apply(writes(f)) != 0 || s.Findings(always) != nil || s.Globals() != nil {
		t.Error("nil suppressions do something")
	}
}

func TestGlobalsOfLuacheck(t *testing.T) {
	_, s := suppressions("-- luacheck: globals A, read globals B\n")
	if got := s.Globals(); len(got) != 2 || got[0].Name != "A" || !got[1].ReadOnly {
		t.Errorf("got %+v", got)
	}
}

// apply makes the edits of a fix.
func apply(f *source.File, fix Fix) string {
	text := f.Text
	slices.SortFunc(fix.Edits, func(a, b Edit) int { return int(b.Start) - int(a.Start) })
	for _, e := range fix.Edits {
		text = text[:e.Start] + e.NewText + text[e.End:]
	}
	return text
}

func TestFindings(t *testing.T) {
	for _, c := range []struct{ text, want, fixed string }{
		{"A = 1 -- skylint: ignore global-write: r", "", ""},
		{"a = 1 -- skylint: ignore global-write: r\n", "1:7 stale-suppression: the suppression of 'global-write' suppresses nothing", "a = 1\n"},
		{"a = 1\n  -- skylint: ignore isolation: r\nb = 1", "2:3 stale-suppression: the suppression of 'isolation' suppresses nothing", "a = 1\nb = 1"},
		{"a = 1\r\n  -- skylint: ignore isolation: r \r\nb = 1", "2:3 stale-suppression: the suppression of 'isolation' suppresses nothing", "a = 1\r\nb = 1"},
		{"a = 1\n--[[ skylint: ignore SKY101: r ]] b = 1", "2:1 stale-suppression: the suppression of 'SKY101' suppresses nothing", "a = 1\nb = 1"},
		{"A = 1 -- skylint: ignore SKY101, sky1xx, global-write: r", "", ""},
		{"-- skylint: ignore-file SKY101: r\nA = 1 -- skylint: ignore SKY101: r", "", ""},
		{"A = 1\n-- skylint: ignore SKY101: r", "2:1 stale-suppression: the suppression of 'SKY101' suppresses nothing", "A = 1\n"},
		{"A = 1\n-- skylint: ignore-begin SKY101: r\na = 1\n-- skylint: ignore-end\n", "2:1 stale-suppression: the suppression of 'SKY101' suppresses nothing", "A = 1\na = 1\n"},
		{"A = 1 -- skylint: ignore global-write\n", "1:7 bad-suppression: the suppression gives no reason", ""},
		{"A = 1 -- skylint: ignore global-write: \n", "1:7 bad-suppression: the suppression gives no reason", ""},
		{"A = 1 -- skylint: ignore: r\n", "1:7 bad-suppression: the suppression names no rule", ""},
		{"A = 1 -- skylint: ignore ,: r\n", "1:7 bad-suppression: the suppression names no rule", ""},
		{"A = 1 -- skylint: ignore global-wirte: r\n", "1:26 bad-suppression: no rule is called 'global-wirte'", "A = 1 -- skylint: ignore global-write: r\n"},
		{"A = 1 -- skylint: ignore SKY101,  sky111 : r\n", "1:35 bad-suppression: no rule is called 'sky111'", "A = 1 -- skylint: ignore SKY101,  SKY101 : r\n"},
		{"A = 1 -- skylint: ignore banana: r\n", "1:26 bad-suppression: no rule is called 'banana'", ""},
		{"A = 1 -- skylint: ignore global-write as it is right\n", "1:7 bad-suppression: no rule is called 'global-write as it is right'", ""},
		{"A = 1 -- skylint: ingore global-write: r\n", "1:7 bad-suppression: 'ingore' means nothing to skylint", "A = 1 -- skylint: ignore global-write: r\n"},
		{"A = 1 -- skylint:  off\n", "1:7 bad-suppression: 'off' means nothing to skylint", ""},
		{"A = 1 -- skylint:\n", "1:7 bad-suppression: the comment asks nothing of skylint", ""},
		{"A = 1 -- skylint: ignore all: r\n", "1:7 bad-suppression: a suppression names what it suppresses, and 'all' is everything", ""},
		{"A = 1 -- skylint: ignore SKY001: r\n", "1:7 bad-suppression: 'SKY001' is about comments for skylint, and no comment suppresses it", ""},
		{"A = 1 -- skylint: ignore-begin SKY101: r\n", "1:7 bad-suppression: this 'ignore-begin' has no 'ignore-end'", ""},
		{"A = 1 -- skylint: ignore-end\n", "1:7 bad-suppression: this 'ignore-end' closes no 'ignore-begin'", ""},
		{"A = 1 -- skylint: ignore-begin SKY101: r\n-- skylint: ignore-end SKY0xx\n",
			"1:7 bad-suppression: this 'ignore-begin' has no 'ignore-end'; 2:1 bad-suppression: 'SKY0xx' is about comments for skylint, and no comment suppresses it", ""},
		{"A = 1 -- luacheck: ignore\nb = 1 -- luacheck: ignore", "", ""},
	} {
		f, s := suppressions(c.text)
		s.Apply(writes(f))
		var got []string
		fixed := ""
		for _, d := range s.Findings(always) {
			p := f.RunePosition(d.Start)
			got = append(got, fmt.Sprintf("%d:%d %s: %s", p.Line, p.Column, d.Rule.Name, d.Message))
			if d.Severity != d.Rule.Severity || d.Rule == BadSuppression && len(d.Help) != 1 {
				t.Errorf("%q: %+v", c.text, d)
			}
			if d.Fixes != nil {
				fixed = apply(f, d.Fixes[0])
				if d.Fixes[0].Safe != (d.Rule == StaleSuppression) {
					t.Errorf("%q: safe is %t", c.text, d.Fixes[0].Safe)
				}
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
		if fixed != c.fixed {
			t.Errorf("%q: fixed is %q, want %q", c.text, fixed, c.fixed)
		}
	}
}

func TestStaleNeedsTheRule(t *testing.T) {
	never := func(r *Rule) bool { return r != GlobalWrite }
	_, s := suppressions("a = 1 -- skylint: ignore global-write: r\nb = 1 -- skylint: ignore isolation: r\n")
	if got := s.Findings(never); got != nil {
		t.Errorf("a rule that did not run makes no suppression stale: %+v", got)
	}
}

func TestStaleNameAmongOthers(t *testing.T) {
	f, s := suppressions("A = 1 -- skylint: ignore  isolation , global-write: r\n")
	ds := writes(f)
	s.Apply(ds)
	s.directives[0].targets[0].used = false // as if the family had found nothing but its other rule
	got := s.Findings(always)
	if len(got) != 1 || got[0].Message != "the suppression of 'isolation' suppresses nothing" {
		t.Fatalf("got %+v", got)
	}
	if fixed := apply(f, got[0].Fixes[0]); fixed != "A = 1 -- skylint: ignore  global-write: r\n" {
		t.Errorf("fixed is %q", fixed)
	}
}

func TestStaleNeedsSomeRule(t *testing.T) {
	onlyRuntime := &Rule{Static: "none: it depends on time"}
	if (target{}).couldBeUsed(always) || (target{rules: []*Rule{onlyRuntime}}).couldBeUsed(always) {
		t.Error("a family without a rule that could run cannot be stale")
	}
	if !(target{rules: []*Rule{onlyRuntime, GlobalWrite}}).couldBeUsed(func(r *Rule) bool { return r == GlobalWrite }) {
		t.Error("rules that are not checked statically need not run")
	}
}

func TestSeveralStaleNames(t *testing.T) {
	if got := quotedList([]string{"a", "b", "c"}); got != "'a', 'b' and 'c'" {
		t.Error(got)
	}
}
