package solve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/solve"
)

// TestGrowth solves programs of a size and of four times the size and compares what was made:
// places, values and the edges between them. It counts work, so that it says the same everywhere.
func TestGrowth(t *testing.T) {
	for _, c := range []struct {
		name    string
		program func(b *strings.Builder, n int)
	}{
		{"services that call each other through a helper", func(b *strings.Builder, n int) {
			b.WriteString("-- lualib/helper.lua --\nlocal skynet = require 'skynet'\nlocal M = {}\nfunction M.call(a, cmd, ...) return skynet.call(a, 'lua', cmd, ...) end\nreturn M\n")
			for i := range n {
				fmt.Fprintf(b, `-- service/s%d.lua --
local skynet = require "skynet"
local helper = require "helper"
local CMD = {}
function CMD.ping(x) return helper.call(".s%d", "ping", x) end
skynet.start(function()
	skynet.register ".s%d"
	skynet.dispatch("lua", function(_, _, cmd, ...) skynet.retpack(CMD[cmd](...)) end)
end)
`, i, (i+1)%n, i)
			}
		}},
		{"commands in one table", func(b *strings.Builder, n int) {
			b.WriteString("-- service/main.lua --\nlocal skynet = require 'skynet'\nlocal CMD = {}\n")
			for i := range n {
				fmt.Fprintf(b, "function CMD.c%d(x) skynet.retpack(x) end\n", i)
			}
			b.WriteString("skynet.start(function() skynet.dispatch('lua', function(_, _, cmd, ...) CMD[cmd](...) end) end)\n")
		}},
		{"a table of data", func(b *strings.Builder, n int) {
			b.WriteString("-- service/main.lua --\nlocal data = {\n")
			for i := range n {
				fmt.Fprintf(b, "[%d] = { id = %d, name = 'item %d', cost = { gold = 1 }, list = { 1, { x = 2 } } },\n", 1000+i, i, i)
			}
			b.WriteString("}\nfor k, v in pairs(data) do print(v.name, v.cost.gold, v.list[2].x) end\n")
		}},
		{"a table that is filled", func(b *strings.Builder, n int) {
			b.WriteString("-- service/main.lua --\nlocal data = {}\n")
			for i := range n {
				fmt.Fprintf(b, "data[%d] = {}\ndata[%d].f = function(a) return data[%d].f(a) end\n", 1000+i, 1000+i, 1000+i)
			}
		}},
		{"a deep hierarchy", func(b *strings.Builder, n int) {
			b.WriteString("-- lualib/c0.lua --\nlocal C = {}\nC.__index = C\nfunction C:m0() end\nreturn C\n")
			for i := range n {
				fmt.Fprintf(b, "-- lualib/c%d.lua --\nlocal C = setmetatable({}, { __index = require 'c%d' })\nC.__index = C\nfunction C:m%d() return self:m%d() end\nreturn C\n", i+1, i, i+1, i)
			}
			fmt.Fprintf(b, "-- service/main.lua --\nlocal C = require 'c%d'\nsetmetatable({}, C):m1()\n", n)
		}},
		{"classes that a helper makes", func(b *strings.Builder, n int) {
			b.WriteString("-- lualib/class.lua --\nreturn function(base) local c = setmetatable({}, { __index = base }) c.__index = c c.new = function(...) local o = setmetatable({}, c) o:init(...) return o end return c end\n")
			for i := range n {
				fmt.Fprintf(b, "-- lualib/c%d.lua --\nlocal class = require 'class'\nlocal C = class()\nfunction C:init() self.x = self:make() end\nfunction C:make() return {} end\nreturn C\n", i)
				fmt.Fprintf(b, "-- service/s%d.lua --\nlocal C = require 'c%d'\nC.new()\n", i, i)
			}
		}},
		{"functions that call the next", func(b *strings.Builder, n int) {
			b.WriteString("-- service/main.lua --\nlocal M = {}\n")
			for i := range n {
				fmt.Fprintf(b, "function M.f%d(a) return M.f%d(a) end\n", i, i+1)
			}
			b.WriteString("M.f0('x')\n")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			size := func(n int) solve.Size {
				var b strings.Builder
				c.program(&b, n)
				return load(t, b.String()).Size()
			}
			small, large := size(60), size(240)
			for _, part := range []struct {
				name string
				s, l int
			}{{"values", small.Atoms, large.Atoms}, {"places", small.Cells, large.Cells}, {"edges", small.Edges, large.Edges}} {
				if part.l > 5*part.s {
					t.Errorf("%d %s for 60, %d for 240", part.s, part.name, part.l)
				}
			}
		})
	}
}
