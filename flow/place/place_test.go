package place_test

import (
	"context"
	"testing"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/flow/place"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
)

const text = `local skynet = require "skynet"
local agents, count = {}, 0
total = 0
local function f(fd, a)
	local s = agents[fd]
	local t = s.state
	local n = fd
	n = n + 1
	local function g()
		probe(agents, count, total, other, skynet.call, fd)
		probe(agents.x, agents["x"], agents[1], agents[fd], agents[fd].state, s.state, t.open, a.x)
		probe(agents[n], agents[fd.id], agents[a()], agents["x.y"])
	end
	probe(s.open, t, n, (agents).x)
	return g
end
`

// TestOf names the places of the arguments of probe, "-" for none. f runs for each message, so
// that its own variables belong to one coroutine.
func TestOf(t *testing.T) {
	t.Chdir(t.TempDir())
	p, err := project.Load(context.Background(), project.Options{Texts: map[string]string{"a.lua": text}})
	if err != nil {
		t.Fatal(err)
	}
	file := p.Files[0]
	finder := place.NewFinder(ir.Build(file.Scope, file.API), func(fn scope.Func) bool { return fn == scope.Main })
	name := func(n syntax.Node) string {
		at, ok := finder.Of(n)
		if !ok {
			return "-"
		}
		s := at.Keys
		if at.Root != scope.NoVar {
			s = file.Scope.Var(at.Root).Name + s
		}
		if !at.Static {
			shape, holder := at.Shape(), at.Holder()
			if shape.Shape() != shape {
				t.Errorf("the shape of %s is not its own shape", s)
			}
			return "dynamic " + shape.Keys + " in " + file.Scope.Var(holder.Root).Name + holder.Shape().Keys
		}
		return s
	}
	want := [][]string{
		{"agents", "count", "total", "-", "-", "-"},
		{"agents.x", "agents.x", "agents.1", "dynamic [] in agents", "dynamic [].state in agents[]", "dynamic [].state in agents[]", "dynamic [].state.open in agents[].state", "-"},
		{"-", "dynamic [] in agents", "-", "-"},
		{"dynamic [].open in agents[]", "dynamic [].state in agents[]", "-", "agents.x"},
	}
	calls := 0
	for n := range file.Tree.Nodes(syntax.Call) {
		callee, args := file.Tree.Call(n)
		if file.Tree.Text(callee) != "probe" {
			continue
		}
		for i, arg := range args {
			if got := name(arg); got != want[calls][i] {
				t.Errorf("line %d: %s is %s, want %s", file.Tree.Line(n), file.Tree.Text(arg), got, want[calls][i])
			}
		}
		calls++
	}
	if calls != len(want) {
		t.Fatalf("%d calls of probe", calls)
	}
}

func TestHolder(t *testing.T) {
	for keys, want := range map[string]string{"total.x.y": "total.x", "total.x": "total", "total": ""} {
		if got := (place.Place{Keys: keys, Static: true}).Holder().Keys; got != want {
			t.Errorf("the holder of %s is %q, want %q", keys, got, want)
		}
	}
	if h := (place.Place{Root: 3, Keys: ".x", Static: true}).Holder(); h.Root != 3 || h.Keys != "" {
		t.Errorf("the holder of a field is %v", h)
	}
}
