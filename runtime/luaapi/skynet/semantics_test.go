package skynet_test

import (
	"os"
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/luaapi/queue"
)

// The outcomes of the functions of skynet, one line for each, as the system in testdata says.
func TestSemantics(t *testing.T) {
	data, err := os.ReadFile("testdata/semantics.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files, lines, found := strings.Cut(string(data), "-- want --\n")
	if !found {
		t.Fatal("the archive does not end with what is wanted")
	}
	got := strings.Split(nodetest.Run(t, nodetest.System{Files: files, Modules: []actor.Module{queue.Module}}).Out, "\n")
	want := strings.Split(lines, "\n")
	for i := range max(len(got), len(want)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("line %d: %q, want %q", i+1, g, w)
		}
	}
}
