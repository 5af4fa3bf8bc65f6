package syntax

// A Kind says what a node of the tree is. The comment behind each one names the
// Tree method that takes it apart.
type Kind uint8

// The kinds of nodes.
const (
	Invalid Kind = iota // no node

	// Structure.
	Block  // a list of statements: Statements
	Clause // one arm of an if: Clause
	Decl   // a declared name (local, parameter, loop variable, global): Name, Attrib

	// Statements.
	BadStat       // text that could not be parsed as a statement: Operand, or None
	EmptyStat     // ;
	LocalStat     // local a, b = x, y: Local
	GlobalStat    // global a, b = x, y (5.5): Local
	GlobalAll     // global * (5.5): Attrib
	AssignStat    // a, b = x, y: Assign
	CallStat      // f(x): Operand
	DoStat        // do block end: Body
	WhileStat     // while cond do block end: While
	RepeatStat    // repeat block until cond: Repeat
	IfStat        // if ... end: Clauses
	NumericFor    // for i = a, b, c do block end: NumericFor
	GenericFor    // for a, b in x, y do block end: GenericFor
	FunctionStat  // function a.b:c() end: FunctionStat
	LocalFunction // local function f() end: LocalFunction
	GlobalFunc    // global function f() end (5.5): LocalFunction
	ReturnStat    // return a, b: Results
	BreakStat     // break
	GotoStat      // goto name: Label
	LabelStat     // ::name:: : Label

	// Expressions.
	BadExpr    // text that could not be parsed as an expression
	Nil        // nil
	True       // true
	False      // false
	Vararg     // ...
	Number     // 12: Number
	String     // "text", and the bare name of a field, method or label: Str
	Function   // function(...) ... end: Function
	Name       // a use of a variable: Name
	Index      // a.b, a["b"], a[1]: Index
	Call       // f(x), f"x", f{x}: Call
	MethodCall // a:b(x): MethodCall
	Binary     // a + b: Binary
	Unary      // -a: Unary
	Paren      // (a): Operand
	Table      // {...}: Fields
	Field      // x, name = x, or [k] = x within a table: Field

	kindCount
)

var kindNames = [kindCount]string{
	"Invalid", "Block", "Clause", "Decl",
	"BadStat", "EmptyStat", "LocalStat", "GlobalStat", "GlobalAll", "AssignStat", "CallStat", "DoStat", "WhileStat",
	"RepeatStat", "IfStat", "NumericFor", "GenericFor", "FunctionStat", "LocalFunction", "GlobalFunc", "ReturnStat",
	"BreakStat", "GotoStat", "LabelStat",
	"BadExpr", "Nil", "True", "False", "Vararg", "Number", "String", "Function", "Name", "Index", "Call", "MethodCall",
	"Binary", "Unary", "Paren", "Table", "Field",
}

// String returns the name of the kind as this package spells it.
func (k Kind) String() string {
	if k < kindCount {
		return kindNames[k]
	}
	return "Kind(?)"
}

// IsStatement reports whether nodes of the kind stand in a Block.
func (k Kind) IsStatement() bool { return k >= BadStat && k <= LabelStat }

// IsExpression reports whether nodes of the kind have a value.
func (k Kind) IsExpression() bool { return k >= BadExpr && k <= Table }

// An Op is a unary or binary operator.
type Op uint8

// The operators, binary ones first.
const (
	NoOp Op = iota
	Or
	And
	Lt
	Gt
	Le
	Ge
	Ne
	Eq
	BitOr
	BitXor
	BitAnd
	Shl
	Shr
	Concat
	Add
	Sub
	Mul
	Div
	IDiv
	Mod
	Pow
	Not
	Len
	Neg
	BitNot
	opCount
)

var opNames = [opCount]string{
	"", "or", "and", "<", ">", "<=", ">=", "~=", "==", "|", "~", "&", "<<", ">>", "..", "+", "-", "*", "/", "//", "%", "^",
	"not", "#", "-", "~",
}

// String returns the operator as it is written.
func (o Op) String() string {
	if o < opCount {
		return opNames[o]
	}
	return "?"
}

// Precedences of the reference implementation: left and right binding power.
var binaryPower = [opCount]struct{ left, right uint8 }{
	Or: {1, 1}, And: {2, 2},
	Lt: {3, 3}, Gt: {3, 3}, Le: {3, 3}, Ge: {3, 3}, Ne: {3, 3}, Eq: {3, 3},
	BitOr: {4, 4}, BitXor: {5, 5}, BitAnd: {6, 6}, Shl: {7, 7}, Shr: {7, 7},
	Concat: {9, 8}, Add: {10, 10}, Sub: {10, 10},
	Mul: {11, 11}, Div: {11, 11}, IDiv: {11, 11}, Mod: {11, 11},
	Pow: {14, 13},
}

const unaryPower = 12

// An Attrib is what <...> behind (or, in 5.5, before) a declared name says.
type Attrib uint8

// The attributes of declarations.
const (
	NoAttrib Attrib = iota
	Const           // <const>
	Close           // <close>
)

// String returns the attribute's name, "" for none.
func (a Attrib) String() string { return [...]string{"", "const", "close"}[a] }
