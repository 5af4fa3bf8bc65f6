// Package syntax reads Lua 5.1, 5.2, 5.3, 5.4, 5.5 and LuaJIT into a flat tree with exact
// positions. It keeps comments, recovers from errors and reports several of them, and
// says for each which dialects accept the construct.
package syntax

import "github.com/skylint/skylint/source"

// Parse reads a file in the given dialect. It always returns a tree; what the dialect
// does not accept is in the tree's Errors. It never panics and its use of memory and
// stack is bounded by the size of the text, whatever the text is.
func Parse(file *source.File, dialect Dialect) *Tree { panic("not yet") }
