package syntax_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skylint/skylint/internal/luagen"
	"github.com/skylint/skylint/internal/luaprint"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

func parse(text string, d syntax.Dialect) *syntax.Tree {
	return syntax.Parse(source.New("test.lua", text), d)
}

// difference says where two trees are not the same, "" where they are.
func difference(a *syntax.Tree, m syntax.Node, b *syntax.Tree, n syntax.Node) string {
	name := func(t *syntax.Tree, n syntax.Node) string {
		if n == syntax.None {
			return "nothing"
		}
		return fmt.Sprintf("%s %.60q", t.Kind(n), t.Text(n))
	}
	if m == syntax.None || n == syntax.None {
		if m != n {
			return name(a, m) + " against " + name(b, n)
		}
		return ""
	}
	same := a.Kind(m) == b.Kind(n) && a.Op(m) == b.Op(n) && a.Name(m) == b.Name(n)
	var left, right []syntax.Node
	for c := range a.Children(m) {
		left = append(left, c)
	}
	for c := range b.Children(n) {
		right = append(right, c)
	}
	same = same && len(left) == len(right)
	if same {
		switch a.Kind(m) {
		case syntax.String, syntax.Number:
			same = a.Text(m) == b.Text(n) && a.IsBare(m) == b.IsBare(n)
		case syntax.Decl, syntax.GlobalAll:
			same = a.Attrib(m) == b.Attrib(n) && a.IsVarargTable(m) == b.IsVarargTable(n)
		case syntax.Function:
			same = a.HasSelf(m) == b.HasSelf(n) && a.IsVariadic(m) == b.IsVariadic(n)
		case syntax.FunctionStat:
			_, _, one := a.FunctionStat(m)
			_, _, two := b.FunctionStat(n)
			same = one == two
		case syntax.AssignStat:
			one, _ := a.Assign(m)
			two, _ := b.Assign(n)
			same = len(one) == len(two)
		}
	}
	if !same {
		return name(a, m) + " against " + name(b, n)
	}
	for i := range left {
		if d := difference(a, left[i], b, right[i]); d != "" {
			return d
		}
	}
	return ""
}

// checkRoundTrip prints a tree, parses that and wants the same tree.
func checkRoundTrip(tree *syntax.Tree) string {
	printed := luaprint.Print(tree)
	again := parse(printed, tree.Dialect)
	if len(again.Errors) > 0 {
		return fmt.Sprintf("printed as %q, which has an error: %s", printed, again.Errors[0].Message)
	}
	if d := difference(tree, tree.Main, again, again.Main); d != "" {
		return fmt.Sprintf("printed as %q: %s", printed, d)
	}
	return ""
}

// checkSpans makes sure that spans and the order of nodes are what the package promises,
// also in a tree with errors.
func checkSpans(tree *syntax.Tree) (problem string) {
	fail := func(n syntax.Node, format string, args ...any) {
		if problem == "" {
			problem = fmt.Sprintf("node %d (%s %.40q): %s", n, tree.Kind(n), tree.Text(n), fmt.Sprintf(format, args...))
		}
	}
	seen := make([]bool, tree.Len())
	var walk func(n syntax.Node)
	walk = func(n syntax.Node) {
		if seen[n] {
			fail(n, "is met twice")
			return
		}
		seen[n] = true
		span := tree.Span(n)
		if span.Start > span.End || int(span.End) > len(tree.File.Text) {
			fail(syntax.None, "node %d (%s) has the span %v", n, tree.Kind(n), span)
			return
		}
		if text := tree.Text(n); len(tree.Errors) == 0 && strings.Trim(text, " \t\r\n\v\f") != text {
			fail(n, "white space in the span")
		}
		at := span.Start
		for c := range tree.Children(n) {
			child := tree.Span(c)
			if tree.Parent(c) != n {
				fail(c, "the parent is %d, not %d", tree.Parent(c), n)
			}
			if c >= n {
				fail(c, "is not before its parent %d", n)
			}
			if k := tree.Kind(n); tree.Kind(c) == syntax.Function && (k == syntax.FunctionStat || k == syntax.LocalFunction || k == syntax.GlobalFunc) {
				at = span.Start // it starts with the keyword, before the name
			}
			if child.Start < at || child.End > span.End {
				fail(c, "%v is not in its parent's %v (%s) or before its sibling", child, span, tree.Kind(n))
			}
			at = child.End
			walk(c)
		}
	}
	walk(tree.Main)
	if tree.Parent(tree.Main) != syntax.None {
		fail(tree.Main, "the main block has a parent")
	}
	for n := syntax.Node(1); int(n) < tree.Len(); n++ {
		if !seen[n] {
			fail(n, "is in no other node")
		}
	}
	for i := range tree.Errors {
		if e := &tree.Errors[i]; e.Start > e.End || int(e.End) > len(tree.File.Text) || int(e.Noticed) > len(tree.File.Text) || e.Noticed < e.Start || e.Message == "" {
			fail(syntax.None, "the error %+v", *e)
		}
	}
	return problem
}

// checkTokens makes sure that every name, numeral, string and comment of the text is the
// exact text of a node or a comment, and that between those stands nothing else than
// keywords, operators and white space.
func checkTokens(tree *syntax.Tree) string {
	leaves := make(map[source.Span]bool)
	for n := range tree.Nodes(syntax.Name, syntax.Decl, syntax.Number, syntax.String) {
		leaves[tree.Span(n)] = true
	}
	comments := make(map[uint32]source.Span)
	for _, c := range tree.Comments {
		comments[c.Start] = c.Span
	}
	at := uint32(0)
	met := 0
	for _, token := range luagen.Cut(tree.File.Text) {
		span := source.Span{Start: at, End: at + uint32(len(token))}
		at = span.End
		switch {
		case strings.HasPrefix(token, "--"):
			met++
			if comments[span.Start] != span {
				return fmt.Sprintf("comment %q is kept as %v", token, comments[span.Start])
			}
		case reserved[token], token == "global", token == "const", token == "close": // the last three may be names or not
		case isWord(token), strings.ContainsAny(token[:1], `"'`), len(token) > 1 && token[0] == '[':
			if !leaves[span] {
				return fmt.Sprintf("%q at %d is in no leaf", token, span.Start)
			}
		}
	}
	if met != len(comments) {
		return fmt.Sprintf("%d comments, but %d are kept", met, len(comments))
	}
	return ""
}

func isWord(token string) bool {
	c := token[0]
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

var reserved = func() map[string]bool {
	words := make(map[string]bool)
	for _, w := range strings.Fields("and break do else elseif end false for function goto if in local nil not or repeat return then true until while") {
		words[w] = true
	}
	return words
}()

// checkParts parses the text of every expression and statement on its own.
func checkParts(tree *syntax.Tree) string {
	for n := syntax.Node(1); int(n) < tree.Len(); n++ {
		k := tree.Kind(n)
		var alone *syntax.Tree
		var part syntax.Node
		parent := tree.Kind(tree.Parent(n))
		switch {
		case k == syntax.String && tree.IsBare(n), parent == syntax.FunctionStat, parent == syntax.LocalFunction, parent == syntax.GlobalFunc:
			continue // has another form alone
		case k.IsExpression():
			alone = parse("return "+tree.Text(n), tree.Dialect)
			if list := alone.Statements(alone.Main); len(list) == 1 && len(alone.Results(list[0])) == 1 {
				part = alone.Results(list[0])[0]
			}
		case k.IsStatement():
			alone = parse(tree.Text(n), tree.Dialect)
			if list := alone.Statements(alone.Main); len(list) == 1 {
				part = list[0]
			}
		default:
			continue
		}
		if part == syntax.None {
			return fmt.Sprintf("%s %q is not one alone", k, tree.Text(n))
		}
		if d := difference(tree, n, alone, part); d != "" {
			return fmt.Sprintf("%s %q is something else alone: %s", k, tree.Text(n), d)
		}
	}
	return ""
}

// checkTree makes all checks that a tree can stand.
func checkTree(tree *syntax.Tree) string {
	if problem := checkSpans(tree); problem != "" || len(tree.Errors) > 0 {
		return problem
	}
	if problem := checkRoundTrip(tree); problem != "" {
		return problem
	}
	return checkParts(tree)
}

// require shrinks a text for which a check finds a problem, and reports it.
func require(t *testing.T, check func(*syntax.Tree) string, text string, d syntax.Dialect) {
	t.Helper()
	if t.Failed() || check(parse(text, d)) == "" {
		return // one is enough at a time
	}
	small := luagen.Minimise(text, func(s string) bool { return check(parse(s, d)) != "" })
	t.Errorf("%s: %q: %s", d.Title(), small, check(parse(small, d)))
}

// TestRoundTrip checks all cases, random programs and mutations of them.
func TestRoundTrip(t *testing.T) {
	for _, d := range syntax.Dialects() {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			for _, f := range cases(t) {
				for _, c := range f.Cases {
					require(t, checkTree, c.Text, d)
				}
			}
			other := "return 1"
			accepted := 0
			for seed := range uint64(200) {
				r := luagen.Rand(seed)
				text := luagen.Program(r, d, 100)
				require(t, checkTree, text, d)
				if len(parse(text, d).Errors) == 0 {
					accepted++
					if !strings.HasPrefix(text, "#") {
						require(t, func(tree *syntax.Tree) string {
							if len(tree.Errors) > 0 {
								return ""
							}
							return checkTokens(tree)
						}, text, d)
					}
				}
				for range 5 {
					require(t, checkSpans, luagen.Mutate(r, text, other), d)
				}
				other = text
			}
			if accepted < 140 {
				t.Errorf("only %d of 200 random programs were accepted", accepted)
			}
		})
	}
}
