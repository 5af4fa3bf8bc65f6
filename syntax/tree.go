package syntax

import (
	"iter"
	"slices"

	"github.com/skylint/skylint/source"
)

// A Node names one node of a Tree; None names none. Nodes are numbered in the order
// in which they were finished: a child has a smaller number than its parent, so a
// loop over all numbers is a walk in post-order, and facts about nodes can be kept
// in a slice of Tree.Len elements.
type Node uint32

// None is the absence of a node.
const None Node = 0

// node is kept small (24 bytes), without pointers: a file is a handful of slices.
type node struct {
	kind       Kind
	op         uint8 // an Op, or the Attrib of a Decl
	flags      flags
	start, end uint32
	a, b, c    uint32 // children, lists (indexes into Tree.lists) or offsets, by kind
}

type flags uint16

const (
	flagMethod   flags = 1 << iota // FunctionStat: function a:b(); Function: has an implicit self
	flagVararg                     // Function: takes ...
	flagBare                       // String: a name without quotes
	flagDot                        // Index: written with a dot
	flagPrefix                     // Decl: the attribute stood before the names (5.5)
	flagNamedArg                   // Decl: the vararg table of 5.5, ...name
)

// A Tree is a parsed file: a flat array of small nodes that refer to the text by
// offsets. It is immutable after Parse and safe for concurrent use. A tree with
// Errors is complete but for the bad parts, which are BadStat and BadExpr nodes or
// are missing.
type Tree struct {
	File    *source.File
	Dialect Dialect
	// Main is the body of the file, a Block.
	Main Node
	// Errors are in the order in which a reference implementation would notice them: the
	// first is the one it prints. It is empty for a file that the dialect accepts.
	Errors []Error
	// Comments are in the order of the text.
	Comments []Comment

	nodes   []node
	parents []Node
	lists   []Node // each list is its length followed by its nodes
}

// Len returns the number of nodes plus one: every Node of the tree is less than Len.
func (t *Tree) Len() int { return len(t.nodes) }

// Kind returns what n is; Invalid for None.
func (t *Tree) Kind(n Node) Kind { return t.nodes[n].kind }

// Span returns the bytes that n covers, without white space or comments around it.
func (t *Tree) Span(n Node) source.Span {
	return source.Span{Start: t.nodes[n].start, End: t.nodes[n].end}
}

// Start returns the offset of the first byte of n.
func (t *Tree) Start(n Node) uint32 { return t.nodes[n].start }

// End returns the offset behind the last byte of n.
func (t *Tree) End(n Node) uint32 { return t.nodes[n].end }

// Text returns the source text of n.
func (t *Tree) Text(n Node) string { return t.File.Text[t.nodes[n].start:t.nodes[n].end] }

// Line returns the line, from 1, on which n starts.
func (t *Tree) Line(n Node) int { return t.File.Line(t.nodes[n].start) }

// Parent returns the node that n is a part of; None for Main.
func (t *Tree) Parent(n Node) Node { return t.parents[n] }

// Nodes returns all nodes of the given kinds in post-order, or every node if no kind
// is given. It is a scan of a flat array: the cheapest way to look at a whole file.
func (t *Tree) Nodes(kinds ...Kind) iter.Seq[Node] {
	var want uint64
	for _, k := range kinds {
		want |= 1 << k
	}
	if len(kinds) == 0 {
		want = ^uint64(0)
	}
	return func(yield func(Node) bool) {
		for i := 1; i < len(t.nodes); i++ {
			if want&(1<<t.nodes[i].kind) != 0 && !yield(Node(i)) {
				return
			}
		}
	}
}

// Enclosing returns the innermost node of one of the given kinds that n is a part of
// (not n itself), or None.
func (t *Tree) Enclosing(n Node, kinds ...Kind) Node {
	var want uint64
	for _, k := range kinds {
		want |= 1 << k
	}
	for n = t.parents[n]; n != None; n = t.parents[n] {
		if want&(1<<t.nodes[n].kind) != 0 {
			return n
		}
	}
	return None
}

// EnclosingFunction returns the Function that n stands in, or None for the main chunk.
func (t *Tree) EnclosingFunction(n Node) Node { return t.Enclosing(n, Function) }

// Within reports whether n is outer or a part of it.
func (t *Tree) Within(n, outer Node) bool {
	for ; n != None && n <= outer; n = t.parents[n] {
		if n == outer {
			return true
		}
	}
	return false
}

func (t *Tree) list(at uint32) []Node {
	if at == 0 {
		return nil
	}
	n := uint32(t.lists[at])
	return t.lists[at+1 : at+1+n : at+1+n]
}

// Statements returns the statements of a Block.
func (t *Tree) Statements(n Node) []Node { return t.list(t.nodes[n].a) }

// Name returns the identifier of a Name or Decl, and "" for other kinds.
func (t *Tree) Name(n Node) string {
	if k := t.nodes[n].kind; k != Name && k != Decl {
		return ""
	}
	return t.Text(n)
}

// Attrib returns the attribute of a Decl or GlobalAll.
func (t *Tree) Attrib(n Node) Attrib { return Attrib(t.nodes[n].op) }

// Local returns the declared names and the values of a LocalStat or GlobalStat.
func (t *Tree) Local(n Node) (decls, values []Node) {
	return t.list(t.nodes[n].a), t.list(t.nodes[n].b)
}

// Assign returns the targets (Name or Index) and the values of an AssignStat.
func (t *Tree) Assign(n Node) (targets, values []Node) {
	return t.list(t.nodes[n].a), t.list(t.nodes[n].b)
}

// Operand returns the only child of a CallStat, Paren, Unary or BadStat.
func (t *Tree) Operand(n Node) Node { return Node(t.nodes[n].a) }

// Body returns the Block of a DoStat, WhileStat, RepeatStat, NumericFor, GenericFor,
// Clause or Function.
func (t *Tree) Body(n Node) Node {
	d := &t.nodes[n]
	switch d.kind {
	case DoStat, RepeatStat:
		return Node(d.a)
	case WhileStat, Clause, Function:
		return Node(d.b)
	case NumericFor, GenericFor:
		return Node(d.c)
	}
	return None
}

// While returns the condition and the Block of a WhileStat.
func (t *Tree) While(n Node) (cond, block Node) { return Node(t.nodes[n].a), Node(t.nodes[n].b) }

// Repeat returns the Block and the condition of a RepeatStat. The condition sees the
// block's locals.
func (t *Tree) Repeat(n Node) (block, cond Node) { return Node(t.nodes[n].a), Node(t.nodes[n].b) }

// Clauses returns the arms of an IfStat, each a Clause; the last is an else if its
// condition is None.
func (t *Tree) Clauses(n Node) []Node { return t.list(t.nodes[n].a) }

// Clause returns the condition (None for else) and the Block of a Clause.
func (t *Tree) Clause(n Node) (cond, block Node) { return Node(t.nodes[n].a), Node(t.nodes[n].b) }

// NumericFor returns the parts of a NumericFor; step is None where it is not written.
func (t *Tree) NumericFor(n Node) (decl, from, to, step, block Node) {
	d := &t.nodes[n]
	bounds := t.list(d.b)
	from, to = bounds[0], bounds[1]
	if len(bounds) > 2 {
		step = bounds[2]
	}
	return Node(d.a), from, to, step, Node(d.c)
}

// GenericFor returns the parts of a GenericFor.
func (t *Tree) GenericFor(n Node) (decls, values []Node, block Node) {
	d := &t.nodes[n]
	return t.list(d.a), t.list(d.b), Node(d.c)
}

// FunctionStat returns the assigned name (a Name or Index) and the Function of a
// FunctionStat, and whether it is written with a colon. The Function starts at the keyword,
// so that the name stands within its text.
func (t *Tree) FunctionStat(n Node) (name, function Node, method bool) {
	d := &t.nodes[n]
	return Node(d.a), Node(d.b), d.flags&flagMethod != 0
}

// LocalFunction returns the Decl and the Function of a LocalFunction or GlobalFunc.
func (t *Tree) LocalFunction(n Node) (decl, function Node) {
	return Node(t.nodes[n].a), Node(t.nodes[n].b)
}

// Function returns the parameters (Decls) and the Block of a Function. A method's
// self is not among the parameters: see HasSelf. In 5.5 the last Decl may be the
// named vararg table: see IsVarargTable.
func (t *Tree) Function(n Node) (params []Node, block Node) {
	return t.list(t.nodes[n].a), Node(t.nodes[n].b)
}

// HasSelf reports whether a Function has the implicit parameter self.
func (t *Tree) HasSelf(n Node) bool { return t.nodes[n].flags&flagMethod != 0 }

// IsVariadic reports whether a Function takes "...".
func (t *Tree) IsVariadic(n Node) bool { return t.nodes[n].flags&flagVararg != 0 }

// IsVarargTable reports whether a Decl is the name behind "..." in 5.5.
func (t *Tree) IsVarargTable(n Node) bool { return t.nodes[n].flags&flagNamedArg != 0 }

// Results returns the values of a ReturnStat.
func (t *Tree) Results(n Node) []Node { return t.list(t.nodes[n].a) }

// Label returns the String with the name of a GotoStat or LabelStat.
func (t *Tree) Label(n Node) Node { return Node(t.nodes[n].a) }

// Index returns the two parts of an Index. With a dot, the key is a bare String.
func (t *Tree) Index(n Node) (object, key Node) { return Node(t.nodes[n].a), Node(t.nodes[n].b) }

// Call returns the called expression and the arguments of a Call.
func (t *Tree) Call(n Node) (callee Node, args []Node) {
	return Node(t.nodes[n].a), t.list(t.nodes[n].b)
}

// MethodCall returns the receiver, the name (a bare String) and the arguments, without
// the receiver, of a MethodCall.
func (t *Tree) MethodCall(n Node) (receiver, name Node, args []Node) {
	d := &t.nodes[n]
	return Node(d.a), Node(d.c), t.list(d.b)
}

// Op returns the operator of a Binary or Unary, NoOp for others.
func (t *Tree) Op(n Node) Op {
	if k := t.nodes[n].kind; k != Binary && k != Unary {
		return NoOp
	}
	return Op(t.nodes[n].op)
}

// OpStart returns the offset of the operator of a Binary or Unary.
func (t *Tree) OpStart(n Node) uint32 { return t.nodes[n].c }

// Binary returns the operator and the operands of a Binary.
func (t *Tree) Binary(n Node) (op Op, left, right Node) {
	d := &t.nodes[n]
	return Op(d.op), Node(d.a), Node(d.b)
}

// Unary returns the operator and the operand of a Unary.
func (t *Tree) Unary(n Node) (op Op, operand Node) {
	return Op(t.nodes[n].op), Node(t.nodes[n].a)
}

// Fields returns the Fields of a Table.
func (t *Tree) Fields(n Node) []Node { return t.list(t.nodes[n].a) }

// Field returns the key and the value of a Field. The key is None for an item of the
// list part and a bare String for name = value.
func (t *Tree) Field(n Node) (key, value Node) { return Node(t.nodes[n].a), Node(t.nodes[n].b) }

// IsBare reports whether a String is a name without quotes (a field, method or label).
func (t *Tree) IsBare(n Node) bool { return t.nodes[n].flags&flagBare != 0 }

// Unparen returns n without the parentheses around it.
func (t *Tree) Unparen(n Node) Node {
	for t.nodes[n].kind == Paren {
		n = Node(t.nodes[n].a)
	}
	return n
}

// Children calls yield for each child of n, in the order of the text.
func (t *Tree) Children(n Node) iter.Seq[Node] {
	return func(yield func(Node) bool) { t.eachChild(n, yield) }
}

func (t *Tree) eachChild(n Node, yield func(Node) bool) bool {
	d := &t.nodes[n]
	shape := shapes[d.kind]
	visit := func(at uint32, r role) bool {
		switch r {
		case isNode:
			return at == 0 || yield(Node(at))
		case isList:
			for _, c := range t.list(at) {
				if !yield(c) {
					return false
				}
			}
		}
		return true
	}
	// The name of a method call stands before its arguments.
	if d.kind == MethodCall {
		return visit(d.a, shape.a) && visit(d.c, shape.c) && visit(d.b, shape.b)
	}
	return visit(d.a, shape.a) && visit(d.b, shape.b) && visit(d.c, shape.c)
}

// IsTarget reports whether a Name or Index is assigned to, by an AssignStat or as the name
// of a FunctionStat.
func (t *Tree) IsTarget(n Node) bool {
	parent := t.parents[n]
	switch t.nodes[parent].kind {
	case AssignStat:
		return slices.Contains(t.list(t.nodes[parent].a), n)
	case FunctionStat:
		return Node(t.nodes[parent].a) == n
	}
	return false
}

// At returns the innermost node whose span holds offset, or None.
func (t *Tree) At(offset uint32) Node {
	best := None
	for i := 1; i < len(t.nodes); i++ { // post-order: the first hit is the innermost
		if d := &t.nodes[i]; d.start <= offset && offset < d.end {
			best = Node(i)
			break
		}
	}
	return best
}
