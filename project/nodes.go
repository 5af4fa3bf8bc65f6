package project

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/skynetcfg"
	"github.com/skylint/skylint/project/discover"
	"github.com/skylint/skylint/project/search"
	"github.com/skylint/skylint/rules"
)

// configured makes the nodes that sky.toml and skynet's configuration files describe.
func (r *resolver) configured() {
	cfg := r.p.Config
	read := map[string]*skynetcfg.Config{}
	var fragments []*skynetcfg.Config
	included := map[string]bool{}
	load := func(name string, vars *config.Skynet) *skynetcfg.Config {
		c := r.loadConfig(name, vars)
		if c == nil {
			return nil
		}
		for _, f := range c.Files {
			if own := r.p.File(f.Path); own != nil {
				own.Roles |= NodeConfig
			}
			if f != c.File {
				included[f.Path] = true
			}
		}
		r.configProblems(c)
		return c
	}
	for i := range cfg.Nodes {
		n := &cfg.Nodes[i]
		var c *skynetcfg.Config
		if n.Config.IsSet() {
			if c = load(path.Clean(n.Config.Text), &n.Skynet); c == nil {
				r.p.Problems = append(r.p.Problems, rules.Problem{
					Path: config.FileName, Location: rules.Location{File: cfg.File, Span: n.Config.At},
					Message: "there is no skynet config file " + n.Config.Text,
				})
			} else {
				read[c.File.Path] = c
			}
		}
		r.addNode(n.Name, c, &n.Skynet)
	}
	for _, text := range cfg.System.Config {
		name := path.Clean(text.Text)
		if read[name] != nil {
			continue
		}
		c := load(name, &cfg.System.Skynet)
		if c == nil {
			r.p.Problems = append(r.p.Problems, rules.Problem{
				Path: config.FileName, Location: rules.Location{File: cfg.File, Span: text.At},
				Message: "there is no skynet config file " + text.Text,
			})
			continue
		}
		read[name] = c
		r.addNode("", c, &cfg.System.Skynet)
	}
	if len(r.p.Nodes) > 0 {
		// What sky.toml says is all there is, but for other people's copies.
		for _, f := range r.p.Files {
			if f.Roles.Has(NodeConfig) && f.Vendored != "" && read[f.Path] == nil {
				if c := load(f.Path, &config.Skynet{}); c != nil {
					fragments = append(fragments, c)
				}
			}
		}
	} else {
		for _, f := range r.p.Files {
			if f.Roles.Has(NodeConfig) {
				if c := load(f.Path, &cfg.System.Skynet); c != nil {
					fragments = append(fragments, c)
				}
			}
		}
	}
	for _, c := range fragments {
		start, _ := c.Get("start")
		boot, _ := c.Get("bootstrap")
		// What others include, and what could start nothing, is a part of a configuration.
		if included[c.File.Path] && start.Default() || (included[c.File.Path] || start.Default() && boot.Default()) && !r.starts(c) {
			dir := r.startDir(c)
			r.role(dir, c.Value("lualoader"), Loader)
			for _, p := range c.Preload {
				r.role(dir, p.Text, Preload)
			}
			continue
		}
		r.addNode("", c, &cfg.System.Skynet)
	}
	if len(r.p.Nodes) == 0 && (cfg.System.LuaService != nil || cfg.System.LuaPath != nil) {
		r.addNode(path.Base(filepath.ToSlash(r.p.Root)), nil, &cfg.System.Skynet)
	}
	slices.SortStableFunc(r.p.Nodes, func(a, b *Node) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.configPath(), b.configPath()))
	})
	r.distinctNames()
}

func (n *Node) configPath() string {
	if n.Config == nil {
		return ""
	}
	return n.Config.Path
}

// distinctNames names nodes of the same name by the path of their configuration; the one
// node of the project's own among other people's keeps its name.
func (r *resolver) distinctNames() {
	own, all := map[string]int{}, map[string]int{}
	for _, n := range r.p.Nodes {
		all[n.Name]++
		if n.Vendored == "" {
			own[n.Name]++
		}
	}
	for _, n := range r.p.Nodes {
		if all[n.Name] > 1 && n.Config != nil && (n.Vendored != "" || own[n.Name] > 1) {
			n.Name = n.Config.Path
		}
	}
}

// unset, the name and unsetEnd stand in a configuration for an environment variable that is
// not set. Together they are a Lua name, so that they may stand wherever the variable may.
const unset, unsetEnd = "_skylint_env_", "_skylint_end_"

// loadConfig evaluates a configuration file, nil if there is none. Environment variables
// that are not set are chosen so that folders exist, as far as that leaves one choice.
func (r *resolver) loadConfig(name string, vars *config.Skynet) *skynetcfg.Config {
	file := r.p.File(name)
	if file == nil {
		text, err := discover.Read(filepath.Join(r.p.Root, filepath.FromSlash(name)), maxConfig)
		if err != nil {
			return nil
		}
		file = r.extraFile(name, text)
	}
	guesses := map[string]string{}
	options := skynetcfg.Options{
		Read: func(p string) (string, error) {
			if f := r.p.File(p); f != nil {
				return f.Text, nil
			}
			return discover.Read(filepath.Join(r.p.Root, filepath.FromSlash(p)), maxConfig)
		},
		Env: func(name string) (string, bool) {
			if v, ok := vars.Env[name]; ok {
				return v, true
			}
			if v, ok := r.env(name); ok {
				return v, true
			}
			if v, ok := guesses[name]; ok {
				return v, true
			}
			return unset + name + unsetEnd, true
		},
	}
	c := skynetcfg.Load(file.File, options)
	for range 3 { // a choice may lead to the next
		if !r.guessVariables(c, guesses) {
			break
		}
		c = skynetcfg.Load(file.File, options)
	}
	// The project may be one folder of what is started, and be called otherwise here.
	if _, ok := c.StartDir(c.Candidates(), r.exists); !ok {
		if name := c.OwnName(func(p string) bool { return r.x.File(p) != search.None }); name != "" {
			return c.Within(name)
		}
	}
	return c
}

// exists reports whether there is a file or a folder.
func (r *resolver) exists(p string) bool { return r.x.File(p) != search.None || r.x.IsDir(p) }

// guessVariables chooses values for variables that are not set but are part of search
// paths, and reports whether it chose any. At the beginning of a path a variable is a root:
// the folder in which skynet is started. Within one, it is a folder that the configuration
// file itself is in, or is named for.
func (r *resolver) guessVariables(c *skynetcfg.Config, guesses map[string]string) bool {
	chosen := false
	for _, list := range [][]skynetcfg.Pattern{c.LuaService, c.LuaPath, c.Snax} {
		for _, p := range list {
			before, rest, ok := strings.Cut(p.Text, unset)
			if !ok {
				continue
			}
			name, after, ok := cutVariable(rest)
			if !ok || guesses[name] != "" {
				continue
			}
			if strings.TrimLeft(before, "./") == "" {
				guesses[name] = "."
				if !strings.HasPrefix(after, "/") {
					guesses[name] = "./"
				}
				chosen = true
				continue
			}
			if v := r.folderFor(c, before); v != "" {
				guesses[name] = v
				chosen = true
			}
		}
	}
	return chosen
}

// cutVariable splits the name of a variable from the text behind it.
func cutVariable(s string) (name, after string, ok bool) { return strings.Cut(s, unsetEnd) }

// folderFor returns which folder below before a configuration file is for.
func (r *resolver) folderFor(c *skynetcfg.Config, before string) string {
	own := path.Dir(c.File.Path)
	base := path.Base(c.File.Path)
	words := strings.FieldsFunc(strings.TrimSuffix(base, ".lua"), func(r rune) bool { return r == '.' || r == '_' || r == '-' })
	for _, dir := range c.Candidates() {
		above := path.Join(dir, before)
		if strings.HasPrefix(own+"/", above+"/") && own != above && above != "." {
			return own[len(above)+1:]
		}
		for _, w := range words {
			if r.x.IsDir(path.Join(above, w)) {
				return w
			}
		}
	}
	return ""
}

// configProblems reports what is wrong with a configuration of the project's own, once.
func (r *resolver) configProblems(c *skynetcfg.Config) {
	if f := r.p.File(c.File.Path); f != nil && f.Vendored != "" {
		return
	}
	for _, problem := range c.Problems {
		same := func(p rules.Problem) bool {
			return p.Path == problem.Path && p.Span == problem.Span && p.Message == problem.Message
		}
		if !slices.ContainsFunc(r.p.Problems, same) {
			r.p.Problems = append(r.p.Problems, problem)
		}
	}
}

// starts reports whether the start service of a configuration exists.
func (r *resolver) starts(c *skynetcfg.Config) bool {
	dir := r.startDir(c)
	for _, p := range c.LuaService {
		for _, t := range search.Patterns(dir, r.local(p.Text, dir)) {
			if r.x.File(t.Path(c.Start())) != search.None {
				return true
			}
		}
	}
	return false
}

// phantom is a folder that is not there: skynet's own, when it is not part of the project
// but is where skynet is started.
const phantom = ".skynet"

// startDir finds the folder in which skynet is started with a configuration.
func (r *resolver) startDir(c *skynetcfg.Config) string {
	candidates := c.Candidates()
	leaves := func(list []skynetcfg.Pattern) bool {
		return slices.ContainsFunc(list, func(p skynetcfg.Pattern) bool { return strings.HasPrefix(p.Text, "../") })
	}
	if leaves(c.LuaService) || leaves(c.LuaPath) {
		for _, dir := range slices.Clone(candidates) {
			candidates = append(candidates, r.x.Folders(dir)...)
			candidates = append(candidates, path.Join(dir, phantom))
		}
	}
	dir, ok := c.StartDir(candidates, r.exists)
	if !ok {
		return "."
	}
	return dir
}

// local writes a pattern with an absolute path relative to the folder of the project that it
// probably means: the longest end of its path that is there.
func (r *resolver) local(text, dir string) string {
	if !path.IsAbs(text) {
		return text
	}
	if rel, ok := strings.CutPrefix(text, filepath.ToSlash(r.p.Root)+"/"); ok {
		if back, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(rel)); err == nil {
			return filepath.ToSlash(back)
		}
	}
	for rest := text[1:]; ; {
		fixed, _, _ := strings.Cut(rest, "?")
		if i := strings.LastIndexByte(fixed, '/'); i > 0 && r.x.IsDir(path.Join(dir, fixed[:i])) {
			return rest
		}
		_, tail, ok := strings.Cut(rest, "/")
		if !ok {
			return text
		}
		rest = tail
	}
}

// addNode makes a node of a configuration file, nil for none, and what sky.toml says.
func (r *resolver) addNode(name string, c *skynetcfg.Config, own *config.Skynet) {
	n := &Node{Name: name, Dir: ".", Settings: map[string]string{}}
	if c == nil {
		c = skynetcfg.Load(r.extraFile(config.FileName, "").File, skynetcfg.Options{})
	} else {
		n.Config = r.p.File(c.File.Path)
		if n.Name == "" {
			n.Name = nodeName(c.File.Path)
		}
		n.Dir = r.startDir(c)
		if n.Config != nil {
			n.Vendored = n.Config.Vendored
		}
	}
	if own.Cwd.IsSet() {
		n.Dir = path.Clean(own.Cwd.Text)
	}
	for _, s := range c.Settings {
		if s.Known && !strings.Contains(s.Value, unset) {
			n.Settings[s.Key] = s.Value
		}
	}
	for key, value := range own.Settings {
		n.Settings[key] = string(value)
	}
	text := func(t document.Text, key string) string {
		if t.IsSet() {
			return t.Text
		}
		if v := c.Value(key); !strings.Contains(v, unset) {
			return v
		}
		return ""
	}
	n.LuaService = r.patterns(n.Dir, own.LuaService, c.LuaService)
	n.Complete = r.isComplete(n.Dir, own.LuaService, c)
	n.LuaPath = r.patterns(n.Dir, own.LuaPath, c.LuaPath)
	n.Snax = r.patterns(n.Dir, own.Snax, c.Snax)
	n.Start, _, _ = strings.Cut(text(own.Start, "start"), " ")
	if words := strings.Fields(text(own.Bootstrap, "bootstrap")); len(words) > 1 && words[0] == "snlua" {
		n.Bootstrap = words[1]
	}
	n.Settings["start"] = n.Start
	n.Loader = r.role(n.Dir, text(own.LuaLoader, "lualoader"), Loader)
	for p := range strings.SplitSeq(text(own.Preload, "preload"), ";") {
		if f := r.role(n.Dir, p, Preload); f != nil {
			n.Preload = append(n.Preload, f)
		}
	}
	n.Cluster = r.role(n.Dir, text(own.Cluster, "cluster"), ClusterConfig)
	for _, value := range n.Settings {
		// What a setting names is read by somebody as data.
		if strings.HasSuffix(value, ".lua") {
			if f := r.p.File(path.Join(n.Dir, value)); f != nil && f.Tree != nil && !f.isData() {
				f.Roles |= Data
			}
		}
	}
	if path.Base(n.Dir) == phantom {
		n.Dir = path.Dir(n.Dir)
	}
	r.p.Nodes = append(r.p.Nodes, n)
}

// patterns returns a search path of sky.toml, else that of the configuration file. A part
// with a variable that is not set stands for every folder that could be meant.
func (r *resolver) patterns(dir string, own config.Patterns, file []skynetcfg.Pattern) []search.Pattern {
	var out []search.Pattern
	if own != nil {
		for _, p := range own {
			out = append(out, search.Patterns(dir, p.Text)...)
		}
		return out
	}
	for _, p := range file {
		before, rest, open := strings.Cut(p.Text, unset)
		if !open {
			out = append(out, search.Patterns(dir, r.local(p.Text, dir))...)
			continue
		}
		if _, after, ok := cutVariable(rest); ok && strings.HasSuffix(before, "/") && strings.HasPrefix(after, "/") && !strings.Contains(after, unset) {
			for _, folder := range r.x.Folders(path.Join(dir, before)) {
				out = append(out, search.Patterns(".", folder+after)...)
			}
		}
	}
	return out
}

// isComplete reports whether the folders of a search path for services are known and part of the
// project, but for skynet's own.
func (r *resolver) isComplete(dir string, own config.Patterns, c *skynetcfg.Config) bool {
	var templates []string
	for _, p := range own {
		templates = append(templates, p.Text)
	}
	if own == nil {
		if s, ok := c.Get("luaservice"); ok && !s.Known {
			return false // more is added by what is not followed
		}
		for _, p := range c.LuaService {
			templates = append(templates, r.local(p.Text, dir))
		}
	}
	for _, t := range templates {
		for one := range strings.SplitSeq(t, ";") {
			if one = strings.TrimSpace(one); one == "" || isSkynets(one) {
				continue
			}
			ps := search.Patterns(dir, one)
			if strings.Contains(one, unset) || len(ps) == 0 || !r.x.IsDir(ps[0].Dir()) {
				return false
			}
		}
	}
	return len(templates) > 0
}

// isSkynets reports whether a template of a search path is that of the services which come with
// skynet: "../skynet/service/?.lua".
func isSkynets(template string) bool {
	tree, ok := strings.CutSuffix(template, "/service/?.lua")
	return ok && strings.HasPrefix(path.Base(tree), "skynet")
}

// role returns the file at a path of a configuration, and marks what it is for.
func (r *resolver) role(dir, name string, role Roles) *File {
	if name = strings.TrimSpace(name); name == "" {
		return nil
	}
	f := r.p.File(path.Join(dir, r.local(name, dir)))
	if f == nil {
		f = r.elsewhere(name)
	}
	if f == nil || f.Tree == nil {
		return nil
	}
	f.Roles |= role
	return f
}

// elsewhere returns the file that a path means which begins above the project: the project is
// one folder of what is installed. The longest end of the path counts that has a folder left.
func (r *resolver) elsewhere(name string) *File {
	for rest := path.Clean(name); ; {
		_, tail, ok := strings.Cut(rest, "/")
		if !ok || !strings.Contains(tail, "/") {
			return nil
		}
		if f := r.p.File(tail); f != nil && f.Vendored == "" {
			return f
		}
		rest = tail
	}
}

// nodeName names a node after its configuration file: the part of the name that is not the
// word config.
func nodeName(file string) string {
	base := strings.TrimSuffix(path.Base(file), ".lua")
	words := strings.FieldsFunc(base, func(r rune) bool { return r == '.' || r == '_' || r == '-' })
	words = slices.DeleteFunc(words, func(w string) bool { return w == "config" || w == "conf" || w == "cfg" || w == "skynet" })
	if len(words) > 0 {
		return strings.Join(words, "_")
	}
	if dir := path.Base(path.Dir(file)); dir != "." {
		return dir
	}
	return base
}

// env returns an environment variable.
func (r *resolver) env(name string) (string, bool) {
	if r.o.Env != nil {
		return r.o.Env(name)
	}
	return os.LookupEnv(name)
}
