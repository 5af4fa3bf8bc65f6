package discover

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// follow looks at the symbolic links that the last run found, now that all that can be
// reached without them is known, and adds what only they lead to. It reports whether there
// is something to run.
func (w *walker) follow() bool {
	links := w.links
	w.links = nil
	slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.entry.Path, b.entry.Path) })
	for i, l := range links {
		w.followLink(l)
		if len(w.tasks) > 0 {
			// What this one adds decides what the others lead to.
			w.links = links[i+1:]
			return true
		}
	}
	return false
}

func (w *walker) followLink(l link) {
	info, err := os.Stat(l.entry.Name)
	switch {
	case err != nil && isLoop(err):
		w.problem(l.entry.Path, "a symbolic link that leads back to itself")
		return
	case err != nil:
		if l.entry.Lua {
			w.problem(l.entry.Path, "a symbolic link that leads nowhere")
		}
		return
	}
	real, err := filepath.EvalSymlinks(l.entry.Name)
	if err != nil {
		w.fail(l.entry.Path, err)
		return
	}
	known := w.known(real)
	switch {
	case info.IsDir():
		if l.ignored || w.o.Excluded != nil && w.o.Excluded(l.entry.Path, true) {
			return
		}
		parent, err := filepath.EvalSymlinks(filepath.Dir(l.entry.Name))
		if err == nil && within(parent, real) || known != "" && within(l.entry.Name, known) {
			w.problem(l.entry.Path, "a symbolic link that leads back to a folder it lies in")
			return
		}
		if w.dirs[known] {
			w.alias(l, known)
			return
		}
		l.dir = true
		w.startDir(l.task)
	case w.files[known]:
		w.alias(l, known)
	case !l.entry.Lua && isOtherFormat(l.entry.Name) || !l.entry.Lua && !hintsConfig(filepath.Base(l.entry.Name)):
	case info.Mode().IsRegular():
		w.add(l.task)
	default:
		if l.entry.Lua {
			w.problem(l.entry.Path, "not a file but "+describeMode(info.Mode()))
		}
	}
}

func (w *walker) alias(l link, name string) {
	w.result.Links = append(w.result.Links, Link{l.entry.Path, w.path(name)})
}

// known returns the name under which a walk may have seen a real path, "" for none.
func (w *walker) known(real string) string {
	for _, s := range w.starts {
		if within(real, s.real) {
			return s.name + strings.TrimPrefix(real, s.real)
		}
	}
	return ""
}
