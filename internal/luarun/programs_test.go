package luarun

import (
	"flag"
	"os"
	"testing"

	"github.com/skylint/skylint/internal/parallel"
)

var update = flag.Bool("update", false, "record in testdata/lua54 what the real lua5.4 prints")

const folder = "../../testdata/lua54"

// TestReal holds what is recorded in the archives to a real lua5.4; with -update it records.
func TestReal(t *testing.T) {
	archives, err := ReadArchives(folder)
	if err != nil {
		t.Fatal(err)
	}
	real, err := FindReal()
	if err != nil {
		if os.Getenv("CI") != "" || *update {
			t.Fatal(err)
		}
		t.Logf("not compared with a real Lua: %v", err)
		return
	}
	defer real.Close()
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
