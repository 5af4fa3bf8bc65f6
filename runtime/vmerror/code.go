// Package vmerror says in Lua's words what went wrong in the VM: "attempt to index a nil
// value (local 'x')".
//
// The VM's own messages name types, not variables. The names are found where Lua finds
// them: in the instructions that lead to the one that failed.
package vmerror

import lua "github.com/yuin/gopher-lua"

// code is the instructions of a function, read as Lua 5.1's.
type code struct {
	proto *lua.FunctionProto
	fn    *lua.LFunction
}

func opcode(inst uint32) int { return int(inst >> 26) }
func argA(inst uint32) int   { return int(inst>>18) & 0xff }
func argB(inst uint32) int   { return int(inst & 0x1ff) }
func argC(inst uint32) int   { return int(inst>>9) & 0x1ff }
func argBx(inst uint32) int  { return int(inst & 0x3ffff) }
func argSBx(inst uint32) int { return argBx(inst) - 0x1ffff }

const constantBit = 0x100

// constant returns a constant that is a string.
func (c *code) constant(i int) (string, bool) {
	if i < 0 || i >= len(c.proto.Constants) {
		return "", false
	}
	s, ok := c.proto.Constants[i].(lua.LString)
	return string(s), ok
}

// local returns the name of the local variable that a register holds at an instruction.
func (c *code) local(register, pc int) (string, bool) {
	name, ok := c.fn.LocalName(register+1, pc)
	if !ok || len(name) > 0 && name[0] == '(' {
		return "", false
	}
	return name, true
}

// setter returns the instruction before last that sets a register; -1 if that depends on
// jumps, or if the register is a parameter.
func (c *code) setter(last, register int) int {
	found, target := -1, 0
	for pc := 0; pc < last; pc++ {
		inst := c.proto.Code[pc]
		a := argA(inst)
		change := false
		next := pc
		switch op := opcode(inst); op {
		case lua.OP_LOADNIL:
			change = a <= register && register <= argB(inst)
		case lua.OP_TFORLOOP:
			change = register >= a+2
		case lua.OP_CALL, lua.OP_TAILCALL:
			change = register >= a
		case lua.OP_JMP:
			if to := pc + 1 + argSBx(inst); to > pc && to <= last {
				target = max(target, to)
			}
		case lua.OP_SELF:
			change = register == a || register == a+1
		case lua.OP_FORLOOP, lua.OP_FORPREP:
			change = register >= a && register <= a+3
		case lua.OP_VARARG:
			change = register >= a
		case lua.OP_CLOSURE:
			change = register == a
			if i := argBx(inst); i < len(c.proto.FunctionPrototypes) {
				next += int(c.proto.FunctionPrototypes[i].NumUpvalues)
			}
		case lua.OP_SETLIST:
			if argC(inst) == 0 {
				next++
			}
		case lua.OP_SETGLOBAL, lua.OP_SETUPVAL, lua.OP_SETTABLE, lua.OP_SETTABLEKS, lua.OP_EQ, lua.OP_LT, lua.OP_LE,
			lua.OP_TEST, lua.OP_RETURN, lua.OP_CLOSE, lua.OP_NOP:
		default:
			change = register == a
		}
		if change {
			found = pc
			if pc < target {
				found = -1
			}
		}
		pc = next
	}
	return found
}

// name says what a register holds before an instruction: "local", "x". What is "" if that
// cannot be said.
func (c *code) name(pc, register int) (what, name string) {
	for range 8 { // moves from one register to another
		if name, ok := c.local(register, pc); ok {
			return "local", name
		}
		at := c.setter(pc, register)
		if at < 0 {
			return "", ""
		}
		inst := c.proto.Code[at]
		switch opcode(inst) {
		case lua.OP_MOVE, lua.OP_MOVEN:
			if argB(inst) >= argA(inst) {
				return "", ""
			}
			pc, register = at, argB(inst)
			continue
		case lua.OP_GETGLOBAL:
			if name, ok := c.constant(argBx(inst)); ok {
				return "global", name
			}
		case lua.OP_GETTABLE, lua.OP_GETTABLEKS:
			return "field", c.key(at, argC(inst))
		case lua.OP_SELF:
			return "method", c.key(at, argC(inst))
		case lua.OP_GETUPVAL:
			if b := argB(inst); b < len(c.proto.DbgUpvalues) {
				return "upvalue", c.proto.DbgUpvalues[b]
			}
		case lua.OP_LOADK:
			if name, ok := c.constant(argBx(inst)); ok {
				return "constant", name
			}
		}
		return "", ""
	}
	return "", ""
}

// key returns the name of a field whose key is a register or a constant.
func (c *code) key(pc, rk int) string {
	if rk&constantBit != 0 {
		if name, ok := c.constant(rk &^ constantBit); ok {
			return name
		}
		return "?"
	}
	if what, name := c.name(pc, rk); what == "constant" {
		return name
	}
	return "?"
}

// value says what a register or a constant is.
func (c *code) value(pc, rk int) (what, name string) {
	if rk&constantBit != 0 {
		if name, ok := c.constant(rk &^ constantBit); ok {
			return "constant", name
		}
		return "", ""
	}
	return c.name(pc, rk)
}
