package trace

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// translate turns a message that the VM raises into Lua's.
func translate(L *lua.LState, message string) string {
	f, ok := At(L, 0)
	if !ok {
		return strings.TrimPrefix(message, " ")
	}
	where := ""
	if !f.Func.IsG {
		where = f.Position()
	} else {
		// The VM puts the place of the nearest Lua code there, Lua that of the caller.
		for level := 1; ; level++ {
			caller, ok := At(L, level)
			if !ok || caller.L != L {
				break
			}
			if !caller.Func.IsG {
				where = caller.Position()
				break
			}
		}
	}
	text, found := strings.CutPrefix(message, where+" ")
	if !found {
		return message
	}
	if f.Func.IsG { // raised while a function of the host ran: Lua gives no place then
		return f.reword(text)
	}
	return where + " " + f.reword(text)
}

func (f Frame) reword(text string) string {
	inst, _ := f.instruction()
	a, b, c := int(inst>>18)&0xff, int(inst)&0x1ff, int(inst>>9)&0x1ff
	op := int(inst >> 26)
	switch {
	case strings.HasPrefix(text, "attempt to index a non-table object("):
		value := f.register(b)
		if op == lua.OP_SETTABLE || op == lua.OP_SETTABLEKS {
			value = f.register(a)
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(text, "attempt to index a non-table object("), ")")
		if f.Func.IsG || value.Type().String() != kind {
			return fmt.Sprintf("attempt to index a %s value%s", kind, f.indexed())
		}
		return fmt.Sprintf("attempt to index a %s value%s", operator.TypeName(f.L, value), f.indexed())
	case text == "attempt to call a non-function object":
		if f.Func.IsG {
			return "attempt to call a value that is no function"
		}
		return fmt.Sprintf("attempt to call a %s value%s", operator.TypeName(f.L, f.register(a)), f.callee())
	case strings.HasPrefix(text, "cannot perform "):
		left, right := f.operand(b), f.operand(c)
		bad, i := right, 1
		if _, ok := left.(lua.LNumber); !ok {
			bad, i = left, 0
		}
		return fmt.Sprintf("attempt to perform arithmetic on a %s value%s", operator.TypeName(f.L, bad), f.binaryOperand(i))
	case text == "__unm undefined":
		return fmt.Sprintf("attempt to perform arithmetic on a %s value%s", operator.TypeName(f.L, f.operand(b)), f.unaryOperand())
	case text == "__len undefined":
		return fmt.Sprintf("attempt to get length of a %s value%s", operator.TypeName(f.L, f.operand(b)), f.unaryOperand())
	case strings.HasPrefix(text, "attempt to compare "):
		return f.comparison(text, b, c)
	case strings.HasPrefix(text, "for statement "):
		for i, part := range []string{"init", "limit", "step"} {
			if strings.HasPrefix(text, "for statement "+part) {
				what := part
				if i == 0 {
					what = "initial value"
				}
				return fmt.Sprintf("bad 'for' %s (number expected, got %s)", what, operator.TypeName(f.L, f.register(a+i)))
			}
		}
	case text == "registry overflow":
		return "stack overflow"
	case text == "too many recursions in gettable":
		return "'__index' chain too long; possible loop"
	case text == "too many recursions in settable":
		return "'__newindex' chain too long; possible loop"
	}
	return text
}

func (f Frame) comparison(text string, b, c int) string {
	first, second, ok := strings.Cut(strings.TrimPrefix(text, "attempt to compare "), " with ")
	if !ok {
		return text
	}
	if f.Code != nil && f.Code.Chunk.Tree.Kind(f.Node) == syntax.NumericFor {
		return f.badLoop()
	}
	if !f.Func.IsG {
		left, right := operator.TypeName(f.L, f.operand(b)), operator.TypeName(f.L, f.operand(c))
		if f.operand(b).Type().String() == first && f.operand(c).Type().String() == second {
			first, second = left, right
		}
	}
	if first == second {
		return "attempt to compare two " + first + " values"
	}
	return "attempt to compare " + first + " with " + second
}

// badLoop says which part of a loop is no number, where the first value and the limit were compared.
func (f Frame) badLoop() string {
	inst, _ := f.instruction()
	t := f.Code.Chunk.Tree
	_, _, _, step, _ := t.NumericFor(f.Node)
	a, b := operator.TypeName(f.L, f.operand(int(inst)&0x1ff)), operator.TypeName(f.L, f.operand(int(inst>>9)&0x1ff))
	if step != syntax.None && t.Kind(step) == syntax.Unary { // compared the other way round
		a, b = b, a
	}
	if a != "number" {
		return fmt.Sprintf("bad 'for' initial value (number expected, got %s)", a)
	}
	return fmt.Sprintf("bad 'for' limit (number expected, got %s)", b)
}

// indexed names what the frame indexes.
func (f Frame) indexed() string {
	if f.Code == nil {
		return ""
	}
	t := f.Code.Chunk.Tree
	switch t.Kind(f.Node) {
	case syntax.Index:
		object, _ := t.Index(f.Node)
		return info(f.Code, object)
	case syntax.MethodCall:
		receiver, _, _ := t.MethodCall(f.Node)
		return info(f.Code, receiver)
	case syntax.Name: // a global name: its environment is no table
		return " (upvalue '_ENV')"
	}
	return ""
}

func (f Frame) callee() string {
	if f.Code == nil {
		return ""
	}
	kind, name := f.calling()
	if t := f.Code.Chunk.Tree; kind == "" && t.Kind(f.Node) == syntax.Call {
		callee, _ := t.Call(f.Node)
		return info(f.Code, callee)
	}
	if kind == "" || kind == "metamethod" {
		return ""
	}
	return " (" + kind + " '" + Shown(name) + "')"
}

func (f Frame) binaryOperand(i int) string {
	if f.Code == nil {
		return ""
	}
	t := f.Code.Chunk.Tree
	if t.Kind(f.Node) != syntax.Binary {
		return ""
	}
	_, left, right := t.Binary(f.Node)
	if i == 1 {
		left = right
	}
	return info(f.Code, left)
}

func (f Frame) unaryOperand() string {
	if f.Code == nil {
		return ""
	}
	t := f.Code.Chunk.Tree
	if t.Kind(f.Node) != syntax.Unary {
		return ""
	}
	_, operand := t.Unary(f.Node)
	return info(f.Code, operand)
}
