package cycle_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/cycle"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name  string
		edges string // "01" leads from 0 to 1; "01!" is one that a cycle has to go through
		want  string
	}{
		{"none", "01! 12! 02!", ""},
		{"a point by itself", "00!", "[0] 00"},
		{"the shortest of three", "01! 12! 20! 21!", "[0 1 2] 12 21"},
		{"through what was asked for", "01 10 12! 20", "[0 1 2] 12 20 01"},
		{"not through what was asked for", "01 10 23! 30!", ""},
		{"two", "01! 10! 23! 32!", "[0 1] 01 10; [2 3] 23 32"},
	} {
		g := cycle.Graph{To: make([][]int, 4)}
		wanted := map[string]bool{}
		for _, e := range strings.Fields(c.edges) {
			g.To[e[0]-'0'] = append(g.To[e[0]-'0'], int(e[1]-'0'))
			wanted[e[:2]] = strings.HasSuffix(e, "!")
		}
		name := func(e cycle.Edge) string {
			return fmt.Sprint(e.From, g.To[e.From][e.Index])[:1] + fmt.Sprint(g.To[e.From][e.Index])
		}
		var got []string
		for _, found := range g.Find(func(e cycle.Edge) bool { return wanted[name(e)] }) {
			s := fmt.Sprint(found.Members)
			for _, e := range found.Edges {
				s += " " + name(e)
			}
			got = append(got, s)
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
}

// A chain that is long must not use a stack that is deep, nor time that is square.
func TestLong(t *testing.T) {
	const n = 20000
	g := cycle.Graph{To: make([][]int, n)}
	for i := range n {
		g.To[i] = []int{(i + 1) % n}
	}
	if found := g.Find(func(cycle.Edge) bool { return true }); len(found) != 1 || len(found[0].Edges) != n {
		t.Errorf("%d cycles", len(found))
	}
}
