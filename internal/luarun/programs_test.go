package luarun

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff/luatest"
	"github.com/skylint/skylint/internal/parallel"
	"github.com/skylint/skylint/runtime/limit"
)

var update = flag.Bool("update", false, "record in testdata/lua54 what the real lua5.4 prints")

// needReal finds the real lua5.4. What becomes of a test for which there is none, package luatest
// says; what is to be recorded needs it.
func needReal(t *testing.T) *Real {
	t.Helper()
	real, err := FindReal()
	if *update && err != nil {
		t.Fatal(err)
	}
	luatest.Need(t, err)
	t.Cleanup(func() {
		if err := real.Close(); err != nil {
			t.Error(err)
		}
	})
	return real
}

const folder = "../../testdata/lua54"

// TestReal holds what is recorded in the archives to a real lua5.4; with -update it records.
func TestReal(t *testing.T) {
	archives, err := ReadArchives(folder)
	if err != nil {
		t.Fatal(err)
	}
	real := needReal(t)
	count := 0
	for _, a := range archives {
		results := make([]Result, len(a.Programs))
		errs := make([]error, len(a.Programs))
		parallel.For(t.Context(), len(a.Programs), 0, func(i int) { results[i], errs[i] = real.Run(a.Programs[i]) })
		for i, p := range a.Programs {
			count++
			if errs[i] != nil {
				t.Errorf("%s/%s: %v", a.Name(), p.Name, errs[i])
			} else if got := results[i].String(); *update {
				p.Want = got
			} else if got != p.Want {
				t.Errorf("%s/%s: recorded is\n%s\nthe real lua5.4 prints\n%s", a.Name(), p.Name, p.Want, got)
			}
		}
		if *update {
			if err := a.Write(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if count < 400 {
		t.Errorf("%d programs, want at least 400", count)
	}
}

// generous are limits that no program of these tests meets, but one that hangs.
func generous(t *testing.T) limit.Limits {
	t.Helper()
	limits := limit.Default()
	if err := limits.Set("time=20s"); err != nil {
		t.Fatal(err)
	}
	return limits
}

// TestSkyrun runs the programs of the archives as skyrun does: they print what the real
// lua5.4 prints.
func TestSkyrun(t *testing.T) {
	archives, err := ReadArchives(folder)
	if err != nil {
		t.Fatal(err)
	}
	ours := Skyrun{Limits: generous(t)}
	for _, a := range archives {
		t.Run(a.Name(), func(t *testing.T) {
			t.Parallel()
			for _, p := range a.Programs {
				result, err := ours.Run(p)
				if err != nil {
					t.Errorf("%s: %v", p.Name, err)
				} else if got := result.String(); got != p.Want {
					t.Errorf("%s:\n%s", p.Name, difference(p.Want, got))
				}
			}
		})
	}
}

// difference shows the lines in which two results differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for i := range max(len(w), len(g)) {
		line := func(lines []string) string {
			if i < len(lines) {
				return lines[i]
			}
			return "(no line)"
		}
		if line(w) != line(g) {
			fmt.Fprintf(&b, "  line %d: lua5.4 %s\n          skyrun %s\n", i+1, line(w), line(g))
			if b.Len() > 2000 {
				break
			}
		}
	}
	return b.String()
}
