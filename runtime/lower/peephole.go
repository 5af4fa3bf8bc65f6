package lower

import (
	lua "github.com/yuin/gopher-lua"
)

// The compiler loads the key of a store into a register first, though a store takes a constant or
// a variable as it is, and loads nil, true and false, though they could be constants too:
//
//	LOADK 2 "sum"; ...; SETTABLEKS 0 2 3    becomes    ...; SETTABLEKS 0 "sum" 3
//
// The peephole pass takes such instructions out. What it may take out loads a register that no
// variable has, for one reader, with no way between the two but from the one to the other. That a
// key which is a variable is read when the store comes is what Lua's own compiler does.

const (
	bMask    = 0x1ff
	cShift   = 9
	cMask    = 0x1ff << cShift
	bxMask   = 0x3ffff
	sbxZero  = bxMask >> 1
	constant = 1 << 8 // of an operand: an index of the constants follows
)

// farthest is how many instructions a key may be loaded before its store.
const farthest = 64

type peephole struct {
	p     *lua.FunctionProto
	data  []bool // words that are no instructions of their own
	gone  []bool
	edges []edge // jumps and skips
	any   bool
}

type edge struct{ from, to int }

func op(inst uint32) int           { return int(inst >> opShift) }
func argA(inst uint32) int         { return int(inst >> aShift & 0xff) }
func argB(inst uint32) int         { return int(inst & bMask) }
func argC(inst uint32) int         { return int(inst >> cShift & 0x1ff) }
func jumpOf(inst uint32) int       { return int(inst&bxMask) - sbxZero }
func withB(i uint32, b int) uint32 { return i&^bMask | uint32(b) }
func withC(i uint32, c int) uint32 { return i&^cMask | uint32(c)<<cShift }

// optimize takes superfluous instructions out of a function, but not out of those within.
func optimize(p *lua.FunctionProto) {
	s := &peephole{p: p, data: make([]bool, len(p.Code)+1), gone: make([]bool, len(p.Code)+1)}
	s.scan()
	for pc, inst := range p.Code {
		if s.data[pc] {
			continue
		}
		switch op(inst) {
		case lua.OP_MOVE:
			if argA(inst) == argB(inst) && !s.skipped(pc) {
				s.take(pc)
			}
		case lua.OP_SETTABLE, lua.OP_SETTABLEKS:
			if k, ok := s.loaded(pc, argC(inst)); ok {
				p.Code[pc] = withC(p.Code[pc], k)
			}
			s.key(pc)
		case lua.OP_EQ:
			if k, ok := s.loaded(pc, argB(inst)); ok {
				p.Code[pc] = withB(p.Code[pc], k)
			} else if k, ok := s.loaded(pc, argC(inst)); ok {
				p.Code[pc] = withC(p.Code[pc], k)
			}
		}
	}
	if s.any {
		s.compact()
	}
}

// scan finds the instructions, and where they lead.
func (s *peephole) scan() {
	add := func(from, to int) {
		s.edges = append(s.edges, edge{from, to})
	}
	code := s.p.Code
	for pc := 0; pc < len(code); pc++ {
		inst := code[pc]
		switch op(inst) {
		case lua.OP_JMP, lua.OP_FORLOOP, lua.OP_FORPREP:
			add(pc, pc+1+jumpOf(inst))
		case lua.OP_EQ, lua.OP_LT, lua.OP_LE, lua.OP_TEST, lua.OP_TESTSET, lua.OP_TFORLOOP:
			add(pc, pc+2)
		case lua.OP_LOADBOOL:
			if argC(inst) != 0 {
				add(pc, pc+2)
			}
		case lua.OP_MOVEN:
			for range argC(inst) {
				pc++
				s.data[pc] = true
			}
		case lua.OP_SETLIST:
			if argC(inst) == 0 {
				pc++
				s.data[pc] = true
			}
		case lua.OP_CLOSURE:
			for range s.p.FunctionPrototypes[inst&bxMask].NumUpvalues {
				pc++
				s.data[pc] = true
			}
		}
	}
}

// temporary reports whether no variable has a register while the instruction at pc runs.
func (s *peephole) temporary(register, pc int) bool {
	variables := 0
	for _, v := range s.p.DbgLocals {
		if v.StartPc <= pc && pc <= v.EndPc {
			variables++
		}
	}
	return register >= variables
}

// movable reports whether the instruction at pc can be taken out: it loads a register for nobody
// but the reader, and runs always before it.
func (s *peephole) movable(pc, reader, register int) bool {
	if s.data[pc] || s.gone[pc] || !s.temporary(register, reader) {
		return false
	}
	if s.skipped(pc) {
		return false
	}
	for _, e := range s.edges {
		inside := e.from >= pc && e.from < reader
		if into := e.to > pc && e.to <= reader; into != inside {
			return false
		}
	}
	return true
}

// skipped reports whether the instruction before the one at pc may skip it.
func (s *peephole) skipped(pc int) bool {
	if pc == 0 || s.data[pc-1] {
		return false
	}
	switch before := s.p.Code[pc-1]; op(before) {
	case lua.OP_EQ, lua.OP_LT, lua.OP_LE, lua.OP_TEST, lua.OP_TESTSET, lua.OP_TFORLOOP:
		return true
	case lua.OP_LOADBOOL:
		return argC(before) != 0
	}
	return false
}

// loaded returns an operand that stands for a register which the instruction before has loaded
// with a constant, and takes that instruction out.
func (s *peephole) loaded(reader, register int) (int, bool) {
	pc := reader - 1
	if pc < 0 || register&constant != 0 || !s.movable(pc, reader, register) {
		return 0, false
	}
	inst := s.p.Code[pc]
	if argA(inst) != register {
		return 0, false
	}
	k, ok := -1, false
	switch op(inst) {
	case lua.OP_LOADK:
		k, ok = int(inst&bxMask), true
	case lua.OP_LOADBOOL:
		if argC(inst) == 0 {
			k, ok = s.constant(lua.LBool(argB(inst) != 0))
		}
	case lua.OP_LOADNIL:
		if argB(inst) == register {
			k, ok = s.constant(lua.LNil)
		}
	}
	if !ok || k >= constant {
		return 0, false
	}
	s.take(pc)
	return k | constant, true
}

// constant returns the index of a constant, which may be a new one.
func (s *peephole) constant(v lua.LValue) (int, bool) {
	for i, c := range s.p.Constants {
		if c == v {
			return i, true
		}
	}
	if len(s.p.Constants) >= constant-1 { // one more is to come, see finish
		return 0, false
	}
	s.p.Constants = append(s.p.Constants, v)
	return len(s.p.Constants) - 1, true
}

// key has a store take its key from where it is.
func (s *peephole) key(store int) {
	code := s.p.Code
	register := argB(code[store])
	if register&constant != 0 || register == argA(code[store]) || register == argC(code[store]) {
		return
	}
	for pc := store - 1; pc >= 0 && pc >= store-farthest; pc-- {
		inst := code[pc]
		switch {
		case s.gone[pc]:
			continue
		case s.data[pc]:
			if op(inst) == lua.OP_MOVE && (argA(inst) == register || argB(inst) == register) {
				return
			}
			continue
		case argA(inst) != register || !loads(op(inst)):
			if touches(inst, register) {
				return
			}
			continue
		}
		switch op(inst) {
		case lua.OP_LOADK:
			if k := int(inst & bxMask); k < constant && s.movable(pc, store, register) {
				code[store] = withB(code[store], k|constant)
				s.take(pc)
			}
		case lua.OP_MOVE, lua.OP_MOVEN:
			if from := argB(inst); s.keeps(from, pc, store) && s.movable(pc, store, register) {
				code[store] = withB(code[store], from)
				s.take(pc)
				if more := argC(inst); op(inst) == lua.OP_MOVEN {
					s.data[pc+1] = false
					if more > 1 {
						code[pc+1] = withC(uint32(lua.OP_MOVEN)<<opShift|code[pc+1]&(aMask|bMask), more-1)
					}
				}
			}
		}
		return
	}
}

// loads reports whether an operation loads the register A, and does nothing else that the key would
// not see: what MOVEN is followed by are words of their own.
func loads(op int) bool { return op == lua.OP_LOADK || op == lua.OP_MOVE || op == lua.OP_MOVEN }

// keeps reports whether a register has the same value at two instructions.
func (s *peephole) keeps(register, from, to int) bool {
	if s.temporary(register, to) {
		return false
	}
	for pc := from + 1; pc < to; pc++ {
		inst := s.p.Code[pc]
		if s.gone[pc] {
			continue
		}
		if s.data[pc] {
			if op(inst) == lua.OP_MOVE && argA(inst) == register {
				return false
			}
			continue
		}
		if writes(inst, register) {
			return false
		}
	}
	return true
}

// writes reports whether an instruction may write a register.
func writes(inst uint32, register int) bool {
	a := argA(inst)
	switch op(inst) {
	case lua.OP_SETGLOBAL, lua.OP_SETUPVAL, lua.OP_SETTABLE, lua.OP_SETTABLEKS, lua.OP_JMP, lua.OP_EQ, lua.OP_LT, lua.OP_LE, lua.OP_TEST,
		lua.OP_CLOSE, lua.OP_SETLIST:
		return false
	case lua.OP_MOVE, lua.OP_LOADK, lua.OP_LOADBOOL, lua.OP_GETUPVAL, lua.OP_GETGLOBAL, lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_NEWTABLE,
		lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_MOD, lua.OP_POW, lua.OP_UNM, lua.OP_NOT, lua.OP_LEN, lua.OP_TESTSET, lua.OP_CLOSURE:
		return a == register
	}
	return a <= register
}

// touches reports whether an instruction may read or write a register. Of rare ones it says so too
// often.
func touches(inst uint32, register int) bool {
	if writes(inst, register) {
		return true
	}
	a, b, c := argA(inst), argB(inst), argC(inst)
	switch op(inst) {
	case lua.OP_JMP, lua.OP_LOADK, lua.OP_LOADBOOL, lua.OP_LOADNIL, lua.OP_GETUPVAL, lua.OP_GETGLOBAL, lua.OP_NEWTABLE, lua.OP_CLOSURE, lua.OP_VARARG,
		lua.OP_CALL, lua.OP_TAILCALL: // a call reads what is above A
		return false
	case lua.OP_MOVE, lua.OP_MOVEN, lua.OP_UNM, lua.OP_NOT, lua.OP_LEN, lua.OP_TESTSET:
		return b == register
	case lua.OP_SETGLOBAL, lua.OP_SETUPVAL, lua.OP_TEST:
		return a == register
	case lua.OP_SETLIST, lua.OP_CLOSE:
		return a <= register
	}
	return a == register || b == register || c == register
}

func (s *peephole) take(pc int) {
	s.gone[pc] = true
	s.any = true
}

// compact closes the gaps.
func (s *peephole) compact() {
	p := s.p
	n := len(p.Code)
	at := make([]int, n+2) // where an instruction, or else the next one, stands afterwards
	k := 0
	for pc := range n {
		at[pc] = k
		if !s.gone[pc] {
			k++
		}
	}
	at[n], at[n+1] = k, k
	for _, e := range s.edges {
		switch inst := p.Code[e.from]; op(inst) {
		case lua.OP_JMP, lua.OP_FORLOOP, lua.OP_FORPREP:
			p.Code[e.from] = inst&^bxMask | uint32(at[e.to]-at[e.from]-1+sbxZero)
		}
	}
	for pc := range n {
		if !s.gone[pc] {
			p.Code[at[pc]], p.DbgSourcePositions[at[pc]] = p.Code[pc], p.DbgSourcePositions[pc]
		}
	}
	p.Code, p.DbgSourcePositions = p.Code[:k], p.DbgSourcePositions[:k]
	for _, v := range p.DbgLocals {
		v.StartPc, v.EndPc = at[min(v.StartPc, n)], at[max(min(v.EndPc, n), 0)]
	}
	for i := range p.DbgCalls {
		p.DbgCalls[i].Pc = at[p.DbgCalls[i].Pc]
	}
}
