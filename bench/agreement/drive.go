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

// unknownCommand is one that no service has.
const unknownCommand = "no such command"

// driver returns a service that launches each service of a graph and calls each of its commands; main first,
// if it is to. What it does with one service keeps no other waiting: some never answer.
func driver(g *graph.Graph, main bool) string {
	var b strings.Builder
	b.WriteString("local skynet = require \"skynet\"\nlocal snax = require \"skynet.snax\"\n\nskynet.start(function()\n\tskynet.fork(function()\n")
	if slices.ContainsFunc(g.Services, func(s graph.Service) bool { return s.Name == "main" }) && main {
		b.WriteString("\t\tskynet.fork(function() skynet.newservice \"main\" end)\n\t\tskynet.sleep(10)\n")
	}
	for i := range g.Services {
		s := &g.Services[i]
		if s.Name == driverName || s.Name == "main" {
			continue
		}
		switch folder, _, _ := strings.Cut(s.File, "/"); folder {
		case "service":
			drive(&b, s.Name, commandsOf(s))
		case "snax":
			driveSnax(&b, s.Name, commandsOf(s))
		}
	}
	b.WriteString("\tend)\nend)\n")
	return b.String()
}

func commandsOf(s *graph.Service) []string {
	var commands []string
	for _, h := range s.Handlers {
		if h != "init" && h != "exit" && h != "lua" && h != "" && !strings.ContainsAny(h, "\"\\ ") {
			commands = append(commands, h)
		}
	}
	slices.Sort(commands)
	return commands
}

// drive writes what drives one service.
func drive(b *strings.Builder, name string, commands []string) {
	fmt.Fprintf(b, "\t\tskynet.fork(function()\n\t\t\tlocal ok, to = pcall(skynet.newservice, %q)\n\t\t\tif ok and to then\n", name)
	call := func(command string, args string) {
		if args != "" {
			args = ", " + args
		}
		if command != "" {
			args = fmt.Sprintf(", %q", command) + args
		}
		fmt.Fprintf(b, "\t\t\t\tskynet.fork(function() skynet.call(to, \"lua\"%s) end)\n", args)
		fmt.Fprintf(b, "\t\t\t\tskynet.send(to, \"lua\"%s)\n", args)
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
			b.WriteString("\t\t\t\tskynet.sleep(2)\n")
		}
		for _, c := range commands {
			call(c, args)
		}
		if round == 0 {
			fmt.Fprintf(b, "\t\t\t\tskynet.send(to, \"lua\", %q, 1)\n\t\t\t\tskynet.sleep(2)\n", unknownCommand)
		}
	}
	for _, c := range commands { // some are followed by a word that is looked up, too
		for _, word := range commands {
			call(c, fmt.Sprintf("%q, 1, \"ann\"", word))
		}
	}
	b.WriteString("\t\t\tend\n\t\tend)\n")
	for _, c := range commands { // each alone, once the rest is done: another may be the last that a service does
		fmt.Fprintf(b, "\t\tskynet.fork(function()\n\t\t\tskynet.sleep(200)\n\t\t\tlocal to = skynet.newservice(%q)\n", name)
		for _, args := range arguments {
			call(c, args)
		}
		b.WriteString("\t\tend)\n")
	}
}

// driveSnax writes what drives one snax service. Which commands it answers the graph does not say.
func driveSnax(b *strings.Builder, name string, commands []string) {
	fmt.Fprintf(b, "\t\tskynet.fork(function()\n\t\t\tlocal to = snax.newservice(%q)\n", name)
	for _, args := range arguments {
		for _, c := range commands {
			fmt.Fprintf(b, "\t\t\tpcall(function() to.post.%s(%s) end)\n\t\t\tskynet.fork(function() to.req.%s(%s) end)\n\t\t\tskynet.sleep(2)\n", c, args, c, args)
		}
	}
	b.WriteString("\t\tend)\n")
}

// strangerName is the service that asks each service of a node that is not driven, once, for what it does not have.
const strangerName = "agreement_stranger"

// stranger is its text. It calls, and sends nothing: of a message that is sent from elsewhere skylint cannot know.
const stranger = `local skynet = require "skynet"

skynet.start(function()
	local asked = { [skynet.address(skynet.self())] = true }
	skynet.fork(function()
		while true do
			for address in pairs(skynet.call(".launcher", "lua", "LIST")) do
				if not asked[address] then
					asked[address] = true
					skynet.fork(function() skynet.call(address, "lua", "` + unknownCommand + `") end)
				end
			end
			skynet.sleep(2)
		end
	end)
end)
`
