// Package search finds files by name as Lua and skynet do, without asking the disk: among
// the files that are known.
//
// Where a project says how names become files, by search paths such as "./lualib/?.lua",
// those decide. Where it does not, Guess looks where people put things, and prefers no
// answer to a wild one.
package search

import (
	"path"
	"slices"
	"strings"
)

// An Index knows the files of a project by their paths, which are relative to its root and
// slash-separated. It is immutable and safe for concurrent use.
type Index struct {
	files   map[string]int32
	sorted  []string
	dirs    map[string]bool
	endings map[string][]int32 // files by the end of their path, from a slash on: "b/c.lua"
	links   []Link
}

// A Link is another path of a file or folder.
type Link struct{ Path, Target string }

// New returns an index of files. What is found is their number in the list, which must be
// sorted and without duplicates.
func New(files []string, links []Link) *Index {
	x := &Index{
		files: make(map[string]int32, len(files)), sorted: files, dirs: map[string]bool{".": true},
		endings: make(map[string][]int32, 2*len(files)), links: links,
	}
	for i, f := range files {
		x.files[f] = int32(i)
		for at := len(f); at > 0; {
			at = strings.LastIndexByte(f[:at], '/')
			x.endings[f[at+1:]] = append(x.endings[f[at+1:]], int32(i))
		}
		for dir := path.Dir(f); !x.dirs[dir]; dir = path.Dir(dir) {
			x.dirs[dir] = true
		}
	}
	for _, l := range links {
		x.dirs[l.Path] = true
	}
	return x
}

// None is the absence of a file.
const None = -1

// File returns the number of the file at a path, or None. The path need not be clean.
func (x *Index) File(p string) int {
	if i, ok := x.files[p]; ok {
		return int(i)
	}
	if unclean(p) {
		p = path.Clean(p)
		if i, ok := x.files[p]; ok {
			return int(i)
		}
	}
	for _, l := range x.links {
		if rest, ok := strings.CutPrefix(p, l.Path); ok && (rest == "" || rest[0] == '/') {
			if i, ok := x.files[l.Target+rest]; ok {
				return int(i)
			}
		}
	}
	return None
}

// unclean reports whether a path may have another, shorter form.
func unclean(p string) bool {
	return p == "" || p[0] == '.' || p[len(p)-1] == '/' || strings.Contains(p, "//") || strings.Contains(p, "/.")
}

// IsDir reports whether a folder holds files of the index.
func (x *Index) IsDir(p string) bool { return x.dirs[path.Clean(p)] }

// Below returns the numbers of the files in a folder and the folders in it.
func (x *Index) Below(dir string) []int {
	from, to := 0, len(x.sorted)
	if dir = path.Clean(dir); dir != "." {
		prefix := dir + "/"
		from, _ = slices.BinarySearch(x.sorted, prefix)
		to, _ = slices.BinarySearch(x.sorted, dir+"0") // '0' follows '/'
	}
	out := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

// Ending returns the files whose path is end or ends in a slash and end.
func (x *Index) Ending(end string) []int32 { return x.endings[end] }

// A Pattern is one template of a search path, relative to the root: "lualib/?.lua".
type Pattern string

// Patterns reads a search path: templates separated by ";", relative to the folder base.
// Templates that leave the project, and those with a part that is not known, are left out.
func Patterns(base, text string) []Pattern {
	var out []Pattern
	for t := range strings.SplitSeq(text, ";") {
		t = strings.TrimSpace(t)
		if t == "" || strings.ContainsRune(t, 0) || path.IsAbs(t) {
			continue
		}
		if p := path.Join(base, t); !strings.HasPrefix(p, "../") {
			out = append(out, Pattern(p))
		}
	}
	return out
}

// Path returns where a pattern looks for a name.
func (p Pattern) Path(name string) string { return strings.ReplaceAll(string(p), "?", name) }

// Name returns the name for which the pattern gives a path, and false if there is none.
func (p Pattern) Name(file string) (string, bool) {
	before, after, ok := strings.Cut(string(p), "?")
	if !ok || !strings.HasPrefix(file, before) {
		return "", false
	}
	name := file[len(before):]
	if !strings.Contains(after, "?") {
		name, ok = strings.CutSuffix(name, after)
		return name, ok && name != ""
	}
	// "?/?.lua": the shortest name that gives the path back.
	for i := 1; i <= len(name); i++ {
		if p.Path(name[:i]) == file {
			return name[:i], true
		}
	}
	return "", false
}

// Dir returns the folder that the pattern's files are in or below.
func (p Pattern) Dir() string {
	before, _, _ := strings.Cut(string(p), "?")
	if i := strings.LastIndexByte(before, '/'); i >= 0 {
		return before[:i]
	}
	return "."
}

// First returns the file that the patterns, in order, find for a name, or None.
func (x *Index) First(patterns []Pattern, name string) int {
	for _, p := range patterns {
		if i := x.File(p.Path(name)); i != None {
			return i
		}
	}
	return None
}

// ModulePath writes the name of a module as the part of a path: dots separate folders.
func ModulePath(module string) string { return strings.ReplaceAll(module, ".", "/") }

// Match returns the files that the patterns find for names that begin and end as given, for
// require: every file that could be meant, in the order of their numbers.
func (x *Index) Match(patterns []Pattern, prefix, suffix string) []int {
	var out []int
	for _, p := range patterns {
		before, after, ok := strings.Cut(string(p), "?")
		if !ok || strings.Contains(after, "?") {
			continue
		}
		out = append(out, x.between(before+prefix, suffix+after)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// between returns the files whose path begins and ends as given, with one name or a path of
// names between.
func (x *Index) between(before, after string) []int {
	var out []int
	from, _ := slices.BinarySearch(x.sorted, before)
	for i := from; i < len(x.sorted) && strings.HasPrefix(x.sorted[i], before); i++ {
		if f := x.sorted[i]; len(f) > len(before)+len(after) && strings.HasSuffix(f, after) {
			out = append(out, i)
		}
	}
	return out
}

// Folders returns the folders directly in a folder that hold files, as paths, sorted.
func (x *Index) Folders(dir string) []string {
	var out []string
	prefix := path.Clean(dir) + "/"
	if prefix == "./" {
		prefix = ""
	}
	from, _ := slices.BinarySearch(x.sorted, prefix)
	for i := from; i < len(x.sorted) && strings.HasPrefix(x.sorted[i], prefix); {
		name, _, inside := strings.Cut(x.sorted[i][len(prefix):], "/")
		if !inside {
			i++
			continue
		}
		out = append(out, prefix+name)
		next, _ := slices.BinarySearch(x.sorted, prefix+name+"0") // '0' follows '/'
		i = next
	}
	return out
}
