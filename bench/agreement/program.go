package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/runtime/setup"
)

// A program is what is linted and run.
type program struct {
	name  string
	group string // of the table
	root  string // absolute
	// start are the services that are started, one node for each; nil: main, if there is one, and the driver.
	start []string
	// driven says that a driver is made.
	driven bool
	// luaService and luaPath are where services and modules are; nil: service and lualib.
	luaService []string
	snax       []string
	luaPath    string
	preload    []string
	// quiet says that its main service is not started: it needs a network.
	quiet bool
	// counts reports whether findings in a file count; nil: all do.
	counts func(path string) bool
}

// node returns what runs when a service is started.
func (p *program) node(start string) *setup.Node {
	n := &setup.Node{Name: p.name, Dir: p.root, LuaService: p.luaService, LuaPath: p.luaPath, Snax: p.snax, Start: strings.Fields(start), Preload: p.preload}
	if n.LuaService == nil {
		n.LuaService, n.LuaPath = []string{"./service/?.lua"}, "./lualib/?.lua;./service/?.lua"
	}
	return n
}

// where says where the services of a system are.
const where = "[node.main]\nstart = \"agreement_driver\"\nluaservice = \"./service/?.lua\"\n"

// collect returns all programs, below root where they have to be written.
func collect(o options, root string) (all []*program, err error) {
	systems, err := filepath.Glob("testdata/systems/*.txtar")
	if err != nil || len(systems) == 0 {
		return nil, errors.Join(err, errors.New("testdata/systems has no systems: run this in the root of the repository"))
	}
	for _, name := range systems {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		p := &program{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), group: "systems that hang", driven: true}
		p.root = filepath.Join(root, p.name)
		if err := write(p.root, "sky.toml", where); err != nil {
			return nil, err
		}
		for _, f := range txtar.Parse(data).Files {
			if err := write(p.root, f.Name, string(f.Data)); err != nil {
				return nil, err
			}
		}
		all = append(all, p)
	}
	demo := &program{name: "demo", group: "the sample game server", root: filepath.Join(root, "demo"), driven: true, quiet: true}
	demo.snax = []string{"./snax/?.lua"}
	demo.preload = []string{"./lualib/preload.lua"}
	if err := os.CopyFS(demo.root, os.DirFS("testdata/demo")); err != nil {
		return nil, err
	}
	all = append(all, demo)
	for i := range o.generated {
		p := &program{name: fmt.Sprintf("generated-%d", i), group: "generated systems", driven: true}
		p.root = filepath.Join(root, p.name)
		if err := write(p.root, "sky.toml", where); err != nil {
			return nil, err
		}
		for name, text := range generate(uint64(i)) {
			if err := write(p.root, name, text); err != nil {
				return nil, err
			}
		}
		all = append(all, p)
	}
	if o.skynet != "" {
		folder := filepath.Join(root, "stranger")
		if err := write(folder, strangerName+".lua", stranger); err != nil {
			return nil, err
		}
		p, err := skynet(o.skynet, folder)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	kept := all[:0]
	for _, p := range all {
		if strings.Contains(p.name, o.only) {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

func write(root, name, text string) error {
	name = filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

// network is what makes a test of skynet need one, or something else that is not there.
var network = regexp.MustCompile(`socket|http|redis|mysql|mongo|cluster|dns|harbor|stdin|debug_console`)

// skynet returns skynet's tests, each started in a node of its own, and its examples. The service in the folder
// stranger is there, too.
func skynet(dir, stranger string) (*program, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	p := &program{
		name: "skynet", group: "skynet's tests and examples", root: root,
		luaService: []string{"./service/?.lua", "./test/?.lua", "./examples/?.lua", "./test/?/init.lua", filepath.ToSlash(stranger) + "/?.lua"},
		luaPath:    "./lualib/?.lua;./lualib/?/init.lua;./test/?.lua;./examples/?.lua",
	}
	ran := map[string]bool{}
	for _, folder := range []string{"test", "examples"} {
		err := fs.WalkDir(os.DirFS(filepath.Join(root, folder)), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".lua") {
				return err
			}
			text, err := os.ReadFile(filepath.Join(root, folder, filepath.FromSlash(path)))
			if err != nil || network.Match(text) || !strings.Contains(string(text), "skynet.start") {
				return err
			}
			ran[folder+"/"+path] = true
			if strings.HasSuffix(path, "/init.lua") {
				path = strings.TrimSuffix(path, "/init.lua") + ".lua"
			}
			if strings.Count(path, "/") == 0 {
				p.start = append(p.start, strings.TrimSuffix(path, ".lua"))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	p.counts = func(path string) bool { return ran[path] }
	return p, nil
}
