package skynetcfg

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// load reads the file named first of a small tree of files.
func load(files map[string]string, name string, env map[string]string) *Config {
	return Load(source.New(name, files[name]), Options{
		Read: func(path string) (string, error) {
			text, ok := files[path]
			if !ok {
				return "", errors.New("no such file")
			}
			return text, nil
		},
		Env: func(name string) (string, bool) {
			v, ok := env[name]
			return v, ok
		},
	})
}

func problems(c *Config) string {
	var lines []string
	for _, p := range c.Problems {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", p.Path, p.Line(), p.Message))
	}
	return strings.Join(lines, "\n")
}

func settings(c *Config) string {
	var b strings.Builder
	for _, s := range c.Settings {
		if s.Known {
			fmt.Fprintf(&b, "%s = %s\n", s.Key, s.Value)
		} else {
			fmt.Fprintf(&b, "%s ? %s @ %s:%d\n", s.Key, s.Reason, s.ValueAt.File.Path, s.ValueAt.Line())
		}
	}
	return b.String()
}

func texts(list []Pattern) string {
	var all []string
	for _, p := range list {
		all = append(all, p.Text)
	}
	return strings.Join(all, " ")
}

func text(l rules.Location) string { return l.File.Text[l.Start:l.End] }

var game = map[string]string{
	"etc/paths": `root = "./"
luaservice = root .. "service/?.lua;" .. root .. "app/?/main.lua;"
lua_path = root .. "lib/?.lua;" .. [[
	./lib/?/init.lua]]
snax = 'snax\\?.lua'
`,
	"etc/config": `include "paths"
thread = 4
logger = nil
harbor = 0
start = "game 1"	-- with an argument
bootstrap = "snlua boot"
cpath = root .. "cservice/?.so"
debug = true
ratio = 0.50
extra = { 1 }
computed = os.time()
`,
}

func TestLoad(t *testing.T) {
	c := load(game, "etc/config", nil)
	if got := problems(c); got != "" {
		t.Fatal(got)
	}
	want := `bootstrap = snlua boot
computed ? the call of os.time is not evaluated @ etc/config:11
cpath = ./cservice/?.so
debug = true
extra ? it is a table: skynet takes strings, numbers and booleans only @ etc/config:10
harbor = 0
lua_path = ./lib/?.lua;	./lib/?/init.lua
luaservice = ./service/?.lua;./app/?/main.lua;
ratio = 0.5
root = ./
snax = snax\?.lua
start = game 1
thread = 4
`
	if got := settings(c); got != want {
		t.Errorf("settings:\n%s\nwant:\n%s", got, want)
	}
	for _, x := range []struct{ what, got, want string }{
		{"services", texts(c.LuaService), "./service/?.lua ./app/?/main.lua"},
		{"modules", texts(c.LuaPath), "./lib/?.lua ./lib/?/init.lua"},
		{"snax", texts(c.Snax), "snax/?.lua"},
		{"C services", texts(c.CPath), "./cservice/?.so"},
		{"C modules", texts(c.LuaCPath), "./luaclib/?.so"},
		{"preload", texts(c.Preload), ""},
		{"start", c.Start(), "game"},
		{"bootstrap", c.Bootstrap(), "boot"},
		{"loader", c.Value("lualoader"), "./lualib/loader.lua"},
		{"nothing", c.Value("nothing"), ""},
	} {
		if x.got != x.want {
			t.Errorf("%s: %q, want %q", x.what, x.got, x.want)
		}
	}
	if !c.LuaCPath[0].Default() || c.LuaService[0].Default() {
		t.Error("defaults and settings are mixed up")
	}
	if s, ok := c.Get("lualoader"); !ok || !s.Default() || !s.Known {
		t.Errorf("the default of lualoader: %+v, %v", s, ok)
	}
	if s, ok := c.Get("cpath"); !ok || s.Default() || text(s.KeyAt) != "cpath" || text(s.ValueAt) != `root .. "cservice/?.so"` {
		t.Errorf("cpath: %+v, %v", s, ok)
	}
	if _, ok := c.Get("logger"); ok {
		t.Error("what is set to nil is a setting")
	}
	if s, _ := c.Get("luaservice"); s.KeyAt.File.Path != "etc/paths" || s.KeyAt.Line() != 2 {
		t.Errorf("luaservice is set at %s:%d", s.KeyAt.File.Path, s.KeyAt.Line())
	}
	var names []string
	for _, f := range c.Files {
		names = append(names, f.Path)
	}
	if got := strings.Join(names, " "); got != "etc/config etc/paths" {
		t.Errorf("files: %s", got)
	}
}

func TestDefaults(t *testing.T) {
	c := load(map[string]string{"config": ""}, "config", nil)
	if c.Start() != "main" || c.Bootstrap() != "bootstrap" || texts(c.LuaService) != "./service/?.lua" ||
		texts(c.LuaPath) != "./lualib/?.lua ./lualib/?/init.lua" || c.Snax != nil || len(c.Settings) != 0 {
		t.Errorf("%+v", c)
	}
	c = load(map[string]string{"config": "bootstrap = 'logger x' start = f()"}, "config", nil)
	if c.Bootstrap() != "" || c.Start() != "" {
		t.Errorf("bootstrap %q, start %q", c.Bootstrap(), c.Start())
	}
}

func TestEnvironment(t *testing.T) {
	files := map[string]string{"config": `-- for $HOST
luaservice = "./a/?.lua;$ROOT/b/?.lua;$NONE/c/?.lua;./d/?.lua"
thread = $N
harbor = $HARBOR
start = "$START"
$KEY = "$EMPTY."
lua_path = $NONE .. "/?.lua;./e/?.lua"
same = "$NONE" == "x"
later = "here"
`}
	c := load(files, "config", map[string]string{"ROOT": "/opt/game", "N": "16", "START": "gate", "KEY": "port", "EMPTY": "", "HOST": "h"})
	if got := problems(c); got != "" {
		t.Fatal(got)
	}
	want := `harbor ? the environment variable HARBOR is not set @ config:4
later = here
lua_path ? the environment variable NONE is not set @ config:7
luaservice ? the environment variable NONE is not set @ config:2
port = .
same ? the environment variable NONE is not set @ config:8
start = gate
thread = 16
`
	if got := settings(c); got != want {
		t.Errorf("settings:\n%s\nwant:\n%s", got, want)
	}
	if got := texts(c.LuaService); got != "./a/?.lua /opt/game/b/?.lua ./d/?.lua" {
		t.Errorf("services: %s", got)
	}
	if got := texts(c.LuaPath); got != "./e/?.lua" {
		t.Errorf("modules: %s", got)
	}
	// Places are those of the file, not of the text with the variables replaced.
	for _, x := range []struct{ key, keyText, value string }{
		{"start", "start", `"$START"`},
		{"thread", "thread", "$N"},
		{"port", "$KEY", `"$EMPTY."`},
		{"harbor", "harbor", "$HARBOR"},
		{"later", "later", `"here"`},
	} {
		s, _ := c.Get(x.key)
		if text(s.KeyAt) != x.keyText || text(s.ValueAt) != x.value {
			t.Errorf("%s: key %q, value %q; want %q, %q", x.key, text(s.KeyAt), text(s.ValueAt), x.keyText, x.value)
		}
	}
	if c.Files[0].Text != files["config"] {
		t.Error("the file is not the one that was read")
	}
}

func TestPlacesAroundVariables(t *testing.T) {
	c := load(map[string]string{"config": "a = $E\"x\"$E\nb = $F\nc = $S.. 'z'\nd = 'y' ..$S\ne = 1"}, "config",
		map[string]string{"E": "", "F": "'long text' .. f() .. 'more'", "S": "'s'"})
	for _, x := range []struct{ key, value string }{{"a", `"x"`}, {"b", "$F"}, {"c", "$S.. 'z'"}, {"d", "'y' ..$S"}, {"e", "1"}} {
		if s, _ := c.Get(x.key); text(s.ValueAt) != x.value || text(s.KeyAt) != x.key {
			t.Errorf("%s: key %q, value %q; want %q", x.key, text(s.KeyAt), text(s.ValueAt), x.value)
		}
	}
}

func TestSyntaxErrorsHaveTheirPlace(t *testing.T) {
	c := load(map[string]string{"config": "a = \"$LONG\" .. $LONG\nb = = 1\nc = 2\n"}, "config", map[string]string{"LONG": "'xxxxxxxxxxxxxxxxxxxx'"})
	if len(c.Problems) != 1 || c.Problems[0].Line() != 2 || text(c.Problems[0].Location) != "=" {
		t.Errorf("problems: %s", problems(c))
	}
	if c.Value("c") != "2" {
		t.Errorf("c is %q", c.Value("c"))
	}
}

func TestInclude(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		first string
		want  string // settings and problems
	}{
		{"relative to the including file", map[string]string{
			"a/b/config": `include "../x/one" z = y`, "a/x/one": `include "two" include "./deep/three" y = x`,
			"a/x/two": `x = "2"`, "a/x/deep/three": `include("../two") w = x .. "3"`,
		}, "a/b/config", "w = 23\nx = 2\ny = 2\nz = 2\n"},
		{"absolute", map[string]string{"config": `include "/etc/game"`, "/etc/game": `include "more"`, "/etc/more": "a = 1"}, "config", "a = 1\n"},
		{"out of the root", map[string]string{"etc/config": `include "../../shared/config"`, "../shared/config": "a = 1"}, "etc/config", "a = 1\n"},
		{"later wins", map[string]string{"config": "a = 1 include 'x' b = a a = 3", "x": "a = 2"}, "config", "a = 3\nb = 2\n"},
		{"locals stay in their file", map[string]string{"config": "local a = 1 include 'x' c = a", "x": "b = a local a = 2"}, "config", "c = 1\n"},
		{"cycle", map[string]string{"config": "a = 1\ninclude 'x'\nb = 2", "x": "include 'y'\nc = 3", "y": "\ninclude 'x'"}, "config",
			"a = 1\nb = 2\nc = 3\ny:2: x includes itself: x -> y -> x"},
		{"itself", map[string]string{"config": "include 'config'"}, "config", "config:1: config includes itself: config -> config"},
		{"missing", map[string]string{"etc/config": "a = 1\ninclude 'none'\nb = 2"}, "etc/config", "a = 1\nb = 2\netc/config:2: cannot include \"etc/none\": no such file"},
		{"unknown", map[string]string{"config": "include(f())\ninclude '$X'\ninclude()\ninclude {}\na = 1"}, "config", `a = 1
config:1: cannot tell which file is included: the call of f is not evaluated
config:2: cannot tell which file is included: the environment variable X is not set
config:3: include needs the name of a file
config:4: cannot tell which file is included: its name is a table`},
		{"errors of an included file", map[string]string{"config": "include 'x'", "x": "a = 1\nb = ="}, "config", "a = 1\nb ? it could not be parsed @ x:2\nx:2: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := load(c.files, c.first, nil)
			got := settings(cfg) + problems(cfg)
			if c.name == "errors of an included file" {
				got = got[:min(len(got), len(c.want))] // the parser's words are its own
			}
			if got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestIncludesAreBounded(t *testing.T) {
	files := map[string]string{}
	for i := range 20 {
		files[fmt.Sprintf("f%d", i)] = fmt.Sprintf("include 'f%d' include 'f%d'", i+1, i+1) // 2^20 in all
	}
	files["f20"] = "a = 1"
	c := load(files, "f0", nil)
	if got := problems(c); !strings.HasSuffix(got, "more than 100 files are included") || len(c.Problems) != 1 {
		t.Errorf("problems: %s", got)
	}
	if c = load(map[string]string{"c": "a = '" + strings.Repeat("x", maxSize) + "'"}, "c", nil); problems(c) != "c:1: too large for a skynet config file: 1048582 bytes" {
		t.Errorf("problems: %s", problems(c))
	}
	if c = load(map[string]string{"c": "a = '$X'"}, "c", map[string]string{"X": strings.Repeat("x", maxSize)}); len(c.Problems) != 1 || len(c.Settings) != 0 {
		t.Errorf("problems: %s", problems(c))
	}
	if c = Load(source.New("c", "include 'x'"), Options{}); problems(c) != `c:1: cannot include "x": no file can be read` {
		t.Errorf("problems: %s", problems(c))
	}
}

func TestStartDir(t *testing.T) {
	for _, c := range []struct{ name, config, text, files, want string }{
		{"the root", "examples/config", `luaservice = "./service/?.lua;./examples/?.lua" start = "main"`, "service/launcher.lua examples/main.lua", "."},
		{"its own folder", "game/config", `luaservice = "./?.lua;../skynet/service/?.lua" start = "main"`, "game/main.lua skynet/service/launcher.lua", "game"},
		{"the folder above", "server/etc/config", `root = "./" luaservice = root .. "service/?.lua"`, "server/service/main.lua service/x.lua server/etc/x", "server"},
		{"nearest of equals", "server/etc/config", `luaservice = "./service/?.lua"`, "server/service/main.lua service/main.lua", "server"},
		{"start decides", "a/etc/config", `luaservice = "./service/?.lua" lua_path = "./lib/?.lua"`, "a/service/x.lua a/lib/x.lua service/main.lua", "."},
		{"folders decide", "a/etc/config", `luaservice = "./service/?.lua" lua_path = "./lib/?.lua"`, "a/service/x.lua service/x.lua lib/x.lua", "."},
		{"files count too", "a/etc/config", `luaservice = "./service/?.lua" preload = "pre.lua" cluster = "nodes.lua"`, "a/service/x.lua service/x.lua pre.lua", "."},
		{"a folder itself is no evidence", "etc/config", `luaservice = "./?.lua" lua_path = "./?.lua"`, "etc/config", ""},
		{"nothing is there", "etc/config", `luaservice = "./service/?.lua"`, "etc/config", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			present := map[string]bool{".": true}
			for _, f := range strings.Fields(c.files) {
				for ; f != "."; f = path.Dir(f) {
					present[f] = true
				}
			}
			cfg := load(map[string]string{c.config: c.text}, c.config, nil)
			dir, ok := cfg.StartDir(cfg.Candidates(), func(p string) bool { return present[p] })
			if dir != c.want || ok != (c.want != "") {
				t.Errorf("started in %q, %v; want %q", dir, ok, c.want)
			}
		})
	}
}

func TestCandidates(t *testing.T) {
	for name, want := range map[string]string{"config": ".", "a/b/config": "a/b a .", "../config": "..", "../a/config": "../a ..", "/etc/x": "/etc /"} {
		if got := strings.Join(load(map[string]string{name: ""}, name, nil).Candidates(), " "); got != want {
			t.Errorf("candidates of %s: %q, want %q", name, got, want)
		}
	}
}

func TestLooksLike(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"luaservice = './?.lua'", true},
		{"local x <", false},
		{"local x <const", false},
		{"\ufeff-- c\r\n--[==[ long\n]==] root = \"./\"; lua_path = root .. \"x\"", true},
		{"include \"config.path\"\nthread = 8\nlogger = nil", true},
		{"include(\"config.path\")\nstart = \"main\"", true},
		{"local root <const>, x = \"./\", { a = 1 }\nlocal y\nbootstrap = 'snlua bootstrap'", true},
		{"thread = $THREAD\nharbor = 0", true},
		{"a = os.getenv \"X\" or (\"y\" .. [[z]])\nb = not a\nc = -1 * #a // 2\nd = a.b[1]:c {} .. 'x'\ncpath = root..'?.so'", true},
		{"mode = 'x' -- c\n\nstart = 'main'\nthread = 1\nif x then end", true},
		{"android = 1\norder = 2\nluaservice = ''", true},
		{"local function join(t)\n\tlocal s = 'end' -- end\n\tfor i = 1, #t do if t[i] then s = s .. t[i] end end\n\twhile s do repeat s = nil until not s end\n\treturn s\nend\nluaservice = join { './?.lua' }", true},
		{"thread = 8\nlocal function f() return [[end]] end\nbootstrap = 'snlua bootstrap'", true},
		// Other things.
		{"", false},
		{"-- nothing", false},
		{"start = 'main'", false},
		{"start = 'main'\nstart = 'main2'", false},
		{"local skynet = require 'skynet'\nthread = 1\nstart = 2", false},
		{"local x = { f = function() end }\nthread = 1\nstart = 2", false},
		{"local function f() end\nthread = 1\nstart = 2", false},
		{"local function f()\nluaservice = 1", false},
		{"local a, function f() end\nluaservice = 1", false},
		{"local function f() require 'x' end\nluaservice = 1", false},
		{"local function f() end\nf()\nluaservice = 1", false},
		{"return { luaservice = 'x' }", false},
		{"{ \"luaservice\": 1 }", false},
		{"# Title\nluaservice = 1", false},
		{"[section]\nthread = 1\nstart = 2", false},
		{"print 'x'\nluaservice = 1", false},
		{"M.luaservice = 1", false},
		{"local M = {}\nM.luaservice = 1", false},
		{"luaservice == 1", false},
		{"x = 'open\nluaservice = 1", false},
		{"x = [[ open\nluaservice = 1", false},
		{"x = { open\nluaservice = 1", false},
		{"--[[ open\nluaservice = 1", false},
		{"x = 1 +\n", false},
		{"include = 1", false},
		{"\x1bLua luaservice = 1", false},
		{strings.Repeat(" ", maxScan) + "luaservice = 1", false},
	} {
		if got := LooksLike(c.text); got != c.want {
			t.Errorf("LooksLike(%q) = %v", c.text, got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []string{game["etc/config"], game["etc/paths"], "a = '$X' .. $Y include '$Z'", "$X$X=$", "local a <const> = 1 --[[ ]] b = {[[x]]}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		LooksLike(text)
		c := load(map[string]string{"c": text}, "c", map[string]string{"X": "a b", "Y": ""})
		for _, s := range c.Settings {
			for _, l := range []rules.Location{s.KeyAt, s.ValueAt} {
				if l.File == nil || l.Start > l.End || int(l.End) > len(l.File.Text) {
					t.Errorf("%q: %s at %+v", text, s.Key, l.Span)
				}
			}
		}
		for _, p := range c.Problems {
			if p.Start > p.End || int(p.End) > len(text) {
				t.Errorf("%q: %s at %+v", text, p.Message, p.Span)
			}
		}
	})
}

func BenchmarkLooksLike(b *testing.B) {
	text := "local skynet = require \"skynet\"\nlocal x = 1\n" + strings.Repeat("function f() end\n", 1000)
	for b.Loop() {
		LooksLike(text)
	}
}

// FuzzLooksLike looks for texts that the recognition cannot take.
func FuzzLooksLike(f *testing.F) {
	for _, seed := range []string{"luaservice = './?.lua'", "local x <", "local x <const>, y = 1, {", "thread = $THREAD\nharbor = 0", "include (", "a = [==["} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range len(text) + 1 {
			LooksLike(text[:i])
		}
	})
}

// A function that is given the patterns of a search path is taken to keep them; the value itself
// is not known.
func TestPatternsGivenToAFunction(t *testing.T) {
	c := load(map[string]string{"config": `
local function join(t) return t[1] end
root = "./"
luaservice = join { root .. "service/?.lua", "a/?.lua" }
lua_path = join { "x", "b/?.lua" }
snax = join({ "c/?.lua" }, 1)
preload = join {}
`}, "config", nil)
	for want, list := range map[string][]Pattern{"./service/?.lua a/?.lua": c.LuaService, "": slices.Concat(c.LuaPath, c.Snax, c.Preload)} {
		if got := texts(list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if s, ok := c.Get("luaservice"); !ok || s.Known || s.Value != "" {
		t.Errorf("luaservice: %+v", s)
	}
}

func TestOwnName(t *testing.T) {
	text := `
start = "main"
luaservice = "./frame/gate/?.lua;deps/skynet/service/?.lua"
lua_path = "frame/lualib/?.lua;framework/?.lua;./other/?.lua"
preload = "./frame/lualib/preload.lua"
router = "frame/router.lua"
`
	c := load(map[string]string{"config": text}, "config", nil)
	exists := func(p string) bool { return p == "gate/main.lua" }
	if name := c.OwnName(exists); name != "frame" {
		t.Errorf("the name is %q", name)
	}
	in := c.Within("frame")
	got := texts(in.LuaService) + "|" + texts(in.LuaPath) + "|" + texts(in.Preload) + "|" + in.Value("router")
	if want := "gate/?.lua deps/skynet/service/?.lua|lualib/?.lua framework/?.lua ./other/?.lua|lualib/preload.lua|router.lua"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if texts(c.LuaService) != "./frame/gate/?.lua deps/skynet/service/?.lua" {
		t.Error("the configuration itself was changed")
	}
	for _, text := range []string{
		"start = 'other'\nluaservice = './frame/gate/?.lua'\n",
		"start = 'main'\nluaservice = '../frame/gate/?.lua'\n",
		"start = 'main'\nluaservice = '?/gate/?.lua'\n",
		"start = 'main'\nluaservice = '/frame/gate/?.lua'\n",
		"start = 'main'\nluaservice = 'frame/hall/?.lua'\n",
	} {
		if name := load(map[string]string{"config": text}, "config", nil).OwnName(exists); name != "" {
			t.Errorf("%s: the name is %q", text, name)
		}
	}
}
