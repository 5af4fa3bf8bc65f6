package program

import (
	"strings"

	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
)

// isScript reports whether the file looks like a program by itself: it gives nothing back to
// who loads it, and talks to the person who started it.
func (f *File) isScript() bool {
	t := f.Tree
	if list := t.Statements(t.Main); len(list) > 0 {
		if last := list[len(list)-1]; t.Kind(last) == syntax.ReturnStat && len(t.Results(last)) > 0 {
			return false
		}
	}
	if strings.HasPrefix(f.Text, "#!") {
		return true
	}
	for i := range f.Scope.Globals {
		if g := &f.Scope.Globals[i]; g.Name == "arg" && g.Access == scope.Read && !g.Field {
			return true
		}
	}
	for i := range f.API.Calls {
		switch c := &f.API.Calls[i]; c.Ref {
		case alias.Ref{Module: "os", Member: "exit"}:
			return true
		case alias.Ref{Member: "print"}, alias.Ref{Module: "io", Member: "write"}, alias.Ref{Module: "io", Member: "read"}:
			if t.EnclosingFunction(c.Node) == syntax.None {
				return true
			}
		}
	}
	return false
}

// givesEnvironments reports whether the file gives chunks that it loads an environment of their
// own: setfenv(chunk, env), load(text, name, mode, env).
func (f *File) givesEnvironments() bool {
	if f.Vendored != "" {
		return false
	}
	for i := range f.API.Calls {
		c := &f.API.Calls[i]
		if c.Module != "" {
			continue
		}
		switch c.Member {
		case "setfenv":
			if len(c.Args) == 2 && f.Tree.Kind(c.Args[0]) != syntax.Number {
				return true
			}
		case "load":
			if len(c.Args) > 3 && !f.API.IsConstant(c.Args[0]) {
				return true
			}
		case "loadfile":
			if len(c.Args) > 2 && !f.API.IsConstant(c.Args[0]) {
				return true
			}
		}
	}
	return false
}

// settings are names that nothing but skynet's configuration gives values to.
var settings = map[string]bool{
	"luaservice": true, "lualoader": true, "lua_path": true, "lua_cpath": true, "cpath": true, "bootstrap": true, "logservice": true,
}

// configures reports whether the chunk sets several of skynet's settings, so that it is a
// configuration even though it computes them.
func (f *File) configures() bool {
	var first string
	for i := range f.Scope.Globals {
		if g := &f.Scope.Globals[i]; g.Access == scope.Write && settings[g.Name] && !g.Field && g.Func == scope.Main && g.Name != first {
			if first != "" {
				return true
			}
			first = g.Name
		}
	}
	return false
}

// isLiteral reports whether a file does nothing but give literal values to globals. One assignment
// alone is no configuration: it is what somebody writes to try things out.
func isLiteral(t *syntax.Tree) bool {
	list := t.Statements(t.Main)
	if len(list) < 2 || len(t.Errors) > 0 {
		return false
	}
	for _, stat := range list {
		if t.Kind(stat) != syntax.AssignStat {
			return false
		}
		targets, values := t.Assign(stat)
		for _, target := range targets {
			if t.Kind(target) != syntax.Name {
				return false
			}
		}
		for _, value := range values {
			if !isLiteralValue(t, value) {
				return false
			}
		}
	}
	return true
}

// isLiteralValue reports whether an expression is a constant, a concatenation or sum of such,
// or a table of such.
func isLiteralValue(t *syntax.Tree, n syntax.Node) bool {
	switch n = t.Unparen(n); t.Kind(n) {
	case syntax.String, syntax.Number, syntax.True, syntax.False, syntax.Nil:
		return true
	case syntax.Unary:
		return isLiteralValue(t, t.Operand(n))
	case syntax.Binary:
		_, left, right := t.Binary(n)
		return isLiteralValue(t, left) && isLiteralValue(t, right)
	case syntax.Table:
		for _, field := range t.Fields(n) {
			if key, value := t.Field(field); key != syntax.None && !isLiteralValue(t, key) || !isLiteralValue(t, value) {
				return false
			}
		}
		return true
	}
	return false
}

// IsConfigured reports whether the value of an expression is fixed once the node has started: a
// constant, a setting of the node or a variable of its environment, or made of such.
func (f *File) IsConfigured(n syntax.Node) bool { return f.isConfigured(n, 8) }

func (f *File) isConfigured(n syntax.Node, depth int) bool {
	if depth == 0 {
		return false
	}
	n = f.API.Origin(n)
	switch t := f.Tree; t.Kind(n) {
	case syntax.Binary:
		_, left, right := t.Binary(n)
		return f.isConfigured(left, depth-1) && f.isConfigured(right, depth-1)
	case syntax.Call:
		callee, args := t.Call(n)
		switch f.API.Ref(callee) {
		case alias.Ref{Module: "skynet", Member: "getenv"}, alias.Ref{Module: "os", Member: "getenv"}, alias.Ref{Module: "os", Member: "tmpname"}:
			return true
		case alias.Ref{Module: "string", Member: "format"}, alias.Ref{Member: "tostring"}, alias.Ref{Member: "tonumber"}:
			for _, arg := range args {
				if !f.isConfigured(arg, depth-1) {
					return false
				}
			}
			return true
		}
		return false
	}
	return f.API.IsConstant(n)
}

// IsData reports whether the file is no code of a service: its globals are the fields of a
// table of its own. What no service loads is taken for such a file if it only gives literal
// values to names, as the configuration of another machine does, or if it sets what only a
// configuration of skynet sets.
func (f *File) IsData() bool {
	return f.Roles&(project.NodeConfig|project.ClusterConfig|project.Data) != 0 || f.data && !f.InService()
}

// ImplementsModel reports whether a file is the source of an API module, or a copy of it:
// lualib/skynet/manager.lua is that of skynet.manager. A project's own service redis is not the
// module redis.
func ImplementsModel(f *project.File, catalogue *models.Catalogue) bool {
	path, isLua := strings.CutSuffix(f.Path, ".lua")
	if !isLua || f.Roles.Has(project.Main) {
		return false
	}
	path = strings.TrimSuffix(path, "/init")
	for at := len(path); at > 0; {
		at = strings.LastIndexByte(path[:at], '/')
		name := strings.ReplaceAll(path[at+1:], "/", ".")
		if m := catalogue.Module(name); m != nil && !m.Native {
			return true
		}
	}
	return false
}
