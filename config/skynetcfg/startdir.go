package skynetcfg

import (
	"path"
	"slices"
	"strings"
)

// Candidates returns the folders in which skynet may be started with this config file,
// likeliest first: the file's own and those above it, up to the one that paths are relative
// to (".").
func (c *Config) Candidates() []string {
	var dirs []string
	for dir := path.Dir(c.File.Path); ; dir = path.Dir(dir) {
		dirs = append(dirs, dir)
		if dir == "." || dir == "/" || strings.HasSuffix(dir, "..") {
			return dirs
		}
	}
}

// StartDir returns that of the given folders under which most of what the file names
// exists, the first of equals: before all the start service, then the folders of its search
// paths. exists is asked about files and folders. ok is false if nothing exists under any
// of them.
func (c *Config) StartDir(candidates []string, exists func(path string) bool) (dir string, ok bool) {
	var best evidence
	for _, candidate := range candidates {
		e := c.evidence(candidate, exists)
		if e.better(best) {
			dir, best, ok = candidate, e, true
		}
	}
	return dir, ok
}

// evidence is what speaks for a folder.
type evidence struct {
	start   bool // the start service is there
	present int  // how many folders and files that the config names are there
}

func (e evidence) better(f evidence) bool {
	if e.start != f.start {
		return e.start
	}
	return e.present > f.present
}

func (c *Config) evidence(dir string, exists func(string) bool) evidence {
	var e evidence
	if name := c.Start(); name != "" {
		for _, p := range c.LuaService {
			if exists(path.Join(dir, strings.ReplaceAll(p.Text, "?", name))) {
				e.start = true
				break
			}
		}
	}
	seen := make(map[string]bool)
	count := func(name string) {
		// "." is there in every folder.
		if name = path.Clean(name); name == "." || seen[name] {
			return
		}
		seen[name] = true
		if exists(path.Join(dir, name)) {
			e.present++
		}
	}
	for _, list := range [][]Pattern{c.LuaService, c.LuaPath, c.Snax} {
		for _, p := range list {
			fixed, _, _ := strings.Cut(p.Text, "?")
			count(fixed[:strings.LastIndexByte(fixed, '/')+1])
		}
	}
	for _, p := range c.Preload {
		count(p.Text)
	}
	for _, key := range []string{"lualoader", "cluster"} {
		if value := c.Value(key); value != "" {
			count(value)
		}
	}
	return e
}

// OwnName returns the name by which the file calls the folder that paths are relative to, where
// skynet is started above it: "frame" if its services are in ./frame/service and start, looked for
// without that, is in ./service. exists is asked about files. It returns "" if there is none.
func (c *Config) OwnName(exists func(path string) bool) string {
	start := c.Start()
	if start == "" {
		return ""
	}
	for _, p := range c.LuaService {
		name, rest, ok := strings.Cut(path.Clean(p.Text), "/")
		if ok && name != "" && name != ".." && !strings.Contains(name, "?") && !p.Default() && exists(strings.ReplaceAll(rest, "?", start)) {
			return name
		}
	}
	return ""
}

// Within returns the configuration as it is seen from within a folder that its paths name: those
// that begin with the name are relative to it. Others are left alone.
func (c *Config) Within(name string) *Config {
	in := *c
	strip := func(text string) string {
		if rest, ok := strings.CutPrefix(path.Clean(text), name+"/"); ok {
			return rest
		}
		return text
	}
	for _, list := range []*[]Pattern{&in.LuaService, &in.LuaPath, &in.LuaCPath, &in.CPath, &in.Snax, &in.Preload} {
		own := slices.Clone(*list)
		for i := range own {
			own[i].Text = strip(own[i].Text)
		}
		*list = own
	}
	in.Settings = slices.Clone(c.Settings)
	for i := range in.Settings {
		if s := &in.Settings[i]; s.Known && strings.Contains(s.Value, "/") && !strings.Contains(s.Value, ";") {
			s.Value = strip(s.Value)
		}
	}
	return &in
}
