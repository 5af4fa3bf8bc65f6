package agreement

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator makes a system by chance: services that call each other, each command of which does a few of
// the things that services do, right and wrong, and a main service that sends each command once.
type generator struct {
	r        *rand.Rand
	services int
	commands int
}

// Generate returns the system of a seed. Mistakes are rare in it, as in programs that somebody wrote: most
// statements are right, and the same mistake is made in different surroundings.
func Generate(seed uint64) System {
	g := &generator{r: rand.New(rand.NewPCG(seed, 1)), services: 2 + int(seed%3), commands: 3}
	s := System{Name: fmt.Sprintf("generated %d", seed), Files: map[string]string{"service/main.lua": g.main()}}
	for i := range g.services {
		s.Files["service/"+service(i)+".lua"] = g.service(i)
	}
	return s
}

func service(i int) string { return [...]string{"bank", "chat", "guild", "mail"}[i] }
func command(i int) string { return [...]string{"open", "close", "list"}[i] }

// main starts the services, tells each where the others are, and sends each command, as a call or not.
func (g *generator) main() string {
	var b strings.Builder
	b.WriteString("local skynet = require \"skynet\"\n\nskynet.start(function()\n")
	for i := range g.services {
		fmt.Fprintf(&b, "\tlocal %s = skynet.newservice %q\n", service(i), service(i))
	}
	for i := range g.services {
		for j := range g.services {
			if i != j {
				fmt.Fprintf(&b, "\tskynet.send(%s, \"lua\", \"peer\", %q, %s)\n", service(i), service(j), service(j))
			}
		}
	}
	for i := range g.services {
		for c := range g.commands {
			switch g.r.IntN(4) {
			case 0:
				fmt.Fprintf(&b, "\tskynet.send(%s, \"lua\", %q, 1, {name = \"ann\"})\n", service(i), command(c))
			default:
				fmt.Fprintf(&b, "\tskynet.fork(function() skynet.error(pcall(skynet.call, %s, \"lua\", %q, 1, {name = \"ann\"})) end)\n", service(i), command(c))
			}
		}
	}
	b.WriteString("end)\n")
	return b.String()
}

// service returns a service whose handler answers with what a command returns, or one whose commands answer.
func (g *generator) service(self int) string {
	var b strings.Builder
	replies := g.r.IntN(3) == 0
	b.WriteString("local skynet = require \"skynet\"\nlocal queue = require \"skynet.queue\"\n\nlocal CMD = {}\nlocal peers = {}\nlocal lock = queue()\nlocal count = 0\n\n")
	b.WriteString("function CMD.peer(name, address)\n\tpeers[name] = address\n")
	if replies {
		b.WriteString("\tskynet.ignoreret()\n")
	}
	b.WriteString("end\n")
	for c := range g.commands {
		fmt.Fprintf(&b, "\nfunction CMD.%s(id, info)\n", command(c))
		for range 1 + g.r.IntN(2) {
			for line := range strings.SplitSeq(g.statement(self), "\n") {
				b.WriteString("\t" + line + "\n")
			}
		}
		switch {
		case !replies:
			b.WriteString("\treturn count\n")
		case g.r.IntN(12) == 0: // no answer
		case g.r.IntN(12) == 0:
			b.WriteString("\tskynet.retpack(count)\n\tskynet.retpack(id)\n")
		default:
			b.WriteString("\tskynet.retpack(count)\n")
		}
		b.WriteString("end\n")
	}
	b.WriteString("\nskynet.start(function()\n\tskynet.dispatch(\"lua\", function(_, _, command, ...)\n")
	switch {
	case replies:
		b.WriteString("\t\tlocal f = assert(CMD[command], command)\n\t\tf(...)\n")
	case g.r.IntN(3) == 0:
		b.WriteString("\t\tlocal f = CMD[command]\n\t\tskynet.retpack(f(...))\n")
	default:
		b.WriteString("\t\tlocal f = assert(CMD[command], command)\n\t\tskynet.retpack(f(...))\n")
	}
	b.WriteString("\tend)\nend)\n")
	return b.String()
}

// right are statements in which nothing is wrong.
var right = []string{
	"count = count + 1",
	"local n = count\nif n > 100 then\n\tcount = 0\nend",
	"skynet.sleep(1)",
	"lock(function()\n\tcount = count + id\nend)",
	"skynet.fork(function()\n\tskynet.sleep(2)\n\tcount = count - 1\nend)",
	"skynet.timeout(1, function()\n\tcount = count + 1\nend)",
	"local name = info and info.name or \"nobody\"\nskynet.error(name)",
	"local ok, err = pcall(error, \"no\")\nif not ok then\n\tskynet.error(err)\nend",
}

// wrong are statements that break a rule, whoever sends what.
var wrong = []string{
	"last = id",
	"_G.last_name = info",
	"rawset(_G, \"last_id\", id)",
	"string.trim = function(s) return s end",
	"table.count = function(t) return #t end",
	"skynet.helper = function() return count end",
	"getmetatable(\"\").__index = function() end",
	"setmetatable(_G, {__index = function() return 0 end})",
	"error(\"bad id\")",
	"local first = info.list[1]\ncount = first",
	"local ok = pcall(skynet.newservice, \"nobody\")\nskynet.error(ok)",
	"skynet.error(pcall(skynet.call, \".nobody\", \"lua\", \"open\"))",
	"skynet.response()",
	"local later = skynet.response()\ncount = count + (later and 1 or 0)",
	"skynet.fork(function()\n\tskynet.retpack(count)\nend)",
	"skynet.fork(function()\n\tskynet.wait(\"never\")\nend)",
	"coroutine.yield(id)",
	"local f = load(\"return 1 + 1\")\ncount = f and f() or 0",
	"local f = load(info.name)\ncount = f and 1 or 0",
	"local code = string.dump(function() return 1 end)\ncount = #code",
	"debug.sethook()",
	"local info = debug.getinfo(1, \"f\")\nlocal name = debug.getupvalue(info.func, 1)\nskynet.error(name)",
	"os.execute(\"true\")",
	"local pipe = io.popen(\"true\")\nskynet.error(pipe)",
	"local lib = package.loadlib(\"./lib.so\", \"luaopen_lib\")\nskynet.error(lib)",
	"skynet.error(pcall(skynet.newservice, \"main\", {id}))",
	"lock(function()\n\tlocal answer = skynet.call(skynet.self(), \"lua\", \"list\", id, info)\n\tskynet.error(answer)\nend)",
}

// talking are statements with messages; %s are a variable with the name of a peer, and a command.
var talking = []string{
	"local answer = skynet.call(peers.%[1]s, \"lua\", %[2]q, id, info)\nskynet.error(answer)",
	"if info then\n\tskynet.send(peers.%[1]s, \"lua\", %[2]q, id)\nend",
	"local ok, answer = pcall(skynet.call, peers.%[1]s, \"lua\", %[2]q, id, info)\nif not ok then\n\tskynet.error(answer)\nend",
	"lock(function()\n\tlocal answer = skynet.call(peers.%[1]s, \"lua\", %[2]q, id, info)\n\tskynet.error(answer)\nend)",
}

func (g *generator) statement(self int) string {
	switch n := g.r.IntN(100); {
	case n < 60:
		return pick(g.r, right)
	case n < 82:
		return pick(g.r, wrong)
	}
	peer := (self + 1 + g.r.IntN(g.services-1)) % g.services
	name := command(g.r.IntN(g.commands))
	if g.r.IntN(8) == 0 {
		name = "rename" // nobody has it
	}
	return fmt.Sprintf(pick(g.r, talking), service(peer), name)
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
