package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

func parse(t *testing.T, text string, opts Options) *Config {
	t.Helper()
	cfg, err := Parse("sky.toml", []byte(text), opts)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func rule(t *testing.T, name string) *rules.Rule {
	t.Helper()
	r := rules.Lookup(name)
	if r == nil {
		t.Fatalf("no rule %s", name)
	}
	return r
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	mkdir := func(path string) string {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write := func(path string) {
		if err := os.WriteFile(filepath.Join(root, path), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	find := func(dir string) string {
		t.Helper()
		got, err := Find(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		if rel, err := filepath.Rel(root, got); err == nil {
			return filepath.ToSlash(rel)
		}
		return got
	}
	write("sky.toml")
	mkdir("game/.git")
	mkdir("game/service/db")
	mkdir("sub/sky.toml") // a folder is no configuration
	mkdir("sub/deep")
	mkdir("module/src")
	write("module/.git") // a submodule's .git is a file
	for _, c := range []struct{ dir, want string }{
		{".", "sky.toml"},
		{"sub/deep", "sky.toml"},
		{"game/service/db", ""}, // the repository ends the search
		{"module/src", ""},
	} {
		if got := find(c.dir); got != c.want {
			t.Errorf("Find(%q) = %q, want %q", c.dir, got, c.want)
		}
	}
	write("game/sky.toml")
	for _, c := range []struct{ dir, want string }{{"game/service/db", "game/sky.toml"}, {"game", "game/sky.toml"}} {
		if got := find(c.dir); got != c.want {
			t.Errorf("Find(%q) = %q, want %q", c.dir, got, c.want)
		}
	}
	if got, err := Find(filepath.Join(root, "no/such/folder")); err != nil || got != filepath.Join(root, "sky.toml") {
		t.Errorf("Find of a folder that does not exist: %q, %v", got, err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sky.toml")
	if err := os.WriteFile(path, []byte("dialect = \"5.1\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(path, Options{})
	if err != nil || cfg.Dialect != syntax.Lua51 || !cfg.DialectSet || cfg.Root != dir || cfg.File.Path != "sky.toml" {
		t.Errorf("Load: %+v, %v", cfg, err)
	}
	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "none.toml"), "none.toml: cannot read the configuration: no such file or directory"},
		{dir, filepath.Base(dir) + ": cannot read the configuration: it is not a regular file"},
	} {
		cfg, err := Load(c.path, Options{})
		var derr *document.Error
		if !errors.As(err, &derr) || strings.ReplaceAll(err.Error(), "The system cannot find the file specified.", "no such file or directory") != c.want {
			t.Errorf("Load: %v, want %s", err, c.want)
		}
		if cfg == nil || cfg.Root != filepath.Dir(c.path) || !cfg.Files.Wants("a.lua") {
			t.Errorf("Load gives no usable configuration with its error: %+v", cfg)
		}
	}
}

func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  *Config
		want Profile
	}{{"no file", Default(), Compat}, {"an empty file", parse(t, "", Options{}), Strict}} {
		cfg := c.cfg
		if cfg.Profile != c.want {
			t.Errorf("%s: profile %s, want %s", c.name, cfg.Profile, c.want)
		}
		if cfg.Dialect != syntax.Lua54 || cfg.DialectSet {
			t.Errorf("%s: dialect %s, set %v", c.name, cfg.Dialect, cfg.DialectSet)
		}
		if !cfg.Files.Wants("x/a.lua") || cfg.Files.Wants("a.txt") || !cfg.Files.Gitignore || cfg.Files.Excludes("a") {
			t.Errorf("%s: files %+v", c.name, cfg.Files)
		}
		if cfg.Lint.FailOn.Reached(rules.Note) || !cfg.Lint.FailOn.Reached(rules.Warning) || cfg.Lint.ReportVendored {
			t.Errorf("%s: lint %+v", c.name, cfg.Lint)
		}
		s := cfg.For("a.lua")
		if s.MayWrite("x") || s.MayRead("x") || s.Level(rule(t, "SKY101")) != LevelDefault {
			t.Errorf("%s: settings %+v", c.name, s)
		}
	}
}

func TestFilesAndLint(t *testing.T) {
	cfg := parse(t, `
dialect = "LuaJIT"
profile = "compat"
[files]
include = ["*.lua", "bin/run"]
exclude = ["gen/**"]
vendored = ["libs"]
gitignore = false
[lint]
fail-on = "error"
globals = ["GAME", "G_*"]
read-globals = ["ngx"]
report-vendored = true
`, Options{})
	if cfg.Dialect != syntax.LuaJIT || cfg.Profile != Compat || cfg.Files.Gitignore || !cfg.Lint.ReportVendored {
		t.Errorf("%+v", cfg)
	}
	for path, want := range map[string]bool{"a.lua": true, "bin/run": true, "bin/ran": false, "gen/a.lua": false, "x/gen/a.lua": true} {
		if got := cfg.Files.Wants(path); got != want {
			t.Errorf("Wants(%q) = %v, want %v", path, got, want)
		}
	}
	if !cfg.Files.Excludes("gen") {
		t.Error("the excluded folder itself is not excluded")
	}
	if cfg.Lint.FailOn.Reached(rules.Warning) || !cfg.Lint.FailOn.Reached(rules.Error) {
		t.Errorf("fail-on %v", cfg.Lint.FailOn)
	}
	s := cfg.For("a.lua")
	for _, c := range []struct {
		name        string
		write, read bool
	}{{"GAME", true, true}, {"GAMES", false, false}, {"G_x", true, true}, {"ngx", false, true}, {"y", false, false}} {
		if s.MayWrite(c.name) != c.write || s.MayRead(c.name) != c.read {
			t.Errorf("%s: write %v, read %v", c.name, s.MayWrite(c.name), s.MayRead(c.name))
		}
	}
	if never := parse(t, "[lint]\nfail-on = \"never\"\n", Options{}); never.Lint.FailOn.Reached(rules.Error) {
		t.Error("never is reached")
	}
}

func TestRules(t *testing.T) {
	const own = `
[rules]
all = "note"
ISOLATION = "warning"
Sky001 = "off"
Bad-Suppression = { severity = "error" }
`
	for _, c := range []struct {
		text, rule string
		usual      rules.Severity
		want       string
	}{
		{"", "SKY101", rules.Note, "note"},
		{own, "SKY101", rules.Error, "warning"},
		{own, "SKY001", rules.Error, "off"},
		{own, "SKY002", rules.Note, "error"},
		{"[rules]\nsky1XX = 'error'\n", "SKY101", rules.Note, "error"},
		{"[rules]\nsky1xx = 'error'\nglobal-write = 'default'\n", "SKY101", rules.Note, "note"},
		{"[rules]\nglobal-write = 'off'\nisolation = 'error'\nall = 'error'\n", "SKY101", rules.Note, "off"}, // the order does not matter
		{"[rules.global-write]\nseverity = 'off'\n", "SKY101", rules.Note, "off"},
		{"[rules]\nall = 'off'\n", "SKY101", rules.Error, "off"},
	} {
		cfg := parse(t, c.text, Options{})
		severity, ok := cfg.For("a.lua").Severity(rule(t, c.rule), c.usual)
		if severity.String() != c.want || ok != (c.want != "off") {
			t.Errorf("%s%s of %s: %s, %v; want %s", c.text, c.rule, c.usual, severity, ok, c.want)
		}
	}
}

func TestOverrides(t *testing.T) {
	cfg := parse(t, `
dialect = "5.4"
[lint]
globals = ["A"]
[rules]
global-write = "error"
[[override]]
paths = ["test/**", "*_spec.lua"]
dialect = "5.1"
globals = ["T_*"]
read-globals = ["describe"]
rules = { isolation = "note" }
[[override]]
paths = ["test/old"]
dialect = "luajit"
[override.rules]
SKY101 = "off"
`, Options{})
	for _, c := range []struct {
		path, dialect, level string
		write, read          string
	}{
		{"a.lua", "5.4", "error", "A", ""},
		{"test/a.lua", "5.1", "note", "A T_x", "describe"},
		{"x/a_spec.lua", "5.1", "note", "A T_x", "describe"},
		{"test/old/a.lua", "luajit", "off", "A T_x", "describe"},
	} {
		s := cfg.For(c.path)
		severity, _ := s.Severity(rule(t, "SKY101"), rules.Warning)
		if s.Dialect.String() != c.dialect || !s.DialectSet || severity.String() != c.level {
			t.Errorf("%s: dialect %s, severity %s; want %s, %s", c.path, s.Dialect, severity, c.dialect, c.level)
		}
		var write, read []string
		for _, name := range []string{"A", "T_x", "describe", "other"} {
			if s.MayWrite(name) {
				write = append(write, name)
			} else if s.MayRead(name) {
				read = append(read, name)
			}
		}
		if strings.Join(write, " ") != c.write || strings.Join(read, " ") != c.read {
			t.Errorf("%s: writes %v, reads %v", c.path, write, read)
		}
	}
	if cfg.For("test/a.lua") != cfg.For("test/b.lua") {
		t.Error("two files under the same overrides have settings of their own")
	}
}

func TestForIsSafeForConcurrentUse(t *testing.T) {
	var text strings.Builder
	for i := range 70 { // more than a word has bits
		fmt.Fprintf(&text, "[[override]]\npaths = ['d%d', 'x%d']\nglobals = ['G%d']\n", i, i%7, i)
	}
	cfg := parse(t, text.String(), Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 70 {
				s := cfg.For(fmt.Sprintf("d%d/a.lua", i))
				if !s.MayWrite(fmt.Sprintf("G%d", i)) || s.MayWrite(fmt.Sprintf("G%d", (i+1)%70)) {
					t.Errorf("d%d: wrong settings", i)
				}
				if !cfg.For(fmt.Sprintf("x%d/a.lua", i%7)).MayWrite(fmt.Sprintf("G%d", i)) {
					t.Errorf("x%d: wrong settings", i%7)
				}
			}
		})
	}
	wg.Wait()
}

func TestErrors(t *testing.T) {
	type options struct {
		Allow []string `toml:"allow"`
		Max   int      `toml:"max"`
	}
	opts := Options{
		RuleOptions: func(r *rules.Rule) any {
			if r.ID == "SKY101" {
				return &options{}
			}
			return nil
		},
		Sections: []Section{limitsSection, auditSection},
	}
	for _, c := range []struct{ name, text, want string }{
		{"top level", "dialct = '5.4'\nprofile = 'strikt'\ngitignore = true\nlint = 1\n[file]\n[limts]\n[banana]\n", `
sky.toml:1:1: unknown key "dialct" (did you mean "dialect"?)
sky.toml:2:11: unknown value "strikt" for "profile" (did you mean "strict"?; one of compat, strict)
sky.toml:3:1: unknown key "gitignore" ("gitignore" belongs in [files])
sky.toml:4:8: "lint" must be a table, not the number 1
sky.toml:5:2: unknown section "file" (did you mean "files"?)
sky.toml:6:2: unknown section "limts" (did you mean "limits"?)
sky.toml:7:2: unknown section "banana" (known here: dialect, profile, models, files, lint, rules, override, system, node, limits, audit)`},
		{"dialect", "dialect = 5.4\n[[override]]\npaths = []\ndialect = '5.6'\n", `
sky.toml:1:11: "dialect" must be a string, not the number 5.4 (write "5.4")
sky.toml:4:11: unknown value "5.6" for "override.dialect" (did you mean "5.1"?; one of 5.1, 5.2, 5.3, 5.4, 5.5, luajit)`},
		{"globs", "[files]\ninclude = '*.lua'\nexclude = ['a', 1, '[b', 'c\\d', '../e', '!f', '']\n", `
sky.toml:2:11: "files.include" must be a list of globs, not the string "*.lua" (write ["*.lua"])
sky.toml:3:17: "files.exclude" must be a list of globs, not the number 1
sky.toml:3:20: bad glob "[b" in "files.exclude": "[" is not closed by "]"
sky.toml:3:26: bad glob "c\\d" in "files.exclude": folders are separated by "/", not by "\"
sky.toml:3:33: bad glob "../e" in "files.exclude": ".." leaves the project; globs start at the folder of sky.toml
sky.toml:3:41: bad glob "!f" in "files.exclude": a glob cannot be negated by "!"
sky.toml:3:47: bad glob "" in "files.exclude": it is empty`},
		{"names", "[lint]\nglobals = ['a b', 'end', 'skynet.call', '*', '1x', 'ok', '_ENV', 'end*']\nread_globals = []\nfail-on = 'warn'\n", `
sky.toml:2:12: "a b" in "lint.globals" is not a Lua name (a name has letters, digits and _, and may end in *)
sky.toml:2:19: "end" in "lint.globals" is a keyword of Lua (declare names of global variables)
sky.toml:2:26: "skynet.call" in "lint.globals" is a field (declare the variable: "skynet")
sky.toml:2:41: "*" in "lint.globals" declares every name (turn the rules off instead, in [rules])
sky.toml:2:46: "1x" in "lint.globals" is not a Lua name (a name has letters, digits and _, and may end in *)
sky.toml:3:1: unknown key "lint.read_globals" (did you mean "read-globals"?)
sky.toml:4:11: unknown value "warn" for "lint.fail-on" (did you mean "warning"?; one of never, note, warning, error)`},
		{"rules", "[rules]\nglobal-wirte = 'off'\nSKY1O1 = 'off'\nbanana = 'off'\nSKY101 = 'of'\nisolatoin = 'off'\nSKY001 = false\nSKY002 = 1\ndialect = '5.1'\nall = 'none'\n", `
sky.toml:2:1: unknown rule "global-wirte" (did you mean SKY101 global-write?)
sky.toml:3:1: unknown rule "SKY1O1" (did you mean SKY101 global-write?)
sky.toml:4:1: unknown rule "banana" ("skylint rules" lists all rules)
sky.toml:5:10: unknown value "of" for "rules.SKY101" (did you mean "off"?; one of off, note, warning, error, default)
sky.toml:6:1: unknown rule "isolatoin" (did you mean "isolation"?)
sky.toml:7:10: "rules.SKY001" must be a severity, not false (write "off")
sky.toml:8:10: "rules.SKY002" must be a severity, not the number 1
sky.toml:9:1: unknown rule "dialect" ("dialect" belongs above the first [section])
sky.toml:10:7: unknown value "none" for "rules.all" (did you mean "note"?; one of off, note, warning, error, default)`},
		{"rules twice", "[rules]\nSKY101 = 'off'\nGlobal-Write = 'note'\nisolation = 'off'\nSKY1xx = 'note'\nall = 'off'\nALL = 'off'\n", `
sky.toml:3:1: rule SKY101 global-write is set twice: here as "Global-Write", before as "SKY101"
sky.toml:5:1: the family isolation is set twice: here as "SKY1xx", before as "isolation"
sky.toml:7:1: "all" is set twice: here as "ALL", before as "all"`},
		{"options", "[rules]\nSKY101 = { severity = 'wrong', alow = [], max = 'x' }\nSKY001 = { max = 1 }\nisolation = { severity = 'off' }\n", `
sky.toml:2:23: unknown value "wrong" for "rules.SKY101.severity" (one of off, note, warning, error, default)
sky.toml:2:32: unknown key "rules.SKY101.alow" (did you mean "allow"?)
sky.toml:2:49: "rules.SKY101.max" must be an integer, not the string "x"
sky.toml:3:12: unknown key "rules.SKY001.max" (known here: severity)
sky.toml:4:1: "rules.isolation" must be a severity: only a single rule has options`},
		{"overrides", "[[override]]\nglobals = ['A']\nrules = { SKY101 = { severity = 'off' }, nope = 'off' }\npath = []\n[override]\n", `
sky.toml:1:3: an [[override]] needs "paths" (write paths = ["some/folder/**"])
sky.toml:3:20: "override.rules.SKY101" must be a severity: an override has no options (set the options in [rules.global-write])
sky.toml:3:42: unknown rule "nope" ("skylint rules" lists all rules)
sky.toml:4:1: unknown key "override.path" (did you mean "paths"?)
sky.toml:5:2: "override" is a list of tables (write [[override]])`},
		{"override is a table", "[override]\npaths = []\n", `
sky.toml:1:2: "override" must be a list, not a table (write [[override]])`},
		{"nodes", "[system]\nluaservce = []\n[node]\nstart = 'main'\n[node.gate]\nconfig = 1\nluaservice = 3\nlua_path = [4]\nsettings = { a = [] }\naudit = {}\n[node.gate.limits]\nmemry = 1\n", `
sky.toml:2:1: unknown key "system.luaservce" (did you mean "luaservice"?)
sky.toml:4:1: "node.start" must be a table, the settings of a node (write [node.NAME], and start below it)
sky.toml:6:10: "node.gate.config" must be a string, not the number 1
sky.toml:7:14: "node.gate.luaservice" must be a list of patterns, not the number 3
sky.toml:8:13: "node.gate.lua_path" must be a list of patterns, not the number 4
sky.toml:9:18: "node.gate.settings.a" must be a string, a number or a boolean, not a list
sky.toml:10:1: [audit] cannot be set for one node (write [audit] at the top level)
sky.toml:12:1: unknown key "node.gate.limits.memry" (did you mean "memory"?)`},
		{"many nodes", "[[node]]\nname = 'x'\n", `sky.toml:1:3: "node" must be a table of nodes, not a list (write [node.NAME])`},
		{"owned section", "limits = 1\n[audit]\npath = 1\n", `
sky.toml:1:10: "limits" must be a table, not the number 1
sky.toml:3:8: "audit.path" must be a string, not the number 1`},
		{"syntax and sense", "[lint\nx = 1\n[files]\nexclud = []\n[rules]\nSKY101 = off\n", `
sky.toml:1:6: expected ']' to close table name
sky.toml:4:1: unknown key "files.exclud" (did you mean "exclude"?)
sky.toml:6:10: this is not a TOML value (a string stands in quotes: "off")`},
		{"too many", strings.Repeat("[[override]]\npaths = []\n", maxOverrides+1), `
sky.toml:513:3: there are 257 [[override]] sections, more than 256`},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := Parse("sky.toml", []byte(c.text), opts)
			if cfg == nil {
				t.Fatal("no configuration")
			}
			cfg.For("a.lua") // usable all the same
			want := strings.TrimSpace(c.want)
			if err == nil {
				t.Fatalf("no error, want:\n%s", want)
			}
			if got := err.Error(); got != want {
				t.Errorf("errors:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// What can be understood holds in spite of the errors beside it.
func TestRestOfABrokenFile(t *testing.T) {
	cfg, err := Parse("sky.toml", []byte("[files]\nexclude = ['ok', '[']\n[lint]\nglobals = ['A', '1']\nfail-on = 3\n[rules]\nSKY101 = 'error'\nnope = 'off'\n"), Options{})
	if err == nil {
		t.Fatal("no error")
	}
	s := cfg.For("a.lua")
	if !cfg.Files.Excludes("ok") || !s.MayWrite("A") || s.Level(rule(t, "SKY101")) != LevelError || cfg.Lint.FailOn != Threshold(rules.Warning) {
		t.Errorf("%+v", cfg)
	}
}

func TestOptions(t *testing.T) {
	type options struct {
		Allow []string `toml:"allow"`
		Max   int      `toml:"max"`
	}
	r := rule(t, "SKY101")
	cfg := parse(t, "[rules.SKY101]\nseverity = 'note'\nallow = ['x']\n", Options{})
	got := options{Max: 3}
	if err := cfg.Options(r, &got); err != nil || !reflect.DeepEqual(got, options{[]string{"x"}, 3}) {
		t.Errorf("Options: %+v, %v", got, err)
	}
	if cfg.For("a.lua").Level(r) != LevelNote {
		t.Error("the severity beside the options is lost")
	}
	got = options{Max: 3}
	if err := cfg.Options(rule(t, "SKY001"), &got); err != nil || got.Max != 3 || got.Allow != nil {
		t.Errorf("options of a rule that the file does not name: %+v, %v", got, err)
	}
	cfg = parse(t, "[rules.global-write]\nmix = 1\n", Options{})
	if err := cfg.Options(r, &got); err == nil || err.Error() != `sky.toml:2:1: unknown key "rules.global-write.mix" (did you mean "max"?)` {
		t.Errorf("Options: %v", err)
	}
	if cfg.For("a.lua").Level(r) != LevelDefault {
		t.Error("a table without severity changes the severity")
	}
	// Wrong options that were reported when the file was read are not reported again.
	cfg, err := Parse("sky.toml", []byte("[rules.global-write]\nmix = 1\nmax = 5\n"), Options{RuleOptions: func(*rules.Rule) any { return &options{} }})
	if err == nil {
		t.Error("a wrong option is no error")
	}
	if err := cfg.Options(r, &got); err != nil || got.Max != 3 {
		t.Errorf("Options: %+v, %v", got, err)
	}
}

type limits struct {
	Memory int      `toml:"memory"`
	Names  []string `toml:"names"`
}

type audit struct {
	Path string `toml:"path"`
}

var (
	limitsSection = NewNodeSection("limits", func() limits { return limits{Memory: 64} })
	auditSection  = NewSection("audit", func() audit { return audit{Path: "audit.log"} })
)

func TestSections(t *testing.T) {
	cfg := parse(t, `
[node.gate.limits]
memory = 1
[node.db]
start = "db"
[limits]
names = ["a"]
`, Options{Sections: []Section{limitsSection, auditSection}})
	for _, c := range []struct {
		node string
		want limits
	}{
		{"gate", limits{1, []string{"a"}}}, // on top of [limits], although it stands above it
		{"db", limits{64, []string{"a"}}},
		{"none", limits{64, []string{"a"}}},
	} {
		if got := limitsSection.ForNode(cfg, c.node); !reflect.DeepEqual(got, c.want) {
			t.Errorf("limits of %s: %+v, want %+v", c.node, got, c.want)
		}
	}
	if got := auditSection.Of(cfg).Path; got != "audit.log" {
		t.Errorf("audit: %q", got)
	}
	if got := limitsSection.Of(Default()); got.Memory != 64 {
		t.Errorf("limits without a file: %+v", got)
	}
}

func TestSystem(t *testing.T) {
	cfg := parse(t, `
[system]
config = "etc/config"
cwd = "server"
luaservice = "./service/?.lua; ./app/?.lua;"
env = { ROOT = "r", MODE = "m" }
settings = { port = 8888, debug = true, ratio = 0.5, name = "x" }
[node.gate]
config = "etc/gate"
start = "gate"
luaservice = ["./gate/?.lua"]
env = { MODE = "gate" }
[node."data base"]
snax = []
settings = { port = 1 }
`, Options{})
	texts := func(list []document.Text) string {
		var all []string
		for _, t := range list {
			all = append(all, t.Text)
		}
		return strings.Join(all, " ")
	}
	if len(cfg.System.Config) != 1 || cfg.System.Config[0].Text != "etc/config" {
		t.Errorf("system.config: %+v", cfg.System.Config)
	}
	if len(cfg.Nodes) != 2 || cfg.Nodes[0].Name != "gate" || cfg.Nodes[1].Name != "data base" {
		t.Fatalf("nodes: %+v", cfg.Nodes)
	}
	gate, db := cfg.Nodes[0], cfg.Nodes[1]
	if at := gate.At; cfg.File.Text[at.Start:at.End] != "gate" || cfg.File.Line(at.Start) != 8 {
		t.Errorf("gate at line %d", cfg.File.Line(at.Start))
	}
	for _, c := range []struct{ what, got, want string }{
		{"gate's config", gate.Config.Text, "etc/gate"},
		{"gate's cwd", gate.Cwd.Text, "server"},
		{"gate's start", gate.Start.Text, "gate"},
		{"gate's services", texts(gate.LuaService), "./gate/?.lua"},
		{"gate's environment", fmt.Sprint(gate.Env), "map[MODE:gate ROOT:r]"},
		{"db's services", texts(db.LuaService), "./service/?.lua ./app/?.lua"},
		{"db's settings", fmt.Sprint(db.Settings), "map[debug:true name:x port:1 ratio:0.5]"},
		{"system's settings", fmt.Sprint(cfg.System.Settings), "map[debug:true name:x port:8888 ratio:0.5]"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	if db.Snax == nil || len(db.Snax) != 0 {
		t.Error("an empty list does not stay one")
	}
}

func TestTemplate(t *testing.T) {
	bare := parse(t, Template(), Options{})
	if want := parse(t, "", Options{}); !reflect.DeepEqual(plain(bare), plain(want)) {
		t.Errorf("the template says %+v, an empty file %+v", plain(bare), plain(want))
	}
	// Every line that looks like a setting is one.
	var b strings.Builder
	for line := range strings.Lines(Template()) {
		rest, ok := strings.CutPrefix(line, "# ")
		if ok && (strings.HasPrefix(rest, "[") || len(strings.Fields(rest)) > 1 && strings.Fields(rest)[1] == "=") {
			line = rest
		}
		b.WriteString(line)
	}
	if n := strings.Count(b.String(), " = "); n < 15 {
		t.Errorf("only %d settings:\n%s", n, b.String())
	}
	for _, section := range []any{Files{}, Lint{}} {
		for _, key := range document.Keys(section) {
			if !strings.Contains(b.String(), "\n"+key+" = ") {
				t.Errorf("the key %s is not in the template", key)
			}
		}
	}
	full, err := Parse("sky.toml", []byte(b.String()), Options{})
	if err != nil {
		t.Fatalf("the template without comment signs: %v\n%s", err, b.String())
	}
	if !full.DialectSet || full.Dialect != syntax.DefaultDialect || len(full.Nodes) != 1 || len(full.overrides) != 1 {
		t.Errorf("the template without comment signs: %+v", full)
	}
	if !strings.HasPrefix(Template(), "#:schema "+SchemaURL+"\n") {
		t.Error("the template does not begin with its schema")
	}
}

type visible struct {
	Dialect syntax.Dialect
	Profile Profile
	Include string
	Exclude int
	Vendor  int
	Ignore  bool
	Lint    Lint
	System  System
	Nodes   []Node
}

func plain(c *Config) visible {
	var include []string
	for _, p := range c.Files.Include {
		include = append(include, p.String())
	}
	return visible{c.Dialect, c.Profile, strings.Join(include, " "), len(c.Files.Exclude), len(c.Files.Vendored), c.Files.Gitignore, c.Lint, c.System, c.Nodes}
}

func BenchmarkFor(b *testing.B) {
	cfg, err := Parse("sky.toml", []byte("[[override]]\npaths = ['test/**']\ndialect = '5.1'\n[[override]]\npaths = ['**/*_spec.lua', 'gen']\ndialect = '5.1'\n"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cfg.For("test/skynet/cluster/agent.lua")
	}
}

func BenchmarkParse(b *testing.B) {
	text := []byte(Template())
	for b.Loop() {
		if _, err := Parse("sky.toml", text, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
