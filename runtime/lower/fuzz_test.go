package lower

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/internal/luagen"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// compile sees that a text that parses compiles, or is refused with its place.
func compile(t *testing.T, text string, d syntax.Dialect) (ok bool) {
	t.Helper()
	tree := syntax.Parse(source.New("fuzz.lua", text), d)
	for _, free := range []bool{false, true} {
		chunk, err := Compile(tree, Options{FreeEnv: free})
		if err == nil {
			if len(tree.Errors) > 0 {
				t.Errorf("%s: a text with syntax errors (%s) compiles", d.Title(), tree.Errors[0].Message)
			}
			if chunk == nil {
				t.Errorf("%s: neither chunk nor error", d.Title())
			}
			ok = true
			continue
		}
		e, isError := err.(*Error)
		if !isError {
			t.Fatalf("%s: the error %v is a %T", d.Title(), err, err)
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		if e.Line < 0 || e.Line > lines || e.Message == "" || strings.Contains(e.Message, "runtime error") || strings.Contains(e.Message, "cannot be compiled") {
			t.Errorf("%s: line %d of %d: %q", d.Title(), e.Line, lines, e.Message)
		}
	}
	return ok
}

// TestCompileRandom compiles random programs of every dialect, and broken ones.
func TestCompileRandom(t *testing.T) {
	for _, d := range syntax.Dialects() {
		compiled := 0
		for seed := range uint64(120) {
			r := luagen.Rand(seed)
			text := luagen.Program(r, d, 20+r.IntN(300))
			if compile(t, text, d) {
				compiled++
			}
			compile(t, luagen.Mutate(r, text, "return 1"), d)
		}
		if compiled < 60 {
			t.Errorf("%s: only %d of 120 random programs compile", d.Title(), compiled)
		}
	}
}

// TestCompileLarge compiles what is large or deep in one way.
func TestCompileLarge(t *testing.T) {
	repeat := strings.Repeat
	for _, n := range []int{50, 150, 199, 200, 201, 250, 256, 260, 513, 5000} {
		for _, text := range []string{
			"return " + repeat("(", n) + "1" + repeat(")", n),
			"return " + repeat("{", n) + repeat("}", n),
			"return " + repeat("-", 1) + repeat(" -", n) + "x",
			"return " + repeat("not ", n) + "x",
			"return x" + repeat(".y", n),
			"return x" + repeat("()", n),
			"return x" + repeat("[1]", n),
			"return x" + repeat(":m()", n),
			"return x" + repeat(" .. x", n),
			"return x" + repeat(" + x", n),
			"return x" + repeat(" ^ x", n),
			"return x" + repeat(" and x", n),
			"return x" + repeat(" or x", n),
			"return x" + repeat(" == x", n),
			"return x" + repeat(" // x", n),
			"return x" + repeat(" & x", n),
			repeat("do ", n) + repeat("end ", n),
			repeat("while x do ", n) + repeat("end ", n),
			repeat("if x then ", n) + repeat("end ", n),
			"if x then " + repeat("elseif x then ", n) + "end",
			repeat("repeat ", n) + repeat("until x ", n),
			repeat("for i = 1, 2 do ", n) + repeat("end ", n),
			repeat("for i in x do ", n) + repeat("end ", n),
			repeat("function f() ", n) + repeat("end ", n),
			repeat("local function f() ", n) + repeat("end ", n),
			"f(" + repeat("x, ", n) + "x)",
			"return {" + repeat("x, ", n) + "x}",
			"return {" + repeat("[x] = x, ", n) + "x}",
			"return {" + repeat("f(), ", n) + "f()}",
			"return " + repeat("x, ", n) + "x",
			"local " + repeat("x, ", n) + "x = 1",
			"local x = " + repeat("x, ", n) + "x",
			repeat("x, ", n) + "x = 1",
			repeat("x, ", n) + "x = f()",
			repeat("x[1], ", n) + "x = f()",
			repeat("local x\n", n),
			repeat("local x = function() return x end\n", n),
			repeat("local x <close> = nil\n", n),
			repeat("local x <const> = 1\n", n),
			repeat("x = 1\n", n),
			repeat("x = 'a' .. x\n", n),
			repeat("f()\n", n),
			"while x do " + repeat("x = 1\n", n) + "end",
			"repeat " + repeat("x = 1\n", n) + "until x",
			"for i = 1, 2 do " + repeat("if x then goto l end ", n) + "::l:: end",
			repeat("goto l ", 1) + repeat("x = 1 ", n) + "::l::",
			"function f(" + repeat("x, ", n) + "x) end",
			"return '" + repeat("x", n) + "'",
			"return function(...) return " + repeat("..., ", n) + "... end",
		} {
			compile(t, text, syntax.Lua54)
		}
	}
	for _, n := range []int{200, 1000, 70_000} {
		var b strings.Builder
		b.WriteString("return {")
		r := rand.New(rand.NewPCG(1, 2))
		for range n {
			b.WriteString("'" + string(rune('a'+r.IntN(26))) + string(rune('a'+r.IntN(26))) + string(rune('0'+r.IntN(10))) + string(rune('a'+r.IntN(26))) + "',")
		}
		compile(t, b.String()+"}", syntax.Lua54)
	}
}

// FuzzCompile parses, lowers and compiles any text in any dialect: nothing panics.
func FuzzCompile(f *testing.F) {
	paths, err := filepath.Glob("../../testdata/lua54/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatal("no programs to begin with: ", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			if strings.HasSuffix(file.Name, ".lua") {
				f.Add(string(file.Data), uint8(syntax.Lua54))
			}
		}
	}
	for _, d := range syntax.Dialects() {
		for seed := range uint64(20) {
			f.Add(luagen.Program(luagen.Rand(seed), d, 80), uint8(d))
		}
	}
	dialects := syntax.Dialects()
	f.Fuzz(func(t *testing.T, text string, dialect uint8) {
		if len(text) > 1<<14 {
			return
		}
		compile(t, text, dialects[int(dialect)%len(dialects)])
	})
}
