// Package sariftest checks SARIF reports in tests. No program imports it.
package sariftest

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	v210 "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Validate fails the test with all that is wrong with a report: by the schema of SARIF
// 2.1.0, and by what the schema cannot say about our reports. It takes the bytes, because
// a report that was read into structures has lost what is wrong with it.
func Validate(t testing.TB, report []byte) {
	t.Helper()
	for _, err := range Check(report) {
		t.Error(err)
	}
}

// Check returns what is wrong with a report, see Validate.
func Check(report []byte) []error {
	schema, err := compiled()
	if err != nil {
		return []error{fmt.Errorf("the schema of SARIF cannot be had: %w", err)}
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(report))
	if err != nil {
		return []error{fmt.Errorf("the report is not JSON: %w", err)}
	}
	if err := schema.Validate(document); err != nil {
		return []error{err}
	}
	c := checker{raw: report}
	c.document(document)
	return c.errs
}

var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	text, err := schemaText()
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	const address = "https://docs.oasis-open.org/sarif/sarif-schema-2.1.0.json"
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(address, document); err != nil {
		return nil, err
	}
	return c.Compile(address)
})

// schemaText returns the standard's own text, which the source of go-sarif's third version
// has in a constant that it does not export. That version itself is not used.
func schemaText() (string, error) {
	entry := runtime.FuncForPC(reflect.ValueOf(v210.NewReport).Pointer())
	if entry == nil {
		return "", errors.New("no source of go-sarif")
	}
	source, _ := entry.FileLine(entry.Entry())
	if !filepath.IsAbs(source) { // built with -trimpath
		cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
		if err != nil {
			return "", err
		}
		source = filepath.Join(strings.TrimSpace(string(cache)), source)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(filepath.Dir(source), "schema.go"), nil, 0)
	if err != nil {
		return "", err
	}
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if literal, ok := spec.Values[i].(*ast.BasicLit); ok && name.Name == "schema" {
					return strconv.Unquote(literal.Value)
				}
			}
		}
	}
	return "", fmt.Errorf("%s has no constant schema", source)
}
