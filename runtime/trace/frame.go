// Package trace says where Lua code is: lines, the names of functions and variables, messages
// of the VM in Lua's words, and tracebacks.
package trace

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/lower"
	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/runtime/thread"
	"github.com/skylint/skylint/syntax"
)

func init() {
	thread.Translate = translate
	operator.Describe = describeOperand
}

// A Frame is a function that runs.
type Frame struct {
	L    *lua.LState // the thread whose stack it is on
	Func *lua.LFunction
	Line int // 0 for a function of the host
	// Code and Node say which part of the source text is executed; Code is nil for a function
	// of the host, and Node is syntax.None where nothing stands for the instruction.
	Code *lower.Code
	Node syntax.Node
	// Tail says that the function took the place of the one that called it.
	Tail bool
	dbg  *lua.Debug
}

// At returns the frame at a level: 0 is the running function, 1 the one that called it. Protected
// calls are passed, the ends of coroutines are not.
func At(L *lua.LState, level int) (Frame, bool) {
	in, dbg, ok := thread.Level(L, level)
	if !ok {
		return Frame{}, false
	}
	return frameOf(in, dbg)
}

func frameOf(L *lua.LState, dbg *lua.Debug) (Frame, bool) {
	v, err := L.GetInfo("fl", dbg, nil)
	fn, ok := v.(*lua.LFunction)
	if err != nil || !ok {
		return Frame{}, false
	}
	f := Frame{L: L, Func: fn, dbg: dbg, Tail: limit.TailCalls(dbg) > 0}
	if !fn.IsG {
		f.Line = dbg.CurrentLine
		f.Code = lower.CodeOf(fn.Proto)
		if pc := limit.Counter(dbg) - 1; f.Code != nil && pc >= 0 && pc < len(f.Code.Nodes) {
			f.Node = f.Code.Nodes[pc]
		}
	}
	return f, true
}

// Position returns "file:line:", or "[C]:" for a function of the host.
func (f Frame) Position() string {
	if f.Func.IsG {
		return "[C]:"
	}
	return fmt.Sprintf("%s:%d:", f.Func.Proto.SourceName, f.Line)
}

// instruction returns the instruction that the frame executes.
func (f Frame) instruction() (uint32, bool) {
	pc := limit.Counter(f.dbg) - 1
	if f.Func.IsG || pc < 0 || pc >= len(f.Func.Proto.Code) {
		return 0, false
	}
	return f.Func.Proto.Code[pc], true
}

// register returns what stands in a register of the frame.
func (f Frame) register(n int) lua.LValue {
	if name, v := f.L.GetLocal(f.dbg, n+1); name != "" && v != nil {
		return v
	}
	return lua.LNil
}

// constantBit marks an operand of an instruction that is a constant.
const constantBit = 1 << 8

func (f Frame) operand(n int) lua.LValue {
	if n&constantBit != 0 {
		if n &^= constantBit; n < len(f.Func.Proto.Constants) {
			return f.Func.Proto.Constants[n]
		}
		return lua.LNil
	}
	return f.register(n)
}

// Describe says what an expression is, as Lua does in its messages: "local" and "x", "field" and
// "name". kind is "" for what has no name.
func Describe(code *lower.Code, n syntax.Node) (kind, name string) {
	if code == nil || n == syntax.None {
		return "", ""
	}
	t := code.Chunk.Tree
	n = t.Unparen(n)
	switch t.Kind(n) {
	case syntax.Name:
		v := code.Chunk.Scope.VarOf(n)
		if v == scope.NoVar {
			if t.Name(n) == "_ENV" {
				return "upvalue", "_ENV"
			}
			return "global", t.Name(n)
		}
		if code.Chunk.Scope.Vars[v].Func != functionAt(code, n) {
			return "upvalue", t.Name(n)
		}
		return "local", t.Name(n)
	case syntax.Index:
		_, key := t.Index(n)
		switch t.Kind(key) {
		case syntax.String:
			return "field", t.Str(key)
		case syntax.Number:
			if v := t.Number(key); v.IsInt && v.Int >= 0 && v.Int < 256 {
				return "field", "integer index"
			}
		}
		return "field", "?"
	case syntax.String:
		return "constant", t.Str(n)
	}
	return "", ""
}

func functionAt(code *lower.Code, n syntax.Node) scope.Func {
	f := code.Chunk.Tree.EnclosingFunction(n)
	if f == syntax.None {
		return scope.Main
	}
	return code.Chunk.Scope.FuncOf(f)
}

// info is " (local 'x')" for an expression, or "".
func info(code *lower.Code, n syntax.Node) string {
	if kind, name := Describe(code, n); kind != "" {
		name, _, _ = strings.Cut(name, "\x00") // the real one shows a string of C
		return " (" + kind + " '" + Shown(name) + "')"
	}
	return ""
}

// Shown is a name as messages and tracebacks quote it: a source text may have names of megabytes.
func Shown(name string) string {
	const most = 120
	if len(name) > most {
		return name[:most-3] + "..."
	}
	return name
}

// Called says how the function of a frame was called: "global" and "print", "method" and "find",
// "metamethod" and "index", "for iterator" and "for iterator"; or "" where it has no name.
// level is that of the frame.
func Called(L *lua.LState, level int) (kind, name string) {
	f, ok := At(L, level)
	if !ok {
		return "", ""
	}
	caller, ok := At(L, level+1)
	if !ok {
		return "", ""
	}
	return f.calledBy(caller)
}

func (f Frame) calledBy(caller Frame) (kind, name string) {
	if f.Tail || caller.Code == nil || f.L != caller.L {
		return "", ""
	}
	return caller.calling()
}

// calling says what the frame calls at the moment.
func (f Frame) calling() (kind, name string) {
	t := f.Code.Chunk.Tree
	inst, ok := f.instruction()
	if !ok {
		return "", ""
	}
	switch op := int(inst >> 26); op {
	case lua.OP_CALL, lua.OP_TAILCALL:
		switch t.Kind(f.Node) {
		case syntax.Call:
			callee, _ := t.Call(f.Node)
			kind, name = Describe(f.Code, callee)
			if kind == "constant" {
				return "", ""
			}
			return kind, name
		case syntax.MethodCall:
			_, n, _ := t.MethodCall(f.Node)
			return "method", t.Str(n)
		}
		return "", ""
	case lua.OP_TFORLOOP:
		return "for iterator", "for iterator"
	default:
		if event, ok := events[op]; ok {
			return "metamethod", event
		}
	}
	return "", ""
}

var events = map[int]string{
	lua.OP_GETTABLE: "index", lua.OP_GETTABLEKS: "index", lua.OP_GETGLOBAL: "index", lua.OP_SELF: "index",
	lua.OP_SETTABLE: "newindex", lua.OP_SETTABLEKS: "newindex", lua.OP_SETGLOBAL: "newindex",
	lua.OP_ADD: "add", lua.OP_SUB: "sub", lua.OP_MUL: "mul", lua.OP_DIV: "div", lua.OP_MOD: "mod", lua.OP_POW: "pow",
	lua.OP_UNM: "unm", lua.OP_LEN: "len", lua.OP_EQ: "eq", lua.OP_LT: "lt", lua.OP_LE: "le",
}

// describeOperand names an operand of the host operation that runs.
func describeOperand(L *lua.LState, i int) string {
	f, ok := At(L, 1)
	if !ok || f.Code == nil {
		return ""
	}
	t := f.Code.Chunk.Tree
	switch t.Kind(f.Node) {
	case syntax.Unary:
		_, operand := t.Unary(f.Node)
		return info(f.Code, operand)
	case syntax.Binary:
		op, left, right := t.Binary(f.Node)
		n := f.Node
		if op == syntax.Concat {
			for ; i > 0 && t.Kind(right) == syntax.Binary && t.Op(right) == syntax.Concat; i-- {
				n = right
				_, left, right = t.Binary(n)
			}
			// An operand that is itself joined already has no name.
		}
		if i > 0 {
			left = right
		}
		if k, _ := Describe(f.Code, left); k == "constant" && op == syntax.Concat {
			return ""
		}
		return info(f.Code, left)
	}
	return ""
}
