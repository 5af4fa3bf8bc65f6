package lower

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// lowerer builds the VM's tree. The line of each of its nodes is not a line, but the number of
// the syntax.Node that it comes from: so every instruction can be traced to its source.
type lowerer struct {
	tree  *syntax.Tree
	scope *scope.Info
	name  string

	ops      [operator.Count]bool
	fn       *function
	env      []string // names of the variables _ENV in scope; the chunk's own first, if it has one
	depth    int      // of expressions
	serial   int      // of names made up
	selfs    map[scope.Func]scope.Var
	captures []bool // by function: a closure has one of its variables
	// constants are the variables that are replaced by their value.
	constants map[scope.Var]syntax.Node
	lists     map[scope.Var]bool // begin as {} and get items

	// entered are the numeric loops that begin with their body.
	entered map[syntax.Node]bool
	jumps   map[int]string // goto and break: the node's number, and the label it goes to
	levels  map[string]int // the number of registers in use at a label
}

// function is what is known of the function being lowered.
type function struct {
	outer    *function
	id       scope.Func
	active   int       // registers that hold variables
	open     []openVar // to-be-closed variables in scope
	loops    []loop    // loops around
	captured bool      // some variable of it is captured
	labels   map[syntax.Node]string
	jumps    int                 // gotos and labels
	literals map[string]struct{} // the constants, once there are many
	strings  int
}

// The compiler looks for a constant among all others of the function, and for the gotos of a
// label among all that are open: more of them would take it minutes.
const (
	maxConstants = 20_000
	manyStrings  = 2_000
	maxJumps     = 4_000
)

// note counts a constant of the function.
func (l *lowerer) note(s string, n syntax.Node) {
	f := l.fn
	if f == nil {
		return
	}
	if f.strings++; f.strings < manyStrings {
		return
	}
	if f.literals == nil {
		f.literals = make(map[string]struct{})
	}
	f.literals[s] = struct{}{}
	if len(f.literals) > maxConstants {
		panic(l.errorAt(n, "function has too many constants (more than 20000): split it up"))
	}
}

// jump counts a goto or label of the function.
func (l *lowerer) jump(n syntax.Node) {
	if l.fn.jumps++; l.fn.jumps > maxJumps {
		panic(l.errorAt(n, "function has too many gotos and labels (more than 4000): split it up"))
	}
}

type openVar struct {
	handle string
	block  syntax.Node // whose statement declares it
	at     uint32      // offset of the declaration
}

type loop struct {
	node  syntax.Node
	open  int    // to-be-closed variables outside
	label string // behind it; used if breaks are gotos
	used  bool
	jump  bool // breaks are gotos
}

// endMark is added to the number of a node whose end is meant, not its start.
const endMark = 1 << 30

func node(line int) syntax.Node { return syntax.Node(line &^ endMark) }

const maxDepth = 4000

// at sets the place of a node of the VM's tree.
func at[T ast.PositionHolder](v T, n syntax.Node) T {
	v.SetLine(int(n))
	v.SetLastLine(int(n) | endMark)
	return v
}

// fresh makes up a name that no script can have.
func (l *lowerer) fresh(what string) string {
	l.serial++
	return "\x00" + what + strconv.Itoa(l.serial)
}

// varName is the name of a variable for the VM: its own, and a number, so that no two are alike.
// The compiler binds "local f = function() return f end" to itself otherwise.
func (l *lowerer) varName(v scope.Var) string {
	return l.scope.Vars[v].Name + "\x00" + strconv.Itoa(int(v))
}

func opName(op operator.Op) string { return "\x00op" + strconv.Itoa(int(op)) }

const envName = "\x00env"

func (l *lowerer) ident(name string, n syntax.Node) *ast.IdentExpr {
	l.note(name, n)
	return at(&ast.IdentExpr{Value: name}, n)
}

func (l *lowerer) str(s string, n syntax.Node) *ast.StringExpr {
	l.note(s, n)
	return at(&ast.StringExpr{Value: s}, n)
}

func (l *lowerer) number(x float64, n syntax.Node) *ast.NumberExpr {
	text := strconv.FormatFloat(x, 'g', -1, 64)
	l.note(text, n)
	return at(&ast.NumberExpr{Value: text}, n)
}

// call makes a call of a host operation with one result.
func (l *lowerer) call(op operator.Op, n syntax.Node, args ...ast.Expr) *ast.FuncCallExpr {
	l.ops[op] = true
	return at(&ast.FuncCallExpr{Func: l.ident(opName(op), n), Args: args, AdjustRet: true}, n)
}

func (l *lowerer) callStat(op operator.Op, n syntax.Node, args ...ast.Expr) ast.Stmt {
	return at(&ast.FuncCallStmt{Expr: l.call(op, n, args...)}, n)
}

// local declares variables of the VM's.
func (l *lowerer) local(n syntax.Node, names []string, values ...ast.Expr) ast.Stmt {
	l.fn.active += len(names)
	return at(&ast.LocalAssignStmt{Names: names, Exprs: values}, n)
}

// set assigns to one target.
func (l *lowerer) set(n syntax.Node, target, value ast.Expr) ast.Stmt {
	return at(&ast.AssignStmt{Lhs: []ast.Expr{target}, Rhs: []ast.Expr{value}}, n)
}

func (l *lowerer) do(n syntax.Node, stmts []ast.Stmt) ast.Stmt {
	return at(&ast.DoBlockStmt{Stmts: stmts}, n)
}

// hasEnv reports whether _ENV means something in the tree's dialect.
func (l *lowerer) hasEnv() bool {
	return l.tree.Dialect != syntax.Lua51 && l.tree.Dialect != syntax.LuaJIT
}

// chunk lowers the whole tree.
func (l *lowerer) chunk(opts Options) []ast.Stmt {
	l.selfs = make(map[scope.Func]scope.Var)
	l.constants = make(map[scope.Var]syntax.Node)
	l.jumps = make(map[int]string)
	l.entered = make(map[syntax.Node]bool)
	l.levels = make(map[string]int)
	captured := make([]bool, len(l.scope.Funcs))
	for v := 1; v < len(l.scope.Vars); v++ {
		info := &l.scope.Vars[v]
		if info.Kind == scope.Self {
			l.selfs[info.Func] = scope.Var(v)
		}
		if info.Captured {
			captured[info.Func] = true
		}
	}
	for t := range l.tree.Nodes(syntax.Table) {
		if len(l.tree.Fields(t)) >= flush { // may be made by functions of its own
			captured[l.scope.FuncOf(t)] = true
		}
	}
	l.captures = captured
	l.findLists()
	if opts.FreeEnv || l.hasEnv() && l.usesFreeEnv() {
		l.env = append(l.env, envName)
	}
	main := l.main()
	var names []string
	if len(l.env) > 0 {
		names = append(names, envName)
	}
	for op, used := range l.ops {
		if used {
			names = append(names, opName(operator.Op(op)))
		}
	}
	var stmts []ast.Stmt
	if len(names) > 0 {
		stmts = append(stmts, &ast.LocalAssignStmt{Names: names, Exprs: []ast.Expr{&ast.Comma3Expr{}}})
	}
	ret := &ast.ReturnStmt{Exprs: []ast.Expr{main}}
	return append(stmts, ret)
}

func (l *lowerer) usesFreeEnv() bool {
	for n := range l.tree.Nodes(syntax.Name) {
		if l.tree.Name(n) == "_ENV" && l.scope.VarOf(n) == scope.NoVar {
			return true
		}
	}
	return false
}

func (l *lowerer) main() *ast.FunctionExpr {
	l.fn = &function{id: scope.Main, captured: l.captures[scope.Main], labels: make(map[syntax.Node]string)}
	f := at(&ast.FunctionExpr{ParList: &ast.ParList{HasVargs: true}}, l.tree.Main)
	f.Stmts = l.block(l.tree.Main)
	l.fn = nil
	return f
}

// function lowers a Function node.
func (l *lowerer) function(n syntax.Node) *ast.FunctionExpr {
	id := l.scope.FuncOf(n)
	l.fn = &function{outer: l.fn, id: id, captured: l.captures[id], labels: make(map[syntax.Node]string)}
	env := len(l.env)
	params, body := l.tree.Function(n)
	list := &ast.ParList{HasVargs: l.tree.IsVariadic(n)}
	if l.tree.HasSelf(n) {
		if v, ok := l.selfs[id]; ok {
			list.Names = append(list.Names, l.varName(v))
		} else {
			list.Names = append(list.Names, l.fresh("self"))
		}
	}
	var stmts []ast.Stmt
	var table syntax.Node
	for _, p := range params {
		if l.tree.IsVarargTable(p) {
			table = p
			continue
		}
		list.Names = append(list.Names, l.declare(p))
	}
	l.fn.active = len(list.Names)
	if table != syntax.None {
		rest := at(&ast.Comma3Expr{}, table)
		stmts = append(stmts, l.local(table, []string{l.declare(table)}, l.call(operator.Pack, table, rest)))
	}
	f := at(&ast.FunctionExpr{ParList: list}, n)
	f.Stmts = append(stmts, l.block(body)...)
	l.env = l.env[:env]
	l.fn = l.fn.outer
	return f
}

// declare returns the VM's name of a declared variable; _ENV becomes the environment from here.
func (l *lowerer) declare(d syntax.Node) string {
	name := l.varName(l.scope.VarOf(d))
	if l.hasEnv() && l.tree.Name(d) == "_ENV" {
		l.env = append(l.env, name)
	}
	return name
}
