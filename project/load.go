package project

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/skynetcfg"
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/internal/parallel"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project/discover"
	"github.com/skylint/skylint/project/loads"
	"github.com/skylint/skylint/project/search"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Options say what to load.
type Options struct {
	// Paths are the files and folders that the user asks for; none means the current folder.
	// The project around them is read too.
	Paths []string
	// Config is what sky.toml says; nil is config.Default().
	Config *config.Config
	// Models know the modules that have no file; nil is models.Builtin().
	Models *models.Catalogue
	// Texts are the contents of files that are not read from disk, by path (as in Paths): what
	// came from standard input, or an editor's unsaved changes. They are asked for.
	Texts map[string]string
	// Jobs is the number of goroutines; GOMAXPROCS for 0. The result is the same for any
	// number.
	Jobs int
	// Env returns environment variables for skynet's configuration files, where sky.toml does
	// not give them; nil is os.LookupEnv.
	Env func(name string) (value string, ok bool)
	// Progress, if any, is told how many files were read. It is called from several
	// goroutines.
	Progress func(files int)
	// Meanwhile, if any, is called once with the files of the project, in their order, while it is
	// found out what they are to each other. It may look at what stands in them, and at Vendored.
	Meanwhile func(files []*File)
}

// Times are how long the parts of Load took.
type Times struct{ Read, Resolve time.Duration }

// Load reads a project. What cannot be read, parsed or understood becomes one of its
// Problems; an error means that there is no project: ctx is done, or there is no current
// folder.
func Load(ctx context.Context, o Options) (*Project, error) {
	began := time.Now()
	if o.Config == nil {
		o.Config = config.Default()
	}
	if o.Models == nil {
		o.Models = models.Builtin()
	}
	if len(o.Paths) == 0 && len(o.Texts) == 0 {
		o.Paths = []string{"."}
	}
	l := &loader{o: o, project: &Project{Config: o.Config}}
	if err := l.read(ctx); err != nil {
		return nil, err
	}
	l.project.Times.Read = time.Since(began)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.markVendored()
	l.readLuacheckrc()
	l.project.files = l.index()
	var meanwhile sync.WaitGroup
	if o.Meanwhile != nil {
		meanwhile.Go(func() { o.Meanwhile(l.project.Files) })
	}
	r := newResolver(l.project, o)
	r.resolve()
	meanwhile.Wait()
	l.problems()
	l.project.Times.Resolve = time.Since(began) - l.project.Times.Read
	return l.project, nil
}

// loader reads and parses the files.
type loader struct {
	o       Options
	project *Project
	links   []search.Link
	asked   []string // folders, absolute
	texts   map[string]string

	mu    sync.Mutex
	files []*File
	count int
}

// read walks and parses.
func (l *loader) read(ctx context.Context) error {
	paths, err := l.place()
	if err != nil {
		return err
	}
	o := discover.Options{Root: l.project.Root, Paths: paths, Workers: parallel.Jobs(l.o.Jobs)}
	if files := &l.o.Config.Files; l.o.Config.File != nil {
		o.Excluded = func(path string, isDir bool) bool { return files.Excludes(path) }
		o.Wanted = files.Wants
		o.NoIgnore = !files.Gitignore
	}
	result, err := discover.Walk(ctx, o, l.visit)
	if err != nil {
		return err
	}
	for _, link := range result.Links {
		l.links = append(l.links, search.Link(link))
	}
	for name, text := range l.texts {
		l.parse(discover.Entry{Path: l.pathOf(name), Explicit: true, Lua: true}, text)
	}
	slices.SortFunc(l.files, func(a, b *File) int { return cmp.Compare(a.Path, b.Path) })
	for i, f := range l.files {
		f.id = i
		f.dir = path.Dir(f.Path)
	}
	l.project.Files = l.files
	l.project.Problems = append(l.project.Problems, result.Problems...)
	return nil
}

func (l *loader) index() *search.Index {
	paths := make([]string, len(l.files))
	for i, f := range l.files {
		paths[i] = f.Path
	}
	return search.New(paths, l.links)
}

// place finds the root, and the paths to walk: all of the project where something marks its
// root, so that what the asked files load is there too.
func (l *loader) place() ([]string, error) {
	paths := slices.Clone(l.o.Paths)
	all := slices.Clone(paths)
	l.texts = make(map[string]string, len(l.o.Texts))
	for name, text := range l.o.Texts {
		abs, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		l.texts[abs] = text
		all = append(all, abs)
	}
	slices.Sort(all)
	root, marked, err := discover.Root(all)
	if err != nil {
		return nil, err
	}
	if l.o.Config.Root != "" {
		if root, err = filepath.Abs(l.o.Config.Root); err != nil {
			return nil, err
		}
		marked = true
	}
	l.project.Root = root
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		l.asked = append(l.asked, abs)
	}
	if marked {
		paths = append(paths, root)
	}
	return paths, nil
}

func (l *loader) pathOf(name string) string {
	rel, err := filepath.Rel(l.project.Root, name)
	if err != nil {
		rel = name
	}
	return filepath.ToSlash(rel)
}

// isAsked reports whether the user asked for a file or a folder above it.
func (l *loader) isAsked(name string) bool {
	for _, a := range l.asked {
		if name == a || strings.HasPrefix(name, strings.TrimSuffix(a, string(filepath.Separator))+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// visit reads and parses one file. It is called from several goroutines.
func (l *loader) visit(e discover.Entry) {
	if _, given := l.texts[e.Name]; given {
		return
	}
	limit := int64(discover.MaxSize)
	if !e.Lua && !e.Explicit {
		limit = maxConfig
	}
	text, err := discover.Read(e.Name, limit)
	if err != nil {
		if e.Lua || e.Explicit {
			l.mu.Lock()
			l.project.Problems = append(l.project.Problems, rules.Problem{Path: e.Path, Message: err.Error()})
			l.mu.Unlock()
		}
		return
	}
	if !e.Lua && !e.Explicit && !skynetcfg.LooksLike(text) {
		return
	}
	l.parse(e, text)
}

// maxConfig is how large a file without the extension .lua may be to be looked at: it could
// be a configuration file.
const maxConfig = 256 << 10

// parse makes a File of a text.
func (l *loader) parse(e discover.Entry, text string) {
	f := &File{File: source.New(e.Path, text), Name: e.Name}
	f.Asked = e.Explicit || l.isAsked(e.Name)
	settings := l.o.Config.For(e.Path)
	f.Dialect = settings.Dialect
	if syntax.IsBinary(text) {
		f.Binary = true
	} else {
		f.Tree = syntax.Parse(f.File, f.Dialect)
		if len(f.Tree.Errors) > 0 && !settings.DialectSet {
			f.otherDialect()
		}
		f.Scope = scope.Resolve(f.Tree)
		f.API = alias.Resolve(f.Scope)
		f.Summary = loads.Summarise(f.Scope, f.API)
	}
	if skynetcfg.LooksLike(text) {
		f.Roles |= NodeConfig
	}
	l.mu.Lock()
	l.files = append(l.files, f)
	l.count++
	n := l.count
	l.mu.Unlock()
	if l.o.Progress != nil {
		l.o.Progress(n)
	}
}

// otherDialect takes the file for one of another dialect if that accepts all of it, the
// newest of Lua's first. Nothing but a default said what the dialect is.
func (f *File) otherDialect() {
	var accepts syntax.DialectSet // those that take any of what is wrong; some errors follow from others
	for _, e := range f.Tree.Errors {
		accepts |= e.Accepts
	}
	for _, d := range []syntax.Dialect{syntax.Lua55, syntax.Lua53, syntax.Lua52, syntax.Lua51, syntax.LuaJIT} {
		if !accepts.Has(d) {
			continue
		}
		if tree := syntax.Parse(f.File, d); len(tree.Errors) == 0 {
			f.Tree, f.Dialect = tree, d
			return
		}
	}
}

// problems reports the syntax errors of the project's own files, leaves out what has nothing
// to do with what the user asked for, and puts the rest in order.
func (l *loader) problems() {
	p := l.project
	defer l.sortProblems()
	for _, f := range p.Files {
		switch {
		case f.Vendored != "" || f.Roles.Has(NodeConfig):
			// Other people's broken files are no problem of the project's, and what is wrong with a
			// configuration its own reader has said.
		case f.Binary:
			p.Problems = append(p.Problems, rules.Problem{
				Path: f.Path, Location: rules.Location{File: f.File},
				Message: "a precompiled chunk, which cannot be analysed",
				Help:    []string{"keep the source text of the program in the project, or exclude the file in sky.toml"},
			})
		case f.Tree != nil:
			for i := range f.Tree.Errors {
				p.Problems = append(p.Problems, f.problem(&f.Tree.Errors[i]))
			}
		}
	}
}

func (l *loader) sortProblems() {
	p := l.project
	if !l.isAsked(p.Root) {
		near := l.concerned()
		p.Problems = slices.DeleteFunc(p.Problems, func(problem rules.Problem) bool {
			return !near[problem.Path] && problem.Path != config.FileName && !l.isAsked(filepath.Join(p.Root, filepath.FromSlash(problem.Path)))
		})
	}
	slices.SortStableFunc(p.Problems, func(a, b rules.Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Message, b.Message))
	})
}

// concerned returns the paths of the files that bear on what the user asked for: those of a
// service or program that loads an asked file, and the configurations of its nodes.
func (l *loader) concerned() map[string]bool {
	near := map[string]bool{}
	for _, s := range slices.Concat(l.project.Services, l.project.Programs) {
		if !slices.ContainsFunc(s.Files, func(f *File) bool { return f.Asked }) {
			continue
		}
		for _, f := range s.Files {
			near[f.Path] = true
		}
		for _, n := range s.Nodes {
			near[n.configPath()] = true
		}
	}
	for path := range l.o.Texts {
		if abs, err := filepath.Abs(path); err == nil {
			near[l.pathOf(abs)] = true
		}
	}
	return near
}

// problem writes a syntax error for people.
func (f *File) problem(e *syntax.Error) rules.Problem {
	p := rules.Problem{Path: f.Path, Location: rules.Location{File: f.File, Span: e.Span}, Message: e.Message}
	if e.Accepts != 0 && !e.Accepts.Has(f.Dialect) {
		p.Help = append(p.Help, "the file is read as "+f.Dialect.Title()+"; this is in "+e.Accepts.String()+": set the dialect in sky.toml if it is meant")
	}
	if e.HasOpened {
		p.Related = append(p.Related, rules.Related{
			Location: rules.Location{File: f.File, Span: source.Span{Start: e.Opened, End: e.Opened + 1}},
			Message:  "opened here",
		})
	}
	return p
}
