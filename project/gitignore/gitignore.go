// Package gitignore answers which files git would not track, from the lines of
// .gitignore and .git/info/exclude files.
//
// It knows git's rules: the last pattern that matches decides, a deeper file decides before
// a higher one, "!" takes a file back in, a slash binds a pattern to its folder, "**" spans
// folders, a trailing slash means folders only. It answers for one name in a folder that is
// itself not ignored, which is what a walk asks: what lies in an ignored folder is never
// reached. The user's own excludes file is not read, so that a result does not depend on
// whose machine it is.
package gitignore

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Rules are the patterns that hold in a folder: those of its own ignore file and those of
// the folders above. The zero pointer has no patterns. Rules are immutable and safe for
// concurrent use.
type Rules struct {
	above    *Rules
	base     string // folder of the ignore file, "" or ending in a slash
	patterns []pattern
}

type pattern struct {
	text     string // what is compared: a name, a suffix or a glob, by form
	form     form
	negated  bool
	dirOnly  bool
	anchored bool // compared with the path from base, else with the name alone
}

type form uint8

const (
	literal form = iota // equal to text
	suffix              // ends in text: the pattern was *text
	glob                // matched by doublestar
)

// Add returns the rules that hold in the folder base ("" or a slash-separated path, of the
// same origin as the paths given to Ignored) whose ignore file has this content.
func (r *Rules) Add(base, content string) *Rules {
	if base != "" && !strings.HasSuffix(base, "/") {
		base += "/"
	}
	added := &Rules{above: r, base: base}
	content = strings.TrimPrefix(content, "\ufeff")
	for line := range strings.SplitSeq(content, "\n") {
		if p, ok := parse(strings.TrimSuffix(line, "\r")); ok {
			added.patterns = append(added.patterns, p)
		}
	}
	if len(added.patterns) == 0 {
		return r
	}
	return added
}

// Ignored reports whether git would ignore the file or folder at that path.
func (r *Rules) Ignored(path string, isDir bool) bool {
	name := path[strings.LastIndexByte(path, '/')+1:]
	for ; r != nil; r = r.above {
		if !strings.HasPrefix(path, r.base) {
			continue
		}
		rel := path[len(r.base):]
		for i := len(r.patterns) - 1; i >= 0; i-- {
			if p := &r.patterns[i]; p.match(rel, name, isDir) {
				return !p.negated
			}
		}
	}
	return false
}

func (p *pattern) match(rel, name string, isDir bool) bool {
	if p.dirOnly && !isDir {
		return false
	}
	subject := name
	if p.anchored {
		subject = rel
	}
	switch p.form {
	case literal:
		return subject == p.text
	case suffix:
		return strings.HasSuffix(subject, p.text)
	}
	ok, err := doublestar.Match(p.text, subject)
	return ok && err == nil // a malformed pattern matches nothing, as in git
}

func parse(line string) (pattern, bool) {
	if line == "" || line[0] == '#' {
		return pattern{}, false
	}
	line = trimSpace(line)
	var p pattern
	if strings.HasPrefix(line, "!") {
		p.negated, line = true, line[1:]
	}
	if strings.HasSuffix(line, "/") {
		p.dirOnly, line = true, line[:len(line)-1]
	}
	if line == "" {
		return pattern{}, false
	}
	p.anchored = strings.IndexByte(line, '/') >= 0
	line = strings.TrimPrefix(line, "/")
	if rest, ok := strings.CutPrefix(line, "**/"); ok && strings.IndexByte(rest, '/') < 0 {
		p.anchored, line = false, rest // at any depth: the name alone decides
	}
	p.text = line
	switch {
	case !strings.ContainsAny(line, `*?[\`):
		p.form = literal
	case !p.anchored && line[0] == '*' && !strings.ContainsAny(line[1:], `*?[\`):
		p.form, p.text = suffix, line[1:]
	default:
		p.form, p.text = glob, forDoublestar(line)
	}
	return p, true
}

// trimSpace cuts spaces from the end, but not one behind a backslash.
func trimSpace(s string) string {
	end := len(s)
	for end > 0 && s[end-1] == ' ' {
		slashes := 0
		for i := end - 2; i >= 0 && s[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 1 {
			break
		}
		end--
	}
	return s[:end]
}

// forDoublestar writes a pattern of git's so that doublestar reads the same: braces mean
// nothing to git, and "dir/**" does not match dir itself.
func forDoublestar(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			b.WriteByte('\\')
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '{', '}':
			b.WriteByte('\\')
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	out := b.String()
	if rest, ok := strings.CutSuffix(out, "/**"); ok {
		out = rest + "/**/*"
	}
	return out
}
