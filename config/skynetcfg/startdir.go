package skynetcfg

import (
	"path"
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
