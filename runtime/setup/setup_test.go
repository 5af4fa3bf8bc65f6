package setup

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/skylint/skylint/config"
)

// tree makes a folder with files, and the current folder it.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

func env(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

var game = map[string]string{
	"server/etc/config": `include "path"
thread = 4
start = "main one two"
preload = "./lualib/preload.lua"
port = 8000 + 1
daemon = "./$NAME.pid"
debug = true
made = os.time()
`,
	"server/etc/path":              `root = "./" luaservice = root .. "service/?.lua;" .. root .. "service/?/main.lua" lua_path = root .. "lualib/?.lua"`,
	"server/service/main.lua":      "main",
	"server/service/room/main.lua": "room",
	"server/lualib/preload.lua":    "preload",
}

func TestConfig(t *testing.T) {
	dir := tree(t, game)
	n, err := Config("server/etc/config", Options{Env: env(map[string]string{"NAME": "game"})})
	if err != nil {
		t.Fatal(err)
	}
	if n.Dir != filepath.Join(dir, "server") || n.Name != "config" || !reflect.DeepEqual(n.Start, []string{"main", "one", "two"}) || n.Bootstrap != nil {
		t.Errorf("%+v", n)
	}
	if !reflect.DeepEqual(n.LuaService, []string{"./service/?.lua", "./service/?/main.lua"}) || n.LuaPath != "./lualib/?.lua" {
		t.Errorf("paths: %q %q", n.LuaService, n.LuaPath)
	}
	for key, want := range map[string]string{"thread": "4", "port": "8001", "debug": "true", "daemon": "./game.pid", "harbor": "1", "profile": "true", "start": "main one two", "logservice": "logger"} {
		if n.Env[key] != want {
			t.Errorf("%s = %q, want %q", key, n.Env[key], want)
		}
	}
	if _, ok := n.Env["made"]; ok || n.Unknown["made"] == "" {
		t.Errorf("made = %q, %q", n.Env["made"], n.Unknown["made"])
	}
	main, err := n.Service("main")
	if err != nil || main.File.Path != "./service/main.lua" || main.Path != "./service/" || main.Modules != "" {
		t.Errorf("%+v, %v", main, err)
	}
	room, err := n.Service("room")
	if err != nil || room.File.Text != "room" || room.Path != "./service/room/" || room.Modules != "./service/room/?.lua" {
		t.Errorf("%+v, %v", room, err)
	}
	if _, err := n.Service("none"); err == nil || !strings.Contains(err.Error(), "cannot open ./service/none.lua") || !strings.Contains(err.Error(), "./service/none/main.lua") {
		t.Error(err)
	}
	if f, err := n.PreloadFiles(); err != nil || len(f) != 1 || f[0].Text != "preload" {
		t.Error(f, err)
	}
	if folders := n.Folders(); folders != nil {
		t.Error(folders)
	}
}

func TestOverride(t *testing.T) {
	dir := tree(t, game)
	cfg, err := config.Parse("sky.toml", []byte(`[system]
cwd = "server"
luaservice = ["service/?.lua", "../shared/?.lua"]
start = "room"
preload = ""
settings = { port = 9, extra = "x" }
`), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := System("all", dir, &cfg.System.Skynet)
	if err != nil {
		t.Fatal(err)
	}
	if n.Dir != filepath.Join(dir, "server") || n.Start[0] != "room" || n.Env["port"] != "9" || n.Env["extra"] != "x" || n.Env["luaservice"] != "service/?.lua;../shared/?.lua" {
		t.Errorf("%+v", n)
	}
	if err := os.Mkdir("shared", 0o755); err != nil {
		t.Fatal(err)
	}
	if folders := n.Folders(); !reflect.DeepEqual(folders, []string{filepath.Join(dir, "shared")}) {
		t.Error(folders)
	}
}

func TestScript(t *testing.T) {
	dir := tree(t, map[string]string{"a/hello.lua": "x", "a/other.lua": "y"})
	n, err := Script("a/hello.lua")
	if err != nil || n.Dir != filepath.Join(dir, "a") || n.Start[0] != "hello" || n.Env["thread"] != "8" {
		t.Fatalf("%+v, %v", n, err)
	}
	for _, name := range []string{"hello", "other"} {
		if _, err := n.Service(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := Script("none.lua"); err == nil {
		t.Error("a script that is not there")
	}
}

func TestBroken(t *testing.T) {
	tree(t, map[string]string{"config": "thread = = 1", "other": `include "none" start = "x"`})
	for name, want := range map[string]string{"config": "config:1: ", "other": `other:1: cannot include "none"`, "none": "none"} {
		if _, err := Config(name, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigs(t *testing.T) {
	dir := tree(t, game)
	found, err := Configs(dir)
	if err != nil || !reflect.DeepEqual(found, []string{filepath.Join(dir, "server", "etc", "config")}) {
		t.Error(found, err)
	}
}

// What a script names is read from the folders of the node alone: neither "..", nor an absolute path, nor a link
// leads out of them. A folder that a search path names may itself be reached through a link.
func TestRead(t *testing.T) {
	dir := tree(t, map[string]string{
		"secret.lua": "secret", "other/lualib/far.lua": "far", "other/secret.lua": "secret",
		"node/config":           `start = "main" luaservice = "./service/?.lua" lua_path = "./shared/?.lua;./lualib/?.lua"`,
		"node/service/main.lua": "main", "node/lualib/near.lua": "near",
	})
	for link, to := range map[string]string{"node/shared": "../other/lualib", "node/service/out.lua": "../../secret.lua", "node/service/in.lua": "../lualib/near.lua"} {
		if err := os.Symlink(filepath.FromSlash(to), filepath.FromSlash(link)); err != nil {
			t.Fatal(err)
		}
	}
	n, err := Config("node/config", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"lualib/near.lua": "near", "./service/in.lua": "near", "shared/far.lua": "far", filepath.Join(dir, "node/service/main.lua"): "main",
		"../secret.lua": "", "service/out.lua": "", "service/../../secret.lua": "", filepath.Join(dir, "secret.lua"): "", "shared/../secret.lua": "", "../other/secret.lua": "",
	} {
		text, err := n.Read(name)
		if want == "" && (err == nil || !strings.Contains(err.Error(), "the file is in no folder of the node, or a link leads out of it") && !os.IsNotExist(err)) || want != text {
			t.Errorf("%s: %q %v, want %q", name, text, err, want)
		}
	}
	if _, err := n.Service("../../secret"); err == nil || !strings.Contains(err.Error(), "in no folder of the node") {
		t.Errorf("a service outside: %v", err)
	}
}

// TestPreload has several files that run before each service.
func TestPreload(t *testing.T) {
	tree(t, map[string]string{"etc/config": "start = \"main\"\nluaservice = \"./?.lua\"\npreload = \"./a.lua; ./b.lua;\"", "main.lua": "", "a.lua": "a()", "b.lua": "b()"})
	n, err := Config("etc/config", Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := n.PreloadFiles()
	if err != nil || len(files) != 2 || files[0].Text != "a()" || files[1].Text != "b()" {
		t.Errorf("%v, %v", files, err)
	}
	n.Preload = append(n.Preload, "none.lua")
	if _, err := n.PreloadFiles(); err == nil || !strings.Contains(err.Error(), "preload: cannot open none.lua: no such file") {
		t.Errorf("a file that is not there: %v", err)
	}
}
