package page

import (
	"strconv"
	"strings"
)

// markers reads the markers on a line of b, the parser's line, and returns the line
// without them.
func (p *parser) markers(b *Block, line string) string {
	comment := "--"
	if b.Language == "toml" {
		comment = "#"
	}
	first := -1
	for at := 0; ; {
		i := strings.Index(line[at:], comment)
		if i < 0 {
			break
		}
		i += at
		at = i + len(comment)
		rest := strings.TrimLeft(line[at:], " ")
		if len(rest) == len(line)-at {
			continue // no space behind the dashes: an ordinary comment
		}
		var expectations *[]Expectation
		if after, ok := cutWord(rest, "want"); ok {
			expectations, rest = &b.Wants, after
		} else if after, ok := cutWord(rest, "trips"); ok {
			expectations, rest = &b.Trips, after
		} else {
			continue
		}
		if first < 0 {
			first = i
		}
		found, n := p.expectations(rest, p.line-b.Line+1, comment)
		*expectations = append(*expectations, found...)
		at = len(line) - len(rest) + n
	}
	if first < 0 {
		return line
	}
	return strings.TrimRight(line[:first], " \t")
}

// cutWord removes a word from the front of s; what follows it must not continue it.
func cutWord(s, word string) (string, bool) {
	rest, ok := strings.CutPrefix(s, word)
	return rest, ok && (rest == "" || rest[0] == ' ' || rest[0] == '@')
}

// expectations reads what stands behind the word of a marker, up to the next comment or
// the end of the line, and returns how many bytes that is.
func (p *parser) expectations(s string, line int, comment string) (found []Expectation, n int) {
	rest := s
	if after, ok := strings.CutPrefix(rest, "@"); ok {
		number, _, _ := strings.Cut(after, " ")
		offset, err := strconv.Atoi(number)
		if err != nil {
			p.fault(p.line, "@%s is not a number of lines, as in -- want@-1", number)
		}
		line += offset
		rest = after[len(number):]
	}
	e := Expectation{Line: line}
	for {
		rest = strings.TrimLeft(rest, " ")
		switch {
		case rest == "" || strings.HasPrefix(rest, comment):
			return append(found, e), len(s) - len(rest)
		case rest[0] == ',':
			found = append(found, e)
			e = Expectation{Line: line}
			rest = rest[1:]
		case rest[0] == '"':
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				p.fault(p.line, "the text of the marker has no closing quote")
				return append(found, e), len(s)
			}
			e.Text, _ = strconv.Unquote(quoted)
			rest = rest[len(quoted):]
		default:
			end := strings.IndexAny(rest, ` ,"`)
			if end < 0 {
				end = len(rest)
			}
			word := rest[:end]
			rest = rest[end:]
			switch {
			case (word == "error" || word == "warning" || word == "note") && e.Severity == "":
				e.Severity = word
			case e.Rule == "" && e.Text == "":
				e.Rule = word
			default:
				p.fault(p.line, "%q is one word too many in a marker: it may name a severity, a rule and a quoted text; a comma begins the next finding", word)
				return append(found, e), len(s)
			}
		}
	}
}
