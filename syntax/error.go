package syntax

import "github.com/skylint/skylint/source"

// An Error is one thing that a file's dialect does not accept.
type Error struct {
	source.Span        // what is wrong, for people
	Message     string // what is wrong and the way out, without place; one line
	// Noticed is the offset at which a reference implementation stops: its line is
	// the one that real Lua prints. It is at or behind Span.Start.
	Noticed uint32
	// Accepts is the set of dialects that take the construct; 0 where none does.
	Accepts DialectSet
	// Opened is the start of what is not closed ("if at line 3"), with HasOpened.
	Opened    uint32
	HasOpened bool
	// order grows with the offset up to which the reference implementation has read when it
	// notices the error, which is not always Noticed.
	order uint64
}

// A Comment is a comment with its delimiters: --, --[[ ]], or the #! line.
type Comment struct {
	source.Span
	// Long says that it is a --[[ ]] comment, which may stand before code.
	Long bool
}

// CommentText returns the text of c without delimiters and the space around it.
func (t *Tree) CommentText(c Comment) string { return commentText(t.File.Text[c.Start:c.End]) }

// Annotation returns tag and rest of a LuaLS annotation, "---@param x integer": "param"
// and "x integer". ok is false for other comments.
func (t *Tree) Annotation(c Comment) (tag, rest string, ok bool) {
	return annotation(t.File.Text[c.Start:c.End])
}
