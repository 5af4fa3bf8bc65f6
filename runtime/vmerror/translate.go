package vmerror

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
)

// CallName returns how the code that called a function names it: ("method", "rep"). The
// debug value is that of the caller. What is "" if it is not Lua code, or has no name for it.
func CallName(L *lua.LState, caller *lua.Debug) (what, name string) {
	c, pc, ok := running(L, caller)
	if !ok {
		return "", ""
	}
	switch inst := c.proto.Code[pc]; opcode(inst) {
	case lua.OP_CALL, lua.OP_TAILCALL:
		return c.name(pc, argA(inst))
	case lua.OP_TFORLOOP:
		return "for iterator", "for iterator"
	case lua.OP_SELF, lua.OP_GETGLOBAL, lua.OP_GETTABLE, lua.OP_GETTABLEKS:
		return "metamethod", "index"
	case lua.OP_SETGLOBAL, lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		return "metamethod", "newindex"
	case lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_MOD, lua.OP_POW:
		return "metamethod", operations[opcode(inst)-lua.OP_ADD]
	case lua.OP_UNM:
		return "metamethod", "unm"
	case lua.OP_LEN:
		return "metamethod", "len"
	case lua.OP_EQ:
		return "metamethod", "eq"
	case lua.OP_LT:
		return "metamethod", "lt"
	case lua.OP_LE:
		return "metamethod", "le"
	}
	return "", ""
}

var operations = [...]string{"add", "sub", "mul", "div", "mod", "pow"}

// running returns the code that a frame executes, and its current instruction.
func running(L *lua.LState, dbg *lua.Debug) (c *code, pc int, ok bool) {
	value, err := L.GetInfo("f", dbg, nil)
	fn, isFn := value.(*lua.LFunction)
	if err != nil || !isFn || fn.IsG {
		return nil, 0, false
	}
	pc = limit.Counter(dbg) - 1
	if pc < 0 || pc >= len(fn.Proto.Code) {
		return nil, 0, false
	}
	return &code{fn.Proto, fn}, pc, true
}

// failed is the instruction that raised an error, with the registers of its frame.
type failed struct {
	*code
	pc    int
	inst  uint32
	stack func(register int) lua.LValue
}

// Translate turns a message of the VM, with its place, into one of Lua's. A message that it
// does not know is returned as it is. It must be called on the stack that the error was
// raised on, before anything is unwound.
func Translate(L *lua.LState, message string) string {
	cut := strings.Index(message, ": ")
	place, text := "", message
	for _, start := range starts {
		if i := strings.Index(message, start); i >= 0 {
			place, text = message[:i], message[i:]
			cut = -1
			break
		}
	}
	if cut >= 0 {
		return message
	}
	f := &failed{pc: -1}
	if dbg, ok := L.GetStack(0); ok {
		if c, pc, ok := running(L, dbg); ok {
			f.code, f.pc, f.inst = c, pc, c.proto.Code[pc]
			f.stack = func(register int) lua.LValue {
				_, v := L.GetLocal(dbg, register+1)
				return v
			}
		} else {
			place = "" // raised by a Go function
		}
	}
	return strings.TrimSuffix(place, " ") + separator(place) + f.translate(text)
}

func separator(place string) string {
	if place == "" {
		return ""
	}
	return " "
}

// starts are how the VM's messages begin.
var starts = []string{
	"attempt to index a non-table object(", "attempt to call a non-function object", "attempt to compare ",
	"cannot perform ", "__len undefined", "__unm undefined", "for statement ", "too many recursions in ",
	"registry overflow", "stack overflow", "table index is ",
}

func (f *failed) translate(text string) string {
	switch {
	case strings.HasPrefix(text, "attempt to index"):
		return "attempt to index a " + f.indexed(typeIn(text))
	case strings.HasPrefix(text, "attempt to call"):
		return "attempt to call a " + f.called()
	case strings.HasPrefix(text, "attempt to compare "):
		left, right, _ := strings.Cut(strings.TrimPrefix(text, "attempt to compare "), " with ")
		if f.pc >= 0 && (opcode(f.inst) == lua.OP_LT || opcode(f.inst) == lua.OP_LE) {
			left, right = typeName(f.rk(argB(f.inst)), left), typeName(f.rk(argC(f.inst)), right)
		}
		return Compare(left, right)
	case strings.HasPrefix(text, "cannot perform concat"):
		return "attempt to concatenate a " + concatenated(text) + " value"
	case strings.HasPrefix(text, "cannot perform "):
		return f.arithmetic(text)
	case text == "__unm undefined":
		if _, ok := f.operand(argB(f.inst)).(lua.LString); ok {
			return "attempt to unm a 'string' with a 'string'"
		}
		return "attempt to perform arithmetic on a " + f.described(argB(f.inst))
	case text == "__len undefined":
		return "attempt to get length of a " + f.described(argB(f.inst))
	case strings.HasPrefix(text, "for statement "):
		return f.loop(text)
	case text == "too many recursions in gettable":
		return "'__index' chain too long; possibly a loop"
	case text == "too many recursions in settable":
		return "'__newindex' chain too long; possibly a loop"
	case text == "registry overflow":
		return "stack overflow"
	}
	return text
}

// Compare returns the message for two values that cannot be compared.
func Compare(left, right string) string {
	if left == right {
		return "attempt to compare two " + left + " values"
	}
	return "attempt to compare " + left + " with " + right
}

// typeIn returns the type between the parentheses of a message.
func typeIn(text string) string {
	_, rest, _ := strings.Cut(text, "(")
	name, _, _ := strings.Cut(rest, ")")
	return name
}

func concatenated(text string) string {
	left, right, _ := strings.Cut(strings.TrimPrefix(text, "cannot perform concat operation between "), " and ")
	if left == "string" || left == "number" {
		return right
	}
	return left
}

// rk returns the value of a register or a constant.
func (f *failed) rk(rk int) lua.LValue {
	if f.code == nil {
		return nil
	}
	if rk&constantBit != 0 {
		return f.proto.Constants[rk&^constantBit]
	}
	return f.stack(rk)
}

func (f *failed) operand(rk int) lua.LValue {
	if v := f.rk(rk); v != nil {
		return v
	}
	return lua.LNil
}

// typeName returns the name of a value's type: what its metatable says, or the type.
func typeName(v lua.LValue, otherwise string) string {
	if v == nil {
		return otherwise
	}
	var mt lua.LValue
	switch v := v.(type) {
	case *lua.LTable:
		mt = v.Metatable
	case *lua.LUserData:
		mt = v.Metatable
	}
	if mt, ok := mt.(*lua.LTable); ok {
		if name, ok := mt.RawGetString("__name").(lua.LString); ok {
			return string(name)
		}
	}
	return v.Type().String()
}

// info returns " (local 'x')" for what has a name.
func info(what, name string) string {
	if what == "" {
		return ""
	}
	return " (" + what + " '" + name + "')"
}

func (f *failed) described(rk int) string {
	if f.code == nil {
		return "nil value"
	}
	what, name := f.value(f.pc, rk)
	return typeName(f.operand(rk), "nil") + " value" + info(what, name)
}

func (f *failed) indexed(kind string) string {
	if f.code == nil {
		return kind + " value"
	}
	register := -1
	switch opcode(f.inst) {
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
		register = argB(f.inst)
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
		register = argA(f.inst)
	}
	if register < 0 || f.operand(register).Type().String() != kind {
		return kind + " value" // the end of a chain of __index
	}
	what, name := f.value(f.pc, register)
	return typeName(f.operand(register), kind) + " value" + info(what, name)
}

func (f *failed) called() string {
	if f.code == nil {
		return "nil value"
	}
	register := argA(f.inst)
	switch opcode(f.inst) {
	case lua.OP_CALL, lua.OP_TAILCALL:
		what, name := f.name(f.pc, register)
		return typeName(f.operand(register), "nil") + " value" + info(what, name)
	case lua.OP_TFORLOOP:
		return typeName(f.operand(register), "nil") + " value (for iterator 'for iterator')"
	}
	return "nil value"
}

func (f *failed) arithmetic(text string) string {
	operation, _, _ := strings.Cut(strings.TrimPrefix(text, "cannot perform "), " ")
	if f.code == nil {
		return "attempt to perform arithmetic on a nil value"
	}
	left, right := argB(f.inst), argC(f.inst)
	l, r := f.operand(left), f.operand(right)
	_, leftText := l.(lua.LString)
	_, rightText := r.(lua.LString)
	if leftText || rightText {
		// The metamethods of strings say it so.
		a, b := typeName(l, "nil"), typeName(r, "nil")
		return "attempt to " + operation + " a '" + a + "' with a '" + b + "'"
	}
	wrong := right
	if _, ok := l.(lua.LNumber); !ok {
		wrong = left
	}
	return "attempt to perform arithmetic on a " + f.described(wrong)
}

func (f *failed) loop(text string) string {
	what, offset := "initial", 0
	switch {
	case strings.Contains(text, "limit"):
		what, offset = "limit", 1
	case strings.Contains(text, "step"):
		what, offset = "step", 2
	}
	if what == "initial" {
		what = "initial value"
	}
	kind := "nil"
	if f.code != nil {
		kind = typeName(f.operand(argA(f.inst)+offset), "nil")
	}
	return "bad 'for' " + what + " (number expected, got " + kind + ")"
}
