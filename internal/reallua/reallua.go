// Package reallua asks the real lua5.4 what a program returns. Tests compare with it. Package
// luadiff finds and runs the interpreter.
package reallua

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/internal/luadiff/luatest"
	"github.com/skylint/skylint/syntax"
)

//go:embed driver.lua
var driver string

// A Lua is a running lua5.4. It is safe for concurrent use; one program runs at a time.
type Lua struct{ interpreter *luadiff.Interpreter }

// Start runs lua5.4 until the test ends. What becomes of a test for which there is none, package
// luatest says.
func Start(t testing.TB) *Lua {
	t.Helper()
	interpreter, err := luadiff.Start(syntax.Lua54)
	luatest.Need(t, err)
	t.Cleanup(func() {
		if err := interpreter.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Lua{interpreter}
}

// Run runs a program as the chunk named "chunk". The answer begins with "ok" or "error";
// then follows, on a line each, what was returned, or the error value: "integer 3",
// "float 0x1p-1", "string a\010b" (bytes that are not printable are written in decimal),
// "boolean true", "nil nil", "table".
func (l *Lua) Run(program string) (string, error) {
	answers, err := l.interpreter.Evaluate(fmt.Sprintf("return (function() %s end)()(%s)", driver, luadiff.Quote(program)))
	if err != nil {
		return "", err
	}
	return answers[0], nil
}

// String describes a text as Run does.
func String(text string) string {
	var b strings.Builder
	b.WriteString("string ")
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 127 {
			fmt.Fprintf(&b, "\\%03d", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
