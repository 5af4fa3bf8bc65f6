package models_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luadiff/luatest"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/syntax"
)

// The program prints the names that a fresh state has, and the kind of each, as paths:
// those of the globals, of the tables in them, and of the modules named on the command
// line. It runs with an empty environment, so that LUA_INIT and LUA_PATH add nothing.
const listNames = `
local seen = { [_G] = true }
local function kind(v)
	local t = type(v)
	if t == "function" or t == "table" then return t end
	if t == "userdata" or t == "cdata" then return "object" end
	return "value"
end
local function list(t, prefix)
	for k, v in pairs(t) do
		if type(k) == "string" then
			print(prefix .. k .. " " .. kind(v))
			local open = v == package.loaded or v == package.preload
			if type(v) == "table" and not seen[v] and not open then
				seen[v] = true
				list(v, prefix .. k .. ".")
			end
		end
	end
end
list(_G, "")
for _, name in ipairs(arg) do
	local v = require(name)
	print("require " .. name .. " " .. kind(v))
	if type(v) == "table" and not seen[v] then
		list(v, name .. ".")
	end
end
`

// buildNames are names that the model gives to a dialect always, and that a particular
// release or build may lack.
var buildNames = map[string]bool{
	"jit.security": true, // since 2.1 of 2019
}

func TestStandardLibraries(t *testing.T) {
	for _, d := range luadiff.Required() {
		t.Run(d.String(), func(t *testing.T) { compareLibraries(t, d) })
	}
	for _, d := range luadiff.Optional() {
		if os.Getenv(luadiff.Variable(d)) != "" {
			t.Run(d.String(), func(t *testing.T) { compareLibraries(t, d) })
		}
	}
}

func compareLibraries(t *testing.T, d syntax.Dialect) {
	path, err := luadiff.Find(d)
	luatest.Need(t, err)
	c := models.Builtin()
	want := map[string]string{} // what the models say: path to kind
	var may []string            // what some builds have
	add := func(path string, e *models.Entry) {
		switch {
		case e.In(d) && !buildNames[path]:
			want[path] = e.Kind.String()
		case e.MayBeIn(d):
			may = append(may, path+" "+e.Kind.String())
		}
	}
	var walk func(members []models.Entry)
	walk = func(members []models.Entry) {
		for i := range members {
			e := &members[i]
			add(e.Path, e)
			if e.Kind == models.KindTable && e.MayBeIn(d) && e.Path != models.Globals {
				walk(c.Members(e.Path))
			}
		}
	}
	walk(c.Members(models.Globals))
	var modules []string
	for i := range c.Modules {
		m := &c.Modules[i]
		if m.Library != "lua" && m.Library != "luajit" || !m.Value.In(d) {
			continue
		}
		modules = append(modules, m.Name)
		add("require "+m.Name, &m.Value)
		if g := c.Global(m.Name); g == nil && m.Value.SameAs == "" {
			walk(c.Members(m.Name))
		}
	}

	script := t.TempDir() + "/list.lua"
	if err := os.WriteFile(script, []byte(listNames), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{script}, modules...)...)
	cmd.Env = []string{}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, out)
	}
	got := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		i := strings.LastIndexByte(line, ' ')
		got[line[:i]] = line[i+1:]
	}
	if len(got) < 140 {
		t.Fatalf("%s lists %d names only", path, len(got))
	}
	for p, kind := range want {
		if got[p] != kind {
			t.Errorf("the model of %s has %s as a %s: in the real one it is %s", d.Title(), p, kind, orNothing(got[p]))
		}
	}
	for p, kind := range got {
		if want[p] == "" && !buildNames[p] && !slices.Contains(may, p+" "+kind) {
			t.Errorf("the real %s has %s, a %s: the model lacks it", d.Title(), p, kind)
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "not there"
	}
	return fmt.Sprintf("a %s", s)
}

func TestMethodsOfFiles(t *testing.T) {
	const list = `for k in pairs(getmetatable(io.stdout).__index) do print(k) end`
	for _, d := range luadiff.Required() {
		path, err := luadiff.Find(d)
		luatest.Need(t, err)
		out, err := exec.Command(path, "-e", list).Output()
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, name := range strings.Fields(string(out)) {
			if !strings.HasPrefix(name, "__") {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		for _, e := range models.Builtin().Members("io.File") {
			want = append(want, e.Name())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: files have the methods %q, the model says %q", d.Title(), got, want)
		}
	}
}
