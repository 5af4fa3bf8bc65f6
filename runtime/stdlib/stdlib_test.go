package stdlib_test

import (
	"bytes"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// run runs a program in a state of its own and returns its output.
func run(t testing.TB, text string, settings ...string) (string, error) {
	t.Helper()
	limits := limit.Default()
	for _, s := range settings {
		if err := limits.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	s := script.New(script.Options{Limits: limits, Dialect: syntax.Lua54, Host: func(h *host.State) { h.Out = &out }})
	defer s.Close()
	fn, err := s.Load(source.New("test.lua", text))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Call(fn)
	return out.String(), err
}

func expect(t *testing.T, text, want string) {
	t.Helper()
	got, err := run(t, text)
	if err != nil {
		t.Errorf("%s\n%v", text, err)
	} else if got != want {
		t.Errorf("%s\nprints %q, want %q", text, got, want)
	}
}

const refused = "attempt to change a"

// TestFrozen tries to change what all states share, by every way that writes to a table.
func TestFrozen(t *testing.T) {
	for _, write := range []string{
		"string.x = 1", "string.len = 1", "string.len = nil", "rawset(string, 'x', 1)", "rawset(string, 'len', nil)",
		"setmetatable(string, {})", "setmetatable(string, nil)", "table.insert(string, 1)", "table.move({1}, 1, 1, 1, string)",
		"table.sort(setmetatable({}, {__index = string, __newindex = string, __len = function() return 2 end}), function() return true end)",
		"getmetatable('').__index = {}", "getmetatable('').__len = print", "rawset(getmetatable(''), '__index', {})",
		"setmetatable(getmetatable(''), {})", "table.insert(getmetatable(''), 1)", "math.pi = 3", "table.concat = nil",
		"setmetatable({}, {__newindex = string}).x = 1", "getmetatable(setmetatable({}, string)).len = nil", "rawset(package, 'x', 1)", "io.stdout.x = 1", "getmetatable(io.stdout).__index = 1",
		"string.format, os.time = nil", "for i = 1, 2 do utf8.charpattern = i end", "coroutine.wrap(function() math.x = 1 end)()",
		"load('string.x = 1')()", "load('x = 1', 'x', 't', string)()", "table.remove(setmetatable({}, {__index = math, __newindex = math}), 1) math.abs = 1",
	} {
		got, err := run(t, "local ok, message = pcall(function() "+write+" end) print(ok, message)")
		if err != nil {
			t.Errorf("%s: %v", write, err)
		} else if !strings.HasPrefix(got, "false") {
			t.Errorf("%s is not refused: %s", write, got)
		}
	}
	expect(t, `print(string.x, string.len("abc"), ("x"):rep(3), math.pi > 3.1, getmetatable(string), next({}, nil))`, "nil\t3\txxx\ttrue\tnil\tnil\n")
	expect(t, `local n = 0 for k, v in pairs(string) do n = n + 1 assert(type(v) == "function" and string[k] == v) end print(n)`, "17\n")
	expect(t, `print(rawget(string, "rep") == string.rep, rawlen(string), #string)`, "true\t0\t0\n")
}

// TestGlobals makes sure that a state's globals behave as a table with everything in it.
func TestGlobals(t *testing.T) {
	expect(t, `print(getmetatable(_G), rawget(_G, "print") == print)`, "nil\ttrue\n")
	expect(t, `local n = 0 for k in pairs(_G) do n = n + 1 end local m = 0 for k in next, _G do m = m + 1 end print(n > 30, n == m)`, "true\ttrue\n")
	expect(t, `local p = print print = nil p(print, rawget(_G, "print"))`, "nil\tnil\n")
	expect(t, `setmetatable(_G, {__index = function(_, k) return "no " .. k end}) print(foo, type(tostring))`, "no foo\tfunction\n")
	expect(t, `rawset(_G, "type", 5) print(type)`, "5\n")
	expect(t, `x = 1 x = nil print(x) tostring = nil print(pcall(function() return tostring(1) end))`, "nil\nfalse\ttest.lua:1: attempt to call a nil value (global 'tostring')\n")
	expect(t, `print(_G._G == _G, package.loaded._G == _G, package.loaded.string == string, require "math" == math)`, "true\ttrue\ttrue\ttrue\n")
}

// TestNoAddress makes sure that no output tells where something is in memory, or that the
// host is written in Go.
func TestNoAddress(t *testing.T) {
	const program = `
local t, f, co = {}, function() end, coroutine.create(print)
print(t, f, co, print, io.stdout, coroutine.running(), string.format("%p %s", t, t))
print(tostring(t) == tostring(t), tostring(t) ~= tostring({}), #tostring(t))
for _, call in ipairs { error, string.rep, setmetatable, table.sort, coroutine.wrap, utf8.char, load } do
  print(pcall(call, setmetatable({}, {__index = error})))
end
print(pcall(string.format, "%d", t), pcall(string.format, "%v", 1), pcall(string.format, "%T", t))
print(debug.traceback("x"))
`
	got, err := run(t, program)
	if err != nil {
		t.Fatal(err)
	}
	if bad := regexp.MustCompile(`0xc0[0-9a-f]{8}\b|\*lua\.|goroutine|\.go:|runtime error|%!`).FindString(got); bad != "" {
		t.Errorf("the output has %q:\n%s", bad, got)
	}
	if !strings.Contains(got, "true\ttrue\t23\n") {
		t.Errorf("identities are not stable and different:\n%s", got)
	}
}

// TestStatesAtOnce runs states in parallel: the race detector sees what they share.
func TestStatesAtOnce(t *testing.T) {
	const program = `
local t = {}
for w in ("the quick brown fox"):gmatch("%a+") do t[#t + 1] = w:upper():rep(2, "-") end
table.sort(t, function(a, b) return a < b end)
local co = coroutine.wrap(function(...) for i = 1, 10 do coroutine.yield(i) end end)
for i = 1, 10 do assert(co() == i) end
for k in pairs(string) do t[#t + 1] = k end
pcall(rawset, string, "x", 1) pcall(error, t)
x = string.dump(function() return 1 end) assert(load(x)() == 1)
assert(getmetatable("").__index == string and tostring(t):match("^table: 0x"))
print(#t, math.floor(3.7), utf8.char(228, 8364), string.pack("i4", 7):byte(1), os.time() > 0, string.format("%5.1f", 2.25))
`
	var wait sync.WaitGroup
	for range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range 5 {
				if got, err := run(t, program); err != nil || !strings.HasPrefix(got, "21\t3\tä€\t7\ttrue") {
					t.Errorf("%q, %v", got, err)
				}
			}
		}()
	}
	wait.Wait()
}

// TestNoGoroutineStays makes sure that the goroutines of coroutines end with their state.
func TestNoGoroutineStays(t *testing.T) {
	before := runtime.NumGoroutine()
	const program = `
local all = {}
for i = 1, 50 do
  local co = coroutine.create(function()
    local c <close> = setmetatable({}, {__close = function() coroutine.yield("again") end})
    pcall(function() pcall(coroutine.yield, 1) coroutine.yield(2) end)
  end)
  coroutine.resume(co)
  all[i] = co
end
if fail then error("x") end
while spin do end
`
	for _, start := range []string{"", "fail = true", "spin = true"} {
		if _, err := run(t, start+"\n"+program, "instructions=1e6"); (err == nil) != (start == "") {
			t.Errorf("%q ends with %v", start, err)
		}
	}
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 1000 {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
		time.Sleep(time.Millisecond)
	}
}

// TestYieldAnywhere yields from below functions of the host.
func TestYieldAnywhere(t *testing.T) {
	expect(t, `
local function each(f) local co = coroutine.wrap(f) local s = "" for i = 1, 20 do local v = co() if v == nil then break end s = s .. v end print(s) end
local y = coroutine.yield
each(function() pcall(function() y("a") error("x") end) y("b") end)
each(function() table.sort({3, 2, 1}, function(a, b) y("s") return a < b end) end)
each(function() y((("abc"):gsub(".", function(c) y(c) return c:upper() end))) end)
each(function() for k in (function() y("i") return nil end) do end end)
each(function() local t = setmetatable({}, {__index = function(_, k) y(k) return k end, __lt = function() y("<") return true end}) y(t.x) y(tostring(t < t)) end)
each(function() xpcall(function() error("e") end, function(m) y("h") return m end) end)
each(function() do local c <close> = setmetatable({}, {__close = function() y("c") end}) end y("d") end)
each(function() y(load(function() y("l") return nil end) and "f") end)
`, "ab\nsss\nabcABC\ni\nxx<true\nh\ncd\nlf\n")
}

// TestSharedUpvalues makes sure that an error does not part a variable from the closures that
// share it, as the VM alone does.
func TestSharedUpvalues(t *testing.T) {
	expect(t, `local n = 0 local function f() n = n + 1 end pcall(error, "x") f() pcall(function() f() error {} end) f() print(n)`, "3\n")
}

// TestCharged runs what works for long in one call of the library: each must end by a limit.
func TestCharged(t *testing.T) {
	for _, text := range []string{
		`string.rep("x", 1e10)`, `("x"):rep(1e9, ",")`, `local s = ("x"):rep(1e6) while true do s = s:upper() .. s end`,
		`string.find(("a"):rep(3e5), ".-.-.-.-b")`, `while true do string.find(("a"):rep(1e5), "a*b") end`,
		`local t = {} for i = 1, 2500 do t[i] = ("x"):rep(1e5) end table.concat(t)`, `while true do string.format(("%99.99f"):rep(20), table.unpack(setmetatable({}, {__index = function() return 1 end}), 1, 20)) end`,
		`local s = ("x"):rep(1e6) s:gsub(".", ("y"):rep(1e4))`, `table.insert({}, 1, 1) while true do pcall(error) end`,
		`table.move({}, 1, 1e9, 2)`, `table.concat(setmetatable({}, {__index = function() return "x" end}), "x", 1, 1e15)`, `while true do table.unpack({}, 1, 1e5) end`,
		`local t = {} t[4e6] = 1 t[4e6] = nil while true do next(t) rawlen(t) end`,
		`for i = 1, 1e9 do coroutine.wrap(function() coroutine.yield() end)() end`, `local function f() return coroutine.wrap(f)() end f()`,
		`local function f() return pcall(f) end while true do f() end`, `load(function() return "x = 1 " end)`, `load(("{"):rep(1e6)) while true do load(("(("):rep(1e5)) end`,
		`string.pack(("i8"):rep(1e6), 1)`, `while true do string.packsize(("i8"):rep(1e5)) end`, `while true do utf8.len(("x"):rep(1e6)) end`,
		`local t = {} for i = 1, 1e5 do t["k" .. i] = 1 end for i = 1, 1e5 do t["k" .. i] = nil end while true do next(t) end`,
		`table.sort(setmetatable({}, {__len = function() return 1e9 end, __index = function() return 1 end}))`,
		`while true do ("x"):rep(1e6):byte(1, 1e5) end`, `while true do print(("x"):rep(1e6)) end`, `xpcall(function() while true do end end, function() while true do end end)`,
	} {
		_, err := run(t, text, "instructions=2e5", "memory=48MiB", "output=4MiB", "string=8MiB")
		if err == nil || !strings.Contains(err.Error(), "sky.toml") {
			t.Errorf("%s ends by no limit: %v", text, err)
		}
	}
}

// TestAbandonedCoroutines makes many more coroutines than there may be, each of which is
// dropped before its end.
func TestAbandonedCoroutines(t *testing.T) {
	got, err := run(t, `local n = 0 for i = 1, 5000 do n = n + coroutine.wrap(function() coroutine.yield(1) end)() end print(n)`, "coroutines=500")
	if err != nil || got != "5000\n" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := run(t, `local t = {} for i = 1, 5000 do t[i] = coroutine.wrap(function() coroutine.yield(1) end) t[i]() end`, "coroutines=500"); err == nil {
		t.Error("coroutines that are held are ended")
	}
}
