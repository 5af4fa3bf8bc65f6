package lower

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/operator"
	"github.com/skylint/skylint/syntax"
)

// Parts of an instruction of the VM: the operation above, then A (8 bits), C (9) and B (9).
const (
	opShift = 26
	aShift  = 18
	aMask   = 0xff << aShift
)

// maxUpvalues is how many variables of functions around it a function can use.
const maxUpvalues = 255

// A Code is what is known of a compiled function besides its proto.
type Code struct {
	Chunk *Chunk
	// Nodes has for each instruction the node of the tree that it comes from.
	Nodes []syntax.Node
}

// CodeOf returns the Code of a proto that this package made; nil for any other.
func CodeOf(p *lua.FunctionProto) *Code {
	if n := len(p.Constants); n > 0 {
		if u, ok := p.Constants[n-1].(*lua.LUserData); ok {
			code, _ := u.Value.(*Code)
			return code
		}
	}
	return nil
}

func (l *lowerer) compile(opts Options) *Chunk {
	c := &Chunk{Tree: l.tree, Scope: l.scope, Name: l.name, Weight: opts.Weight}
	outer, err := lua.Compile(l.chunk(opts), l.name)
	if err != nil {
		panic(err)
	}
	c.main = outer.FunctionPrototypes[0]
	for _, name := range c.main.DbgUpvalues {
		if name == envName {
			c.upvalues = append(c.upvalues, envUpvalue)
			continue
		}
		for op := range operator.Count {
			if opName(op) == name {
				c.upvalues = append(c.upvalues, op)
			}
		}
	}
	for _, p := range outer.FunctionPrototypes {
		l.finish(c, p, true)
	}
	return c
}

// finish gives the instructions of a function their lines, and its gotos the register from which
// they close upvalues.
func (l *lowerer) finish(c *Chunk, p *lua.FunctionProto, main bool) {
	if len(p.DbgUpvalues) > maxUpvalues {
		panic(l.errorAt(node(p.LineDefined), fmt.Sprintf("function uses %d variables of functions around it; the limit is %d", len(p.DbgUpvalues), maxUpvalues)))
	}
	optimize(p)
	code := &Code{Chunk: c, Nodes: make([]syntax.Node, len(p.Code))}
	for pc, id := range p.DbgSourcePositions {
		n := node(id)
		code.Nodes[pc] = n
		switch int(p.Code[pc] >> opShift) {
		case lua.OP_FORPREP:
			if l.entered[n] { // becomes: MOVE variable, index
				index := p.Code[pc] & aMask >> aShift
				p.Code[pc] = uint32(lua.OP_MOVE)<<opShift | (index+forRegisters)<<aShift | index
			}
		case lua.OP_NEWTABLE:
			if l.tree.Kind(n) == syntax.Table && len(l.tree.Fields(n)) == 0 {
				items, fields := l.room(n)
				p.Code[pc] = withC(withB(p.Code[pc], items), fields)
			}
		case lua.OP_CLOSE:
			if label, ok := l.jumps[id]; ok {
				level := l.levels[label]
				p.Code[pc] = p.Code[pc]&^uint32(aMask) | uint32(level)<<aShift
			}
		}
		p.DbgSourcePositions[pc] = l.line(id)
	}
	p.LineDefined, p.LastLineDefined = l.tree.Line(node(p.LineDefined)), l.endLine(node(p.LastLineDefined))
	if main {
		p.LineDefined, p.LastLineDefined = 0, 0
	}
	for i := range p.DbgCalls {
		p.DbgCalls[i].Name = visible(p.DbgCalls[i].Name)
	}
	for _, v := range p.DbgLocals {
		v.Name = visible(v.Name)
	}
	for i, name := range p.DbgUpvalues {
		p.DbgUpvalues[i] = visible(name)
	}
	p.Constants = append(p.Constants, &lua.LUserData{Value: code, Metatable: lua.LNil})
	for _, inner := range p.FunctionPrototypes {
		l.finish(c, inner, false)
	}
}

// visible is the name that the script has for a variable; one that was made up is in parentheses.
func visible(name string) string {
	name, _, ok := strings.Cut(name, "\x00")
	if ok && name == "" {
		return "(temporary)"
	}
	return name
}

func (l *lowerer) endLine(n syntax.Node) int {
	return l.tree.File.Line(max(l.tree.End(n), 1) - 1)
}

// line returns the line that Lua gives an instruction.
func (l *lowerer) line(id int) int {
	t, n := l.tree, node(id)
	if n == syntax.None {
		return 0
	}
	if id&endMark != 0 {
		return l.endLine(n)
	}
	switch t.Kind(n) {
	case syntax.Binary, syntax.Unary:
		return t.File.Line(t.OpStart(n))
	case syntax.Call:
		callee, _ := t.Call(n)
		return l.endLine(callee)
	case syntax.MethodCall:
		_, name, _ := t.MethodCall(n)
		return l.endLine(name)
	case syntax.Index:
		return l.endLine(n)
	case syntax.GenericFor: // that of the call of the iterator
		_, values, _ := t.GenericFor(n)
		return t.Line(values[0])
	}
	return t.Line(n)
}
