package search

import (
	"path"
	"slices"
	"strings"
)

// A shape is how the path of a file goes on behind a folder that is looked into: the folder
// before the name, and what follows the name.
type shape struct{ folder, ending string }

// Where projects keep modules and services, relative to the folders above the file that asks
// for one; the first is preferred.
var (
	moduleShapes = [...]shape{
		{"", ".lua"}, {"", "/init.lua"}, {"lualib/", ".lua"}, {"lualib/", "/init.lua"}, {"lib/", ".lua"}, {"lib/", "/init.lua"},
		{"common/", ".lua"}, {"common/", "/init.lua"}, {"module/", ".lua"}, {"module/", "/init.lua"},
	}
	serviceShapes = [...]shape{
		{"", ".lua"}, {"service/", ".lua"}, {"services/", ".lua"},
		{"service/", "/main.lua"}, {"service/", "/init.lua"}, {"services/", "/main.lua"}, {"services/", "/init.lua"},
	}
	pathShapes = [...]shape{{"", ""}}
)

// A Guess is what a name probably means.
type Guess struct {
	// File is the number of the file, None if there is none or none to be preferred.
	File int
	// Ambiguous are the files that it could be, where there are several.
	Ambiguous []int32
	// All are the files that have the name, wherever they are.
	All []int32
}

// Module guesses which file a require in the file from gets for a module. near are folders
// to look into first.
func (x *Index) Module(from, module string, near ...string) Guess {
	return x.guess(from, ModulePath(module), near, moduleShapes[:])
}

// Service guesses the main file of a service that the file from launches.
func (x *Index) Service(from, name string, near ...string) Guess {
	return x.guess(from, name, near, serviceShapes[:])
}

// Path guesses which file a literal path in the file from means.
func (x *Index) Path(from, name string, near ...string) Guess {
	if path.IsAbs(name) {
		name = strings.TrimLeft(name, "/")
	}
	name = path.Clean(name)
	for strings.HasPrefix(name, "../") {
		name = name[3:]
	}
	return x.guess(from, name, near, pathShapes[:])
}

// guess looks in near, then in the folders above from, the nearest first, then for any file
// whose path ends so. Among several of those it takes the one that is nearest to from, by
// the part of the path that they share, if there is just one such.
func (x *Index) guess(from, name string, near []string, shapes []shape) Guess {
	name = strings.TrimLeft(name, "/") // require ".x"
	if name == "" || strings.ContainsRune(name, 0) {
		return Guess{File: None}
	}
	best := candidate{file: None}
	var loose []int32 // candidates that stand elsewhere
	var endings [4]string
	kinds := endings[:0]
	for _, s := range shapes {
		if !slices.Contains(kinds, s.ending) {
			kinds = append(kinds, s.ending)
		}
	}
	var all []int32
	for _, ending := range kinds {
		hits := x.Ending(name + ending)
		if all == nil {
			all = hits[:len(hits):len(hits)]
		} else {
			all = append(all, hits...)
		}
		for _, i := range hits {
			file := x.sorted[i]
			c := place(file[:len(file)-len(name)-len(ending)], ending, from, near, shapes)
			c.file = int(i)
			switch {
			case c.rank > 0:
				if c.before(best) {
					best = c
				}
			case !isAside(file, from):
				loose = append(loose, i)
			}
		}
	}
	if best.file != None {
		return Guess{File: best.file, All: all}
	}
	if len(loose) == 1 {
		return Guess{File: int(loose[0]), All: all}
	}
	most, ties, chosen := 0, 0, None
	for _, i := range loose {
		switch n := sharedFolders(from, x.sorted[i]); {
		case n > most:
			most, ties, chosen = n, 1, int(i)
		case n == most:
			ties++
		}
	}
	if chosen != None && ties == 1 {
		return Guess{File: chosen, All: all}
	}
	return Guess{File: None, Ambiguous: loose, All: all}
}

// A candidate is a file that a name may mean; the one with the greatest rank is meant.
type candidate struct {
	file  int
	rank  int // how near; 0 for a file that is in no folder that is looked into
	shape int // which of the usual shapes, the first is preferred
}

func (c candidate) before(o candidate) bool {
	if o.file == None || c.rank != o.rank {
		return o.file == None || c.rank > o.rank
	}
	return c.shape < o.shape
}

// place ranks the folder that a candidate is in: "" or a path that ends in a slash.
func place(in, ending, from string, near []string, shapes []shape) (c candidate) {
	for n, s := range shapes {
		dir, ok := strings.CutSuffix(in, s.folder)
		if !ok || ending != s.ending || dir != "" && dir[len(dir)-1] != '/' {
			continue
		}
		rank := 0
		for i, d := range near {
			if dir == d+"/" || dir == "" && d == "." {
				rank = len(from) + 1 + len(near) - i
				break
			}
		}
		if rank == 0 && strings.HasPrefix(from, dir) {
			rank = len(dir) + 1
		}
		if rank > c.rank {
			c.rank, c.shape = rank, n
		}
	}
	return c
}

// isAside reports whether a file is in a folder for tests, examples and the like that from
// is not in: such files do not serve the rest of a project.
func isAside(file, from string) bool {
	for at := 0; ; {
		n := strings.IndexByte(file[at:], '/')
		if n < 0 {
			return false
		}
		switch file[at : at+n] {
		case "test", "tests", "testing", "spec", "example", "examples", "sample", "samples", "demo", "demos", "doc", "docs", "bench":
			if !strings.HasPrefix(from, file[:at+n+1]) {
				return true
			}
		}
		at += n + 1
	}
}

// sharedFolders counts the folders that two paths have in common from the root on.
func sharedFolders(a, b string) int {
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n++
		}
	}
	return n
}

// GuessMatch returns the files that a module of which the ends are known may be, as paths:
// those in the nearest folder that has any.
func (x *Index) GuessMatch(from, prefix, suffix string, near ...string) []int {
	dirs := slices.Clone(near)
	for dir := path.Dir(from); ; dir = path.Dir(dir) {
		dirs = append(dirs, dir)
		if dir == "." || dir == "/" || dir == ".." {
			break
		}
	}
	for _, dir := range dirs {
		for i := 0; i < len(moduleShapes); {
			folder := moduleShapes[i].folder
			var patterns []Pattern
			for ; i < len(moduleShapes) && moduleShapes[i].folder == folder; i++ {
				patterns = append(patterns, Pattern(strings.TrimPrefix(path.Join(dir, folder)+"/?", "./")+moduleShapes[i].ending))
			}
			if hits := x.Match(patterns, prefix, suffix); len(hits) > 0 {
				return hits
			}
		}
	}
	return nil
}
