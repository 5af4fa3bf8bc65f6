// Package setup turns a skynet config file, a folder or a single script into what a node needs: where
// services and modules are, which one starts, and the settings that skynet.getenv returns.
package setup

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/skynetcfg"
	"github.com/skylint/skylint/runtime/grant"
	"github.com/skylint/skylint/source"
)

// A Node is what is known of a node before it runs. Search paths are patterns with "?" for the
// name, relative to Dir, as the Lua programs of the node see them.
type Node struct {
	// Name is that of sky.toml, or of the config file.
	Name string
	// Dir is the folder that skynet would be started in, absolute.
	Dir string
	// Config is the skynet config file; nil for none.
	Config *source.File
	// File is the single script of the node, absolute; "" for a node of a project.
	File string
	// Bootstrap is the first service with its arguments; empty for skynet's own, which starts Start.
	Bootstrap []string
	// Start is the service that the bootstrap starts, with its arguments.
	Start []string

	LuaService, Snax []string
	// LuaPath is package.path.
	LuaPath string
	// Preload are the files that run before every service, in order.
	Preload []string
	// Loader is a program of the project's own that loads services in the place of skynet's; "" for none.
	Loader string
	// Env are the settings.
	Env map[string]string
	// Unknown are settings of the config file that cannot be told without running it, with the reason.
	Unknown map[string]string

	look     sync.Once
	readable []string // the folders that scripts may read, when they have looked
}

// Where the search paths of a single script lead.
const (
	scriptService = "./?.lua;./?/main.lua;./?/init.lua;./service/?.lua"
	scriptPath    = "./?.lua;./?/init.lua;./lualib/?.lua;./lualib/?/init.lua"
)

// environment are the defaults that skynet puts into the environment of a node.
var environment = []string{"thread", "cpath", "harbor", "bootstrap", "logservice", "profile"}

// Options say how a node is found.
type Options struct {
	// Dir is the folder that skynet would be started in; "": it is found by what the config names.
	Dir string
	// Env returns environment variables, for $NAME in config files.
	Env func(string) (string, bool)
	// System says what sky.toml says of the node; nil: nothing.
	System *config.Skynet
}

// Config reads a skynet config file. An error names what is wrong with it.
func Config(name string, o Options) (*Node, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	text, err := read(abs)
	if err != nil {
		return nil, err
	}
	file := source.New(filepath.ToSlash(name), text)
	env := o.Env
	if o.System != nil && len(o.System.Env) > 0 {
		env = func(key string) (string, bool) {
			if v, ok := o.System.Env[key]; ok {
				return v, true
			}
			if o.Env == nil {
				return "", false
			}
			return o.Env(key)
		}
	}
	c := skynetcfg.Load(file, skynetcfg.Options{Env: env, Read: func(p string) (string, error) { return read(filepath.FromSlash(p)) }})
	if len(c.Problems) > 0 {
		var all []error
		for _, p := range c.Problems {
			where := p.Path
			if p.File != nil {
				where = fmt.Sprintf("%s:%d", p.Path, p.File.RunePosition(p.Start).Line)
			}
			all = append(all, fmt.Errorf("%s: %s", where, p.Message))
		}
		return nil, errors.Join(all...)
	}
	n := &Node{Name: nodeName(abs), Config: file}
	n.Dir = o.Dir
	if n.Dir == "" && (o.System == nil || !o.System.Cwd.IsSet()) {
		n.Dir = startDir(c, abs)
	}
	n.settings(c)
	n.override(o.System)
	return n, n.finish(n.Dir)
}

// Script makes a node of a single script: its folder is where services and modules are.
func Script(name string) (*Node, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(abs); err != nil {
		return nil, err
	}
	base := strings.TrimSuffix(filepath.Base(abs), ".lua")
	n := &Node{
		Name: base, File: abs, Start: []string{base}, LuaService: split(scriptService), Snax: split(scriptService), LuaPath: scriptPath,
		Env: map[string]string{"start": base, "luaservice": scriptService, "lua_path": scriptPath, "snax": scriptService},
	}
	if strings.ContainsAny(base, "?; \t") {
		return nil, fmt.Errorf("%s: the name of a service has no ?, ; or space", name)
	}
	n.defaults(skynetcfg.Load(source.New("", ""), skynetcfg.Options{}))
	return n, n.finish(filepath.Dir(abs))
}

// System makes a node of what sky.toml says alone. Its paths are relative to root.
func System(name, root string, s *config.Skynet) (*Node, error) {
	n := &Node{Name: name}
	n.settings(skynetcfg.Load(source.New("", ""), skynetcfg.Options{}))
	n.override(s)
	dir := root
	if s.Cwd.IsSet() {
		dir = filepath.Join(root, filepath.FromSlash(s.Cwd.Text))
	}
	return n, n.finish(dir)
}

func (n *Node) finish(dir string) error {
	abs, err := filepath.Abs(dir)
	n.Dir = abs
	return err
}

// settings takes what a config file says, and skynet's defaults.
func (n *Node) settings(c *skynetcfg.Config) {
	n.Env, n.Unknown = map[string]string{}, map[string]string{}
	for _, s := range c.Settings {
		if s.Known {
			n.Env[s.Key] = s.Value
		} else {
			n.Unknown[s.Key] = s.Reason
		}
	}
	n.LuaService, n.Snax = texts(c.LuaService), texts(c.Snax)
	n.LuaPath = strings.Join(texts(c.LuaPath), ";")
	n.Preload = split(c.Value("preload"))
	n.setLoader(c.Value("lualoader"))
	n.Start = strings.Fields(c.Value("start"))
	if words := strings.Fields(c.Value("bootstrap")); len(words) >= 2 && words[0] == "snlua" && words[1] != "bootstrap" {
		n.Bootstrap = words[1:]
	}
	n.defaults(c)
}

func (n *Node) defaults(c *skynetcfg.Config) {
	for _, key := range environment {
		if _, ok := n.Env[key]; !ok {
			if s, ok := c.Get(key); ok && s.Known {
				n.Env[key] = s.Value
			}
		}
	}
}

// override puts what sky.toml says on top.
func (n *Node) override(s *config.Skynet) {
	if s == nil {
		return
	}
	for key, v := range s.Settings {
		n.Env[key] = string(v)
		delete(n.Unknown, key)
	}
	if s.LuaService != nil {
		n.LuaService = words(s.LuaService)
		n.Env["luaservice"] = strings.Join(n.LuaService, ";")
	}
	if s.Snax != nil {
		n.Snax = words(s.Snax)
		n.Env["snax"] = strings.Join(n.Snax, ";")
	}
	if s.LuaPath != nil {
		n.LuaPath = strings.Join(words(s.LuaPath), ";")
		n.Env["lua_path"] = n.LuaPath
	}
	for _, f := range []struct {
		text document.Text
		key  string
		set  func(string)
	}{
		{s.Preload, "preload", func(v string) { n.Preload = split(v) }},
		{s.Start, "start", func(v string) { n.Start = strings.Fields(v) }},
		{s.Bootstrap, "bootstrap", func(v string) {
			n.Bootstrap = nil
			if w := strings.Fields(v); len(w) >= 2 && w[0] == "snlua" && w[1] != "bootstrap" {
				n.Bootstrap = w[1:]
			}
		}},
		{s.Cluster, "cluster", func(string) {}},
		{s.LuaLoader, "lualoader", n.setLoader},
	} {
		if f.text.IsSet() {
			n.Env[f.key] = f.text.Text
			f.set(f.text.Text)
		}
	}
}

// Folders returns the folders of the search paths besides Dir, absolute, sorted by first use.
func (n *Node) Folders() []string {
	var outside []string
	for _, dir := range n.searched() {
		if rel, err := filepath.Rel(n.Dir, dir); err != nil || !filepath.IsLocal(rel) {
			outside = append(outside, dir)
		}
	}
	return outside
}

// searched returns the folders of the search paths that there are.
func (n *Node) searched() []string {
	var all []string
	seen := map[string]bool{}
	for _, list := range [][]string{n.LuaService, split(n.LuaPath), n.Snax, n.Preload} {
		for _, p := range list {
			if p == "" {
				continue
			}
			fixed, _, _ := strings.Cut(p, "?")
			dir := n.abs(path.Dir(fixed + "x"))
			if seen[dir] {
				continue
			}
			if info, err := os.Stat(dir); err == nil && info.IsDir() {
				seen[dir] = true
				all = append(all, dir)
			}
		}
	}
	return all
}

// Code returns the files and folders that the node loads its programs from, absolute, sorted by first
// use: what a linter should look at.
func (n *Node) Code() []string {
	if n.File != "" {
		return []string{n.File}
	}
	var all []string
	seen := map[string]bool{}
	for _, list := range [][]string{n.LuaService, n.Snax, split(n.LuaPath)} {
		for _, p := range list {
			fixed, _, _ := strings.Cut(p, "?")
			dir := n.abs(path.Dir(fixed + "x"))
			if info, err := os.Stat(dir); seen[dir] || err != nil || !info.IsDir() {
				continue
			}
			seen[dir] = true
			all = append(all, dir)
		}
	}
	return all
}

func (n *Node) abs(name string) string {
	name = filepath.FromSlash(name)
	if !filepath.IsAbs(name) {
		name = filepath.Join(n.Dir, name)
	}
	return name
}

// A Service is the file of a service, and what skynet tells it of where it is.
type Service struct {
	File *source.File
	// Path is SERVICE_PATH: the folder of the service, with "/" at its end.
	Path string
	// Modules goes before package.path: the folder of a service that has one of its own. "" for none.
	Modules string
}

// Service finds a service by its name. The error lists what was tried.
func (n *Node) Service(name string) (*Service, error) {
	return n.find(name, n.LuaService, "luaservice")
}

// SnaxService finds a snax service.
func (n *Node) SnaxService(name string) (*Service, error) { return n.find(name, n.Snax, "snax") }

func (n *Node) find(name string, patterns []string, key string) (*Service, error) {
	if len(patterns) == 0 {
		return nil, fmt.Errorf("there is no service %s: %s names no folder", name, key)
	}
	var tried []string
	for _, p := range patterns {
		shown := strings.ReplaceAll(p, "?", name)
		text, err := n.Read(shown)
		if err != nil {
			tried = append(tried, "cannot open "+shown+": "+reason(err))
			continue
		}
		s := &Service{File: source.New(shown, text)}
		// Of "x/?/main.lua" the folder is the service's own; of "x/?.lua" it is not.
		i := strings.LastIndexByte(p, '/')
		switch q := strings.IndexByte(p, '?'); {
		case q >= 0 && q < i:
			s.Path = strings.ReplaceAll(p[:i+1], "?", name)
			s.Modules = s.Path + "?.lua"
		case i >= 0:
			s.Path = p[:i+1]
		}
		return s, nil
	}
	return nil, fmt.Errorf("there is no service %s (%s):\n\t%s", name, key, strings.Join(tried, "\n\t"))
}

func (n *Node) setLoader(name string) {
	n.Loader = strings.TrimSpace(name)
	if skynetLoader(n.Loader) {
		n.Loader = ""
	}
}

// skynetLoader reports whether a path is that of skynet's own loader, whose work is done here.
func skynetLoader(name string) bool {
	name = path.Clean(filepath.ToSlash(name))
	return name == "lualib/loader.lua" || strings.HasSuffix(name, "/lualib/loader.lua")
}

// LoaderFile reads the program that loads services; nil if there is none.
func (n *Node) LoaderFile() (*source.File, error) {
	if n.Loader == "" {
		return nil, nil
	}
	text, err := read(n.abs(n.Loader))
	if err != nil {
		return nil, fmt.Errorf("lualoader: cannot open %s: %s", n.Loader, reason(err))
	}
	return source.New(n.Loader, text), nil
}

// Read returns the text of a file that a script names, if it is in Dir or a folder of the search paths: neither
// ".." nor a symbolic link leads out of them.
func (n *Node) Read(name string) (string, error) {
	n.look.Do(func() { n.readable = append([]string{n.Dir}, n.searched()...) })
	data, err := grant.Read(n.readable, n.abs(name), maxFile)
	switch {
	case errors.Is(err, grant.ErrOutside):
		return "", errors.New("the file is in no folder of the node, or a link leads out of it")
	case err != nil:
		return "", err
	case len(data) > maxFile:
		return "", fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	return string(data), nil
}

// PreloadFiles reads the files that run before every service.
func (n *Node) PreloadFiles() ([]*source.File, error) {
	var files []*source.File
	for _, name := range n.Preload {
		text, err := read(n.abs(name))
		if err != nil {
			return nil, fmt.Errorf("preload: cannot open %s: %s", name, reason(err))
		}
		files = append(files, source.New(name, text))
	}
	return files, nil
}

// Settings returns a copy of the settings.
func (n *Node) Settings() map[string]string { return maps.Clone(n.Env) }
