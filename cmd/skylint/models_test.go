package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// rpcProject has a library in C that sends, waits and registers names.
var rpcProject = map[string]string{
	"sky.toml": "models = \"etc/models.toml\"\n",
	"config":   `luaservice = "./service/?.lua"` + "\n" + `start = "main"` + "\n",
	"service/main.lua": `local skynet = require "skynet"
local rpc = require "ours.rpc"

skynet.start(function()
	skynet.newservice "db"
	rpc.call(".db", "get", 1)
	rpc.post(".db", "set", 2)
end)
`,
	"service/db.lua": `local skynet = require "skynet"
local rpc = require "ours.rpc"

local CMD = {}
function CMD.get(key) return key end
function CMD.set(key) end

skynet.start(function()
	rpc.register ".db"
	skynet.dispatch("lua", function(_, _, cmd, ...)
		skynet.retpack(CMD[cmd](...))
	end)
end)
`,
}

// ownModels returns the model file that the guide shows.
func ownModels(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/OWN-MODELS.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```toml\n(# etc/models.toml\n.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatal("the guide has no model file")
	}
	return string(block[1])
}

// The functions of a library in C are known as calls, sends and registrations by the model that
// the guide shows, and by nothing else.
func TestOwnModels(t *testing.T) {
	files := map[string]string{"etc/models.toml": ownModels(t)}
	for name, text := range rpcProject {
		files[name] = text
	}
	inProject(t, files)
	const edges = "asks get at 6 by call; asks set at 7 by send; "
	seen := func() (text string) {
		_, g := graphOf(t)
		for _, e := range g.Edges {
			if e.To.Service == "db" && e.Kind != "newservice" {
				text += "asks " + e.To.Handler + " at " + string(rune('0'+e.Line)) + " by " + e.Kind + "; "
			}
		}
		return text
	}
	if got := seen(); got != edges {
		t.Errorf("edges to db: %q, want %q", got, edges)
	}
	// One of the messages is sent, which makes a finding in the receiver an error.
	skylint(t, "check").expect(t, exitFindings, "error[SKY202 unchecked-command]", "")
	skylint(t, "explain", "--path", "service/main.lua:6").expect(t, exitClean,
		"ours.rpc.call of the library: Sends a request to a service and waits for the reply\n      may wait", "")

	write(t, "sky.toml", "")
	if got := seen(); got != "" {
		t.Errorf("edges to db without the model: %q", got)
	}
	skylint(t, "check").expect(t, exitFindings, "warning[SKY202 unchecked-command]", "")
}

func TestBrokenOwnModels(t *testing.T) {
	inProject(t, map[string]string{
		"sky.toml":     "# models\nmodels = [\"one.toml\", \"absent.toml\"]\n",
		"one.toml":     "library = \"ours\"\n[global.f]\nargs = [\"adress\"]\n",
		"two.toml":     "library = \"ours\"\n[global.f]\nsame-as = \"skynet.cal\"\n[global.g]\nneeds = \"skynet.manger\"\n",
		"sub/a.lua":    cleanService,
		"sub/sky.toml": "models = \"../two.toml\"\n",
		"bad.toml":     "model = \"two.toml\"\n",
	})
	r := skylint(t)
	r.expect(t, exitUsage, "", "error: sky.toml:2:23: cannot read the models in absent.toml: ")
	r.expect(t, exitUsage, "", "help: the path is relative to the folder of sky.toml\n")
	r.expect(t, exitUsage, "", "error: one.toml:3:9: unknown role \"adress\": did you mean \"address\"?\n")
	for _, args := range [][]string{{"check", "sub"}, {"graph", "sub"}, {"baseline", "sub"}, {"explain", "--path", "sub/a.lua:1"}} {
		r := skylint(t, args...)
		r.expect(t, exitUsage, "", `error: two.toml:3:1: nothing is called "skynet.cal" (did you mean "skynet.call"?)`)
		r.expect(t, exitUsage, "", `error: two.toml:5:1: no module is called "skynet.manger" (did you mean "skynet.manager"?)`)
	}
	r = skylint(t, "--config", "bad.toml")
	r.expect(t, exitUsage, "", "bad.toml:1:1: unknown key \"model\"")
	if !strings.Contains(r.err, "models") {
		t.Errorf("the name that was meant is not in\n%s", r.err)
	}
}
