package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// mark begins a line of the report among what the suite prints.
const mark = "@@unit@@"

// prelude stands before the text of a file, which it gets as a string.
const prelude = `local print, pcall, tostring, select, load, assert = print, pcall, tostring, select, load, assert
local seen = {}
local function note(unit, problem)
  local key = unit .. (problem and "F" or "P")
  if seen[key] then return end
  seen[key] = true
  if problem then print("` + mark + `" .. unit .. " " .. tostring(problem):gsub("%c", " "):sub(1, 200)) else print("` + mark + `" .. unit) end
end
_soft, _port, _nomsg, T = true, true, true, nil
__int = tonumber
function __assert(unit, ...)
  if ... then note(unit) else note(unit, select(2, ...) or "assertion failed!") end
  return ...
end
local function done(unit, ok, ...)
  if ok then note(unit) return ... end
  note(unit, (...))
end
function __try(unit, f) return done(unit, pcall(f)) end
done("send", pcall(assert(load(%TEXT%, "=%NAME%"))))
`

// instrument returns a program that runs the text of a file of the suite, and prints a
// line for every assert and for every statement of the main chunk.
func instrument(name, text string) string {
	if strings.HasPrefix(text, "#") {
		text = "--" + text
	}
	tree := syntax.Parse(source.New(name, text), syntax.Lua54)
	e := &editor{tree: tree}
	e.statements(tree.Main)
	e.asserts(tree.Main)
	e.integers()
	return strings.NewReplacer("%TEXT%", luadiff.Quote(e.apply()), "%NAME%", name).Replace(prelude)
}

type edit struct {
	at    uint32
	order int // among those at the same place: ends before beginnings
	text  string
}

type editor struct {
	tree  *syntax.Tree
	edits []edit
}

func (e *editor) insert(at uint32, order int, text string) {
	e.edits = append(e.edits, edit{at, order, text})
}

func (e *editor) line(n syntax.Node) int {
	return strings.Count(e.tree.File.Text[:e.tree.Start(n)], "\n") + 1
}

// statements protects the statements of a block of the main chunk.
func (e *editor) statements(block syntax.Node) {
	for _, n := range e.tree.Statements(block) {
		unit := fmt.Sprintf("s%d", e.line(n))
		switch e.tree.Kind(n) {
		case syntax.DoStat:
			e.statements(e.tree.Body(n))
		case syntax.CallStat, syntax.AssignStat, syntax.FunctionStat, syntax.WhileStat, syntax.RepeatStat, syntax.IfStat, syntax.NumericFor, syntax.GenericFor:
			if slices.Contains(endless[e.tree.File.Path], e.line(n)) {
				e.insert(e.tree.Start(n), 2, "if false then ")
				e.insert(e.tree.End(n), 0, " end")
				continue
			}
			if e.leaves(n) {
				continue
			}
			e.insert(e.tree.Start(n), 2, fmt.Sprintf("__try(%q, function() ", unit))
			e.insert(e.tree.End(n), 0, " end);")
		case syntax.LocalStat:
			decls, values := e.tree.Local(n)
			plain := len(values) > 0
			for _, d := range decls {
				plain = plain && e.tree.Attrib(d) == syntax.NoAttrib
			}
			for _, v := range values {
				plain = plain && !e.leaves(v) && e.tree.Kind(v) != syntax.Function
			}
			if plain {
				e.insert(e.tree.Start(values[0]), 2, fmt.Sprintf("__try(%q, function() return ", unit))
				e.insert(e.tree.End(values[len(values)-1]), 0, " end);")
			}
		}
	}
}

// endless are the lines of statements that wait for a weak table to lose a key, or for random
// integers of 64 bits: where there is neither, they never end. They are left out for both.
var endless = map[string][]int{
	"closure.lua": {29},
	"math.lua":    {915},
}

// leaves reports whether control may leave the node, or it needs the chunk's arguments.
func (e *editor) leaves(n syntax.Node) bool {
	switch e.tree.Kind(n) {
	case syntax.Function, syntax.FunctionStat, syntax.LocalFunction:
		return false // what leaves, leaves that function
	case syntax.GotoStat, syntax.LabelStat, syntax.ReturnStat, syntax.Vararg:
		return true
	}
	for c := range e.tree.Children(n) {
		if e.leaves(c) {
			return true
		}
	}
	return false
}

// asserts gives every call of assert its place.
func (e *editor) asserts(n syntax.Node) {
	if e.tree.Kind(n) == syntax.Call {
		callee, args := e.tree.Call(n)
		text := e.tree.File.Text
		if text[e.tree.Start(callee):e.tree.End(callee)] == "assert" && len(args) > 0 {
			open := e.tree.End(callee)
			for open < uint32(len(text)) && text[open] == ' ' {
				open++
			}
			if text[open] == '(' {
				e.insert(e.tree.Start(callee), 3, "__")
				e.insert(open+1, 1, fmt.Sprintf("%q, ", fmt.Sprintf("a%d", e.line(n))))
			}
		}
	}
	for c := range e.tree.Children(n) {
		e.asserts(c)
	}
}

// integers has large integers made when they are needed: as literals, skyrun refuses the
// whole file for them.
func (e *editor) integers() {
	for n := range e.tree.Nodes(syntax.Number) {
		if v := e.tree.Number(n); v.IsInt && (v.Int > 1<<53 || v.Int < -1<<53) || !v.IsInt && strings.HasPrefix(strings.ToLower(e.tree.Text(n)), "0x") {
			e.insert(e.tree.Start(n), 4, ` __int"`)
			e.insert(e.tree.End(n), -1, `"`)
		}
	}
}

func (e *editor) apply() string {
	slices.SortStableFunc(e.edits, func(a, b edit) int {
		if a.at != b.at {
			return int(a.at) - int(b.at)
		}
		return a.order - b.order
	})
	var b strings.Builder
	at := uint32(0)
	for _, x := range e.edits {
		b.WriteString(e.tree.File.Text[at:x.at])
		b.WriteString(x.text)
		at = x.at
	}
	b.WriteString(e.tree.File.Text[at:])
	return b.String()
}
