// Package baton checks that what belongs to one actor stays with who holds its baton.
//
// A Lua state and its tables have no locks. They are used by one goroutine at a time, which is the
// one that holds the baton of their actor. The checker reports a *lua.LState or *lua.LTable that
//
//   - a goroutine gets hold of: by a go statement, or by a function that calls back from a
//     goroutine of its own (time.AfterFunc, sync.WaitGroup.Go and the like), as an argument or
//     through a closure;
//   - is kept in a package-level variable, where all goroutines find it;
//   - is sent over a channel;
//   - is given to another actor without the copy: to a function whose doc has the line
//     "//baton:crosses", as what a Lua state has just returned.
//
// Pointers, slices, arrays, maps and channels of them count, and so do structs that have them as
// fields, for package-level variables. Where it is right all the same, a comment says why, on
// the line or above it:
//
//	//baton:ok the table is frozen before any state is made
//
// A comment without a reason, and one that nothing needs, is reported as well.
package baton

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzer is the checker.
var Analyzer = &analysis.Analyzer{
	Name:      "baton",
	Doc:       "report Lua states and tables that leave the goroutine which holds the baton of their actor",
	Run:       run,
	Requires:  []*analysis.Analyzer{inspect.Analyzer},
	FactTypes: []analysis.Fact{new(crosses)},
}

// luaPath is the package whose types are guarded.
const luaPath = "github.com/yuin/gopher-lua"

// crosses is a fact about a function: its arguments go to another actor.
type crosses struct{}

func (*crosses) AFact()         {}
func (*crosses) String() string { return "crosses" }

type checker struct {
	*analysis.Pass
	excuses  map[place]*excuse
	closures map[types.Object][]*ast.FuncLit // what local variables hold
	sources  map[types.Object][]ast.Expr     // what local variables are set to
}

type place struct {
	file string
	line int
}

// excuse is a comment that allows something.
type excuse struct {
	pos    token.Pos
	reason string
	used   bool
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{pass, map[place]*excuse{}, map[types.Object][]*ast.FuncLit{}, map[types.Object][]ast.Expr{}}
	c.comments()
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.Preorder([]ast.Node{(*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.FuncDecl)(nil)}, func(n ast.Node) { c.collect(n) })
	in.Preorder([]ast.Node{(*ast.GoStmt)(nil), (*ast.CallExpr)(nil), (*ast.SendStmt)(nil)}, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.GoStmt:
			c.goes(n.Call.Fun, n.Call.Args)
		case *ast.SendStmt:
			if name := guarded(pass.TypesInfo.TypeOf(n.Value)); name != "" {
				c.report(n.Value.Pos(), "%s is sent over a channel: another goroutine gets it without the baton", name)
			}
		case *ast.CallExpr:
			c.call(n)
		}
	})
	c.globals()
	for _, e := range c.excuses {
		switch {
		case e.reason == "":
			pass.Reportf(e.pos, "baton:ok needs a reason")
		case !e.used:
			pass.Reportf(e.pos, "baton:ok allows nothing here: take it away")
		}
	}
	return nil, nil
}

func (c *checker) comments() {
	for _, f := range c.Files {
		for _, group := range f.Comments {
			for _, comment := range group.List {
				reason, ok := strings.CutPrefix(comment.Text, "//baton:ok")
				if !ok {
					continue
				}
				reason, _, _ = strings.Cut(reason, " // ")
				at := c.Fset.Position(comment.Pos())
				c.excuses[place{at.Filename, at.Line}] = &excuse{pos: comment.Pos(), reason: strings.TrimSpace(reason)}
			}
		}
	}
}

func (c *checker) report(pos token.Pos, format string, args ...any) {
	at := c.Fset.Position(pos)
	for _, line := range []int{at.Line, at.Line - 1} {
		if e := c.excuses[place{at.Filename, line}]; e != nil {
			e.used = true
			return
		}
	}
	c.Reportf(pos, format, args...)
}

// collect notes what variables are set to, and which functions cross.
func (c *checker) collect(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if id, ok := left.(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) {
				c.set(id, n.Rhs[i])
			} else if ok && i == 0 && len(n.Rhs) == 1 {
				c.set(id, n.Rhs[0])
			}
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if i < len(n.Values) {
				c.set(id, n.Values[i])
			}
		}
	case *ast.FuncDecl:
		if n.Doc == nil {
			return
		}
		for _, comment := range n.Doc.List {
			if obj := c.TypesInfo.Defs[n.Name]; comment.Text == "//baton:crosses" && obj != nil {
				c.ExportObjectFact(obj, new(crosses))
			}
		}
	}
}

func (c *checker) set(id *ast.Ident, value ast.Expr) {
	obj := c.TypesInfo.ObjectOf(id)
	if obj == nil {
		return
	}
	value = ast.Unparen(value)
	if lit, ok := value.(*ast.FuncLit); ok {
		c.closures[obj] = append(c.closures[obj], lit)
	}
	c.sources[obj] = append(c.sources[obj], value)
}

// callsBack are functions that call their argument from another goroutine: package path, then
// the function, with its receiver.
var callsBack = map[string]bool{
	"time.AfterFunc": true, "context.AfterFunc": true, "(*sync.WaitGroup).Go": true, "runtime.AddCleanup": true,
	"runtime.SetFinalizer": true, "(*golang.org/x/sync/errgroup.Group).Go": true, "(*golang.org/x/sync/errgroup.Group).TryGo": true,
	"os/signal.Notify": true,
}

func (c *checker) call(call *ast.CallExpr) {
	callee := c.callee(call)
	if callee == nil {
		return
	}
	if callsBack[callee.FullName()] {
		for _, a := range call.Args {
			if _, isFunc := c.TypesInfo.TypeOf(a).Underlying().(*types.Signature); isFunc {
				c.goes(a, nil)
			}
		}
	}
	if c.ImportObjectFact(callee, new(crosses)) {
		for _, a := range call.Args {
			if what := c.foreign(a, 3); what != "" {
				c.report(a.Pos(), "%s goes to another actor without the copy: use package message", what)
			}
		}
	}
}

func (c *checker) callee(call *ast.CallExpr) *types.Func {
	fun := ast.Unparen(call.Fun)
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	var id *ast.Ident
	switch fun := fun.(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	default:
		return nil
	}
	f, _ := c.TypesInfo.Uses[id].(*types.Func)
	if f == nil {
		return nil
	}
	return f.Origin()
}

// foreign says what of a Lua state an argument is; "" if it does not show.
func (c *checker) foreign(e ast.Expr, depth int) string {
	e = ast.Unparen(e)
	if name := guarded(c.TypesInfo.TypeOf(e)); name != "" {
		return name
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		// A value that a method of a state or of a table returns is theirs, unless its type says that it cannot be.
		f := c.callee(e)
		if f == nil || f.Pkg() == nil || f.Pkg().Path() != luaPath || f.Signature().Recv() == nil {
			return ""
		}
		t := c.TypesInfo.TypeOf(e)
		if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
			t = tuple.At(0).Type()
		}
		if named, ok := t.(*types.Named); ok && named.Obj().Name() == "LValue" {
			return "a value of " + f.Name()
		}
	case *ast.Ident:
		if depth == 0 {
			return ""
		}
		for _, source := range c.sources[c.TypesInfo.ObjectOf(e)] {
			if what := c.foreign(source, depth-1); what != "" {
				return what
			}
		}
	}
	return ""
}

// goes checks what runs on another goroutine.
func (c *checker) goes(fun ast.Expr, args []ast.Expr) {
	for _, a := range args {
		if name := guarded(c.TypesInfo.TypeOf(a)); name != "" {
			c.report(a.Pos(), "%s is given to a goroutine that does not hold the baton", name)
		}
		if lit, ok := ast.Unparen(a).(*ast.FuncLit); ok {
			c.captured(lit)
		}
	}
	switch fun := ast.Unparen(fun).(type) {
	case *ast.FuncLit:
		c.captured(fun)
	case *ast.Ident:
		for _, lit := range c.closures[c.TypesInfo.ObjectOf(fun)] {
			c.captured(lit)
		}
	case *ast.SelectorExpr:
		if selection := c.TypesInfo.Selections[fun]; selection != nil {
			if name := guarded(c.TypesInfo.TypeOf(fun.X)); name != "" {
				c.report(fun.X.Pos(), "%s is given to a goroutine that does not hold the baton", name)
			}
		}
	}
}

// captured reports what a closure uses that comes from outside of it.
func (c *checker) captured(lit *ast.FuncLit) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		switch e.(type) {
		case *ast.Ident, *ast.SelectorExpr:
		default:
			return true
		}
		name := guarded(c.TypesInfo.TypeOf(e))
		root := rootOf(e)
		if name == "" || root == nil {
			return true
		}
		v, ok := c.TypesInfo.ObjectOf(root).(*types.Var)
		if !ok || v.Pos() >= lit.Pos() && v.Pos() < lit.End() {
			return true
		}
		c.report(e.Pos(), "%s is captured by a goroutine that does not hold the baton", name)
		return false
	})
}

// rootOf returns the variable that a path of fields begins with.
func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// globals checks package-level variables.
func (c *checker) globals() {
	scope := c.Pkg.Scope()
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		if !ok {
			continue
		}
		if what := holds(v.Type(), map[types.Type]bool{}); what != "" {
			c.report(v.Pos(), "%s is kept in the package-level variable %s, where every goroutine finds it", what, name)
		}
	}
}
