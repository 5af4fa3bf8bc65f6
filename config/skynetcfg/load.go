package skynetcfg

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/skylint/skylint/config/luadata"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Options say where the text of included files and of environment variables comes from.
type Options struct {
	// Read returns the text of an included file. Its path is slash-separated and relative to
	// whatever the path of the first file is; it may start with "..".
	Read func(path string) (string, error)
	// Env returns an environment variable; nil has none. A value that needs one that is not
	// set is unknown.
	Env func(name string) (value string, ok bool)
}

// Limits of what is read: no project comes near them.
const (
	maxSize     = 1 << 20
	maxIncludes = 100
)

// Load evaluates a config file and what it includes. It always returns a Config: what could
// not be read is in its Problems, and what could not be told in its Settings.
func Load(file *source.File, opts Options) *Config {
	l := &loader{Config: &Config{File: file}, opts: opts, expansions: make(map[*source.File]*expansion)}
	l.eval.Call = l.call
	l.eval.Opaque = func(f *source.File, at source.Span) string { return l.expansions[f].missing(at) }
	l.run(file)
	l.settings()
	c := l.Config
	c.LuaService = c.patterns("luaservice")
	c.LuaPath = c.patterns("lua_path")
	c.LuaCPath = c.patterns("lua_cpath")
	c.CPath = c.patterns("cpath")
	c.Snax = c.patterns("snax")
	c.Preload = c.patterns("preload")
	return c
}

type loader struct {
	*Config
	opts       Options
	eval       luadata.Evaluator
	expansions map[*source.File]*expansion // by the file that was parsed
	stack      []*source.File
	included   int
}

func (l *loader) problem(file *source.File, at source.Span, message string, help ...string) {
	l.Problems = append(l.Problems, rules.Problem{
		Path: file.Path, Location: rules.Location{File: file, Span: at}, Message: message, Help: help,
	})
}

// run evaluates one file on top of what was evaluated before.
func (l *loader) run(file *source.File) {
	if !slices.ContainsFunc(l.Files, func(f *source.File) bool { return f.Path == file.Path }) {
		l.Files = append(l.Files, file)
	}
	if len(file.Text) > maxSize {
		l.problem(file, source.Span{}, fmt.Sprintf("too large for a skynet config file: %d bytes", len(file.Text)))
		return
	}
	x := expand(file, l.opts.Env)
	if len(x.file.Text) > maxSize {
		l.problem(file, source.Span{}, "too large for a skynet config file once its environment variables are replaced")
		return
	}
	l.expansions[x.file] = x
	tree := syntax.Parse(x.file, syntax.DefaultDialect)
	for i := range tree.Errors {
		l.problem(file, x.span(tree.Errors[i].Span), tree.Errors[i].Message)
	}
	l.stack = append(l.stack, file)
	l.eval.Run(tree)
	l.stack = l.stack[:len(l.stack)-1]
}

// joined answers a call of a function that is given patterns of a search path in one table, as
// concat{"a/?.lua", "b/?.lua"} is: these patterns, and perhaps more. What the function does with
// them is not known, so neither is the value.
func joined(tree *syntax.Tree, call syntax.Node, args []luadata.Value) (luadata.Value, bool) {
	if len(args) != 1 || args[0].Kind != luadata.TableKind {
		return luadata.Value{}, false
	}
	var text strings.Builder
	for _, item := range args[0].Table.Items() {
		if item.Kind != luadata.String || !strings.Contains(item.Str, "?") {
			return luadata.Value{}, false
		}
		text.WriteString(item.Str + ";")
	}
	if text.Len() == 0 {
		return luadata.Value{}, false
	}
	return luadata.Value{
		Kind: luadata.String, Str: text.String() + luadata.Hole, Partial: true, File: tree.File, At: tree.Span(call),
		Reason: "a call is not evaluated; the patterns that it is given are taken as they stand",
	}, true
}

// call answers include, and what puts a search path together.
func (l *loader) call(tree *syntax.Tree, call syntax.Node, name string, args []luadata.Value) (luadata.Value, bool) {
	if name != "include" {
		return joined(tree, call, args)
	}
	x := l.expansions[tree.File]
	at := x.span(tree.Span(call))
	result := luadata.Value{Kind: luadata.Nil, File: tree.File, At: tree.Span(call)}
	if len(args) == 0 {
		l.problem(x.original, at, "include needs the name of a file")
		return result, true
	}
	target, ok := args[0].Text()
	if !ok {
		reason := args[0].Reason
		if reason == "" {
			reason = "its name is " + args[0].Kind.String()
		}
		l.problem(x.original, at, "cannot tell which file is included: "+reason)
		return result, true
	}
	l.include(x.original, at, target)
	return result, true
}

// include reads a file that is named relative to the folder of the one that includes it.
func (l *loader) include(from *source.File, at source.Span, target string) {
	name := target
	if !path.IsAbs(target) {
		name = path.Join(path.Dir(from.Path), target)
	}
	for i, f := range l.stack {
		if f.Path == name {
			var chain []string
			for _, f := range l.stack[i:] {
				chain = append(chain, f.Path)
			}
			l.problem(from, at, fmt.Sprintf("%s includes itself: %s", name, strings.Join(append(chain, name), " -> ")))
			return
		}
	}
	if l.included++; l.included > maxIncludes {
		if l.included == maxIncludes+1 {
			l.problem(from, at, fmt.Sprintf("more than %d files are included", maxIncludes))
		}
		return
	}
	for _, f := range l.Files { // a second time: the same text
		if f.Path == name {
			l.run(f)
			return
		}
	}
	if l.opts.Read == nil {
		l.problem(from, at, fmt.Sprintf("cannot include %q: no file can be read", name))
		return
	}
	text, err := l.opts.Read(name)
	if err != nil {
		l.problem(from, at, fmt.Sprintf("cannot include %q: %v", name, err))
		return
	}
	l.run(source.New(name, text))
}

// place returns a place of a parsed file as one of the file that was read.
func (l *loader) place(file *source.File, at source.Span) rules.Location {
	x := l.expansions[file]
	if x == nil {
		return rules.Location{}
	}
	return rules.Location{File: x.original, Span: x.span(at)}
}

func (l *loader) settings() {
	for _, g := range l.eval.Globals() {
		v := g.Value
		if v.Kind == luadata.Nil {
			continue
		}
		s := Setting{Key: g.Name, KeyAt: l.place(g.File, g.At), ValueAt: l.place(v.File, v.At), Reason: v.Reason, raw: v}
		if s.ValueAt.File == nil {
			s.ValueAt = s.KeyAt
		}
		s.Value, s.Known = v.Text()
		switch {
		case s.Known:
			s.Reason = ""
		case v.Kind == luadata.TableKind:
			s.Reason = "it is a table: skynet takes strings, numbers and booleans only"
		}
		if v.Partial {
			s.raw.Str = punch(v.Str, luadata.Hole)
		}
		l.Settings = append(l.Settings, s)
	}
	slices.SortFunc(l.Settings, func(a, b Setting) int { return strings.Compare(a.Key, b.Key) })
}
