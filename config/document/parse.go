package document

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// origin says what made a table, which decides who may add to it.
type origin uint8

const (
	implied  origin = iota // a step of the header of another table
	headed                 // its own [header]
	dotted                 // a step of a dotted key
	inline                 // { ... }
	repeated               // one of [[header]]
)

// Bounds on what is read. Looking up a key is a walk over its table, here and in the TOML
// reader, which is the fastest way for a configuration and hopeless for a data set.
const (
	// MaxFile is the size of the largest file that is read, in bytes.
	MaxFile = 1 << 20
	maxKeys = 10_000
)

// Parse reads a TOML file. It always returns a document; what cannot be read is reported
// to errs and missing in the document.
func Parse(file *source.File, errs *Errors) *Document {
	root := &Table{origin: headed}
	doc := &Document{File: file, Root: root}
	if len(file.Text) > MaxFile {
		errs.Add(source.Span{}, fmt.Sprintf("the file is larger than %d MB", MaxFile>>20))
		return doc
	}
	data := []byte(file.Text)
	base := 0
	if strings.HasPrefix(file.Text, "\uFEFF") {
		base = 3
	}
	before := len(errs.List)
	p := parser{file: file, errs: errs, root: root, current: root}
	for base < len(data) {
		next := p.section(data, base)
		if next <= base {
			break
		}
		base = next
	}
	if len(errs.List) == before {
		p.confirm(data[min(bom(file.Text), len(data)):], bom(file.Text))
	}
	slices.SortStableFunc(errs.List[before:], func(a, b rules.Problem) int { return int(a.Start) - int(b.Start) })
	return doc
}

func bom(text string) int {
	if strings.HasPrefix(text, "\uFEFF") {
		return 3
	}
	return 0
}

type parser struct {
	file    *source.File
	errs    *Errors
	root    *Table
	current *Table // what [header] opened; nil behind a header that could not be read
	keys    int
	base    int // where the text that toml reads starts in the file
}

// section reads data from base up to its end or to the first syntax error, and returns
// where reading can go on.
func (p *parser) section(data []byte, base int) int {
	p.base = base
	var reader unstable.Parser
	reader.Reset(data[base:])
	for reader.NextExpression() {
		p.expression(reader.Expression())
	}
	if reader.Error() == nil {
		return len(data)
	}
	at := source.Span{Start: uint32(len(data)), End: uint32(len(data))}
	message := reader.Error().Error()
	if perr := (*unstable.ParserError)(nil); errors.As(reader.Error(), &perr) {
		message = perr.Message
		if len(perr.Highlight) > 0 {
			r := reader.Range(perr.Highlight)
			at = p.span(r)
		}
	}
	p.syntaxError(at, message)
	return p.resume(data, int(at.Start), base)
}

// resume returns the offset of the statement behind a syntax error. Behind a bad header
// that is the next header, since the keys below it belong to a table that is not known.
func (p *parser) resume(data []byte, at, base int) int {
	text := string(data)
	line := strings.LastIndexByte(text[:min(at, len(text))], '\n') + 1
	bad := strings.TrimLeft(text[line:], " \t")
	header := strings.HasPrefix(bad, "[") && line+len(text[line:])-len(bad) != at
	// An error at the first character of a line is most often of what stands above: a list
	// that was not closed. The line itself can be read.
	if first := line + len(text[line:]) - len(bad); first == at && line > base && startsStatement(bad) {
		return line
	}
	for {
		i := strings.IndexByte(text[line:], '\n')
		if i < 0 {
			return len(text)
		}
		line += i + 1
		rest := strings.TrimLeft(text[line:], " \t")
		if strings.HasPrefix(rest, "[") || !header && startsStatement(rest) {
			return line
		}
	}
}

// startsStatement reports whether a line looks like a header or the beginning of "key =".
func startsStatement(line string) bool {
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	if strings.HasPrefix(line, "[") {
		return strings.Contains(line, "]")
	}
	key, _, ok := strings.Cut(line, "=")
	if !ok {
		return false
	}
	for part := range strings.SplitSeq(key, ".") {
		if part = strings.Trim(strings.TrimSpace(part), `"'`); !isBare(part) {
			return false
		}
	}
	return true
}

// syntaxError reports what the TOML reader says in the words of this project.
func (p *parser) syntaxError(at source.Span, message string) {
	var help []string
	rest := p.file.Text[min(int(at.Start), len(p.file.Text)):]
	word, _, _ := strings.Cut(rest, "\n")
	word = strings.TrimSpace(strings.TrimRight(strings.SplitN(word, "#", 2)[0], " \t\r,]}"))
	switch {
	case strings.HasPrefix(message, "unexpected character") || strings.HasPrefix(message, "expected keyword"):
		message = "this is not a TOML value"
		switch {
		case rest == "" || rest[0] == '\n' || rest[0] == '\r':
			message = "a value is missing"
		case word != "" && len(word) < 60 && !strings.ContainsAny(word, "\"'[{"):
			help = append(help, "a string stands in quotes: "+strconv.Quote(word))
		}
	case strings.HasPrefix(message, "invalid character at start of key"):
		message = "expected a key, such as name = value"
		if strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "//") {
			help = append(help, `a comment starts with "#"`)
		}
	case message == "expected '=' after key":
		if start := p.file.LineStart(p.file.Line(at.Start)); strings.HasPrefix(strings.TrimLeft(p.file.Text[start:], " \t"), "--") {
			help = append(help, `a comment starts with "#"`)
		}
	case strings.HasPrefix(message, "expected value, not end"):
		message = "a value is missing"
	case message == "array is incomplete":
		message = `the list is not closed by "]"`
	case message == "inline table is incomplete":
		message = `the table is not closed by "}"`
	case strings.HasPrefix(message, "expected newline"):
		message = "expected the end of the line"
	case strings.HasPrefix(message, "expected value but got"):
		message = "expected a value before the comma"
	}
	p.errs.Add(at, message, help...)
}

// confirm asks the TOML reader whether it accepts the whole: it checks what the tree does
// not, such as the days of a month.
func (p *parser) confirm(data []byte, base int) {
	var all map[string]any
	err := toml.Unmarshal(data, &all)
	if err == nil {
		return
	}
	var derr *toml.DecodeError
	if !errors.As(err, &derr) {
		p.errs.Add(source.Span{}, strings.TrimPrefix(err.Error(), "toml: "))
		return
	}
	line, column := derr.Position()
	at := p.file.LineStart(line) + uint32(column-1)
	if line == 1 {
		at += uint32(base)
	}
	at = min(at, uint32(len(p.file.Text)))
	p.errs.Add(source.Span{Start: at, End: min(at+1, uint32(len(p.file.Text)))}, strings.TrimPrefix(derr.Error(), "toml: "))
}

func (p *parser) span(r unstable.Range) source.Span {
	start := uint32(p.base) + r.Offset
	return source.Span{Start: start, End: start + r.Length}
}

func (p *parser) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.KeyValue:
		if p.current != nil {
			p.keyValue(p.current, n)
		}
	case unstable.Table, unstable.ArrayTable:
		p.header(n)
	}
}

type step struct {
	key string
	at  source.Span
}

func (p *parser) steps(it unstable.Iterator) []step {
	var steps []step
	for it.Next() {
		n := it.Node()
		steps = append(steps, step{string(n.Data), p.span(n.Raw)})
	}
	return steps
}

// count reports whether there is room for the keys of steps, and the error once.
func (p *parser) count(steps []step) bool {
	if p.keys <= maxKeys && p.keys+len(steps) > maxKeys {
		p.errs.Add(steps[0].at, fmt.Sprintf("the file has more than %d keys", maxKeys))
	}
	p.keys += len(steps)
	return p.keys <= maxKeys
}

// header opens the table of [a.b] or [[a.b]].
func (p *parser) header(n *unstable.Node) {
	steps := p.steps(n.Key())
	if !p.count(steps) {
		return
	}
	t := p.root
	p.current = nil
	whole := source.Span{Start: steps[0].at.Start, End: steps[len(steps)-1].at.End}
	for i, s := range steps {
		last := i == len(steps)-1
		e := t.Get(s.key)
		switch {
		case e == nil && last && n.Kind == unstable.ArrayTable:
			element := &Table{Name: t.Sub(s.key), Span: whole, origin: repeated}
			t.Entries = append(t.Entries, Entry{s.key, s.at, &Value{Kind: List, Span: whole, Items: []*Value{{Kind: TableKind, Span: whole, Table: element}}}})
			t = element
		case e == nil:
			sub := &Table{Name: t.Sub(s.key), Span: whole, origin: implied}
			if last {
				sub.origin = headed
			}
			t.Entries = append(t.Entries, Entry{s.key, s.at, &Value{Kind: TableKind, Span: whole, Table: sub}})
			t = sub
		case last && n.Kind == unstable.ArrayTable:
			if !isRepeated(e.Value) {
				p.twice(whole, fmt.Sprintf("%q is not a list of tables", t.Sub(s.key)), e)
				return
			}
			element := &Table{Name: t.Sub(s.key), Span: whole, origin: repeated}
			e.Value.Items = append(e.Value.Items, &Value{Kind: TableKind, Span: whole, Table: element})
			t = element
		case last && e.Value.Kind == TableKind && e.Value.Table.origin == implied:
			t = e.Value.Table
			t.origin, t.Span, e.Value.Span = headed, whole, whole
		case last && isRepeated(e.Value):
			p.twice(whole, fmt.Sprintf("%q is a list of tables", t.Sub(s.key)), e).Help = []string{"write [[" + t.Sub(s.key) + "]]"}
			return
		case last && e.Value.Kind == TableKind:
			p.twice(whole, fmt.Sprintf("the table %q is defined twice", t.Sub(s.key)), e)
			t = e.Value.Table // its keys are still worth checking
			if t.origin == inline {
				return
			}
		case last:
			p.twice(whole, fmt.Sprintf("%q is defined twice", t.Sub(s.key)), e)
			return
		case isRepeated(e.Value):
			t = e.Value.Items[len(e.Value.Items)-1].Table
		case e.Value.Kind == TableKind && e.Value.Table.origin != inline:
			t = e.Value.Table
		default:
			p.twice(s.at, fmt.Sprintf("%q is already set to a value", t.Sub(s.key)), e)
			return
		}
	}
	p.current = t
}

func isRepeated(v *Value) bool {
	return v.Kind == List && len(v.Items) > 0 && v.Items[0].Kind == TableKind && v.Items[0].Table.origin == repeated
}

// keyValue adds a.b = value to t.
func (p *parser) keyValue(t *Table, n *unstable.Node) {
	steps := p.steps(n.Key())
	if !p.count(steps) {
		return
	}
	for _, s := range steps[:len(steps)-1] {
		e := t.Get(s.key)
		switch {
		case e == nil:
			sub := &Table{Name: t.Sub(s.key), Span: s.at, origin: dotted}
			t.Entries = append(t.Entries, Entry{s.key, s.at, &Value{Kind: TableKind, Span: s.at, Table: sub}})
			t = sub
		case e.Value.Kind == TableKind && e.Value.Table.origin == dotted:
			t = e.Value.Table
		default:
			p.twice(s.at, fmt.Sprintf("%q is defined twice", t.Sub(s.key)), e)
			return
		}
	}
	s := steps[len(steps)-1]
	whole := p.span(n.Raw)
	v := p.value(n.Value(), t.Sub(s.key), source.Span{Start: p.valueStart(s.at.End), End: whole.End})
	if e := t.Get(s.key); e != nil {
		p.twice(s.at, fmt.Sprintf("%q is set twice", t.Sub(s.key)), e)
		return
	}
	t.Entries = append(t.Entries, Entry{s.key, s.at, v})
}

// valueStart skips " = " behind a key.
func (p *parser) valueStart(at uint32) uint32 {
	for int(at) < len(p.file.Text) && strings.IndexByte(" \t=", p.file.Text[at]) >= 0 {
		at++
	}
	return at
}

func (p *parser) twice(at source.Span, message string, first *Entry) *rules.Problem {
	problem := p.errs.Add(at, message)
	problem.Related = []rules.Related{{Location: rules.Location{File: p.file, Span: first.At}, Message: "first defined here"}}
	return problem
}

// value makes a Value of a node. The reader gives containers no span: whole is used.
func (p *parser) value(n *unstable.Node, name string, whole source.Span) *Value {
	v := &Value{Span: whole}
	if n.Raw.Length > 0 && n.Kind != unstable.InlineTable {
		v.Span = p.span(n.Raw)
	}
	text := string(n.Data)
	switch n.Kind {
	case unstable.String:
		v.Kind, v.Str = String, text
	case unstable.Bool:
		v.Kind, v.Bool = Boolean, text == "true"
	case unstable.Integer:
		v.Kind = Integer
		i, err := strconv.ParseInt(strings.TrimPrefix(strings.ReplaceAll(text, "_", ""), "+"), 0, 64)
		if err != nil {
			// TOML has no octal numbers of the form 017: the reader has refused those.
			p.errs.Add(v.Span, fmt.Sprintf("%s does not fit into 64 bits", text))
		}
		v.Int = i
	case unstable.Float:
		v.Kind = Float
		f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		if err != nil && !math.IsInf(f, 0) {
			p.errs.Add(v.Span, fmt.Sprintf("%s is not a number", text))
		}
		v.Float = f
	case unstable.Array:
		v.Kind = List
		for it := n.Children(); it.Next(); {
			v.Items = append(v.Items, p.value(it.Node(), name, whole))
		}
	case unstable.InlineTable:
		v.Kind = TableKind
		v.Table = &Table{Name: name, Span: v.Span, origin: inline}
		for it := n.Children(); it.Next(); {
			p.keyValue(v.Table, it.Node())
		}
	default:
		v.Kind, v.Str = Time, text
	}
	return v
}
