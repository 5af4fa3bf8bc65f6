// Command gen makes what follows from the pages of rules and the folders of analyzers:
//
//	rules/catalogue_gen.go              the rules as static data
//	analyzers/registry/registry_gen.go  the list of analyzers
//	docs/RULES.md                       the table of rules
//
// Run it with "go generate ./rules". With --check it writes nothing and fails when a file
// is stale. It does not import package rules, so that it can mend a catalogue that does
// not compile.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail when a generated file is stale")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(check bool) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	outputs, err := generate(root)
	if err != nil {
		return err
	}
	if check {
		return stale(root, outputs)
	}
	for _, o := range outputs {
		file := filepath.Join(root, filepath.FromSlash(o.path))
		if have, err := os.ReadFile(file); err == nil && bytes.Equal(have, o.content) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, o.content, 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", o.path)
	}
	return nil
}

// stale names every generated file that is not what would be generated now.
func stale(root string, outputs []output) error {
	var errs []error
	for _, o := range outputs {
		have, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(o.path)))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		have = bytes.ReplaceAll(have, []byte("\r\n"), []byte("\n")) // a checkout on Windows
		if !bytes.Equal(have, o.content) {
			errs = append(errs, fmt.Errorf("%s is stale: run go generate ./rules", o.path))
		}
	}
	return errors.Join(errs...)
}

// An output is one generated file; its path is slash-separated, from the root.
type output struct {
	path    string
	content []byte
}

// generate reads the pages and the analyzers below root.
func generate(root string) ([]output, error) {
	heads, err := readPages(root, "rules")
	if err != nil {
		return nil, err
	}
	catalogue, err := catalogue(heads)
	if err != nil {
		return nil, err
	}
	found, err := findAnalyzers(filepath.Join(root, "analyzers"))
	if err != nil {
		return nil, err
	}
	registry, err := registry(found)
	if err != nil {
		return nil, err
	}
	return []output{
		{"rules/catalogue_gen.go", catalogue},
		{"analyzers/registry/registry_gen.go", registry},
		{"docs/RULES.md", table(heads)},
	}, nil
}

// readPages reads every page of a folder, sorted by id.
func readPages(root, dir string) ([]*head, error) {
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		return nil, err
	}
	var heads []*head
	var errs []error
	for _, e := range entries {
		name := dir + "/" + e.Name()
		switch {
		case !strings.HasSuffix(e.Name(), ".md"):
			continue
		case !pageName.MatchString(e.Name()):
			errs = append(errs, fmt.Errorf("%s: a page is named by its rule, as SKY101-global-write.md", name))
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, dir, e.Name()))
		if err != nil {
			return nil, err
		}
		h, err := parseHead(name, strings.ReplaceAll(string(text), "\r\n", "\n"))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		heads = append(heads, h)
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	slices.SortFunc(heads, func(a, b *head) int { return strings.Compare(a.file, b.file) })
	return heads, checkAll(dir, heads)
}

// findRoot walks up to the folder of go.mod.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod here or above: run this inside the repository")
		}
		dir = parent
	}
}
