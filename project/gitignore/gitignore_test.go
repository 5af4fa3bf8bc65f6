package gitignore

import (
	"strings"
	"testing"
)

// ignored asks for a path as a walk does: folder by folder, stopping at an ignored one.
// A path that ends in a slash is a folder. files maps a folder to its ignore file.
func ignored(files map[string]string, path string) bool {
	var rules *Rules
	rules = rules.Add("", files[""])
	isDir := strings.HasSuffix(path, "/")
	path = strings.TrimSuffix(path, "/")
	for i := 0; i < len(path); i++ {
		if path[i] != '/' {
			continue
		}
		dir := path[:i]
		if rules.Ignored(dir, true) {
			return true
		}
		if content, ok := files[dir]; ok {
			rules = rules.Add(dir, content)
		}
	}
	return rules.Ignored(path, isDir)
}

// Each answer was compared with git check-ignore.
func TestIgnored(t *testing.T) {
	for _, c := range []struct {
		name    string
		ignore  string
		yes, no string // paths, separated by commas
	}{
		{"name at any depth", "foo", "foo,foo/,a/foo,a/foo/x.lua", "foo.lua,afoo"},
		{"suffix", "*.log", "x.log,a/b/x.log,.log", "x.logs,log"},
		{"anchored by a leading slash", "/foo", "foo,foo/a", "a/foo"},
		{"anchored by an inner slash", "a/foo", "a/foo", "b/a/foo,foo"},
		{"folders only", "foo/", "foo/,foo/x,a/foo/x", "foo,a/foo"},
		{"negation", "*.lua\n!keep.lua", "a.lua,b/a.lua", "keep.lua,b/keep.lua"},
		{"the last pattern decides", "!keep.lua\n*.lua", "keep.lua", "keep.txt"},
		{"nothing comes back out of an ignored folder", "build/\n!build/keep.lua", "build/keep.lua", "keep.lua"},
		{"folders between", "a/**/z", "a/z,a/b/z,a/b/c/z", "z,b/a/z"},
		{"leading stars", "**/foo", "foo,a/b/foo", "foo.lua"},
		{"trailing stars are what is inside", "a/**", "a/b,a/b/c", "a/"},
		{"a star stays in its folder", "a/*.lua", "a/x.lua", "a/b/x.lua"},
		{"stars within a name", "x**g", "xg,xabg,d/x1g", "x/g"},
		{"classes", "[!a]b\n[c-e].lua", "bb,c.lua,e.lua", "ab,f.lua"},
		{"an open class matches nothing", "[z\n*[", "", "z,[z,x["},
		{"braces are letters", "q{1,2}.lua", "q{1,2}.lua", "q1.lua"},
		{"a backslash quotes", "\\#a\n\\!b\n\\*", "#a,!b,*", "a,b,x"},
		{"comments and blank lines", "# foo\n\n   \nbar", "bar", "foo,#"},
		{"spaces at the end", "foo  \nbar\\ ", "foo,bar ", "bar"},
		{"spaces at the start count", " foo", " foo", "foo"},
		{"CRLF and a BOM", "\ufefffoo\r\nbar\r\n", "foo,bar", "foo\r"},
		{"empty patterns", "/\n!\n!/", "", "a,a/"},
		{"not UTF-8", "\xff*.lua", "\xffa.lua", "a.lua"},
	} {
		for want, paths := range map[bool]string{true: c.yes, false: c.no} {
			if paths == "" {
				continue
			}
			for path := range strings.SplitSeq(paths, ",") {
				if c.name == "braces are letters" && want {
					path = c.yes // the name has a comma
				}
				if got := ignored(map[string]string{"": c.ignore}, path); got != want {
					t.Errorf("%s: %q ignored by %q: got %v, want %v", c.name, path, c.ignore, got, want)
				}
			}
		}
	}
}

func TestNestedFiles(t *testing.T) {
	files := map[string]string{
		"":    "*.log\n/own.lua\n",
		"a":   "!keep.log\n/own.lua\nsub/*.lua\n",
		"a/b": "keep.log\n",
	}
	for path, want := range map[string]bool{
		"keep.log":       true,
		"a/keep.log":     false, // taken back in by a/.gitignore
		"a/c/keep.log":   false,
		"a/b/keep.log":   true, // the deeper file decides
		"a/b/c/keep.log": true,
		"own.lua":        true,
		"a/own.lua":      true,
		"a/b/own.lua":    false, // anchored to the folder of the file
		"a/sub/x.lua":    true,
		"sub/x.lua":      false,
		"ab/keep.log":    true, // "a" is a folder, not a prefix
	} {
		if got := ignored(files, path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestAddWithoutPatternsIsTheSame(t *testing.T) {
	var none *Rules
	if none.Ignored("x", false) {
		t.Error("nil rules ignore something")
	}
	some := none.Add("", "x")
	if some.Add("a", "# nothing\n") != some {
		t.Error("a file without patterns made new rules")
	}
}
