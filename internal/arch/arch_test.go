package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/skylint/skylint"

// A goPackage is what go list says of a package.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// load asks the go tool for every package of the module, as Linux and as Windows see it.
func load(t *testing.T, root string) []goPackage {
	t.Helper()
	var packages []goPackage
	for _, goos := range []string{"linux", "windows"} {
		cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for dec := json.NewDecoder(bytes.NewReader(out)); ; {
			var p goPackage
			if err := dec.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			packages = append(packages, p)
		}
	}
	return packages
}

func readDrawing(t *testing.T) (root string, d *drawing) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	d, err = parse(strings.ReplaceAll(string(page), "\r\n", "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return root, d
}

// each returns the faults without those that both systems have.
func each(faults []string) []string {
	slices.Sort(faults)
	return slices.Compact(faults)
}

func TestArrows(t *testing.T) {
	root, d := readDrawing(t)
	for _, fault := range each(d.checkArrows(load(t, root))) {
		t.Error(fault)
	}
}

func TestModules(t *testing.T) {
	root, d := readDrawing(t)
	for _, fault := range each(d.checkModules(load(t, root))) {
		t.Error(fault)
	}
}

func TestHouse(t *testing.T) {
	root, d := readDrawing(t)
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		// What is built, and what begins with a dot, is not part of the house.
		if name := e.Name(); e.IsDir() && name[0] != '.' && name != "bin" && name != "build" && hasFile(t, filepath.Join(root, name)) {
			folders = append(folders, name)
		}
	}
	for _, fault := range d.checkHouse(folders) {
		t.Error(fault)
	}
}

// hasFile reports whether there is any file in or below a folder: git does not know
// folders without one.
func hasFile(t *testing.T, dir string) bool {
	t.Helper()
	errFound := errors.New("found")
	err := filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			return errFound
		}
		return err
	})
	if err != nil && !errors.Is(err, errFound) {
		t.Fatal(err)
	}
	return err != nil
}

// The checks themselves, on a small drawing with one fault of each kind.
func TestChecksFindFaults(t *testing.T) {
	const page = "```house\n" +
		"a/  first\n" +
		"b/  second\n" +
		"    goes on\n" +
		"```\n" +
		"```arrows\n" +
		"a     ->\n" +
		"a/sub -> a\n" +
		"b     -> a, a/sub\n" +
		"gone  -> a\n" +
		"side/* -> a\n" +
		"```\n" +
		"| module | used by | for |\n" +
		"| --- | --- | --- |\n" +
		"| `example.org/x/y` | `b` | this |\n" +
		"| `example.org/test` | tests of `a` | that |\n" +
		"| `example.org/unused` | `a` | nothing |\n"
	d, err := parse(page)
	if err != nil {
		t.Fatal(err)
	}
	packages := []goPackage{
		{ImportPath: module + "/a", Imports: []string{"fmt", module + "/b", "example.org/test/v2"}},
		{ImportPath: module + "/a/sub/deep", Imports: []string{module + "/a", "example.org/x/y/z"}},
		{ImportPath: module + "/b", Imports: []string{module + "/a", module + "/b/inner"}, TestImports: []string{"example.org/test"}},
		{ImportPath: module + "/b/inner", Imports: []string{"example.org/x/y"}},
		{ImportPath: module + "/new", Imports: []string{module + "/a"}},
		{ImportPath: module + "/side/x", Imports: []string{module + "/a", module + "/side/y", module + "/side/x/own"}},
		{ImportPath: module + "/side/y"},
	}
	same(t, d.checkArrows(packages), []string{
		"a imports b: no arrow a -> b is drawn",
		"the arrow b -> a/sub is drawn, but nothing imports along it: take it away",
		"side/x imports side/y: the folders of side/* stand side by side",
		"new is not among the arrows: draw it, or move it",
		"there are arrows from gone, but no such package",
	})
	same(t, d.checkModules(packages), []string{
		"a uses example.org/test/v2, which no row of the modules allows it",
		"a/sub/deep uses example.org/x/y/z, which no row of the modules allows it",
		"tests of b use example.org/test, which no row of the modules allows them",
		"example.org/test is listed for tests of a, which does not use it",
		"example.org/unused is listed for a, which does not use it",
	})
	same(t, d.checkHouse([]string{"a", "c"}), []string{
		"the folder c is not in the drawing of the house",
		"the drawing of the house has a folder b, which is not there",
	})
}

func TestParseFaults(t *testing.T) {
	for _, page := range []string{
		"",
		"```house\na/ x\n```\n",
		"```house\na/ x\n```\n```arrows\na\n```\n",
		"```house\na/ x\n```\n```arrows\na -> b\n```\n",
		"```house\na/ x\n```\n```arrows\na ->\na ->\n```\n",
		"```house\na/ x\n```\n```arrows\na ->\n```\n",
		"```house\na/ x\n```\n```arrows\na ->\n```\n| module | used by | for |\n| --- | --- | --- |\n| `m` | `b` | x |\n",
		"```house\na/ x\n```\n```arrows\na ->\n```\n| module | used by | for |\n| --- | --- | --- |\n| `m` | `a` |  |\n",
	} {
		if _, err := parse(page); err == nil {
			t.Errorf("no error for\n%s", page)
		}
	}
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// short returns the path of a package within the module; ok is false for others.
func short(path string) (string, bool) { return strings.CutPrefix(path, module+"/") }

// groupOf returns the group that a package belongs to: the longest one that is the package
// or a folder above it; "" for none. member is the folder that stands for a "*".
func (d *drawing) groupOf(pkg string) (group, member string) {
	for g := pkg; g != "."; g = dir(g) {
		if _, ok := d.arrows[g]; ok {
			return g, ""
		}
		if any := dir(g) + "/*"; d.arrows[any] != nil {
			return any, g
		}
	}
	return "", ""
}

func dir(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return "."
}

// checkArrows compares what the packages import of each other with the arrows. Imports of
// tests are free.
func (d *drawing) checkArrows(packages []goPackage) (faults []string) {
	used := map[[2]string]bool{}
	seen := map[string]bool{}
	for _, p := range packages {
		name, ok := short(p.ImportPath)
		if !ok {
			continue
		}
		from, member := d.groupOf(name)
		if from == "" {
			faults = append(faults, fmt.Sprintf("%s is not among the arrows: draw it, or move it", name))
			continue
		}
		seen[from] = true
		for _, path := range p.Imports {
			imported, ok := short(path)
			if !ok {
				continue
			}
			to, other := d.groupOf(imported)
			switch {
			case to == "": // a fault of its own
				continue
			case to == from && member == other:
				continue
			case to == from:
				faults = append(faults, fmt.Sprintf("%s imports %s: the folders of %s stand side by side", name, imported, from))
				continue
			}
			used[[2]string{from, to}] = true
			if !slices.Contains(d.arrows[from], to) {
				faults = append(faults, fmt.Sprintf("%s imports %s: no arrow %s -> %s is drawn", name, imported, from, to))
			}
		}
	}
	for _, from := range slices.Sorted(maps.Keys(d.arrows)) {
		if !seen[from] {
			faults = append(faults, fmt.Sprintf("there are arrows from %s, but no such package", from))
			continue
		}
		for _, to := range d.arrows[from] {
			if !used[[2]string{from, to}] {
				faults = append(faults, fmt.Sprintf("the arrow %s -> %s is drawn, but nothing imports along it: take it away", from, to))
			}
		}
	}
	return faults
}

// checkModules compares the use of other modules with the table.
func (d *drawing) checkModules(packages []goPackage) (faults []string) {
	used := map[use]bool{}
	check := func(name, path string, tests bool) {
		if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") || path == module || strings.HasPrefix(path, module+"/") {
			return // the standard library, or our own
		}
		ok := false
		for _, u := range d.uses {
			// What code may use, its tests may use.
			if within(path, u.module) && within(name, u.group) && (tests || !u.tests) {
				ok = true
				used[u] = used[u] || tests == u.tests
			}
		}
		switch {
		case ok:
		case tests:
			faults = append(faults, fmt.Sprintf("tests of %s use %s, which no row of the modules allows them", name, path))
		default:
			faults = append(faults, fmt.Sprintf("%s uses %s, which no row of the modules allows it", name, path))
		}
	}
	for _, p := range packages {
		name, _ := short(p.ImportPath)
		for _, path := range p.Imports {
			check(name, path, false)
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			check(name, path, true)
		}
	}
	for _, u := range d.uses {
		if !used[u] {
			who := u.group
			if u.tests {
				who = "tests of " + who
			}
			faults = append(faults, fmt.Sprintf("%s is listed for %s, which does not use it", u.module, who))
		}
	}
	return faults
}

// within reports whether path is outer or below it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '/')
}

// checkHouse compares the folders that are there with the drawing.
func (d *drawing) checkHouse(folders []string) (faults []string) {
	for _, f := range folders {
		if !slices.Contains(d.folders, f) {
			faults = append(faults, fmt.Sprintf("the folder %s is not in the drawing of the house", f))
		}
	}
	for _, f := range d.folders {
		if !slices.Contains(folders, f) {
			faults = append(faults, fmt.Sprintf("the drawing of the house has a folder %s, which is not there", f))
		}
	}
	return faults
}
