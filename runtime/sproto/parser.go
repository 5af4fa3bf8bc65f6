package sproto

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a schema in sproto's language. The name is shown in errors, which say the line:
//
//	.Person {
//		name 0 : string
//		height 1 : integer(2)      # a fixed-point number
//		phone 3 : *PhoneNumber(id) # a list, indexed by a field
//	}
//	login 1 {
//		request Person
//		response { ok 0 : boolean }
//	}
func Parse(text, name string) (s *Schema, err error) {
	p := parser{text: text, name: name, line: 1, types: map[string]*declared{}, schema: &Schema{}}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case syntaxError:
			s, err = nil, e
		default:
			panic(e)
		}
	}()
	p.file()
	p.resolve()
	p.schema.seal()
	return p.schema, nil
}

type syntaxError struct{ message string }

func (e syntaxError) Error() string { return e.message }

type parser struct {
	text, name string
	at, line   int
	depth      int
	types      map[string]*declared
	protocols  []*declaredProtocol
	schema     *Schema
}

// A declared type still has the names of other types in it.
type declared struct {
	*Type
	line   int
	fields []declaredField
}

type declaredField struct {
	Field
	line     int
	typename string
	key      string // of a list of structs
	indexed  bool   // the key was given, though it may be ""
}

type declaredProtocol struct {
	*Protocol
	line              int
	request, response string
}

func (p *parser) fail(line int, format string, args ...any) {
	panic(syntaxError{fmt.Sprintf("[%s] line (%d): ", p.name, line) + fmt.Sprintf(format, args...)})
}

// syntax fails where something else was expected.
func (p *parser) syntax(expected string) {
	found := "the end of the text"
	if p.at < len(p.text) {
		found = strconv.Quote(p.text[p.at : p.at+1])
		if w := p.peekWord(); w != "" {
			found = strconv.Quote(w)
		}
	}
	panic(syntaxError{fmt.Sprintf("syntax error at [%s] line (%d): expected %s, found %s", p.name, p.line, expected, found)})
}

// blank skips blanks and comments.
func (p *parser) blank() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case '\n':
			p.line++
		case ' ', '\t', '\r':
		case '#':
			for p.at < len(p.text) && p.text[p.at] != '\n' {
				p.at++
			}
			continue
		default:
			return
		}
		p.at++
	}
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

func (p *parser) peekWord() string {
	end := p.at
	for end < len(p.text) && (letter(p.text[end]) || end > p.at && digit(p.text[end])) {
		end++
	}
	return p.text[p.at:end]
}

func (p *parser) word(what string) string {
	w := p.peekWord()
	if w == "" {
		p.syntax(what)
	}
	p.at += len(w)
	return w
}

// typename reads a name with dots.
func (p *parser) typename() string {
	name := p.word("the name of a type")
	for p.at+1 < len(p.text) && p.text[p.at] == '.' && letter(p.text[p.at+1]) {
		p.at++
		name += "." + p.word("a name")
	}
	return name
}

func (p *parser) is(c byte) bool { return p.at < len(p.text) && p.text[p.at] == c }

func (p *parser) take(c byte) bool {
	if !p.is(c) {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(c byte, what string) {
	if !p.take(c) {
		p.syntax(what)
	}
}

func (p *parser) number(what string) int {
	start := p.at
	for p.at < len(p.text) && digit(p.text[p.at]) {
		p.at++
	}
	if p.at == start {
		p.syntax(what)
	}
	n, err := strconv.Atoi(p.text[start:p.at])
	if err != nil {
		p.fail(p.line, "%s is too large", p.text[start:p.at])
	}
	return n
}

// maxTag is the largest tag: a head has 16 bits for it.
const maxTag = math.MaxUint16/2 - 1

func (p *parser) tag() int {
	n := p.number("a tag")
	if n > maxTag {
		p.fail(p.line, "tag %d is larger than %d", n, maxTag)
	}
	return n
}

func (p *parser) file() {
	for {
		p.blank()
		switch {
		case p.at == len(p.text):
			return
		case p.take('.'):
			p.typeNamed("")
		default:
			p.protocol()
		}
	}
}

// typeNamed reads what follows the dot of a type.
func (p *parser) typeNamed(prefix string) {
	line := p.line
	name := prefix + p.word("the name of a type")
	p.blank()
	p.structure(name, line)
}

// maxNesting bounds how deep types are declared in types.
const maxNesting = 100

// structure reads the braces of a type and what they hold.
func (p *parser) structure(name string, line int) {
	if p.depth++; p.depth > maxNesting {
		p.fail(line, "types are nested deeper than %d", maxNesting)
	}
	defer func() { p.depth-- }()
	if p.types[name] != nil {
		p.fail(line, "redefined %s", name)
	}
	t := &declared{Type: &Type{Name: name}, line: line}
	p.types[name] = t
	p.expect('{', "'{'")
	for {
		p.blank()
		switch {
		case p.take('}'):
			slices.SortFunc(t.fields, func(a, b declaredField) int { return a.Tag - b.Tag })
			return
		case p.take('.'):
			p.typeNamed(name + ".")
		default:
			p.field(t)
		}
	}
}

func (p *parser) field(t *declared) {
	f := declaredField{line: p.line, Field: Field{Key: -1}}
	f.Name = p.word("the name of a field, '.' or '}'")
	p.blank()
	f.Tag = p.tag()
	p.blank()
	p.expect(':', "':'")
	p.blank()
	f.Array = p.take('*')
	f.typename = p.typename()
	for p.take('(') {
		p.blank()
		if p.at < len(p.text) && digit(p.text[p.at]) {
			if f.typename != "integer" {
				p.fail(p.line, "%s.%s has decimals, and is no integer", t.Name, f.Name)
			}
			n := p.number("a number of decimals")
			if n > maxDecimals {
				p.fail(p.line, "%s.%s has more than %d decimals", t.Name, f.Name, maxDecimals)
			}
			f.Scale = int64(math.Pow10(n))
		} else {
			f.key, f.indexed = p.peekWord(), true
			p.at += len(f.key)
		}
		p.blank()
		p.expect(')', "')'")
	}
	for _, other := range t.fields {
		if other.Name == f.Name {
			p.fail(f.line, "redefine %s in type %s", f.Name, t.Name)
		}
		if other.Tag == f.Tag {
			p.fail(f.line, "redefine tag %d in type %s", f.Tag, t.Name)
		}
	}
	t.fields = append(t.fields, f)
}

func (p *parser) protocol() {
	d := &declaredProtocol{Protocol: new(Protocol), line: p.line}
	d.Name = p.word("'.', or the name of a protocol")
	p.blank()
	d.Tag = p.tag()
	for _, other := range p.protocols {
		if other.Name == d.Name {
			p.fail(d.line, "redefined %s", d.Name)
		}
		if other.Tag == d.Tag {
			p.fail(d.line, "redefined protocol tag %d at %s", d.Tag, d.Name)
		}
	}
	p.blank()
	p.expect('{', "'{'")
	var given [2]bool
	for {
		p.blank()
		if p.take('}') {
			break
		}
		line := p.line
		which := p.peekWord()
		part, to := 0, &d.request
		switch which {
		case "request":
		case "response":
			part, to = 1, &d.response
		default:
			p.syntax("'request', 'response' or '}'")
		}
		p.at += len(which)
		if given[part] {
			p.fail(line, "redefine %s in protocol %s", which, d.Name)
		}
		p.blank()
		if p.is('{') {
			*to = d.Name + "." + which
			p.structure(*to, line)
			given[part] = true
		} else if name := p.typename(); name == "nil" {
			d.Confirm = d.Confirm || part == 1
		} else {
			*to = name
			given[part] = true
		}
	}
	p.protocols = append(p.protocols, d)
}

var builtin = map[string]Kind{"integer": Integer, "boolean": Boolean, "string": String, "binary": String, "double": Double}

// resolve finds the types that names stand for, the innermost first.
func (p *parser) resolve() {
	all := make([]*declared, 0, len(p.types))
	for _, t := range p.types {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *declared) int { return strings.Compare(a.Name, b.Name) })
	for _, t := range all {
		p.schema.Types = append(p.schema.Types, t.Type)
		t.Fields = make([]Field, len(t.fields))
		for i := range t.fields {
			t.Fields[i] = p.resolveField(t, &t.fields[i])
		}
	}
	slices.SortFunc(p.protocols, func(a, b *declaredProtocol) int { return a.Tag - b.Tag })
	for _, d := range p.protocols {
		d.Request = p.carried(d, "request", d.request)
		d.Response = p.carried(d, "response", d.response)
		p.schema.Protocols = append(p.schema.Protocols, d.Protocol)
	}
}

func (p *parser) carried(d *declaredProtocol, which, name string) *Type {
	if name == "" {
		return nil
	}
	t := p.types[name]
	if t == nil {
		p.fail(d.line, "Undefined %s type %s in protocol %s", which, name, d.Name)
	}
	return t.Type
}

func (p *parser) resolveField(t *declared, f *declaredField) Field {
	kind, ok := builtin[f.typename]
	if ok {
		if f.indexed {
			p.fail(f.line, "%s.%s is indexed, and is no list of structs", t.Name, f.Name)
		}
		f.Kind, f.Binary = kind, f.typename == "binary"
		return f.Field
	}
	of := p.lookup(t.Name, f.typename)
	if of == nil {
		p.fail(f.line, "Undefined type %s in type %s", f.typename, t.Name)
	}
	f.Kind, f.Of = Struct, of.Type
	if !f.indexed {
		return f.Field
	}
	if !f.Array {
		p.fail(f.line, "%s.%s is indexed, and is no list: write *%s(%s)", t.Name, f.Name, f.typename, f.key)
	}
	if f.key == "" {
		if len(of.fields) != 2 {
			p.fail(f.line, "Invalid map definition: %s, must only have two fields", f.Name)
		}
		f.key, f.Map = of.fields[0].Name, true
	}
	for _, k := range of.fields {
		if _, plain := builtin[k.typename]; k.Name == f.key && plain {
			f.Key = k.Tag
			return f.Field
		}
	}
	p.fail(f.line, "Invalid map index :%s", f.key)
	return f.Field
}

// lookup finds a type by its name as it is seen in a type: in it, and in those around it.
func (p *parser) lookup(in, name string) *declared {
	for {
		if t := p.types[in+"."+name]; t != nil {
			return t
		}
		i := strings.LastIndexByte(in, '.')
		if i < 0 {
			return p.types[name]
		}
		in = in[:i]
	}
}
