package project

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/project/search"
)

// implicitServices finds the services that no configuration leads to. What skynet starts
// where nothing says otherwise is called main: each main.lua that starts a service is a
// node, with what it launches and what that launches. Without one, or with just one, there
// is one node for all.
func (r *resolver) implicitServices() {
	rest := r.uncovered()
	if len(rest) == 0 {
		return
	}
	mains := slices.DeleteFunc(slices.Clone(rest), func(f *File) bool { return !f.startsNode() })
	if len(mains) < 2 {
		n := r.implicitNode(path.Base(filepath.ToSlash(r.p.Root)), ".")
		if len(mains) == 1 {
			n.env = r.environment(environment{guess: true, near: []string{path.Dir(mains[0].Path)}, dir: "."})
			r.reach(n, mains[0])
		}
		r.assign(n, rest)
		return
	}
	byDir := map[string]*Node{}
	names := map[string]int{}
	for _, f := range mains {
		names[path.Base(path.Dir(f.Path))]++
	}
	for _, f := range mains {
		dir := path.Dir(f.Path)
		name := path.Base(dir)
		if names[name] > 1 || name == "." {
			name = dir
		}
		n := r.implicitNode(name, dir)
		byDir[dir] = n
		r.reach(n, f)
	}
	// What no main launches runs where it lies, or nobody knows where.
	var nowhere []*File
	for _, f := range rest {
		switch {
		case r.isMain(f):
		case byDir[r.homeOf(f.Path)] != nil:
			r.assign(byDir[r.homeOf(f.Path)], []*File{f})
		default:
			nowhere = append(nowhere, f)
		}
	}
	if len(nowhere) > 0 {
		r.assign(r.implicitNode("?", "."), nowhere)
	}
}

// startsNode reports whether a file is what skynet starts where nothing says otherwise.
func (f *File) startsNode() bool {
	return path.Base(f.Path) == "main.lua" && f.Starts && f.Vendored == ""
}

// findHomes finds the folders that belong to one node each: what lies in one is not meant
// for the others.
func (r *resolver) findHomes() {
	add := func(dir string) {
		if dir != "." {
			r.homes[dir] = true
		}
	}
	for _, n := range r.p.Nodes {
		add(n.Dir)
	}
	for _, f := range r.p.Files {
		if f.startsNode() {
			add(path.Dir(f.Path))
		}
	}
	if len(r.homes) == 1 {
		clear(r.homes)
	}
}

// uncovered returns the files that start a service and are not yet a main file of one.
func (r *resolver) uncovered() []*File {
	var out []*File
	configured := slices.ContainsFunc(r.p.Nodes, func(n *Node) bool { return n.Vendored == "" })
	for _, f := range r.p.Files {
		if f.Summary == nil || f.isData() || r.isMain(f) {
			continue
		}
		// A file that starts nothing is a service only if its name is launched, and nothing says
		// where services are.
		if f.Starts || f.Summary.Snax || !configured && r.launched[serviceName(f)] && f.Vendored == "" && isServicePlace(f) {
			out = append(out, f)
		}
	}
	return out
}

// isMain reports whether a file is the main file of a service.
func (r *resolver) isMain(f *File) bool { return r.mains[f] }

// isServicePlace reports whether a file lies where projects keep services.
func isServicePlace(f *File) bool {
	dir := "/" + path.Dir(f.Path) + "/"
	return strings.Contains(dir, "/service/") || strings.Contains(dir, "/services/")
}

// homeOf returns the folder of the implicit node that a path lies in, "" for none.
func (r *resolver) homeOf(p string) string {
	for at := len(p); len(r.homes) > 0; {
		if at = strings.LastIndexByte(p[:at], '/'); at < 0 {
			break
		}
		if r.homes[p[:at]] {
			return p[:at]
		}
	}
	return ""
}

func (r *resolver) implicitNode(name, dir string) *Node {
	n := &Node{Name: name, Dir: dir, Start: "main", Settings: map[string]string{}}
	n.env = r.environment(environment{guess: true, near: []string{dir}, dir: dir})
	n.Loader = r.implied(n, "lualoader", Loader)
	if f := r.implied(n, "preload", Preload); f != nil {
		n.Preload = []*File{f}
	}
	r.p.Nodes = append(r.p.Nodes, n)
	return n
}

// implied returns the file that a program which writes configurations would name: the path
// in the text of some field of that name.
func (r *resolver) implied(n *Node, key string, role Roles) *File {
	var file *File
	for _, l := range r.fieldTexts(key) {
		text := strings.TrimRight(strings.TrimSpace(l.text), ";")
		if l.file.Vendored != "" || !strings.HasSuffix(text, ".lua") || !n.env.sees(l.file) {
			continue
		}
		f := n.env.path(l.file, strings.TrimLeft(text, "/")).file
		if f == nil || f.Summary == nil {
			continue
		}
		if file != nil && file != f {
			return nil // nothing says which
		}
		file = f
	}
	if file != nil {
		file.Roles |= role
	}
	return file
}

// reach adds a service to a node, and all services that are launched by name from there on.
func (r *resolver) reach(n *Node, main *File) {
	type named struct {
		from *File
		name string
		snax bool
	}
	seen := map[named]bool{}
	queue := []*Service{r.service(n, Service{Name: "main", Main: main, Launched: true}, n.env)}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, f := range s.Files {
			if f.Summary == nil {
				continue
			}
			for i := range f.Summary.Uses {
				u := &f.Summary.Uses[i]
				if u.Kind != loads.Launch && u.Kind != loads.LaunchSnax {
					continue
				}
				for _, name := range u.Names {
					l := named{f, name.Prefix, u.Kind == loads.LaunchSnax}
					if !name.Known() || seen[l] {
						continue
					}
					seen[l] = true
					if next := r.launch(n, f, name.Prefix, l.snax); next != nil {
						queue = append(queue, next)
					}
				}
			}
		}
	}
}

// launch adds the service of a name to a node; nil if there is none, or it is there.
func (r *resolver) launch(n *Node, from *File, name string, snax bool) *Service {
	g := r.x.Service(from.Path, name, n.Dir)
	if g.File == search.None {
		return nil
	}
	f := r.p.Files[g.File]
	if f.Summary == nil || f.isData() {
		return nil
	}
	kind := LuaService
	if snax {
		kind = SnaxService
	}
	s := r.service(n, Service{Name: name, Kind: kind, Main: f, Launched: true}, n.env)
	if len(s.Nodes) > 0 && s.Nodes[len(s.Nodes)-1] != n {
		return nil
	}
	return s
}

// assign makes files services of a node, by the names that they probably have.
func (r *resolver) assign(n *Node, files []*File) {
	for _, f := range files {
		if r.isMain(f) {
			continue
		}
		name := r.launchName(f)
		kind, launched := LuaService, r.launched[name]
		if f.Summary.Snax && !f.Starts {
			kind, launched = SnaxService, r.snaxed[name]
		}
		r.service(n, Service{Name: name, Kind: kind, Main: f, Launched: launched}, n.env)
	}
}

// launchName returns the longest end of a file's path by which something launches it, else
// its own name.
func (r *resolver) launchName(f *File) string {
	name := strings.TrimSuffix(f.Path, ".lua")
	for _, end := range []string{"", "/main", "/init"} {
		stem, ok := strings.CutSuffix(name, end)
		for ok {
			if r.launched[stem] || r.snaxed[stem] {
				return stem
			}
			_, stem, ok = strings.Cut(stem, "/")
		}
	}
	return serviceName(f)
}

// serviceName returns what a service is called for want of a launch: its file's name, or
// that of its folder.
func serviceName(f *File) string {
	name := strings.TrimSuffix(path.Base(f.Path), ".lua")
	if dir := path.Base(path.Dir(f.Path)); (name == "main" || name == "init") && dir != "." && dir != "service" {
		return dir
	}
	return name
}
