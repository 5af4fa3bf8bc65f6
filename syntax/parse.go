// Package syntax reads Lua 5.1, 5.2, 5.3, 5.4, 5.5 and LuaJIT into a flat tree with exact
// positions. It keeps comments, recovers from errors and reports several of them, and
// says for each which dialects accept the construct.
package syntax

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/skylint/skylint/source"
)

// Limits of the parser. They bound the stack that the parser and every walk over a tree
// need; they are above those of the reference implementations (200), but for chains of
// binary operators, calls and indexes, which those do not limit.
const (
	// MaxNesting is how deep statements and expressions may nest.
	MaxNesting = 1000
	// MaxHeight is how high the tree of one expression may be.
	MaxHeight = 100_000
	// MaxLabels is how many labels may be visible at a time, and how many gotos may wait for
	// theirs, as in the reference implementations.
	MaxLabels = 32767
	// MaxErrors is how many errors are reported for one file.
	MaxErrors = 50
	// MaxSize is how many bytes a file may have.
	MaxSize = 1 << 30
)

// IsBinary reports whether text is a precompiled chunk of Lua or LuaJIT.
func IsBinary(text string) bool {
	return strings.HasPrefix(text, "\x1bLua") || strings.HasPrefix(text, "\x1bLJ")
}

// Parse reads a file in the given dialect. It always returns a tree; what the dialect
// does not accept is in the tree's Errors. It never panics, and its use of memory and
// stack is bounded by the size of the text, whatever the text is. A precompiled chunk
// (see IsBinary) and a file above MaxSize give an empty tree with one error.
func Parse(file *source.File, dialect Dialect) *Tree {
	text := file.Text
	p := &parser{tree: &Tree{File: file, Dialect: dialect}}
	w := workspaces.Get().(*workspace)
	w.reserve(len(text))
	p.nodes, p.lists, p.scratch = append(w.nodes[:0], node{}), append(w.lists[:0], None), w.scratch[:0]
	p.scanner = scanner{src: text, dialect: dialect, fail: p.report}
	switch {
	case len(text) > MaxSize:
		p.errorAt(0, 0, 0, "the file is too large", 0)
		p.stop()
	default:
		p.prologue()
		if IsBinary(text[p.pos:]) {
			p.errorAt(p.pos, min(p.pos+4, len(text)), p.pos, "this is a precompiled chunk, not source text", 0)
			p.stop()
		}
	}
	p.chunk()
	t := p.finish()
	if cap(p.nodes) <= maxKept {
		w.nodes, w.lists, w.scratch = p.nodes, p.lists, p.scratch
		workspaces.Put(w)
	}
	return t
}

// A workspace is the memory in which a tree grows. A finished tree is copied out of it, so that it
// takes no more than it needs, and the next file grows where the pages are warm.
type workspace struct {
	nodes   []node
	lists   []Node
	scratch []Node
}

var workspaces = sync.Pool{New: func() any { return &workspace{} }}

// reserve makes room for the nodes of most texts of a size, so that growing need not copy them.
func (w *workspace) reserve(size int) {
	const perNode, least = 6, 1 << 14 // bytes of dense code for a node
	if n := min(max(size/perNode, least), maxKept); cap(w.nodes) < n {
		w.nodes = make([]node, 0, n)
	}
}

// maxKept is how many nodes a workspace may have room for to be kept.
const maxKept = 1 << 20

// prologue moves behind a byte order mark and a first line that starts with #.
func (p *parser) prologue() {
	const mark = "\xef\xbb\xbf"
	if strings.HasPrefix(p.src, mark) {
		p.pos = len(mark)
		if p.dialect == Lua51 {
			p.errorAt(0, len(mark), 0, "a byte order mark at the start of the file", AllDialects&^DialectsOf(Lua51))
		}
	}
	if p.pos < len(p.src) && p.src[p.pos] == '#' {
		c := Comment{Span: source.Span{Start: uint32(p.pos)}}
		p.pos = lineEnd(p.src, p.pos)
		c.End = uint32(p.pos)
		p.comments = append(p.comments, c)
		if p.pos < len(p.src) && IsBinary(p.src[p.pos+1:]) {
			p.pos++ // so that Parse sees it
		}
	}
}

// parser is a recursive descent over the tokens, in the shape of the reference
// implementation's lparser.c, so that errors are noticed at the same token.
type parser struct {
	scanner
	tree    *Tree
	nodes   []node
	lists   []Node
	scratch []Node // items of the lists being built

	lexeme          // the current token
	ahead    lexeme // the next one, if hasAhead
	hasAhead bool
	lastEnd  uint32 // end of the token before the current one
	stopped  bool   // nothing more is to be read
	lookedAt uint32 // start of the token that the reference implementation has looked ahead at, plus one
	erredAt  uint32 // start of the token at which the last error was reported, plus one
	depth    int    // nesting of statements and expressions
	height   int    // of the expression that was parsed last
	peak     int    // of the highest expression of the current function body so far
	lost     bool   // the current statement is not understood from here on

	fn *functionState
	names
}

// report takes an error of scanner or parser.
func (p *parser) report(e Error) {
	if e.order == 0 {
		e.order = order(e.Noticed)
	}
	if len(p.tree.Errors) < MaxErrors && !p.stopped {
		p.tree.Errors = append(p.tree.Errors, e)
	}
}

// stop makes the parser see the end of the file from here on.
func (p *parser) stop() {
	p.stopped = true
	p.pos = len(p.src)
	p.hasAhead = false
	p.lexeme = lexeme{tEOF, uint32(len(p.src)), uint32(len(p.src))}
}

// advance makes the next token the current one.
func (p *parser) advance() {
	p.lastEnd = p.end
	if p.hasAhead {
		p.lexeme, p.hasAhead = p.ahead, false
		return
	}
	if p.stopped {
		return
	}
	p.lexeme = p.scanner.next()
	if p.tok == tGoto && p.dialect == Lua51 {
		p.tok = tName
	}
}

// peekToken returns the token behind the current one.
func (p *parser) peekToken() token {
	if !p.hasAhead {
		if p.stopped {
			return tEOF
		}
		p.ahead = p.scanner.next()
		if p.ahead.tok == tGoto && p.dialect == Lua51 {
			p.ahead.tok = tName
		}
		p.hasAhead = true
	}
	return p.ahead.tok
}

// lookedAhead says that the reference implementation, too, has scanned the next token before
// it uses the current one: it then takes the one for the end of the other's line.
func (p *parser) lookedAhead() { p.lookedAt = p.ahead.start + 1 }

func (p *parser) text() string { return p.src[p.start:p.end] }

// accept moves behind the current token if it is t.
func (p *parser) accept(t token) bool {
	if p.tok != t {
		return false
	}
	p.advance()
	return true
}

// describe names the current token for a message.
func (p *parser) describe() string {
	switch p.tok {
	case tEOF:
		return "the end of the file"
	case tName:
		return "'" + clip(p.text()) + "'"
	case tString:
		return "a string"
	case tNumber:
		return "the number " + clip(p.text())
	case tBad:
		if p.src[p.start] == '!' {
			return "'!' (Lua writes ~= and not)"
		}
		if c := p.src[p.start]; c < 0x20 || c == 0x7f {
			const hex = "0123456789abcdef"
			return `the byte \x` + string(hex[c>>4]) + string(hex[c&15])
		}
		return "'" + p.text() + "'"
	}
	return p.tok.String()
}

// failHere reports an error at the current token, and that the rest of the statement is lost.
func (p *parser) failHere(message string, accepts DialectSet) {
	p.lost = true
	p.reportHere(message, accepts)
}

// reportAt reports an error that the reference implementation notices here.
func (p *parser) reportAt(start, end uint32, message string, accepts DialectSet) {
	p.report(Error{Span: source.Span{Start: start, End: end}, Message: message, Noticed: uint32(p.noticed()), Accepts: accepts})
}

// reportHere reports an error at the current token, once for each token.
func (p *parser) reportHere(message string, accepts DialectSet) {
	if p.erredAt == p.start+1 {
		return
	}
	p.erredAt = p.start + 1
	p.reportAt(p.start, p.end, message, accepts)
}

// noticed is how far a reference implementation has read by now.
func (p *parser) noticed() int {
	if p.hasAhead {
		return int(p.ahead.end)
	}
	return int(p.end)
}

// order is what errors are sorted by: the offset at which they are noticed, and then the
// order in which they are reported, but for those that are noticed earlier than reported.
func order(noticed uint32) uint64 { return uint64(noticed)<<32 | 1<<31 }

// What can be wanted and may be a name.
const (
	aName        = "a name"
	anExpression = "an expression"
)

// gotoIsName is the set of dialects that take goto for a name where it can be one.
const gotoIsName = 1<<Lua51 | 1<<LuaJIT

// unexpected reports that the current token is not what was wanted.
func (p *parser) unexpected(wanted string) {
	if p.tok == tGoto && (wanted == aName || wanted == anExpression) {
		p.failHere("'goto' is a keyword in "+p.dialect.Title()+" and cannot be a name", gotoIsName)
		return
	}
	p.failHere("expected "+wanted+", found "+p.describe(), 0)
}

// expect moves behind a token that must stand here.
func (p *parser) expect(t token) bool {
	if p.tok == t {
		p.advance()
		return true
	}
	p.unexpected(t.String())
	return false
}

// expectClose moves behind the token that closes what opener opened.
func (p *parser) expectClose(t, opener token, opened uint32) {
	if p.accept(t) {
		return
	}
	p.lost = true
	if p.erredAt == p.start+1 {
		return
	}
	p.erredAt = p.start + 1
	e := Error{
		Span:    source.Span{Start: p.start, End: p.end},
		Message: "expected " + t.String() + " to close " + opener.String() + ", found " + p.describe(),
		Noticed: uint32(p.noticed()), Opened: opened, HasOpened: true,
	}
	p.report(e)
}

// needs reports that what covers start to end is only in some dialects.
func (p *parser) needs(start, end uint32, what string, accepts DialectSet) {
	if !accepts.Has(p.dialect) && p.erredAt != start+1 {
		p.erredAt = start + 1
		p.reportAt(start, end, what+" is not in "+p.dialect.Title(), accepts)
	}
}

// enter counts a level of nesting; it reports whether there may be one more.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > MaxNesting {
		p.failHere("nested too deeply (more than 1000 levels): split it up", 0)
		p.stop()
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

// grow sets the height of the expression just made; one above MaxHeight ends the parse.
func (p *parser) grow(h int) {
	p.height = h
	if h > MaxHeight && !p.stopped {
		p.failHere("an expression of more than 100000 links: split it up", 0)
		p.stop()
	}
	p.peak = max(p.peak, h)
}

func (p *parser) add(n node) Node {
	p.nodes = append(p.nodes, n)
	return Node(len(p.nodes) - 1)
}

// leaf adds a node of the current token and moves behind it.
func (p *parser) leaf(k Kind, f flags) Node {
	n := p.add(node{kind: k, flags: f, start: p.start, end: p.end})
	p.advance()
	return n
}

// seal makes a list of the scratch items from mark on.
func (p *parser) seal(mark int) uint32 {
	items := p.scratch[mark:]
	if len(items) == 0 {
		return 0
	}
	at := uint32(len(p.lists))
	p.lists = append(p.lists, Node(len(items)))
	p.lists = append(p.lists, items...)
	p.scratch = p.scratch[:mark]
	return at
}

// items returns the nodes of a sealed list.
func (p *parser) items(at uint32) []Node {
	if at == 0 {
		return nil
	}
	return p.lists[at+1 : at+1+uint32(p.lists[at])]
}

func (p *parser) span(n Node) source.Span {
	return source.Span{Start: p.nodes[n].start, End: p.nodes[n].end}
}

func (p *parser) chunk() {
	if !p.stopped {
		p.advance()
	}
	p.openFunction(true)
	first := p.lastEnd
	p.statementList()
	for p.tok != tEOF {
		p.failHere(p.describe()+" closes nothing", 0)
		closer, before := p.tok, p.start
		p.advance()
		if closer != tEnd { // a condition or the like stands behind it
			p.resync(before)
		}
		p.statementList()
	}
	p.tree.Main = p.blockOf(0, first)
	p.closeFunction()
}

// finish computes the parents and hands the tree out.
func (p *parser) finish() *Tree {
	t := p.tree
	t.nodes, t.lists, t.Comments = slices.Clone(p.nodes), slices.Clone(p.lists), p.comments
	t.parents = make([]Node, len(t.nodes))
	for i := range t.nodes {
		d := &t.nodes[i]
		shape := shapes[d.kind]
		for _, child := range [3]struct {
			at   uint32
			role role
		}{{d.a, shape.a}, {d.b, shape.b}, {d.c, shape.c}} {
			switch child.role {
			case isNode:
				t.parents[child.at] = Node(i)
			case isList:
				for _, c := range t.list(child.at) {
					t.parents[c] = Node(i)
				}
			}
		}
	}
	t.parents[None] = None
	slices.SortStableFunc(t.Errors, func(a, b Error) int { return cmp.Compare(a.order, b.order) })
	return t
}
