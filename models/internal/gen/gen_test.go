package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/skylint/skylint/models"
)

const command = "run: go generate ./models"

func TestGeneratedTablesAreUpToDate(t *testing.T) {
	c, err := read("../../data")
	if err != nil {
		t.Fatal(err)
	}
	want, err := render(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../data_gen.go")
	if err != nil {
		t.Fatalf("%v; %s", err, command)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Errorf("models/data_gen.go does not say what models/data says; %s", command)
	}
}

func TestRenderIsTheSameEachTime(t *testing.T) {
	var texts [2][]byte
	for i := range texts {
		c, err := read("../../data")
		if err != nil {
			t.Fatal(err)
		}
		if texts[i], err = render(c); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(texts[0], texts[1]) {
		t.Error("two runs over the same files differ")
	}
}

// The tables cost nothing at start-up only if the compiler can lay them out as data:
// constants in composite literals, no calls, maps or functions.
func TestNothingIsComputedAtStartUp(t *testing.T) {
	paths, err := filepath.Glob("../../*.go")
	if err != nil || len(paths) < 5 {
		t.Fatalf("%v: %v", paths, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.Name == "init" {
					t.Errorf("%s has a function init", path)
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR {
					continue
				}
				ast.Inspect(d, func(n ast.Node) bool {
					switch n.(type) {
					case *ast.CallExpr, *ast.MapType, *ast.FuncLit:
						t.Errorf("%s: a variable of the package is computed at start-up", path)
					}
					return true
				})
			}
		}
	}
}

func TestDataIsWrittenInOneStyle(t *testing.T) {
	c, err := read("../../data")
	if err != nil {
		t.Fatal(err)
	}
	doc := func(what, text string) {
		if text == "" {
			t.Errorf("%s has no doc", what)
		} else if !unicode.IsUpper([]rune(text)[0]) || !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
			t.Errorf("%s: its doc is no sentence on one line: %q", what, text)
		}
	}
	entry := func(e *models.Entry) {
		doc(e.Path, e.Doc)
		if r := e.Raises; r != "" && (strings.HasSuffix(r, ".") || unicode.IsUpper([]rune(r)[0])) {
			t.Errorf("%s: raises is no clause that can stand behind \"if\": %q", e.Path, r)
		}
		if e.Kind == 0 || e.Dialects|e.Compat == 0 {
			t.Errorf("%s: its kind is %q and its dialects are %q", e.Path, e.Kind, e.Dialects)
		}
	}
	for _, table := range c.Tables {
		if table.Path != models.Globals {
			doc("the table "+table.Path, table.Doc)
		}
		for i := range table.Members {
			entry(&table.Members[i])
		}
	}
	for i := range c.Modules {
		entry(&c.Modules[i].Value)
	}
	for _, s := range c.Services {
		doc("the service "+s.Name, s.Doc)
	}
	for _, e := range c.Environments {
		doc("the environment "+e.Kind.String(), e.Doc)
		for i := range e.Members {
			entry(&e.Members[i])
		}
	}
}

// A broken model file stops the generator with the place of the error, and changes nothing.
func TestBrokenDataIsRefused(t *testing.T) {
	folder := t.TempDir()
	to := filepath.Join(folder, "data_gen.go")
	if err := generate(folder, to); err == nil || !strings.Contains(err.Error(), "no model files") {
		t.Errorf("for an empty folder the error is %v", err)
	}
	path := filepath.Join(folder, "a.toml")
	if err := os.WriteFile(path, []byte("library = \"a\"\n[global.f]\nkin = \"value\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := filepath.ToSlash(path) + `:3:1: unknown key "kin": did you mean "kind"?`
	if err := generate(folder, to); err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	if _, err := os.Stat(to); err == nil {
		t.Error("a file was written")
	}
	if err := os.WriteFile(path, []byte("library = \"a\"\n[global.f]\nkind = \"value\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := generate(folder, to); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(to); err != nil || !bytes.Contains(text, []byte(`Path: "f"`)) {
		t.Errorf("what was written is\n%s\n%v", text, err)
	}
}
