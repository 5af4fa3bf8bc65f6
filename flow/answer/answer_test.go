package answer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/answer"
	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/path"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
)

// world is a program and the answers of its services.
type world struct {
	t       *testing.T
	sys     *effect.System
	answers *answer.System
}

func build(t *testing.T, files map[string]string) *world {
	t.Helper()
	t.Chdir(t.TempDir())
	result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Texts: files}, System: true})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, result.System, answer.New(result.System)}
}

// service returns the service of a name, and the answers of it.
func (w *world) service(name string) (*effect.Service, *answer.Service) {
	w.t.Helper()
	for _, s := range w.sys.Services {
		if s.Name == name {
			return s, w.answers.Service(s)
		}
	}
	w.t.Fatalf("there is no service %s", name)
	return nil, nil
}

// function returns the function that a statement declares by a name: f, M.f or M:f.
func (w *world) function(name string) effect.Function {
	w.t.Helper()
	for i, f := range w.sys.Values.Program().Files {
		for n := range f.Tree.Nodes(syntax.FunctionStat, syntax.LocalFunction) {
			var declared, fn syntax.Node
			if f.Tree.Kind(n) == syntax.LocalFunction {
				declared, fn = f.Tree.LocalFunction(n)
			} else {
				declared, fn, _ = f.Tree.FunctionStat(n)
			}
			if f.Tree.Text(declared) == name {
				return effect.Function{File: int32(i), Func: f.Scope.FuncOf(fn)}
			}
		}
	}
	w.t.Fatalf("there is no function %s", name)
	return effect.Function{}
}

var effects = map[path.Effect]string{path.Nothing: "nothing", path.Answers: "answers", path.May: "may", path.Ends: "ends"}

// describe writes what a function is to its callers, then for each of its exits the last
// statement and the states, and the second answers.
func (w *world) describe(f effect.Function, o *path.Outcome) string {
	t := w.sys.Values.Program().Files[f.File].Tree
	parts := []string{effects[o.Effect()]}
	for _, e := range o.Exits {
		first, _, _ := strings.Cut(t.Text(e.At), "\n")
		s := first + ":"
		for i, name := range []string{"none", "skipped", "unsure", "once", "twice"} {
			if e.State&(1<<i) != 0 {
				s += " " + name
			}
		}
		parts = append(parts, s)
	}
	for _, r := range o.Repeats {
		parts = append(parts, "again "+t.Text(r.At))
	}
	return strings.Join(parts, "; ")
}

// code is a service with a function f of a given body.
func code(body string) map[string]string {
	return map[string]string{"service/main.lua": `local skynet = require "skynet"
local queue = require "skynet.queue"
local ret, cs, waiting, client = skynet.retpack, queue(), {}, nil
local function reply(...) skynet.retpack(...) end
local function maybe(a) if a then skynet.retpack(a) end end
local function fail() error("no") end
local function harmless() return 1 end
local function answers() skynet.retpack(1) return true end
local function even(n) if n == 0 then skynet.retpack() return end return odd(n - 1) end
function odd(n) if n == 0 then skynet.retpack() return end return even(n - 1) end
local function f(session, source, a)
` + body + `
end
skynet.start(function()
	skynet.dispatch("lua", function(session, source, a) f(session, source, a) cs(even, a) maybe() fail() answers(harmless()) end)
end)
`}
}

func TestFunction(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"retpack", `skynet.retpack(a)`, "answers; skynet.retpack(a): once"},
		{"ret", `skynet.ret(skynet.pack(a))`, "answers; skynet.ret(skynet.pack(a)): once"},
		{"no answer", `waiting[a] = true`, "nothing; waiting[a] = true: none"},
		{"an alias", `ret(a)`, "answers; ret(a): once"},
		{"a wrapper", `reply(a)`, "answers; reply(a): once"},
		{"a wrapper that may", `maybe(a)`, "may; maybe(a): unsure"},
		{"given up", `skynet.ignoreret()`, "answers; skynet.ignoreret(): once"},
		{"a response that is kept", `waiting[a] = skynet.response()`, "answers; waiting[a] = skynet.response(): once"},
		{"a response that is called", "local r = skynet.response()\nr(true, a)", "answers; r(true, a): once"},
		{"a redirect", `skynet.redirect(a, source, "client", session, "x")`, "answers; skynet.redirect(a, source, \"client\", session, \"x\"): once"},
		{"twice", "skynet.retpack(a)\nskynet.retpack(a)", "answers; skynet.retpack(a): twice; again skynet.retpack(a)"},
		{"twice through a wrapper", "reply(a)\nskynet.retpack(a)", "answers; skynet.retpack(a): twice; again skynet.retpack(a)"},
		{"one way or the other", "if a then\nskynet.retpack(a)\nelse\nreply()\nend", "answers; skynet.retpack(a): once; reply(): once"},
		{"one way only", "if a then\nskynet.retpack(a)\nend", "may; skynet.retpack(a): once; if a then: skipped"},
		{"an early return", "if a then\nreturn\nend\nskynet.retpack()", "may; return: none; skynet.retpack(): once"},
		{"an answer in the return", "return skynet.retpack(a)", "answers; return skynet.retpack(a): once"},
		{"and, or", "return a and skynet.retpack(a)", "may; return a and skynet.retpack(a): skipped once"},
		{"an error instead", "if not a then\nerror('no')\nend\nskynet.retpack(a)", "answers; skynet.retpack(a): once"},
		{"an error in a function", "if not a then\nfail()\nend\nskynet.retpack(a)", "answers; skynet.retpack(a): once"},
		{"an error always", "fail()", "ends"},
		{"the end of the service", "skynet.exit()", "ends"},
		{"pcall of an answer", "pcall(skynet.retpack, a)", "answers; pcall(skynet.retpack, a): once"},
		{"pcall of a function that answers", "pcall(answers, a)", "answers; pcall(answers, a): once"},
		{"pcall of a written function", "pcall(function() skynet.retpack(a) end)", "answers; pcall(function() skynet.retpack(a) end): once"},
		{"pcall catches", "pcall(fail)", "nothing; pcall(fail): none"},
		{"xpcall", "xpcall(answers, debug.traceback)", "answers; xpcall(answers, debug.traceback): once"},
		{"a queue runs what it is given", "cs(answers)", "answers; cs(answers): once"},
		{"another coroutine has no request", "skynet.fork(answers)", "nothing; skynet.fork(answers): none"},
		{"nor has that of a timer", "skynet.timeout(1, answers)", "nothing; skynet.timeout(1, answers): none"},
		{"a function that nobody calls", "local function g() skynet.retpack(a) end", "nothing; local function g() skynet.retpack(a) end: none"},
		{"a function that is called", "local function g() skynet.retpack(a) end\ng()", "answers; g(): once"},
		{"a loop", "for i = 1, a do\nskynet.retpack(i)\nend", "may; for i = 1, a do: unsure once"},
		{"a loop that is left with an answer", "while true do\nif a then\nskynet.retpack(a)\nreturn\nend\nend", "answers; return: once"},
		{"a loop for ever", "while true do\nskynet.sleep(1)\nend", "ends"},
		{"repeat", "repeat\nskynet.retpack(a)\nuntil true", "answers; repeat: once"},
		{"goto over the answer", "if a then\ngoto done\nend\nskynet.retpack(a)\n::done::", "may; ::done::: none once"},
		{"goto back", "::again::\nif harmless() == 2 then\ngoto again\nend\nskynet.retpack(a)", "answers; skynet.retpack(a): once"},
		{"it calls itself", "if a == 0 then\nskynet.retpack()\nreturn\nend\nreturn f(session, source, a - 1)", "may; return: once; return f(session, source, a - 1): unsure"},
		{"two that call each other", "even(a)", "may; even(a): unsure"},
		{"asked whether it has answered", "if not answers() then\nskynet.retpack()\nend", "answers; skynet.retpack(): once; if not answers() then: once"},
		{"a variable that says whether", "local ok\nok = answers() or ok\nif not ok then\nskynet.retpack()\nend",
			"answers; skynet.retpack(): once; if not ok then: once"},
		{"pcall says whether", "local ok = pcall(maybe, a)\nif not ok then\nskynet.retpack()\nend",
			"may; skynet.retpack(): once; if not ok then: unsure"},
		{"a condition on an argument", "if waiting[a] then\nskynet.retpack()\nend", "may; skynet.retpack(): once; if waiting[a] then: skipped"},
		{"a condition on a result", "if harmless() then\nskynet.retpack()\nend", "may; skynet.retpack(): once; if harmless() then: unsure"},
		{"a condition on what nobody knows", "if client.ask() then\nskynet.retpack()\nend",
			"may; skynet.retpack(): once; if client.ask() then: unsure"},
		{"nobody knows what is called", "client.reply(a)", "may; client.reply(a): unsure"},
		{"a method of texts", "return a:upper()", "nothing; return a:upper(): none"},
		{"a module is loaded", "require('other')", "nothing; require('other'): none"},
		{"a condition met before", "if a then\nskynet.retpack(a)\nend\nif not a then\nskynet.retpack()\nend", "may; skynet.retpack(): once; if not a then: unsure once"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, code(c.body))
			_, a := w.service("main")
			f := w.function("f")
			if got := w.describe(f, a.Function(f)); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.body, got, c.want)
			}
			if got := a.Answers(f); got != strings.HasPrefix(c.want, "answers") {
				t.Errorf("Answers says %v of %s", got, c.body)
			}
		})
	}
}

// handler is a service whose commands get and put stand in a table, with a handler of a given body.
func handler(body string) map[string]string {
	return map[string]string{"service/main.lua": `local skynet = require "skynet"
local CMD = {}
function CMD.get(a) return a end
function CMD.put(a) skynet.retpack(a) end
skynet.start(function()
	skynet.dispatch("lua", function(session, source, cmd, ...)
` + body + `
	end)
end)
`}
}

func TestHandle(t *testing.T) {
	const found = "local f = CMD[cmd]\n"
	for _, c := range []struct {
		name, body, command string
		own                 path.Effect
		want                string
	}{
		{"the handler answers", "skynet.retpack(CMD[cmd](...))", "get", path.Nothing, "answers; skynet.retpack(CMD[cmd](...)): once"},
		{"both answer", "skynet.retpack(CMD[cmd](...))", "put", path.Answers,
			"answers; skynet.retpack(CMD[cmd](...)): twice; again skynet.retpack(CMD[cmd](...))"},
		{"the function answers", "CMD[cmd](...)", "put", path.Answers, "answers; CMD[cmd](...): once"},
		{"nobody answers", "CMD[cmd](...)", "get", path.Nothing, "nothing; CMD[cmd](...): none"},
		{"the function never returns", "CMD[cmd](...)", "get", path.Ends, "ends"},
		{"what is looked up is there", found + "if f then\nskynet.retpack(f(...))\nend", "get", path.Nothing, "answers; skynet.retpack(f(...)): once"},
		{"not nil", found + "if f ~= nil then\nskynet.retpack(f(...))\nend", "get", path.Nothing, "answers; skynet.retpack(f(...)): once"},
		{"not there", found + "if not f then\nreturn\nend\nskynet.retpack(f(...))", "get", path.Nothing, "answers; skynet.retpack(f(...)): once"},
		{"asserted", "local f = assert(CMD[cmd])\nskynet.retpack(f(...))", "get", path.Nothing, "answers; skynet.retpack(f(...)): once"},
		{"it is this function", found + "if f == CMD.get then\nskynet.retpack(f(...))\nend", "get", path.Nothing, "answers; skynet.retpack(f(...)): once"},
		{"it is another function", found + "if f == CMD.get then\nskynet.retpack(f(...))\nend", "put", path.Nothing,
			"nothing; if f == CMD.get then: none"},
		{"by name", `if cmd == "get" then` + "\nskynet.retpack(CMD[cmd](...))\nend", "get", path.Nothing, "answers; skynet.retpack(CMD[cmd](...)): once"},
		{"by another name", `if cmd == "put" then` + "\nskynet.retpack(CMD[cmd](...))\nelse\nCMD[cmd](...)\nend", "get", path.Nothing,
			"nothing; CMD[cmd](...): none"},
		{"a command is a text", `if type(cmd) == "string" then` + "\nskynet.retpack(CMD[cmd](...))\nend", "get", path.Nothing,
			"answers; skynet.retpack(CMD[cmd](...)): once"},
		{"a request has a session", "if session ~= 0 then\nskynet.retpack(CMD[cmd](...))\nend", "get", path.Nothing,
			"answers; skynet.retpack(CMD[cmd](...)): once"},
		{"a session is above 0", "if session > 0 then\nskynet.retpack(CMD[cmd](...))\nend", "get", path.Nothing,
			"answers; skynet.retpack(CMD[cmd](...)): once"},
		{"sent, not called", "if session == 0 then\nCMD[cmd](...)\nelse\nskynet.retpack(CMD[cmd](...))\nend", "get", path.Nothing,
			"answers; skynet.retpack(CMD[cmd](...)): once"},
		{"pcall of what was looked up", found + "local ok, r = pcall(f, ...)\nif ok then\nskynet.retpack(r)\nend", "get", path.Nothing,
			"may; skynet.retpack(r): once; if ok then: unsure"},
		{"asserted to be another one", `assert(cmd ~= "get")` + "\nskynet.retpack(CMD[cmd](...))", "get", path.Nothing, "ends"},
		{"another table", "local other = {}\nif other[cmd] then\nreturn\nend\nskynet.retpack(CMD[cmd](...))", "get", path.Nothing,
			"answers; skynet.retpack(CMD[cmd](...)): once"},
		{"either way round", `if "get" == cmd and 0 < session then` + "\nskynet.retpack(CMD[cmd](...))\nend", "get", path.Nothing,
			"answers; skynet.retpack(CMD[cmd](...)): once"},
		{"a word that means nothing", `if ... == "x" then` + "\nskynet.retpack(CMD[cmd](...))\nend", "get", path.Nothing,
			`may; skynet.retpack(CMD[cmd](...)): once; if ... == "x" then: skipped`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, handler(c.body))
			s, a := w.service("main")
			e := s.Entry("lua", c.command)
			if e == nil {
				t.Fatalf("the service has no command %s", c.command)
			}
			h := s.Dispatches("lua").Functions[0]
			o := a.Handle(h, e, c.own)
			if got := w.describe(h, &o); got != c.want {
				t.Errorf("%s of\n%s\n got %s\nwant %s", c.command, c.body, got, c.want)
			}
		})
	}
}

func TestKeeps(t *testing.T) {
	for parameters, want := range map[string]bool{
		"function(session, source, cmd) if session == 0 then return end f(cmd) end": false,
		"function(session, source, cmd) waiting[cmd] = session end":                 true,
		"function(session, source, cmd) f(session, source, cmd) end":                true,
		"function(_, source, cmd) f(cmd) end":                                       false,
		"function(...) f(...) end":                                                  true,
		"function() f() end":                                                        false,
	} {
		w := build(t, map[string]string{"service/main.lua": `local skynet = require "skynet"
local waiting = {}
local function f() end
skynet.start(function() skynet.dispatch("lua", ` + parameters + `) end)
`})
		s, a := w.service("main")
		for range 2 {
			if got := a.Keeps(s.Dispatches("lua").Functions[0]); got != want {
				t.Errorf("%s: keeps its session: %v, want %v", parameters, got, want)
			}
		}
	}
}

func TestOnlyHandlers(t *testing.T) {
	w := build(t, handler("skynet.retpack(1)\nCMD[cmd](...)"))
	_, a := w.service("main")
	if a.OnlyHandlers() {
		t.Error("CMD.put answers, too")
	}
	var lines []int
	for _, f := range a.Answering() {
		file := w.sys.Values.Program().Files[f.File]
		lines = append(lines, file.Tree.Line(file.Scope.Funcs[f.Func].Node))
	}
	if got := fmt.Sprint(lines); got != "[4 6]" {
		t.Errorf("the functions of lines %s answer, want [4 6]", got)
	}
	w = build(t, map[string]string{"service/main.lua": `local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function() skynet.retpack(1) end) end)
`})
	if _, a := w.service("main"); !a.OnlyHandlers() {
		t.Error("only the handler answers")
	}
}

// hooks are two services that give different functions to a helper of one library.
var hooks = map[string]string{
	"lualib/hook.lua": `local M = {}
function M.set(f) M.f = f end
function M.run(a) M.f(a) end
function M.plain(a) return a end
return M
`,
	"service/one.lua": `local skynet = require "skynet"
local hook = require "hook"
hook.set(function(a) skynet.retpack(a) end)
local function one(a) hook.run(a) end
skynet.start(function() skynet.dispatch("lua", function(_, _, a) one(hook.plain(a)) end) end)
`,
	"service/two.lua": `local skynet = require "skynet"
local hook = require "hook"
hook.set(function(a) print(a) end)
local function two(a) hook.run(a) end
skynet.start(function() skynet.dispatch("lua", function(_, _, a) two(hook.plain(a)) skynet.retpack() end) end)
`,
}

// TestServices has a function of a library that answers in one service and not in another.
func TestServices(t *testing.T) {
	w := build(t, hooks)
	run := w.function("M.run")
	for name, want := range map[string]string{"one": "answers; M.f(a): once", "two": "nothing; M.f(a): none"} {
		_, a := w.service(name)
		if got := w.describe(run, a.Function(run)); got != want {
			t.Errorf("M.run in %s: %s, want %s", name, got, want)
		}
	}
}

// TestOrder asks for the functions of a circle in different orders.
func TestOrder(t *testing.T) {
	names := []string{"even", "odd", "f", "reply", "maybe"}
	want := map[string]string{}
	for turn := range names {
		w := build(t, code("even(a)"))
		_, a := w.service("main")
		for i := range names {
			name := names[(i+turn)%len(names)]
			f := w.function(name)
			got := w.describe(f, a.Function(f))
			if turn > 0 && got != want[name] {
				t.Errorf("%s, asked for in turn %d: %s, want %s", name, turn, got, want[name])
			}
			want[name] = got
		}
	}
}
