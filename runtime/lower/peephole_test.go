package lower

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// The instructions that functions have, without the last RETURN, which nothing reaches.
func TestPeephole(t *testing.T) {
	for text, want := range map[string][]int{
		"local t = ... t.x = t.y":                    {lua.OP_VARARG, lua.OP_GETTABLEKS, lua.OP_SETTABLEKS},
		"local t = ... t.x = true":                   {lua.OP_VARARG, lua.OP_SETTABLEKS},
		"local t, i = ... t[i] = nil":                {lua.OP_VARARG, lua.OP_SETTABLE},
		"local t = ... for i = 1, 9 do t[i] = i end": {lua.OP_VARARG, lua.OP_LOADK, lua.OP_LOADK, lua.OP_LOADK, lua.OP_FORPREP, lua.OP_SETTABLE, lua.OP_FORLOOP},
		"local x = ... if x == nil then x() end":     {lua.OP_VARARG, lua.OP_EQ, lua.OP_JMP, lua.OP_MOVE, lua.OP_CALL},
		// The variable has the register still.
		"local t = ... local v = true t.x = v t.y = v": {lua.OP_VARARG, lua.OP_LOADBOOL, lua.OP_SETTABLEKS, lua.OP_SETTABLEKS},
		// The value has two origins.
		"local t, a = ... t.x = a or true": {lua.OP_VARARG, lua.OP_TESTSET, lua.OP_JMP, lua.OP_JMP, lua.OP_LOADBOOL, lua.OP_LOADBOOL, lua.OP_SETTABLEKS},
		// The key is a variable, the rest of the MOVEN remains.
		"local t, i, f = ... t[i] = f()":     {lua.OP_VARARG, lua.OP_MOVE, lua.OP_CALL, lua.OP_SETTABLE},
		"local t, i, f = ... t[i] = f(t, i)": {lua.OP_VARARG, lua.OP_MOVEN, lua.OP_MOVE, lua.OP_MOVE, lua.OP_CALL, lua.OP_SETTABLE},
	} {
		chunk, err := Compile(syntax.Parse(source.New("x.lua", text), syntax.Lua54), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		code := chunk.main.Code
		for _, inst := range code[:len(code)-1] {
			got = append(got, op(inst))
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d instructions, want %d\n%s", text, len(got), len(want), chunk.main)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: another instruction at %d\n%s", text, i+1, chunk.main)
				break
			}
		}
		if len(code) != len(chunk.main.DbgSourcePositions) || len(code) != len(CodeOf(chunk.main).Nodes) {
			t.Errorf("%s: %d instructions, %d lines", text, len(code), len(chunk.main.DbgSourcePositions))
		}
	}
}

// What an empty table makes room for.
func TestRoom(t *testing.T) {
	for text, want := range map[string][2]int{
		"local t = {} t.x = 1":                       {0, firstFields},
		"local t = {} t[#t + 1] = 1":                 {firstItems, 0},
		"local t = {} for i = 1, 2 do t[i] = 0 end":  {firstItems, 0},
		"local t = {} table.insert(t, 1)":            {firstItems, 0},
		"local a, t = 1, {} t[a] = 1":                {0, firstFields},
		"local t = { f = {} } local k = 1 t[k] = {}": {0, 1},
	} {
		chunk, err := Compile(syntax.Parse(source.New("x.lua", text), syntax.Lua54), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, inst := range chunk.main.Code {
			if op(inst) == lua.OP_NEWTABLE {
				if got := [2]int{argB(inst), argC(inst)}; got != want {
					t.Errorf("%s: room for %v, want %v", text, got, want)
				}
				break
			}
		}
	}
}
