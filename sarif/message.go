package sarif

import (
	"fmt"
	"strings"
	"unicode/utf8"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"
)

// clean makes a text that any reader of JSON can show: bytes that are not UTF-8 become
// U+FFFD, one for one, and control characters their pictures (NUL is shown as ␀). Columns
// stay what they are.
func clean(s string) string {
	bad := func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7F }
	if utf8.ValidString(s) && strings.IndexFunc(s, bad) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s { // yields U+FFFD for each bad byte
		switch {
		case r == 0x7F:
			r = '␡'
		case bad(r):
			r += '␀'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// firstText returns the first of some texts that is not blank.
func firstText(texts ...string) string {
	for _, s := range texts {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// sentence ends a message, which has no full stop of its own, with one.
func sentence(s string) string {
	s = strings.TrimRight(s, " \t\r\n")
	if s == "" || strings.ContainsRune(".!?:", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}

// linkEscapes escape what would begin, end or escape the text of an embedded link.
var linkEscapes = [...]string{`\`, `\\`, `[`, `\[`, `]`, `\]`}

// linkText is s as the text of an embedded link.
func linkText(s string) string {
	return strings.NewReplacer(linkEscapes[:]...).Replace(clean(s))
}

// literal is s as plain text of a message, linked being whether the message has embedded
// links. "t[i](x)" would be read as a link with the text "i", and a lone bracket as the
// beginning of the next link; then all brackets are escaped. Others are left as they are,
// because not every viewer takes the backslashes away. So are braces: viewers look for
// placeholders in them only where there are arguments.
func literal(s string, linked bool) string {
	if strings.Contains(s, "](") || linked && strings.Count(s, "[") != strings.Count(s, "]") {
		return linkText(s)
	}
	return clean(s)
}

// asMarkdown is s, a text for people in which only `code` is marked up, as Markdown.
func asMarkdown(s string) string {
	s = clean(s)
	var b strings.Builder
	code := false
	for i, r := range s {
		if r == '`' && (code || strings.IndexByte(s[i+1:], '`') >= 0) {
			code = !code
			b.WriteByte('`')
			continue
		}
		special := strings.ContainsRune("\\`*_[]<>~|#&", r) || i == 0 && strings.ContainsRune("-+=", r)
		if special && !code {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plainMessage is a message of one sentence.
func plainMessage(s string) *gosarif.Message {
	return &gosarif.Message{Text: new(literal(s, false))}
}

// A link is an embedded link to a related location, by its id.
type link struct {
	text string
	id   uint
}

// richMessage is a message of a sentence, lines of help and links, as plain text and as
// Markdown. The sentence comes first because it is all that a narrow list shows.
func richMessage(text string, help []string, links []link) *gosarif.Message {
	var plain, rich strings.Builder
	linked := len(links) > 0
	plain.WriteString(sentence(literal(text, linked)))
	rich.WriteString(sentence(asMarkdown(text)))
	for _, h := range help {
		plain.WriteString("\nHelp: " + sentence(literal(h, linked)))
		rich.WriteString("\n\n**Help:** " + sentence(asMarkdown(h)))
	}
	if linked {
		plain.WriteString("\nSee ")
		rich.WriteString("\n\nSee ")
		for i, l := range links {
			if i > 0 {
				plain.WriteString(", ")
				rich.WriteString(", ")
			}
			fmt.Fprintf(&plain, "[%s](%d)", linkText(l.text), l.id)
			// No code spans here: a bracket in one would be none of the link's.
			fmt.Fprintf(&rich, "[%s](%d)", asMarkdown(strings.ReplaceAll(l.text, "`", "'")), l.id)
		}
		plain.WriteByte('.')
		rich.WriteByte('.')
	}
	return &gosarif.Message{Text: new(plain.String()), Markdown: new(rich.String())}
}

// textOnly is a text without mark-up.
func textOnly(s string) *gosarif.MultiformatMessageString {
	return &gosarif.MultiformatMessageString{Text: new(clean(s))}
}
