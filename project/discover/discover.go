// Package discover finds the Lua files of a project on disk and reads them.
//
// A walk never blocks and never ends early: what is not a readable file (a named pipe, a
// device, a loop of symbolic links, something without permission, something that vanished)
// becomes a rules.Problem, and the rest goes on.
package discover

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/skylint/skylint/project/gitignore"
	"github.com/skylint/skylint/rules"
)

// An Entry is one file that was found.
type Entry struct {
	// Path is the file's path relative to the root, slash-separated.
	Path string
	// Name is what the operating system calls it.
	Name string
	// Explicit says that the user named this very file: it counts whatever its name is.
	Explicit bool
	// Lua says that the file is wanted. Others are found only if they may be configuration
	// files by their name, or are explicit.
	Lua bool
}

// A Link is a symbolic link to a file or folder that the walk has found under its own path.
type Link struct{ Path, Target string }

// Options say what to walk.
type Options struct {
	// Root is the project's folder, absolute. Entries are named relative to it.
	Root string
	// Paths are the files and folders that the user named.
	Paths []string
	// Workers is the number of goroutines; less than 1 counts as 1.
	Workers int
	// Excluded reports whether a path relative to the root is not to be looked at; nil
	// excludes nothing. It is not asked about files that the user named. It must be safe for
	// concurrent use.
	Excluded func(path string, isDir bool) bool
	// Wanted reports whether a file is to be taken; nil takes *.lua. Files that may be skynet
	// configurations are found in any case. It must be safe for concurrent use.
	Wanted func(path string) bool
	// NoIgnore takes what git ignores too.
	NoIgnore bool
}

// A Result is what a walk found besides files.
type Result struct {
	Links    []Link          // sorted by path
	Problems []rules.Problem // sorted by path
}

// Walk finds files and calls visit for each, once, from up to Workers goroutines and in no
// particular order. It takes *.lua and files that may be skynet configurations; it leaves
// out hidden files and folders, node_modules, what git ignores, and what is excluded. It
// returns an error only if ctx ends.
func Walk(ctx context.Context, o Options, visit func(Entry)) (*Result, error) {
	w := &walker{o: o, visit: visit, ctx: ctx}
	w.idle.L = &w.mu
	for _, p := range o.Paths {
		w.start(p)
	}
	w.run()
	for ctx.Err() == nil && w.follow() {
		w.run()
	}
	slices.SortFunc(w.result.Links, func(a, b Link) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortStableFunc(w.result.Problems, func(a, b rules.Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return &w.result, ctx.Err()
}

// walker is a pool of goroutines around a stack of folders to list and files to visit.
type walker struct {
	o     Options
	visit func(Entry)
	ctx   context.Context

	mu     sync.Mutex
	idle   sync.Cond
	tasks  []task
	active int
	result Result
	links  []link
	dirs   map[string]bool // folders that were listed, by Name
	files  map[string]bool // files that were visited, by Name
	starts []start
}

type task struct {
	entry Entry
	dir   bool
	rules *gitignore.Rules // those that hold in the folder
}

// A link is a symbolic link that is looked at when everything else is known.
type link struct {
	task
	ignored bool // as a folder; whether the rules ignore it as a file is known
}

// A start is a folder from which a walk began: a link's target is real, names are not.
type start struct{ name, real string }

// start takes a path of the user's.
func (w *walker) start(p string) {
	name, err := filepath.Abs(p)
	if err != nil {
		w.problem(filepath.ToSlash(p), err.Error())
		return
	}
	info, err := os.Stat(name)
	if err != nil {
		w.fail(w.path(name), err)
		return
	}
	entry := Entry{Path: w.path(name), Name: name, Explicit: true, Lua: true}
	switch {
	case info.IsDir():
		t := task{entry: entry, dir: true}
		if !w.o.NoIgnore {
			t.rules = rulesAbove(name)
		}
		w.startDir(t)
	case info.Mode().IsRegular():
		w.add(task{entry: entry})
	default:
		w.problem(entry.Path, "not a file but "+describeMode(info.Mode()))
	}
}

func (w *walker) startDir(t task) {
	real, err := filepath.EvalSymlinks(t.entry.Name)
	if err != nil {
		real = t.entry.Name
	}
	w.starts = append(w.starts, start{t.entry.Name, real})
	w.add(t)
}

// path names a file for people.
func (w *walker) path(name string) string {
	rel, err := filepath.Rel(w.o.Root, name)
	if err != nil {
		rel = name
	}
	return filepath.ToSlash(rel)
}

// add puts a task on the stack unless it was there before. The caller holds no lock.
func (w *walker) add(t task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.addLocked(t)
}

func (w *walker) addLocked(t task) {
	seen := &w.files
	if t.dir {
		seen = &w.dirs
	}
	if (*seen)[t.entry.Name] {
		return
	}
	if *seen == nil {
		*seen = map[string]bool{}
	}
	(*seen)[t.entry.Name] = true
	w.tasks = append(w.tasks, t)
	if w.active > 0 {
		w.idle.Signal()
	}
}

// run empties the stack.
func (w *walker) run() {
	var wg sync.WaitGroup
	for range max(1, w.o.Workers) {
		wg.Go(w.work)
	}
	wg.Wait()
}

func (w *walker) work() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.tasks) == 0 && w.active > 0 {
			w.idle.Wait()
		}
		if len(w.tasks) == 0 || w.ctx.Err() != nil {
			w.idle.Broadcast()
			return
		}
		t := w.tasks[len(w.tasks)-1]
		w.tasks = w.tasks[:len(w.tasks)-1]
		w.active++
		w.mu.Unlock()
		if t.dir {
			w.list(t)
		} else {
			w.visit(t.entry)
		}
		w.mu.Lock()
		w.active--
		if w.active == 0 && len(w.tasks) == 0 {
			w.idle.Broadcast()
		}
	}
}

// list reads a folder and adds what is in it.
func (w *walker) list(t task) {
	f, err := os.Open(t.entry.Name)
	if err != nil {
		w.fail(t.entry.Path, err)
		return
	}
	entries, err := f.ReadDir(-1)
	f.Close()
	if err != nil {
		w.fail(t.entry.Path, err)
	}
	if !w.o.NoIgnore {
		t.rules = w.rulesIn(t, entries)
	}
	conf := mayHoldConfigs(t.entry.Path)
	var found []task
	for _, e := range entries {
		name := e.Name()
		mode := e.Type()
		if name[0] == '.' || name == "node_modules" {
			continue
		}
		lua := isLua(name)
		if w.o.Wanted != nil && !mode.IsDir() {
			lua = w.o.Wanted(join(t.entry.Path, name))
		}
		// Most entries of a large tree are neither: leave them before anything is allocated.
		if mode&(fs.ModeDir|fs.ModeSymlink) == 0 && !lua && (!conf && !hintsConfig(name) || isOtherFormat(name)) {
			continue
		}
		c := task{
			entry: Entry{Path: join(t.entry.Path, name), Name: t.entry.Name + string(filepath.Separator) + name, Lua: lua},
			dir:   mode.IsDir(),
			rules: t.rules,
		}
		if w.o.Excluded != nil && w.o.Excluded(c.entry.Path, c.dir) {
			continue
		}
		ignoredAs := func(isDir bool) bool { return t.rules.Ignored(filepath.ToSlash(c.entry.Name), isDir) }
		if ignoredAs(c.dir) {
			continue
		}
		switch {
		case mode&fs.ModeSymlink != 0:
			w.mu.Lock()
			w.links = append(w.links, link{c, ignoredAs(true)})
			w.mu.Unlock()
		case c.dir || mode.IsRegular():
			found = append(found, c)
		case lua:
			w.problem(c.entry.Path, "not a file but "+describeMode(mode))
		}
	}
	if len(found) > 0 {
		w.mu.Lock()
		for _, c := range found {
			w.addLocked(c)
		}
		w.mu.Unlock()
	}
}

// rulesIn returns the ignore rules that hold in a folder: its own file is read, and a
// repository within another begins anew.
func (w *walker) rulesIn(t task, entries []fs.DirEntry) *gitignore.Rules {
	rules := t.rules
	var own, repository bool
	for _, e := range entries {
		switch e.Name() {
		case ".gitignore":
			own = true
		case ".git":
			repository = true
		}
	}
	if repository && !t.entry.Explicit {
		rules = addExclude(nil, t.entry.Name)
	}
	if own {
		file := filepath.Join(t.entry.Name, ".gitignore")
		text, err := Read(file, maxIgnoreFile)
		if err != nil {
			w.problem(join(t.entry.Path, ".gitignore"), err.Error())
		}
		rules = rules.Add(filepath.ToSlash(t.entry.Name), text)
	}
	return rules
}

const maxIgnoreFile = 4 << 20

// rulesAbove returns the ignore rules that the folders above dir set: those from the top of
// the repository that dir is in.
func rulesAbove(dir string) *gitignore.Rules {
	var chain []string
	for d := dir; ; {
		if exists(filepath.Join(d, ".git")) {
			var rules *gitignore.Rules
			rules = addExclude(rules, d)
			for _, above := range slices.Backward(chain) {
				if text, err := Read(filepath.Join(above, ".gitignore"), maxIgnoreFile); err == nil {
					rules = rules.Add(filepath.ToSlash(above), text)
				}
			}
			return rules
		}
		up := filepath.Dir(d)
		if up == d {
			return nil
		}
		d = up
		chain = append(chain, d)
	}
}

func addExclude(rules *gitignore.Rules, repository string) *gitignore.Rules {
	text, err := Read(filepath.Join(repository, ".git", "info", "exclude"), maxIgnoreFile)
	if err != nil {
		return rules
	}
	return rules.Add(filepath.ToSlash(repository), text)
}

// Root returns the folder of the project that paths belong to: the nearest one at or above
// them that has sky.toml, else the one with .git (above which no sky.toml counts), and then
// marked is true; else their common folder. It is absolute.
func Root(paths []string) (root string, marked bool, err error) {
	common := ""
	for _, p := range paths {
		name, err := filepath.Abs(p)
		if err != nil {
			return "", false, err
		}
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			name = filepath.Dir(name)
		}
		if common == "" {
			common = name
		}
		for !within(name, common) {
			common = filepath.Dir(common)
		}
	}
	if common == "" {
		common = "."
	}
	if common, err = filepath.Abs(common); err != nil {
		return "", false, err
	}
	for d := common; ; d = filepath.Dir(d) {
		if exists(filepath.Join(d, "sky.toml")) || exists(filepath.Join(d, ".git")) {
			return d, true, nil
		}
		if d == filepath.Dir(d) {
			return common, false, nil
		}
	}
}

// within reports whether name is dir or lies in it.
func within(name, dir string) bool {
	if name == dir || dir == filepath.Dir(dir) {
		return true
	}
	return strings.HasPrefix(name, dir+string(filepath.Separator))
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

func join(dir, name string) string {
	if dir == "." {
		return name
	}
	return dir + "/" + name
}

func (w *walker) problem(path, message string) {
	w.mu.Lock()
	w.result.Problems = append(w.result.Problems, rules.Problem{Path: path, Message: message})
	w.mu.Unlock()
}

func (w *walker) fail(path string, err error) { w.problem(path, describeError(err)) }

// describeError says what an error of the operating system means for a file.
func describeError(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file or folder"
	case errors.Is(err, fs.ErrPermission):
		return "cannot be read: permission denied"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return "cannot be read: " + err.Error()
}

func describeMode(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	}
	return "something else"
}
