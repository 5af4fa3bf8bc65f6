package luarun

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/parallel"
)

var (
	oneHostile = flag.String("hostile", "", "run this hostile program alone")
	seed       = flag.Uint64("seed", 1, "seed of the first random program")
	random     = flag.Int("random", 150, "number of random programs")
)

// TestRandom runs random programs under a real lua5.4 and as skyrun does, and compares. They
// must be ordinary programs: most of them do not end with an error.
func TestRandom(t *testing.T) {
	real := needReal(t)
	programs := randomPrograms()
	results := make([]Result, len(programs))
	errs := make([]error, len(programs))
	parallel.For(t.Context(), len(programs), 0, func(i int) { results[i], errs[i] = real.Run(programs[i]) })
	ours := Skyrun{Limits: generous(t)}
	failed, different := 0, 0
	for i, r := range results {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if r.Exit < 0 {
			t.Logf("%s crashes the real lua5.4, and is not compared", programs[i].Name)
			continue
		}
		if strings.Contains(r.Output, "stack traceback:") || strings.Contains(r.Output, "false attempt to call a nil value") ||
			strings.HasSuffix(r.Message, ": attempt to call a nil value") {
			// The standalone interpreter has given __close the message with its traceback; or
			// lua5.4.4 has lost a to-be-closed variable (5.5 says what skyrun says).
			continue
		}
		got, err := ours.Run(programs[i])
		if err != nil {
			t.Errorf("%s: %v", programs[i].Name, err)
		} else if strings.Contains(got.Message, "; see limits.") {
			t.Logf("%s: %s", programs[i].Name, got.Message)
		} else if got != r {
			if different++; different <= 5 {
				t.Errorf("%s:\n%s", programs[i].Name, difference(r.String(), got.String()))
			}
		}
		if r.Exit != 0 {
			failed++
			if strings.Contains(r.Message, "near") || strings.Contains(r.Message, "jumps") {
				t.Errorf("%s is no program: %s\n%s", programs[i].Name, r.Message, programs[i].Text)
			}
			t.Logf("%s: exit %d: %s", programs[i].Name, r.Exit, r.Message)
		}
	}
	if different > 5 {
		t.Errorf("%d of %d random programs differ", different, len(programs))
	}
	if failed > len(results)/4 {
		t.Errorf("%d of %d random programs end with an error", failed, len(results))
	}
}

func randomPrograms() []*Program {
	programs := make([]*Program, *random)
	for i := range programs {
		s := *seed + uint64(i)
		r := rand.New(rand.NewPCG(s, s^0x9E3779B97F4A7C15))
		programs[i] = &Program{Name: fmt.Sprintf("seed %d", s), Text: Random(r, 20+r.IntN(60))}
	}
	return programs
}
