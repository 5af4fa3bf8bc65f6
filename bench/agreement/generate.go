package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generate returns the files of a system that is made of common pieces of services, put together by chance. It
// is the same for the same seed.
func generate(seed uint64) map[string]string {
	g := &generator{random: rand.New(rand.NewPCG(seed, 26)), files: map[string]string{}}
	n := 2 + g.random.IntN(3)
	for i := range n {
		g.services = append(g.services, fmt.Sprintf("s%d", i))
		g.commands = append(g.commands, 2+g.random.IntN(4))
	}
	for i := range n {
		g.service(i)
	}
	return g.files
}

type generator struct {
	random   *rand.Rand
	files    map[string]string
	services []string
	commands []int // how many each has
}

// service writes a service. How it answers is one of a few customs: each command for itself, or all by what
// their functions return.
func (g *generator) service(i int) {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	returns := g.random.IntN(2) == 0
	line("local skynet = require \"skynet\"\nlocal queue = require \"skynet.queue\"\n")
	line("local lock = queue()\nlocal state, waiting = {}, {}\nlocal CMD = {}\n")
	for c := range g.commands[i] {
		line("function CMD.c%d(key, value)", c)
		for range g.random.IntN(3) {
			g.statement(line, i)
		}
		g.answer(line, i, returns)
		line("end\n")
	}
	line("skynet.start(function()\n\tskynet.dispatch(\"lua\", function(session, _, command, ...)")
	switch g.random.IntN(3) {
	case 0:
		line("\t\tlocal f = CMD[command]")
	case 1:
		line("\t\tlocal f = assert(CMD[command], command)")
	default:
		line("\t\tlocal f = CMD[command]\n\t\tif not f then\n\t\t\tskynet.error(\"no such command\", command)\n\t\t\tif session ~= 0 then\n\t\t\t\tskynet.retpack(false)\n\t\t\tend\n\t\t\treturn\n\t\tend")
	}
	if returns {
		line("\t\tif session ~= 0 then\n\t\t\tskynet.retpack(f(...))\n\t\telse\n\t\t\tf(...)\n\t\tend")
	} else {
		line("\t\tf(...)")
	}
	line("\tend)\nend)")
	g.files["service/"+g.services[i]+".lua"] = b.String()
}

// other returns the name of a service and one of its commands; now and then of one that it has not.
func (g *generator) other() (service, command string) {
	k := g.random.IntN(len(g.services))
	return g.services[k], fmt.Sprintf("c%d", g.random.IntN(g.commands[k]+g.random.IntN(8)/7))
}

// statement writes one thing that handlers do.
func (g *generator) statement(line func(string, ...any), i int) {
	service, command := g.other()
	switch g.random.IntN(22) {
	case 0, 1, 2:
		line("\tstate[key or 1] = value")
	case 3, 4:
		line("\tlocal n = #waiting + 1\n\tstate.count = n")
	case 5, 6:
		line("\tskynet.send(skynet.uniqueservice %q, \"lua\", %q, key, value)", service, command)
	case 7, 8:
		line("\tlocal answer = skynet.call(skynet.uniqueservice %q, \"lua\", %q, key, value)\n\tstate.answer = answer", service, command)
	case 9:
		line("\tlast = key")
	case 10:
		line("\tlock(function()\n\t\tskynet.call(skynet.uniqueservice %q, \"lua\", %q, key, value)\n\tend)", service, command)
	case 11:
		line("\tlock(function()\n\t\tstate.locked = value\n\tend)")
	case 12:
		line("\tskynet.fork(function()\n\t\tskynet.sleep(1)\n\t\tstate.forked = key\n\tend)")
	case 13:
		line("\tlocal f = load(\"return \" .. tostring(value))\n\tstate.loaded = f and f()")
	case 14:
		line("\tassert(state[key], \"no such key\")")
	case 15:
		line("\ttable.sort(waiting, function(a, b)\n\t\tskynet.sleep(1)\n\t\treturn a < b\n\tend)\n\twaiting[#waiting + 1] = #waiting")
	case 16:
		line("\tpcall(os.execute, \"touch \" .. tostring(key))")
	case 17:
		line("\tlocal token = {}\n\tskynet.fork(function()\n\t\tskynet.wakeup(token)\n\tend)\n\tskynet.sleep(%d)\n\tskynet.wait(token)", g.random.IntN(2))
	case 18:
		line("\tpcall(debug.sethook, function() end, \"l\")")
	case 19:
		line("\t_G[\"last_\" .. tostring(key)] = value")
	default:
		line("\tskynet.sleep(1)")
	}
}

// answer writes how a command answers.
func (g *generator) answer(line func(string, ...any), i int, returns bool) {
	if returns {
		line("\treturn state[key or 1]")
		return
	}
	switch g.random.IntN(12) {
	case 0:
		line("\tif not key then\n\t\treturn\n\tend\n\tskynet.retpack(value)")
	case 1:
		line("\tif state.done then\n\t\tskynet.retpack(false)\n\tend\n\tstate.done = true\n\tskynet.retpack(true)")
	case 2:
		line("\tlocal answer = skynet.response()\n\tskynet.fork(function()\n\t\tskynet.sleep(1)\n\t\tanswer(true, value)\n\tend)")
	case 3:
		line("\tlocal answer = skynet.response()\n\tstate.key = key")
	case 4:
		line("\tskynet.fork(function()\n\t\tskynet.retpack(value)\n\tend)")
	case 5:
		line("\tstate.value = value")
	default:
		line("\tskynet.retpack(key)")
	}
}
