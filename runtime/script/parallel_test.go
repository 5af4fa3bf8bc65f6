package script

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// shared is a program that uses what states share: library, code, metatables of basic types,
// the caches of chunks and patterns, dumped functions, pools of threads.
const shared = `
local seed = ...
local out = {}
local function put(...) out[#out + 1] = table.concat({ ... }, " ") end
for i = 1, 20 do
  put((("k%d=v%d,"):format(i, seed)):gsub("(%w+)=(%w+)", "%2=%1"))
  local f = load("local a = ... return a + " .. i % 5, "=same")
  put(f(seed), load(string.dump(f))(i))
  local co = coroutine.wrap(function(a) for j = 1, 3 do a = coroutine.yield(a + j) end return pcall(error, "end " .. a) end)
  put(co(seed), co(i), co(1))
  put(select(2, co(2)))
  local t = {} for j = 1, 10 do t[j] = (j * 7 + seed) % 11 end
  table.sort(t, function(a, b) return a < b end)
  put(table.unpack(t))
  put(tostring(select(2, pcall(function() local x = nil; return x.y end))))
  put(tostring(pcall(rawset, string, "x", 1)), tostring(pcall(setmetatable, "", {})))
  local o = setmetatable({}, { __index = function(_, k) return k .. seed end, __close = function() put "closed" end })
  do local c <close> = o put(o.a, ("x"):rep(3), #o) end
  x = (x or 0) + 1
  put(x, string.pack("<i4z", i, "s"):byte(1, -1))
  collectgarbage()
end
return table.concat(out, "\n")`

// Many states at a time share library and code, and each gets what it would alone. The race
// detector watches.
func TestStatesInParallel(t *testing.T) {
	defer limit.Watch(1<<20, 0)()
	run := func(seed int) string {
		limits := limit.Default()
		limits.Memory = 8 << 20
		var printed strings.Builder
		s := New(Options{Limits: limits, Dialect: syntax.Lua54, Host: func(h *host.State) { h.Out = &printed }})
		defer s.Close()
		fn, err := s.Load(source.New("shared.lua", fmt.Sprintf("local function main(...) %s\nend\nprint(main(%d))", shared, seed)))
		if err == nil {
			_, err = s.Call(fn)
		}
		if err != nil {
			return err.Error()
		}
		return printed.String()
	}
	const seeds, states = 4, 6
	var alone [seeds]string
	for seed := range alone {
		alone[seed] = run(seed)
		if n := strings.Count(alone[seed], "\n"); n < 200 {
			t.Fatalf("%d lines: %s", n, alone[seed])
		}
	}
	if alone[0] == alone[1] {
		t.Fatal("the seed makes no difference")
	}
	var all sync.WaitGroup
	for i := range states {
		all.Go(func() {
			for j := range 2 * seeds {
				if seed := (i + j) % seeds; run(seed) != alone[seed] {
					t.Errorf("in parallel, the program with the seed %d prints something else", seed)
				}
			}
		})
	}
	all.Wait()
}
