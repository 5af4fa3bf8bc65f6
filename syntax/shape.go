package syntax

// role says what one of the three numbers of a node is.
type role uint8

const (
	unused role = iota
	isNode
	isList
)

// shapes says for each kind of node where its children are.
var shapes = [kindCount]struct{ a, b, c role }{
	Block: {a: isList}, Clause: {a: isNode, b: isNode},
	LocalStat: {a: isList, b: isList}, GlobalStat: {a: isList, b: isList}, AssignStat: {a: isList, b: isList},
	BadStat: {a: isNode}, CallStat: {a: isNode}, DoStat: {a: isNode}, WhileStat: {a: isNode, b: isNode}, RepeatStat: {a: isNode, b: isNode},
	IfStat: {a: isList}, NumericFor: {a: isNode, b: isList, c: isNode}, GenericFor: {a: isList, b: isList, c: isNode},
	FunctionStat: {a: isNode, b: isNode}, LocalFunction: {a: isNode, b: isNode}, GlobalFunc: {a: isNode, b: isNode},
	ReturnStat: {a: isList}, GotoStat: {a: isNode}, LabelStat: {a: isNode},
	Function: {a: isList, b: isNode}, Index: {a: isNode, b: isNode}, Call: {a: isNode, b: isList},
	MethodCall: {a: isNode, b: isList, c: isNode}, Binary: {a: isNode, b: isNode}, Unary: {a: isNode}, Paren: {a: isNode},
	Table: {a: isList}, Field: {a: isNode, b: isNode},
}
