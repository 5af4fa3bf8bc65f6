package wait_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/wait"
)

func TestReentries(t *testing.T) {
	const queue = "local cs = require \"skynet.queue\" ()\n"
	for _, test := range []struct{ name, a, b, want string }{
		{"a handler that is asked while the queue is held enters it", queue + `
function CMD.sell() return cs(function() return skynet.call(".b", "lua", "price") end) end
function CMD.count() return cs(function() return 1 end) end`, `
function CMD.price() return skynet.call(".a", "lua", "count") end`,
			"a: b.price, a.count enters the queue in line 6"},
		{"the request comes back to a handler without the queue", queue + `
function CMD.sell() return cs(function() return skynet.call(".b", "lua", "price") end) end
function CMD.count() return 1 end`, `
function CMD.price() return skynet.call(".a", "lua", "count") end`, ""},
		{"the request is made before the queue is entered", queue + `
function CMD.sell() local p = skynet.call(".b", "lua", "price") return cs(function() return p end) end
function CMD.count() return cs(function() return 1 end) end`, `
function CMD.price() return skynet.call(".a", "lua", "count") end`, ""},
		{"another queue than the one that is held", queue + `local other = require "skynet.queue" ()
function CMD.sell() return cs(function() return skynet.call(".b", "lua", "price") end) end
function CMD.count() return other(function() return 1 end) end`, `
function CMD.price() return skynet.call(".a", "lua", "count") end`, ""},
		{"who asks back does so in a coroutine of its own", queue + `
function CMD.sell() return cs(function() return skynet.call(".b", "lua", "price") end) end
function CMD.count() return cs(function() return 1 end) end`, `
function CMD.price() skynet.fork(function() skynet.call(".a", "lua", "count") end) return 1 end`, ""},
		{"a service asks itself", queue + `
function CMD.sell() return cs(function() return skynet.call(skynet.self(), "lua", "count") end) end
function CMD.count() return cs(function() return 1 end) end`, "",
			"a: a.count enters the queue in line 6"},
		{"a queue for each player is not one", `
local queue = require "skynet.queue"
local players = {}
function CMD.join(id) players[id] = queue() end
function CMD.sell(id) return players[id](function() return skynet.call(".b", "lua", "price", id) end) end
function CMD.count(id) return players[id](function() return 1 end) end`, `
function CMD.price(id) return skynet.call(".a", "lua", "count", id) end`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			sys, where := load(t, config+main+service("a", test.a)+service("b", test.b))
			q := wait.FindQueues(sys, where)
			var out []string
			for _, s := range sys.Services {
				for _, r := range q.Reentries(s) {
					if r.Messages[0].Entry.Kind != effect.Command { // the handler of the protocol does it too
						continue
					}
					var way []string
					for i := range r.Messages {
						m := &r.Messages[i]
						if i > 0 && !q.Waits(m) {
							t.Errorf("nobody waits for %s.%s", m.To.Name, m.Command)
						}
						way = append(way, m.To.Name+"."+m.Command)
					}
					tree := sys.Values.Program().Files[r.File].Tree
					out = append(out, fmt.Sprintf("%s: %s enters the queue in line %d", s.Name, strings.Join(way, ", "), tree.Line(r.Node)))
				}
			}
			compare(t, "re-entries", strings.Join(out, "\n"), test.want)
		})
	}
}
