package search

import (
	"path"
	"strings"
)

// moduleFolders are where projects keep modules, relative to the folders above the file that
// requires one; moduleFiles is what the file of a module is called there.
var (
	moduleFolders  = [...]string{"", "lualib/", "lib/", "common/", "module/"}
	moduleFiles    = [...]string{".lua", "/init.lua"}
	serviceFolders = [...]string{"", "service/", "services/"}
	serviceFiles   = [...]string{".lua", "/main.lua", "/init.lua"}
)

// A Guess is what a name probably means.
type Guess struct {
	// File is the number of the file, None if there is none or none to be preferred.
	File int
	// Ambiguous are the files that it could be, where there are several.
	Ambiguous []int32
}

// Module guesses which file a require in the file from gets for a module. near are folders
// to look into first.
func (x *Index) Module(from, module string, near ...string) Guess {
	return x.guess(from, ModulePath(module), near, moduleFolders[:], moduleFiles[:])
}

// Service guesses the main file of a service that the file from launches.
func (x *Index) Service(from, name string, near ...string) Guess {
	return x.guess(from, name, near, serviceFolders[:], serviceFiles[:])
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
	return x.guess(from, name, near, []string{""}, []string{""})
}

// guess looks in near, then in the folders above from, the nearest first, then for any file
// whose path ends so. Among several of those it takes the one that is nearest to from, by
// the part of the path that they share, if there is just one such.
func (x *Index) guess(from, name string, near, folders, files []string) Guess {
	if name == "" || strings.ContainsRune(name, 0) {
		return Guess{File: None}
	}
	best := candidate{file: None}
	var loose []int32 // candidates that stand elsewhere
	for kind, ending := range files {
		for _, i := range x.Ending(name + ending) {
			file := x.sorted[i]
			c := place(file[:len(file)-len(name)-len(ending)], from, near, folders)
			c.file, c.kind = int(i), kind
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
		return Guess{File: best.file}
	}
	if len(loose) == 1 {
		return Guess{File: int(loose[0])}
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
		return Guess{File: chosen}
	}
	return Guess{File: None, Ambiguous: loose}
}

// A candidate is a file that a name may mean; the one with the greatest rank is meant.
type candidate struct {
	file   int
	rank   int // how near; 0 for a file that is in no folder that is looked into
	folder int // which of the usual folders, the first is preferred
	kind   int // which of the usual files
}

func (c candidate) before(o candidate) bool {
	if o.file == None || c.rank != o.rank {
		return o.file == None || c.rank > o.rank
	}
	if c.folder != o.folder {
		return c.folder < o.folder
	}
	return c.kind < o.kind
}

// place ranks the folder that a candidate is in: "" or a path that ends in a slash.
func place(in, from string, near, folders []string) (c candidate) {
	for n, folder := range folders {
		dir, ok := strings.CutSuffix(in, folder)
		if !ok || dir != "" && dir[len(dir)-1] != '/' {
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
			c.rank, c.folder = rank, n
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
