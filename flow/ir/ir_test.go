package ir_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/flow/ir"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/syntax"
)

// build makes the terms of a program of one file.
func build(t *testing.T, text string) *ir.File {
	t.Helper()
	t.Chdir(t.TempDir())
	p, err := project.Load(context.Background(), project.Options{Texts: map[string]string{"a.lua": text}})
	if err != nil {
		t.Fatal(err)
	}
	return ir.Build(p.Files[0].Scope, p.Files[0].API)
}

var kinds = map[ir.Kind]string{
	ir.Unknown: "unknown", ir.Nil: "nil", ir.Boolean: "boolean", ir.Number: "number", ir.String: "string", ir.Function: "function",
	ir.Table: "table", ir.API: "api", ir.Variable: "variable", ir.Parameter: "parameter", ir.Extra: "extra", ir.Load: "load",
	ir.Result: "result", ir.Join: "join", ir.Element: "element", ir.KeyOf: "key",
}

// describe writes where a value comes from.
func describe(f *ir.File, t ir.Term) string {
	d := f.Term(t)
	s := kinds[d.Kind]
	switch d.Kind {
	case ir.String, ir.Number:
		return strings.TrimSpace(s + " " + d.Text)
	case ir.Parameter, ir.Extra, ir.Result:
		return fmt.Sprint(s, " ", d.B)
	case ir.Load:
		return fmt.Sprintf("(%s).(%s)", describe(f, ir.Term(d.A)), describe(f, ir.Term(d.B)))
	case ir.Join:
		return describe(f, ir.Term(d.A)) + " or " + describe(f, ir.Term(d.B))
	case ir.API:
		return s + " " + d.Ref().Path()
	}
	return s
}

func TestTerms(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a local that never changes", `local a = "x" local b = a probe(b)`, "string x"},
		{"a local that changes", `local a = "x" a = "y" probe(a)`, "variable"},
		{"a joined text", `probe("x" .. "y")`, "string xy"},
		{"a computed text", `local a = ... probe("x" .. a)`, "unknown"},
		{"a further result", `local a, b = f() probe(b)`, "result 1"},
		{"a further extra argument", `local a, b = ... probe(b)`, "extra 1"},
		{"the rest of a list", `probe(f())`, "... result 0"},
		{"a default", `local function f(a) a = a or "x" end local b = g or "x" probe(b)`, "api g or string x"},
		{"a flag and a value", `probe(a and "x" or "y")`, "string x or string y"},
		{"a parameter", `function f(a, b) probe(b) end`, "parameter 1"},
		{"a parameter behind self", `function m:f(a) probe(a) end`, "parameter 1"},
		{"self", `function m:f(a) probe(self.x) end`, "(parameter 0).(string x)"},
		{"a list item", `local l = {} probe(l[2])`, "(table).(number 2)"},
		{"pairs", `for k, v in pairs({}) do probe(k, v) end`, "key, element"},
		{"a comparison", `probe(a == b, not a, nil)`, "boolean, boolean, nil"},
		{"a module", `local s = require "skynet" probe(s)`, "api skynet"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := build(t, test.text)
			var got []string
			for i := range f.Calls {
				c := &f.Calls[i]
				if callee, _ := f.Info.Tree.Call(c.Node); f.Info.Tree.Kind(c.Node) != syntax.Call || f.Info.Tree.Text(callee) != "probe" {
					continue
				}
				for _, a := range c.Args.Terms {
					got = append(got, describe(f, a))
				}
				if c.Args.Spread != ir.None {
					got = append(got, "... "+describe(f, c.Args.Spread))
				}
			}
			if s := strings.Join(got, ", "); s != test.want {
				t.Errorf("%s\n got %s\nwant %s", test.text, s, test.want)
			}
		})
	}
}
