package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/graph"
)

// driverFile is the service that drives a program.
const driverFile = "service/agreement_driver.lua"

const driverName = "agreement_driver"

// arguments are what commands are called with.
var arguments = []string{"", "1, 2", `"ann", 1`, `{ 1, 2 }, "ann"`}

// driver returns a service that launches each service of a graph and calls each of its commands; main first,
// if it is to.
func driver(g *graph.Graph, main bool) string {
	var b strings.Builder
	b.WriteString("local skynet = require \"skynet\"\n\nskynet.start(function()\n\tskynet.fork(function()\n")
	if slices.ContainsFunc(g.Services, func(s graph.Service) bool { return s.Name == "main" }) && main {
		b.WriteString("\t\tskynet.fork(function() skynet.newservice \"main\" end)\n\t\tskynet.sleep(10)\n")
	}
	for _, s := range g.Services {
		if s.Name == driverName || s.Name == "main" || !strings.HasPrefix(s.File, "service/") {
			continue
		}
		var commands []string
		for _, h := range s.Handlers {
			if h != "init" && h != "lua" && h != "" && !strings.ContainsAny(h, "\"\\ ") {
				commands = append(commands, h)
			}
		}
		slices.Sort(commands)
		fmt.Fprintf(&b, "\t\tdo\n\t\t\tlocal ok, to = pcall(skynet.newservice, %q)\n\t\t\tif ok and to then\n", s.Name)
		call := func(command string, args string) {
			if args != "" {
				args = ", " + args
			}
			if command != "" {
				args = fmt.Sprintf(", %q", command) + args
			}
			fmt.Fprintf(&b, "\t\t\t\tskynet.fork(function() skynet.call(to, \"lua\"%s) end)\n", args)
			fmt.Fprintf(&b, "\t\t\t\tskynet.send(to, \"lua\"%s)\n", args)
		}
		if len(commands) == 0 {
			for _, args := range arguments {
				call("", args)
			}
		}
		for round := range 2 * len(arguments) { // what the first round leaves behind, the second finds
			args := arguments[round%len(arguments)]
			for _, c := range commands {
				call(c, args)
				fmt.Fprintf(&b, "\t\t\t\tskynet.sleep(2)\n")
			}
			for _, c := range commands {
				call(c, args)
			}
		}
		b.WriteString("\t\t\t\tskynet.send(to, \"lua\", \"no such command\", 1)\n")
		b.WriteString("\t\t\t\tskynet.sleep(2)\n\t\t\tend\n\t\tend\n")
	}
	b.WriteString("\tend)\nend)\n")
	return b.String()
}
