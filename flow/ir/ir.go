// Package ir says for each expression of one file where its value comes from, and lists the
// calls, stores, assignments and returns through which values travel.
//
// It is the per-file half of the value analysis: no other file is needed to build it, so files
// are built in parallel, and package solve links them. Local variables that never change are
// folded into the term of their value; a variable that changes is one place whatever the order
// of its assignments.
package ir

import (
	"github.com/skylint/skylint/flow/alias"
	"github.com/skylint/skylint/flow/scope"
	"github.com/skylint/skylint/syntax"
)

// A Term names a value of a File: where it comes from. None is no value.
type Term int32

// None is the absence of a term.
const None Term = 0

// A Kind says what a term is. A and B are the fields of TermData.
type Kind uint8

// The kinds of terms.
const (
	Unknown   Kind = iota // computed, and not followed: arithmetic, a concatenation, an iterator
	Nil                   // nil
	Boolean               // true, false, or a comparison
	Number                // a number; Text is its key if it is a small integer literal
	String                // the constant Text
	Function              // the function A, a scope.Func
	Table                 // the table made at Node
	API                   // the global Text, or the module Text that a require gives if A is 1
	Variable              // the variable A, a scope.Var, which changes
	Parameter             // the parameter B of function A, counted from 0; self is the first of a method
	Extra                 // the value B of "..." of function A, counted from 0
	Load                  // the field with key B of A
	Result                // the result B, counted from 0, of call A, an index into Calls
	Join                  // A or B
	Element               // some value of table A, seen by a for loop over its pairs
	KeyOf                 // the key of that value
)

// TermData is what a Term stands for.
type TermData struct {
	Kind Kind
	A, B int32
	Node syntax.Node
	Text string
}

// Ref returns what a term of kind API names, and an unknown Ref for others.
func (d *TermData) Ref() alias.Ref {
	switch {
	case d.Kind != API:
		return alias.Ref{}
	case d.A == 1:
		return alias.Ref{Module: d.Text}
	}
	return alias.Ref{Member: d.Text}
}

// A List is a list of values: some known one by one, then perhaps an unknown number more.
type List struct {
	Terms []Term
	// Spread is what the list goes on with: the results of a call (a Result of number 0), the
	// extra arguments of a function (an Extra of number 0 or more), or None.
	Spread Term
}

// A Call is a call of a function or method.
type Call struct {
	Node   syntax.Node
	In     scope.Func // the function in which it stands
	Callee Term       // for a method call the Load of the method
	// Args are the arguments, with the receiver first for a method call.
	Args   List
	Method bool
}

// A Store is an assignment to a field.
type Store struct {
	Node               syntax.Node // the target, the Field of a constructor, or the Function of a statement
	In                 scope.Func
	Object, Key, Value Term
}

// An Assignment is an assignment to a variable that changes, or to a global one.
type Assignment struct {
	Node   syntax.Node
	In     scope.Func
	Var    scope.Var // NoVar for a global
	Global string
	Value  Term
}

// A Return is a return statement.
type Return struct {
	Node   syntax.Node
	In     scope.Func
	Values List
}

// A File is the terms and constraints of one file. It is immutable and safe for concurrent use.
type File struct {
	Info    *scope.Info
	API     *alias.File
	Terms   []TermData
	Calls   []Call // in post-order
	Stores  []Store
	Assigns []Assignment
	Returns []Return

	of    []Term // by node; nil if there are no terms
	spans []Span // by scope.Func
}

// A Span says where the terms and the rest of a function, and of those within it, stand in the
// lists of a File: from the first up to the one before the second. What belongs to a function
// around it, but is first used there, stands among them.
type Span struct {
	Terms, Calls, Stores, Assigns, Returns [2]int32
}

// Span returns where a function's part of the lists is. The main chunk's is all.
func (f *File) Span(fn scope.Func) Span { return f.spans[fn] }

// Belongs reports whether a term that stands in the span of a function is its own, or that of a
// function within it.
func (f *File) Belongs(t Term, fn scope.Func) bool {
	d := &f.Terms[t]
	switch d.Kind {
	case Parameter, Extra:
		return f.Info.Encloses(fn, scope.Func(d.A))
	case Variable:
		return f.Info.Encloses(fn, f.Info.Vars[d.A].Func)
	case KeyOf, Element:
		return f.Info.Encloses(fn, f.Info.Vars[f.Info.VarOf(d.Node)].Func)
	case Function:
		return scope.Func(d.A) != fn && f.Info.Encloses(fn, scope.Func(d.A))
	}
	return true
}

// Of returns the term of an expression, None for another node.
func (f *File) Of(n syntax.Node) Term {
	if f.of == nil {
		return None
	}
	return f.of[n]
}

// Term returns what t stands for.
func (f *File) Term(t Term) *TermData { return &f.Terms[t] }

// IsConstant reports whether t is the constant string s.
func (f *File) IsConstant(t Term, s string) bool {
	d := &f.Terms[t]
	return d.Kind == String && d.Text == s
}

// IsBoolean reports whether t is true, false, or a comparison.
func (f *File) IsBoolean(t Term) bool { return f.Terms[t].Kind == Boolean }
