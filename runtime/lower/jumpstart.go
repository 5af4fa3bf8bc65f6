package lower

import (
	"github.com/yuin/gopher-lua/ast"

	"github.com/skylint/skylint/syntax"
)

// The compiler shortens a jump whose target is a jump. Where it goes back, the target has got
// its distance already, and the compiler takes that for the number of a label: "for k in f do
// break end" and "while true do if false then" go anywhere. So what a jump may go back to, the
// start of a loop or a label, never begins with a jump.

// start returns the statements with one that is no jump before them, if they may begin with one.
func (l *lowerer) start(n syntax.Node, stmts []ast.Stmt) []ast.Stmt {
	if !startsWithJump(stmts) {
		return stmts
	}
	return append([]ast.Stmt{l.standStill(n)}, stmts...)
}

// labelled does what start does behind each label of a list.
func (l *lowerer) labelled(n syntax.Node, stmts []ast.Stmt) []ast.Stmt {
	for i := len(stmts) - 1; i >= 0; i-- {
		if _, ok := stmts[i].(*ast.LabelStmt); ok && startsWithJump(stmts[i+1:]) {
			stmts = append(stmts[:i+1:i+1], append([]ast.Stmt{l.standStill(n)}, stmts[i+1:]...)...)
		}
	}
	return stmts
}

// standStill is one instruction that does nothing.
func (l *lowerer) standStill(n syntax.Node) ast.Stmt {
	active := l.fn.active
	s := l.do(n, []ast.Stmt{l.local(n, []string{"\x00j"}, at(&ast.TrueExpr{}, n))})
	l.fn.active = active
	return s
}

func startsWithJump(stmts []ast.Stmt) bool {
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.LabelStmt:
			continue
		case *ast.DoBlockStmt:
			if empty(s.Stmts) {
				continue
			}
			return startsWithJump(s.Stmts)
		case *ast.BreakStmt, *ast.GotoStmt:
			return true
		case *ast.IfStmt:
			_, constant := constantTruth(s.Condition)
			return constant
		case *ast.WhileStmt:
			_, constant := constantTruth(s.Condition)
			return constant
		case *ast.RepeatStmt:
			_, constant := constantTruth(s.Condition)
			return constant && empty(s.Stmts)
		}
		return false
	}
	return false
}

// empty reports whether statements are no instructions.
func empty(stmts []ast.Stmt) bool {
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.LabelStmt:
		case *ast.DoBlockStmt:
			if !empty(s.Stmts) {
				return false
			}
		default:
			return false
		}
	}
	return true
}
