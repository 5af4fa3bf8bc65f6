package suspend_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/skylint/skylint/flow/effect"
	"github.com/skylint/skylint/flow/suspend"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
)

const service = `local skynet = require "skynet"
local cs = require "skynet.queue" ()

local function asks() return skynet.call(".db", "lua", "get") end
local function through() return asks() end
local function guarded() return pcall(skynet.call, ".db", "lua", "get") end
local function sends() skynet.send(".db", "lua", "put") end
local function forks() skynet.fork(asks) end
local function run(f) return f() end
local function given() return run(asks) end
local function twice(f) return run(f) end
local function givenTwice() return twice(asks) end
local function defer(f) skynet.fork(f) end
local function deferred() defer(asks) end
local function harmless() return run(sends) end
local either = skynet.getenv "x" and asks or sends
local function perhaps() return either() end
local lazy = setmetatable({}, { __index = function(t, k) return skynet.call(".db", "lua", k) end })
local function looks(k) return lazy[k] end
local function locked() return asks() end

skynet.start(function()
	skynet.dispatch("lua", function(_, _, k)
		through() guarded() sends() forks() given() givenTwice() deferred() harmless() perhaps() looks(k) cs(locked)
	end)
end)
`

func TestFunction(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "service"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "service", "a.lua"), []byte(service), 0o644); err != nil {
		t.Fatal(err)
	}
	result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: []string{root}}, System: true})
	if err != nil {
		t.Fatal(err)
	}
	x := suspend.Find(result.System)
	f := result.System.Values.Program().Files[0]
	functions := map[string]effect.Function{}
	for i := range f.Scope.Vars {
		if v := &f.Scope.Vars[i]; v.Init != 0 && v.Name != "cs" && v.Name != "lazy" && v.Name != "skynet" && v.Name != "either" {
			functions[v.Name] = effect.Function{Func: f.Scope.FuncOf(v.Init)}
		}
	}
	for name, want := range map[string]bool{
		"asks": true, "through": true, "guarded": true, "sends": false, "forks": false, "given": true, "givenTwice": true, "deferred": false,
		"run": false, "harmless": false, "perhaps": false, "looks": true,
	} {
		if got := x.Function(functions[name]); got != want {
			t.Errorf("%s suspends: %v, want %v", name, got, want)
		}
	}
	if !x.Locked(functions["locked"]) || x.Locked(functions["through"]) {
		t.Error("only the function locked runs with the queue held")
	}
	if !x.Handled(functions["through"]) || x.Handled(effect.Function{}) {
		t.Error("through runs for messages, the main chunk does not")
	}
	points := x.Points(functions["through"])
	if len(points) != 1 {
		t.Fatalf("through has %d points", len(points))
	}
	trace := x.Trace(points[0])
	if len(trace) != 2 || trace[1].API == nil || trace[1].API.Path != "skynet.call" {
		t.Errorf("the trace is %+v", trace)
	}
}
