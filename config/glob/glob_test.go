package glob

import "testing"

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"*.lua", []string{"a.lua", "x/y/a.lua", ".lua", "dir.lua/readme"}, []string{"a.luac", "lua", "x/lua"}},
		{"3rd", []string{"3rd", "3rd/a.lua", "x/3rd/y/a.lua"}, []string{"3rdx/a.lua", "x3rd", "a.3rd"}},
		{"3rd/", []string{"3rd/a.lua", "x/3rd/a.lua"}, []string{"3rdx/a.lua"}},
		{"/3rd", []string{"3rd/a.lua"}, []string{"x/3rd/a.lua"}},
		{"./3rd", []string{"3rd/a.lua"}, []string{"x/3rd/a.lua"}},
		{"3rd/**", []string{"3rd/a.lua", "3rd/x/y.lua", "3rd"}, []string{"x/3rd/a.lua", "3rdx/a.lua"}},
		{"lib/3rd", []string{"lib/3rd/a.lua", "lib/3rd"}, []string{"x/lib/3rd/a.lua", "lib/3rd2/a.lua"}},
		{"**/3rd", []string{"3rd/a.lua", "x/y/3rd/a.lua"}, []string{"x/3rds/a.lua"}},
		{"**/lib/3rd", []string{"lib/3rd/a.lua", "x/lib/3rd/a.lua"}, []string{"lib/x/3rd/a.lua"}},
		{"lib/*.lua", []string{"lib/a.lua"}, []string{"lib/x/a.lua", "a.lua", "x/lib/a.lua"}},
		{"lib/**/*.lua", []string{"lib/a.lua", "lib/x/y/a.lua"}, []string{"a.lua", "lib/a.txt"}},
		{"lib/*", []string{"lib/a.lua", "lib/x/y/a.lua"}, []string{"lib", "a.lua"}},
		{"test_?.lua", []string{"test_1.lua", "x/test_2.lua"}, []string{"test_12.lua"}},
		{"{a,b}/[xy].lua", []string{"a/x.lua", "b/y.lua"}, []string{"a/z.lua", "c/x.lua", "q/a/x.lua"}},
		{"*_test.{lua,luau}", []string{"x/a_test.lua", "a_test.luau"}, []string{"a.lua"}},
		{"**", []string{"a", "a/b"}, nil},
		{"*", []string{"a", "a/b"}, nil},
		{".", []string{"a", "a/b"}, nil},
		{"a.lua", []string{"a.lua", "x/a.lua"}, []string{"aXlua", "a.lua2"}},
		{"*spec", []string{"spec/a.lua", "x/unitspec/a.lua"}, []string{"spec.lua"}},
		{"/*.lua", []string{"a.lua"}, []string{"x/a.lua"}},
	} {
		p, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("Compile(%q): %v", c.pattern, err)
			continue
		}
		if p.String() != c.pattern {
			t.Errorf("String() = %q, want %q", p.String(), c.pattern)
		}
		for _, file := range c.yes {
			if !p.Match(file) {
				t.Errorf("%q does not match %q", c.pattern, file)
			}
		}
		for _, file := range c.no {
			if p.Match(file) {
				t.Errorf("%q matches %q", c.pattern, file)
			}
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{"", `it is empty`},
		{`3rd\lua`, `folders are separated by "/", not by "\"`},
		{"!keep", `a glob cannot be negated by "!"`},
		{"../other/**", `".." leaves the project; globs start at the folder of sky.toml`},
		{"a//b", `"//" is not a path`},
		{"[a", `"[" is not closed by "]"`},
		{"{a,b", `"{" is not closed by "}"`},
		{"a}", `"}" closes no "{"`},
		{"a[]b", `"[]" must hold at least one character`},
	} {
		_, err := Compile(c.pattern)
		if err == nil {
			t.Errorf("Compile(%q) gives no error, want %q", c.pattern, c.want)
		} else if err.Error() != c.want {
			t.Errorf("Compile(%q): %v, want %s", c.pattern, err, c.want)
		}
	}
}

func TestSet(t *testing.T) {
	s := MustCompile("3rd", "*.tmp")
	for file, want := range map[string]bool{"3rd/a.lua": true, "x/a.tmp": true, "x/a.lua": false} {
		if got := s.Match(file); got != want {
			t.Errorf("Match(%q) = %v, want %v", file, got, want)
		}
	}
	if (Set)(nil).Match("a") || (Pattern{}).Match("a") {
		t.Error("the empty set or the zero pattern matches")
	}
	defer func() {
		if got, want := recover(), `glob "[": "[" is not closed by "]"`; got != want {
			t.Errorf("MustCompile panics with %v, want %s", got, want)
		}
	}()
	MustCompile("[")
}

func BenchmarkMatch(b *testing.B) {
	s := MustCompile("3rd", "test/**", "**/*_spec.lua", "lib/*/vendor")
	for b.Loop() {
		s.Match("lualib/skynet/cluster/agent.lua")
	}
}
