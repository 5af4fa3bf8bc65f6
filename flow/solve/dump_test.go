package solve_test

import (
	"os"
	"testing"

	"github.com/skylint/skylint/flow/solve"
)

func TestDump(t *testing.T) {
	if d := os.Getenv("SOLVE_DIR"); d != "" {
		solve.Dump(solveDir(t, d))
	}
}
