package luarun

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Random returns a random program that ends and prints what it computes. It depends on r
// alone. Its numbers are whole and small, or are printed in a way that real Lua and float64
// agree upon; variables have types, so that most of what it does is no error, and what may
// be one is protected and its message printed.
func Random(r *rand.Rand, size int) string {
	g := &generator{r: r, budget: size}
	g.b.WriteString(prelude)
	g.scopes = []scope{{}}
	for g.budget > 0 {
		g.statement()
	}
	g.dump()
	return g.b.String()
}

// prelude is what every random program begins with: out prints, closer makes what can be
// closed, vec makes objects with all metamethods.
const prelude = `local log = {}
local function out(...)
  local t = table.pack(...)
  for i = 1, t.n do t[i] = type(t[i]) == 'table' and not getmetatable(t[i]) and 'a table' or tostring(t[i]) end
  print((table.concat(t, ' '):gsub('0x%x+', 'address')))
end
local function closer(n) return setmetatable({}, { __close = function(_, e) out('close', n, e) end }) end
local V = {}
V.__index = V
local function vec(x) return setmetatable({ x = x % 1000 }, V) end
for i, name in ipairs { 'add', 'sub', 'mul', 'idiv', 'mod', 'band', 'bor', 'bxor', 'shl', 'shr' } do
  V['__' .. name] = function(a, b) return vec((type(a) == 'table' and a.x or a) * 3 + (type(b) == 'table' and b.x or b) + i) end
end
V.__eq = function(a, b) return a.x == b.x end
V.__lt = function(a, b) return a.x < b.x end
V.__le = function(a, b) return a.x <= b.x end
V.__concat = function(a, b) return tostring(a) .. '|' .. tostring(b) end
V.__len = function(v) return v.x % 7 end
V.__unm = function(v) return vec(-v.x) end
V.__tostring = function(v) return 'v' .. v.x end
V.__call = function(v, a) return v.x + (a or 0) end
`

type kind uint8

const (
	integer kind = iota
	text
	boolean
	list     // of integers, 1 to 8 of them
	function // of two integers to an integer
	vector
	kinds
)

type variable struct {
	name  string
	kind  kind
	fixed bool
}

type scope struct {
	vars []variable
	loop bool // whose body has a label "continue" at its end
	// function says that it is the body of a function that an expression may call: it assigns
	// to no variable outside, since the order in which operands are evaluated is not defined.
	function bool
}

type generator struct {
	r      *rand.Rand
	b      strings.Builder
	budget int
	names  int
	indent int
	calls  int // functions within functions
	yields int // coroutines around: lua5.4.4 loses to-be-closed variables in them, or crashes
	scopes []scope
}

func (g *generator) chance(oneIn int) bool { return g.r.IntN(oneIn) == 0 }

func (g *generator) pick(s ...string) string { return s[g.r.IntN(len(s))] }

func (g *generator) line(format string, args ...any) {
	g.b.WriteString(strings.Repeat("  ", g.indent))
	fmt.Fprintf(&g.b, format, args...)
	g.b.WriteByte('\n')
}

func (g *generator) fresh() string {
	g.names++
	return fmt.Sprintf("%s%d", g.pick("a", "b", "value", "x"), g.names)
}

func (g *generator) declare(name string, k kind, fixed bool) {
	s := &g.scopes[len(g.scopes)-1]
	s.vars = append(s.vars, variable{name, k, fixed})
}

// find returns a variable of a kind, "" if there is none.
func (g *generator) find(k kind, assign bool) string {
	var all []string
	from := 0
	if assign {
		for i, s := range g.scopes {
			if s.function {
				from = i
			}
		}
	}
	for _, s := range g.scopes[from:] {
		for _, v := range s.vars {
			if v.kind == k && !(assign && v.fixed) {
				all = append(all, v.name)
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[g.r.IntN(len(all))]
}

func (g *generator) block(loop bool, body func()) {
	g.scopes = append(g.scopes, scope{loop: loop})
	g.indent++
	body()
	for range 1 + g.r.IntN(3) {
		if g.budget > 0 {
			g.statement()
		}
	}
	g.indent--
	g.scopes = g.scopes[:len(g.scopes)-1]
}

// dump prints all variables in sight.
func (g *generator) dump() {
	for _, s := range g.scopes {
		for _, v := range s.vars {
			switch v.kind {
			case list:
				g.line("out('%s', #%s, table.concat(%s, ','))", v.name, v.name, v.name)
			case function:
				g.line("out('%s', %s(3, 4))", v.name, v.name)
			default:
				g.line("out('%s', %s)", v.name, v.name)
			}
		}
	}
}

func (g *generator) statement() {
	g.budget--
	deep := len(g.scopes) > 5
	switch n := g.r.IntN(100); {
	case n < 28:
		g.local()
	case n < 44:
		g.assign()
	case n < 52:
		g.line("out(%s, %s)", g.expr(kind(g.r.IntN(3)), 3), g.expr(integer, 2))
	case n < 60 && !deep:
		g.line("if %s then", g.expr(boolean, 3))
		g.block(false, func() {})
		if g.chance(3) {
			g.line("elseif %s then", g.expr(boolean, 2))
			g.block(false, func() {})
		}
		if g.chance(2) {
			g.line("else")
			g.block(false, func() {})
		}
		g.line("end")
	case n < 67 && !deep:
		g.loop()
	case n < 74 && !deep && g.calls < 3:
		g.functionStat()
	case n < 79 && !deep:
		g.line("out(pcall(function()")
		g.block(false, func() {
			if g.chance(2) && g.yields == 0 {
				g.line("local c%d <close> = closer(%d)", g.names, g.r.IntN(100))
			}
		})
		if g.chance(2) {
			g.line("  %s", g.mistake())
		}
		g.line("end))")
	case n < 83 && !deep && g.yields == 0:
		g.line("do")
		g.block(false, func() { g.line("local c <close> = closer(%s)", g.expr(integer, 1)) })
		g.line("end")
	case n < 87 && !deep && g.calls < 2:
		g.coroutine()
	case n < 91:
		if name := g.find(list, true); name != "" {
			g.line("%s", g.pick(
				fmt.Sprintf("table.insert(%s, 1, %s) %s[#%s] = nil", name, g.expr(integer, 2), name, name),
				fmt.Sprintf("table.sort(%s)", name),
				fmt.Sprintf("table.sort(%s, function(a, b) return a > b end)", name),
				fmt.Sprintf("%s[#%s] = %s", name, name, g.expr(integer, 2)),
				fmt.Sprintf("for i, v in ipairs(%s) do log[i] = (v + i) %% 1000 end out(table.concat(log, ','))", name)))
		}
	case n < 94 && g.inLoop():
		g.line("if %s then %s end", g.expr(boolean, 2), g.pick("break", "goto continue"))
	default:
		g.line("%s", g.mistakeProtected())
	}
}

// inLoop reports whether the statement stands in the block of a loop itself, or in blocks
// of no function within it.
func (g *generator) inLoop() bool { return g.scopes[len(g.scopes)-1].loop }

func (g *generator) local() {
	k := kind(g.r.IntN(int(kinds)))
	if k == function && g.calls > 2 {
		k = integer
	}
	e := g.expr(k, 3)
	name := g.fresh()
	if g.chance(6) && k != list {
		g.line("local %s <const> = %s", name, e)
		g.declare(name, k, true)
		return
	}
	if g.inLoop() {
		// A goto to the label at the end may not jump into the scope of a local: the
		// label is the last of its block, so it may.
		g.line("local %s = %s", name, e)
	} else if g.chance(5) {
		second := g.fresh()
		g.line("local %s, %s = %s, %s", name, second, e, g.expr(integer, 2))
		g.declare(second, integer, false)
	} else {
		g.line("local %s = %s", name, e)
	}
	g.declare(name, k, false)
}

func (g *generator) assign() {
	k := kind(g.r.IntN(int(kinds)))
	name := g.find(k, true)
	if name == "" || k == function {
		g.local()
		return
	}
	other := g.find(integer, true)
	if k != integer && other != "" && g.chance(3) {
		g.line("%s, %s = %s, %s", name, other, g.expr(k, 2), g.expr(integer, 2))
		return
	}
	g.line("%s = %s", name, g.expr(k, 3))
}

func (g *generator) loop() {
	name := g.fresh()
	label := func() {
		g.line("  ::continue::")
		g.line("end")
	}
	switch g.r.IntN(5) {
	case 0:
		g.line("for %s = %d, %d, %s do", name, g.r.IntN(3), 2+g.r.IntN(4), g.pick("1", "2", "3"))
		g.block(true, func() { g.declare(name, integer, true) })
	case 1:
		g.line("for %s = %d, %d, -1 do", name, 3+g.r.IntN(3), g.r.IntN(3))
		g.block(true, func() { g.declare(name, integer, true) })
	case 2:
		g.line("for _, %s in ipairs { %s, %s, %s } do", name, g.expr(integer, 1), g.expr(integer, 1), g.expr(integer, 1))
		g.block(true, func() { g.declare(name, integer, true) })
	case 3:
		g.line("local %s = 0", name)
		g.line("while %s < %d do", name, 1+g.r.IntN(5))
		g.line("  %s = %s + 1", name, name)
		g.block(true, func() { g.declare(name, integer, true) })
	default:
		g.line("local %s = 0", name)
		g.line("repeat")
		g.line("  %s = %s + 1", name, name)
		g.scopes = append(g.scopes, scope{})
		g.declare(name, integer, true)
		g.line("  do")
		g.block(false, func() {})
		g.line("  end")
		g.scopes = g.scopes[:len(g.scopes)-1]
		g.line("until %s >= %d", name, 1+g.r.IntN(4))
		return
	}
	label()
}

func (g *generator) functionStat() {
	name, a, b := g.fresh(), g.fresh(), g.fresh()
	variadic := g.chance(3)
	if variadic {
		g.line("local function %s(...)", name)
		g.line("  local %s, %s = ...", a, b)
		g.line("  out('args', select('#', ...), (select(-1, ...)))")
	} else {
		g.line("local function %s(%s, %s)", name, a, b)
	}
	g.calls++
	g.block(false, func() {
		g.scopes[len(g.scopes)-1].function = true
		g.declare(a, integer, false)
		g.declare(b, integer, false)
	})
	g.calls--
	g.line("  return (%s + %s) %% 10007", a, b)
	g.line("end")
	g.declare(name, function, true)
}

func (g *generator) coroutine() {
	name, v := g.fresh(), g.fresh()
	g.line("local %s = coroutine.wrap(function(%s)", name, v)
	g.calls++
	g.yields++
	g.block(false, func() {
		g.declare(v, integer, false)
		g.line("%s = coroutine.yield(%s) %% 10007", v, g.expr(integer, 2))
	})
	if g.chance(2) {
		g.line("  out(pcall(function() %s = coroutine.yield(%s) %% 10007 %s end))", v, v, g.pick("", "error('in', 0)", "error({})", "return 7"))
	} else {
		g.line("  %s = coroutine.yield(%s) %% 10007", v, v)
	}
	g.calls--
	g.yields--
	g.line("  return %s", v)
	g.line("end)")
	g.line("out(%s(%s)) out(%s(%s)) out(%s(%s)) out(pcall(%s, 1))", name, g.expr(integer, 1), name, g.expr(integer, 1), name, g.expr(integer, 1), name)
}

// mistake returns a statement that raises an error.
func (g *generator) mistake() string {
	i := g.expr(integer, 1)
	return g.pick(
		"error('oops', 0)", "error('placed')", "error('twice', 2)", "local n = nil; n.x = 1", "local n n()", "local t = {} t.x.y = 1",
		"local t = {} t.f()", "local t = {} t:m()", "return "+i+" + {}", "return {} < {}", "return 1 < 'x'", "return "+i+" .. {}", "return #"+i,
		"undefinedname()", "return undefinedname.x", "return 1.5 | 1", "return 'a' + 1", "string.rep()",
		"return ('x'):rep({})", "table.concat({ {} })", "setmetatable(1, {})", "return nil > 1", "assert(false)", "assert(nil, 'because')", "for i = 1, 10, 0 do end",
		"for x in 5 do end", "local t = setmetatable({}, { __index = function(_, k) error('no ' .. k, 0) end }) return t.zip", "local t <close> = 5", "return -{}", "return ~'x'")
}

func (g *generator) mistakeProtected() string {
	if g.chance(6) { // on one line: lua5.4.4 gives that of the function, not that of the operator
		return "out(pcall(function() return " + g.pick("1 // 0", "1 % 0", "#'x' // 0", "5 % (2 - 2)") + " end))"
	}
	if g.chance(2) {
		return "out(pcall(function() " + g.mistake() + " end))"
	}
	return "out(select('#', pcall(function() " + g.mistake() + " end)))"
}

func (g *generator) expr(k kind, depth int) string {
	if name := g.find(k, false); name != "" && (depth == 0 || g.chance(3)) {
		return name
	}
	switch k {
	case integer:
		return g.integer(depth)
	case text:
		return g.text(depth)
	case boolean:
		return g.boolean(depth)
	case list:
		return g.list(depth)
	case function:
		return g.function(depth)
	}
	return g.vector(depth)
}

func (g *generator) integer(depth int) string {
	if depth <= 0 {
		return fmt.Sprint(g.r.IntN(200) - 50)
	}
	a := func() string { return g.expr(integer, depth-1) }
	switch g.r.IntN(15) {
	case 0, 1:
		return fmt.Sprintf("(%s %s %s)", a(), g.pick("+", "-"), a())
	case 2:
		return fmt.Sprintf("(%s * %s %% 9973)", a(), a())
	case 3:
		return fmt.Sprintf("(%s %s (%s | 1))", a(), g.pick("//", "%"), a())
	case 4:
		return fmt.Sprintf("(%s %s %s)", a(), g.pick("&", "|", "~"), a())
	case 5:
		return fmt.Sprintf("((%s & 0xffff) %s (%s & 7))", a(), g.pick("<<", ">>"), a())
	case 6:
		return fmt.Sprintf("#%s", g.expr(text, depth-1))
	case 7:
		return fmt.Sprintf("(%s)[1]", g.expr(list, depth-1))
	case 8:
		return fmt.Sprintf("(%s and %s or %s)", g.expr(boolean, depth-1), a(), a())
	case 9:
		return fmt.Sprintf("math.%s(%s, %s)", g.pick("max", "min"), a(), a())
	case 10:
		return fmt.Sprintf("(%s)(%s, %s)", g.expr(function, depth-1), a(), a())
	case 11:
		return fmt.Sprintf("%s(%s)", g.pick("-", "~", "- -"), a())
	case 12:
		return fmt.Sprintf("select(%s, %s, %s, %s)", g.pick("1", "2", "-1"), a(), a(), a()) + g.pick("", " + 0")
	case 13:
		return fmt.Sprintf("(%s).x", g.expr(vector, depth-1))
	}
	return fmt.Sprintf("(tonumber(tostring(%s)) or 0)", a())
}

func (g *generator) text(depth int) string {
	if depth <= 0 {
		return g.pick("'abc'", `"x y z"`, "''", "[[long]]", `'\65\x42\u{43}'`, "'%d'", "'a,b,,c'", "'key=value'")
	}
	a := func() string { return g.expr(text, depth-1) }
	i := func() string { return g.expr(integer, depth-1) }
	switch g.r.IntN(12) {
	case 0, 1:
		return fmt.Sprintf("(%s .. %s)", a(), a())
	case 2:
		return fmt.Sprintf("(%s .. %s .. %s)", a(), i(), a())
	case 3:
		return fmt.Sprintf("(%s):%s()", a(), g.pick("upper", "lower", "reverse"))
	case 4:
		return fmt.Sprintf("(%s):sub(%s, %s)", a(), g.pick("1", "2", "-3", "0"), g.pick("2", "-1", "-2", "5"))
	case 5:
		return fmt.Sprintf("((%s):sub(1, 20)):rep(%d%s)", a(), g.r.IntN(4), g.pick("", ", '-'"))
	case 6:
		return fmt.Sprintf("('%s'):format(%s)", g.pick("%d", "%5d", "%-5d|", "%x", "%05d", "%+d", "%g", "%.2f", "%s", "%i", "%e", "%q"), "("+i()+") & 0xfff")
	case 7:
		return fmt.Sprintf("((%s):gsub('%s', '%s'))", a(), g.pick("%w", "a", "%d+", "(%w)(%w)", "^%s*", ".-$", "[aeiou]", "%f[%w]%w+"), g.pick("<%0>", "", "%1", "x"))
	case 8:
		return fmt.Sprintf("((%s):match('%s') or 'none')", a(), g.pick("%w+", "(%a+)", "^(.-),", "%d", "[^,]*", "=(.*)$", "%b()"))
	case 9:
		return fmt.Sprintf("tostring(%s)", g.expr(kind(g.r.IntN(3)), depth-1))
	case 10:
		return fmt.Sprintf("table.concat(%s, '%s')", g.expr(list, depth-1), g.pick(",", "", "--"))
	}
	return fmt.Sprintf("(%s .. '')", g.expr(vector, depth-1))
}

func (g *generator) boolean(depth int) string {
	if depth <= 0 {
		return g.pick("true", "false")
	}
	k := g.pick("<", "<=", ">", ">=", "==", "~=")
	switch g.r.IntN(8) {
	case 0, 1, 2:
		return fmt.Sprintf("(%s %s %s)", g.expr(integer, depth-1), k, g.expr(integer, depth-1))
	case 3:
		return fmt.Sprintf("(%s %s %s)", g.expr(text, depth-1), k, g.expr(text, depth-1))
	case 4:
		return fmt.Sprintf("(%s %s %s)", g.expr(boolean, depth-1), g.pick("and", "or", "==", "~="), g.expr(boolean, depth-1))
	case 5:
		return fmt.Sprintf("not %s", g.expr(boolean, depth-1))
	case 6:
		return fmt.Sprintf("(%s %s %s)", g.expr(vector, depth-1), k, g.expr(vector, depth-1))
	}
	return fmt.Sprintf("(type(%s) == '%s')", g.expr(kind(g.r.IntN(int(kinds))), depth-1), g.pick("number", "string", "table", "function"))
}

func (g *generator) list(depth int) string {
	depth = max(depth, 1)
	var items []string
	for range 1 + g.r.IntN(5) {
		items = append(items, g.expr(integer, depth-1))
	}
	switch g.r.IntN(4) {
	case 0:
		return "table.pack(" + strings.Join(items, ", ") + ")"
	case 1:
		if name := g.find(list, false); name != "" {
			return fmt.Sprintf("{ %s, table.unpack(%s, 1, 3) }", items[0], name)
		}
	case 2:
		return "{ " + strings.Join(items, "; ") + ", extra = true }"
	}
	return "{ " + strings.Join(items, ", ") + " }"
}

func (g *generator) function(depth int) string {
	a, b := g.fresh(), g.fresh()
	g.scopes = append(g.scopes, scope{vars: []variable{{a, integer, false}, {b, integer, false}}, function: true})
	g.calls++
	body := ""
	if up := g.find(integer, true); up != "" && g.calls < 3 && g.chance(2) {
		body = fmt.Sprintf("%s = (%s + 1) %% 1000 ", up, up)
	}
	e := g.expr(integer, max(depth-1, 0))
	g.calls--
	g.scopes = g.scopes[:len(g.scopes)-1]
	return fmt.Sprintf("(function(%s, %s) %sreturn (%s) %% 10007 end)", a, b, body, e)
}

func (g *generator) vector(depth int) string {
	if depth <= 0 {
		return fmt.Sprintf("vec(%d)", g.r.IntN(50))
	}
	switch g.r.IntN(4) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", g.expr(vector, depth-1), g.pick("+", "-", "*", "//", "%", "&", "|", "~", "<<", ">>"), g.expr(integer, depth-1))
	case 1:
		return fmt.Sprintf("(%s %s %s)", g.expr(integer, depth-1), g.pick("+", "-", "*", "//", "%", "&", "|", "~", "<<", ">>"), g.expr(vector, depth-1))
	case 2:
		return "-(" + g.expr(vector, depth-1) + ")"
	}
	return fmt.Sprintf("vec(%s)", g.expr(integer, depth-1))
}
