package stdlib_test

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

var programs = map[string]string{
	"words":   `local n = 0 local s = ("the quick brown fox jumps over the lazy dog "):rep(200) for w in s:gmatch("%a+") do n = n + #w end return n`,
	"gsub":    `local s = ("key=value; "):rep(500) local r, n = s:gsub("(%w+)=(%w+)", "%2=%1") return n`,
	"find":    `local s = ("x"):rep(2000) .. "needle" local n = 0 for i = 1, 100 do n = n + s:find("n%a+e") end return n`,
	"match":   `local n = 0 for i = 1, 2000 do local a, b = ("  name = 12345  "):match("^%s*(%w+)%s*=%s*(%d+)%s*$") n = n + #a + #b end return n`,
	"lazy":    `local s = ("<a>text</a>"):rep(300) local n = 0 for t in s:gmatch("<a>(.-)</a>") do n = n + 1 end return n`,
	"format":  `local n = 0 for i = 1, 2000 do n = n + #(("%d %s %5.2f"):format(i, "abc", i / 3)) end return n`,
	"pcall":   `local n = 0 local f = function() return 1 end for i = 1, 2000 do local ok, v = pcall(f) n = n + v end return n`,
	"error":   `local n = 0 local f = function() error("x") end for i = 1, 500 do if not pcall(f) then n = n + 1 end end return n`,
	"coro":    `local co = coroutine.wrap(function() for i = 1, 2000 do coroutine.yield(i) end return 0 end) local n = 0 for i = 1, 2001 do n = n + co() end return n`,
	"newcoro": `local n = 0 for i = 1, 500 do n = n + coroutine.wrap(function() coroutine.yield(1) return 2 end)() end return n`,
	"sort":    `local t = {} for i = 1, 2000 do t[i] = (i * 7919) % 2003 end table.sort(t, function(a, b) return a < b end) return t[1]`,
	"insert":  `local t = {} for i = 1, 3000 do table.insert(t, i) end local n = 0 for i = 1, 3000 do n = n + table.remove(t) end return n`,
	"pairs":   `local t = {} for i = 1, 500 do t["k" .. i] = i end local n = 0 for r = 1, 4 do for k, v in pairs(t) do n = n + v end end return n`,
	"concat":  `local t = {} for i = 1, 2000 do t[i] = "item" .. i end return #table.concat(t, ",")`,
}

func BenchmarkOwn(b *testing.B) {
	for name, text := range programs {
		b.Run(name, func(b *testing.B) {
			s := script.New(script.Options{Limits: limit.Default(), Dialect: syntax.Lua54})
			defer s.Close()
			fn, err := s.Load(source.New("b.lua", text))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := s.Call(fn); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkStock(b *testing.B) {
	for name, text := range programs {
		b.Run(name, func(b *testing.B) {
			L := lua.NewState()
			defer L.Close()
			fn, err := L.LoadString(text)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				L.Push(fn)
				if err := L.PCall(0, 1, nil); err != nil {
					b.Fatal(err)
				}
				L.Pop(1)
			}
		})
	}
}

func BenchmarkNewState(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		script.New(script.Options{Limits: limit.Default(), Dialect: syntax.Lua54}).Close()
	}
}
