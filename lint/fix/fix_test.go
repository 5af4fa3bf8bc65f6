package fix

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// edit replaces the only occurrence of old in f.
func edit(t *testing.T, f *source.File, old, new string) rules.Edit {
	t.Helper()
	at := strings.Index(f.Text, old)
	if at < 0 || strings.Count(f.Text, old) != 1 {
		t.Fatalf("%q is not in the text once", old)
	}
	return rules.Edit{
		Location: rules.Location{File: f, Span: source.Span{Start: uint32(at), End: uint32(at + len(old))}},
		NewText:  new,
	}
}

// offer returns a finding with one fix.
func offer(safe bool, edits ...rules.Edit) rules.Diagnostic {
	return rules.Diagnostic{Location: edits[0].Location, Fixes: []rules.Fix{{Safe: safe, Edits: edits}}}
}

func path(f *source.File) string { return f.Path }

func TestSafe(t *testing.T) {
	a := source.New("a.lua", "one two three four five\n")
	b := source.New("b.lua", "six\n")
	suppressed := offer(true, edit(t, a, "four", "4"))
	suppressed.Suppressed = &rules.Suppression{}
	unsafeFirst := offer(false, edit(t, a, "five", "wrong"))
	unsafeFirst.Fixes = append(unsafeFirst.Fixes, rules.Fix{Safe: true, Edits: []rules.Edit{edit(t, a, "five", "5")}})
	p := Safe([]rules.Diagnostic{
		offer(true, edit(t, b, "six", "6"), edit(t, a, "two", "2")),
		offer(false, edit(t, a, "one", "unsafe")),
		suppressed,
		unsafeFirst,
		// Overlaps the first in one of its edits, so nothing of it is done.
		offer(true, edit(t, a, "one", "1"), edit(t, a, "two three", "23")),
		// Shares an edit with the first, which is made once.
		offer(true, edit(t, a, "two", "2"), edit(t, a, "three", "3")),
		{},
	})
	var got []string
	for _, c := range p.Changes {
		got = append(got, c.File.Path+": "+c.Text())
	}
	all := All([]rules.Diagnostic{unsafeFirst, suppressed, offer(true, edit(t, a, "two", "2"))})
	if text := all.Changes[0].Text(); text != "one 2 three four wrong\n" || all.Fixed != 2 {
		t.Errorf("all fixes: %d fixed: %q", all.Fixed, text)
	}
	if want := "a.lua: one 2 3 four 5\n|b.lua: 6\n"; strings.Join(got, "|") != want || p.Fixed != 3 {
		t.Errorf("%d fixed: %q, want %q", p.Fixed, got, want)
	}
}

func TestInsertionsAtOnePlace(t *testing.T) {
	f := source.New("a.lua", "x = 1\n")
	insert := func(s string) rules.Diagnostic { return offer(true, edit(t, f, "x", s+"x")) }
	if p := Safe([]rules.Diagnostic{insert("local "), insert("global ")}); p.Fixed != 1 || p.Changes[0].Text() != "local x = 1\n" {
		t.Errorf("%d fixed: %q", p.Fixed, p.Changes[0].Text())
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	var found []rules.Diagnostic
	for _, name := range []string{"a.lua", "b.lua", "c.lua"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x = 1\r\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		found = append(found, offer(true, edit(t, source.New(name, "x = 1\r\n"), "x", "local x")))
	}
	if err := os.WriteFile(filepath.Join(dir, "a.lua"), []byte("x = 2\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "b.lua")); err != nil {
		t.Fatal(err)
	}
	err := Safe(found).Write(func(f *source.File) string { return filepath.Join(dir, f.Path) })
	if !errors.Is(err, ErrChanged) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	for name, want := range map[string]string{"a.lua": "x = 2\r\n", "c.lua": "local x = 1\r\n"} {
		if b, _ := os.ReadFile(filepath.Join(dir, name)); string(b) != want {
			t.Errorf("%s is now %q", name, b)
		}
	}
}

func TestDiff(t *testing.T) {
	lines := func(from, to int) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			fmt.Fprintf(&b, "line %d.\n", i)
		}
		return b.String()
	}
	f := source.New("dir/a.lua", lines(1, 30)+"last")
	p := Safe([]rules.Diagnostic{
		offer(true, edit(t, f, "line 2.", "changed")),
		offer(true, edit(t, f, "line 9.\n", "")),
		offer(true, edit(t, f, "line 20.\n", "line 20.\nput in\n")),
		offer(true, edit(t, f, "last", "end")),
	})
	var b strings.Builder
	if err := p.Diff(&b, path); err != nil {
		t.Fatal(err)
	}
	const want = `--- a/dir/a.lua
+++ b/dir/a.lua
@@ -1,12 +1,11 @@
 line 1.
-line 2.
+changed
 line 3.
 line 4.
 line 5.
 line 6.
 line 7.
 line 8.
-line 9.
 line 10.
 line 11.
 line 12.
@@ -18,6 +17,7 @@
 line 18.
 line 19.
 line 20.
+put in
 line 21.
 line 22.
 line 23.
@@ -28,4 +28,4 @@
 line 28.
 line 29.
 line 30.
-last
\ No newline at end of file
+end
\ No newline at end of file
`
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}

// What git, where there is one, makes of the diff is what Write would write, for many small
// texts and edits.
func TestGitAppliesTheDiff(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Log("without git the diff is compared with the expected one alone, in TestDiff")
		return
	}
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	var all strings.Builder
	want := map[string]string{}
	for i := range 300 {
		name := fmt.Sprintf("f%d.lua", i)
		text := randomText(r)
		f := source.New(name, text)
		c := Change{File: f}
		for at := 0; at < len(text); {
			start := at + r.IntN(len(text)-at+1)
			end := min(len(text), start+r.IntN(6))
			c.Edits = append(c.Edits, rules.Edit{
				Location: rules.Location{File: f, Span: source.Span{Start: uint32(start), End: uint32(end)}},
				NewText:  []string{"", "z", "\n", "z\n", "\ny"}[r.IntN(5)],
			})
			at = end + 1
		}
		want[name] = c.Text()
		if c.Text() == text || c.Text() == "" {
			delete(want, name)
			continue // git wants an empty file deleted, and no empty diff
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := (&Plan{Changes: []Change{c}}).Diff(&all, path); err != nil {
			t.Fatal(err)
		}
	}
	if len(want) < 200 {
		t.Fatalf("only %d texts changed", len(want))
	}
	cmd := exec.Command(git, "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-p1")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	cmd.Stdin = strings.NewReader(all.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, text := range want {
		if b, err := os.ReadFile(filepath.Join(dir, name)); string(b) != text {
			t.Errorf("%s is %q, %v; want %q", name, b, err, text)
		}
	}
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(24) {
		b.WriteString([]string{"a", "bb", "", "ccc\r"}[r.IntN(4)] + "\n")
	}
	if r.IntN(3) == 0 {
		b.WriteString("tail")
	}
	return b.String()
}
