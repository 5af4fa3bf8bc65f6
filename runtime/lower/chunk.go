// Package lower turns a syntax tree into code for gopher-lua's VM: every construct of Lua 5.1 to
// 5.5 and LuaJIT, by way of the VM's own syntax tree and compiler.
//
// The compiler knows Lua 5.1, and has defects: it mixes variables up in multiple assignments,
// in long tables, and where a jump leaves the scope of a captured variable. What this package
// makes stays clear of them; the comments say where.
//
// What the VM cannot do is a call of a host operation (package operator). What is compiled is an
// outer function that takes these operations and returns the chunk, so that they are upvalues of
// the chunk: a proto has nothing of any state in it, and all states share it.
package lower

import (
	"fmt"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Options say how a chunk is compiled.
type Options struct {
	// Name is the chunk's name in messages, as load takes it: "@file.lua", "=name", or source
	// text. Empty means "@" and the path of the file.
	Name string
	// FreeEnv has the environment in a variable that Instantiate fills: it may be any value,
	// and need not be a table.
	FreeEnv bool
	// Weight is how many bytes a state is charged that holds functions of the chunk; 0 for code
	// that many states share.
	Weight int64
}

// An Error says why a text cannot run. Its text is a message of Lua: "file:line: what".
type Error struct {
	File    *source.File
	Span    source.Span
	Name    string // as it is shown
	Line    int
	Message string
}

// Error returns "name:line: message".
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Message) }

// A Chunk is compiled code that any number of states can share. It is immutable.
type Chunk struct {
	Tree  *syntax.Tree
	Scope *scope.Info
	// Name is the name that messages show.
	Name string
	// Weight is that of the Options.
	Weight int64
	main   *lua.FunctionProto
	// upvalues are the operations that the chunk takes; envUpvalue stands for the environment.
	upvalues []operator.Op
}

const envUpvalue = operator.Count

// Instantiate returns the chunk as a function of the state that has the given globals, with the
// given environment. An environment that is no table needs Options.FreeEnv. No code runs, and it
// cannot fail.
func (c *Chunk) Instantiate(globals *lua.LTable, env lua.LValue) *lua.LFunction {
	f := &lua.LFunction{Env: globals, Proto: c.main, Upvalues: make([]*lua.Upvalue, len(c.upvalues))}
	if t, ok := env.(*lua.LTable); ok {
		f.Env = t
	}
	for i, op := range c.upvalues {
		if op == envUpvalue {
			f.Upvalues[i] = closed(env)
		} else {
			f.Upvalues[i] = operations()[op]
		}
	}
	return f
}

// operations are the upvalues that hold the operations. No script can write to them, so that all
// states share them.
var operations = sync.OnceValue(func() (all [operator.Count]*lua.Upvalue) {
	for op := range operator.Count {
		all[op] = closed(operator.Value(op))
	}
	return all
})

func closed(v lua.LValue) *lua.Upvalue {
	u := &lua.Upvalue{}
	u.Close()
	u.SetValue(v)
	return u
}

// Compile lowers and compiles a tree. Errors of the tree, and what is too large for the VM, are
// an *Error. It never panics, whatever the tree is.
func Compile(tree *syntax.Tree, opts Options) (chunk *Chunk, err error) {
	name := opts.Name
	if name == "" {
		name = "@" + tree.File.Path
	}
	l := &lowerer{tree: tree, name: DisplayName(name)}
	if len(tree.Errors) > 0 {
		e := tree.Errors[0]
		return nil, &Error{File: tree.File, Span: e.Span, Name: l.name, Line: tree.File.Line(e.Noticed), Message: e.Message}
	}
	defer func() {
		if r := recover(); r != nil {
			chunk, err = nil, l.recovered(r)
		}
	}()
	l.scope = scope.Resolve(tree)
	return l.compile(opts), nil
}

// Lower returns what Compile compiles: the statements of the outer function. Their lines are
// numbers of nodes of the tree.
func Lower(tree *syntax.Tree) (stmts []ast.Stmt, err error) {
	l := &lowerer{tree: tree, name: tree.File.Path}
	defer func() {
		if r := recover(); r != nil {
			stmts, err = nil, l.recovered(r)
		}
	}()
	if len(tree.Errors) > 0 {
		e := tree.Errors[0]
		return nil, &Error{File: tree.File, Span: e.Span, Name: l.name, Line: tree.File.Line(e.Noticed), Message: e.Message}
	}
	l.scope = scope.Resolve(tree)
	return l.chunk(Options{}), nil
}

// recovered turns what lowering or compiling has raised into an error.
func (l *lowerer) recovered(r any) error {
	switch r := r.(type) {
	case *Error:
		return r
	case *lua.CompileError:
		return l.compileError(r)
	}
	return &Error{File: l.tree.File, Name: l.name, Line: 1, Message: fmt.Sprintf("the chunk cannot be compiled: %v", r)}
}

// compileError says in Lua's words what the VM's compiler has no room for.
func (l *lowerer) compileError(e *lua.CompileError) error {
	at := node(e.Line)
	message := e.Message
	switch {
	case strings.Contains(message, "local variables"), strings.Contains(message, "register overflow"):
		message = fmt.Sprintf("function at line %d needs too many registers: its local variables and the values of its longest expression or call are more than 200", l.tree.Line(at))
	case strings.Contains(message, "too many constants"):
		message = "function has too many constants: split it up"
	case strings.Contains(message, "too long to jump"):
		message = "control structure too long: split it up"
	}
	return l.errorAt(at, message)
}

func (l *lowerer) errorAt(n syntax.Node, message string) *Error {
	return &Error{File: l.tree.File, Span: l.tree.Span(n), Name: l.name, Line: l.tree.Line(n), Message: message}
}

// DisplayName returns a chunk's name as messages show it.
func DisplayName(name string) string {
	const size = 60 // LUA_IDSIZE, with the final zero of C
	if name == "" {
		return `[string ""]`
	}
	switch name[0] {
	case '=':
		return name[1:min(len(name), size)]
	case '@':
		if len(name) <= size {
			return name[1:]
		}
		return "..." + name[len(name)-(size-1-3):]
	}
	line, rest, more := strings.Cut(name, "\n")
	_ = rest
	room := size - len(`[string "..."]`) - 1
	if more || len(line) > room {
		if len(line) > room {
			line = line[:room]
		}
		return `[string "` + line + `..."]`
	}
	return `[string "` + line + `"]`
}
