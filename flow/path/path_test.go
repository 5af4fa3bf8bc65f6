package path_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// follow follows the main chunk of a text: ret() answers, may() may, stop() ends; yes holds and
// no does not; a condition that calls result() depends on what came before.
func follow(text string) (*syntax.Tree, path.Outcome) {
	t := syntax.Parse(source.New("a.lua", text), syntax.Lua54)
	callee := func(n syntax.Node) string {
		if t.Kind(n) != syntax.Call {
			return ""
		}
		f, _ := t.Call(n)
		return t.Text(f)
	}
	var calls []syntax.Node
	for n := range t.Nodes(syntax.Call, syntax.MethodCall) {
		if t.EnclosingFunction(n) == syntax.None {
			calls = append(calls, n)
		}
	}
	return t, path.Follow(t, syntax.None, path.Guide{
		Calls: calls,
		Call: func(i int) path.Effect {
			return map[string]path.Effect{"ret": path.Answers, "may": path.May, "stop": path.Ends}[callee(calls[i])]
		},
		Decide: func(n syntax.Node) path.Truth {
			return map[string]path.Truth{"yes": path.True, "no": path.False}[t.Text(n)]
		},
		Depends: func(n syntax.Node) bool { return callee(n) == "result" },
	})
}

func TestFollow(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"x()", "x(): none"},
		{"", "chunk: none"},
		{"ret()", "ret(): once"},
		{"ret() ret()", "ret(): twice, again ret()"},
		{"if a then ret() end ret()", "ret(): once twice, again ret()"},
		{"if a then ret() return end ret()", "return: once; ret(): once"},
		{"ret() local x = a and ret()", "local x = a and ret(): once"},
		{"ret() for k in pairs(t) do ret() end", "for k in pairs(t) do ret() end: once"},
		{"ret() if yes then ret() end", "ret(): twice, again ret()"},
		{"while true do ret() end", ""},
		{"may() ret()", "ret(): once"},
		{"stop()", ""},
		{"ret(stop())", ""},
		{"return ret()", "return ret(): once"},
		{"if a then ret() end", "ret(): once; if a then ret() end: skipped"},
		{"if a then ret() else x() end", "ret(): once; x(): skipped"},
		{"if a then ret() else stop() end", "ret(): once"},
		{"if a then ret() end x()", "x(): skipped once"},
		{"if a then ret() end if not a then ret() end", "ret(): once; if not a then ret() end: unsure once"},
		{"if a then ret() end if b then x() end", "x(): skipped once; if b then x() end: skipped once"},
		{"if a then x() return end ret()", "return: none; ret(): once"},
		{"if result() then ret() end", "ret(): once; if result() then ret() end: unsure"},
		{"if not (b and result()) then ret() end", "ret(): once; if not (b and result()) then ret() end: unsure"},
		{"if yes then ret() else x() end", "ret(): once"},
		{"if no then ret() else x() end", "x(): none"},
		{"if not no and yes then ret() end", "ret(): once"},
		{"if no or yes then ret() end", "ret(): once"},
		{"if a and no then ret() end", "if a and no then ret() end: none"},
		{"if a and ret() then x() else y() end", "x(): skipped once; y(): skipped once"},
		{"local x = yes and ret()", "local x = yes and ret(): once"},
		{"local x = yes or ret()", "local x = yes or ret(): none"},
		{"if a then ret() elseif b then ret() else ret() end", "ret(): once; ret(): once; ret(): once"},
		{"while true do x() end", ""},
		{"while true do if a then break end end", "while true do if a then break end end: none"},
		{"while a do ret() end", "while a do ret() end: unsure once"},
		{"for i = 1, 2 do ret() end", "for i = 1, 2 do ret() end: unsure once"},
		{"for i = 1, ret() do end", "for i = 1, ret() do end: once"},
		{"for k in pairs(t) do x() end", "for k in pairs(t) do x() end: none"},
		{"repeat ret() until a", "repeat ret() until a: once twice"},
		{"repeat ret() until true", "repeat ret() until true: once"},
		{"do ret() end", "ret(): once"},
		{"do end", "do end: none"},
		{"local function f() ret() end", "local function f() ret() end: none"},
		{"fork(function() ret() end)", "fork(function() ret() end): none"},
		{"goto done; ret() ::done:: x()", "x(): none"},
		{"::top:: if a then ret() goto top end", "if a then ret() goto top end: skipped once"},
		{"while a do if b then goto continue end ret() ::continue:: end", "while a do if b then goto continue end ret() ::continue:: end: unsure once"},
		{"local r = ret() if a then ret() end", "ret(): once; if a then ret() end: once"},
	} {
		tree, o := follow(c.text)
		if got := describe(tree, o); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func describe(t *syntax.Tree, o path.Outcome) string {
	var parts []string
	for _, e := range o.Exits {
		at := "chunk"
		if e.At != syntax.None {
			at = t.Text(e.At)
		}
		s := at + ":"
		for i, name := range []string{"none", "skipped", "unsure", "once", "twice"} {
			if e.State&(1<<i) != 0 {
				s += " " + name
			}
		}
		parts = append(parts, s)
	}
	s := strings.Join(parts, "; ")
	for _, r := range o.Repeats {
		s += fmt.Sprintf(", again %s", t.Text(r.At))
	}
	return s
}

// TestNestedLoops counts how often conditions are asked for: a loop within another one is not
// followed again for each round of it.
func TestNestedLoops(t *testing.T) {
	asked := func(depth int) int {
		text := strings.Repeat("while a do if b then ret() break end ", depth) + strings.Repeat(" end", depth)
		tree := syntax.Parse(source.New("a.lua", text), syntax.Lua54)
		n := 0
		path.Follow(tree, syntax.None, path.Guide{
			Calls:  slices.Collect(tree.Nodes(syntax.Call)),
			Call:   func(int) path.Effect { return path.Answers },
			Decide: func(syntax.Node) path.Truth { n++; return path.Unknown },
		})
		return n
	}
	small, large := asked(4), asked(16)
	if large > 20*small {
		t.Errorf("%d conditions for 4 loops, %d for 16", small, large)
	}
}

func TestEffect(t *testing.T) {
	for _, c := range []struct {
		text string
		want path.Effect
	}{
		{"x()", path.Nothing},
		{"ret()", path.Answers},
		{"if a then ret() else ret() end", path.Answers},
		{"if a then ret() end", path.May},
		{"may()", path.May},
		{"stop()", path.Ends},
		{"if a then stop() end", path.Nothing},
	} {
		if _, o := follow(c.text); o.Effect() != c.want {
			t.Errorf("%s: got %d, want %d", c.text, o.Effect(), c.want)
		}
	}
}
