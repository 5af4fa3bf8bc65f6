// Package sproto knows the schemas of sproto, the wire format of cloudwu/sproto that skynet's
// examples talk to their clients in: schemas as text and as binary bundles, and the packing that
// leaves out zero bytes. Encoding and decoding of Lua values is done by those who have values.
//
// The format is described in the README of cloudwu/sproto. Everything that comes from outside is
// checked: a bundle or a packed text that is wrong gives an error, never a panic, and what is
// allocated is bounded by what was read.
package sproto

import "slices"

// A Kind is the type of a field, without the star of an array.
type Kind uint8

// The kinds of fields. Their numbers are those of bundles.
const (
	Integer Kind = iota
	Boolean
	String
	Double
	Struct
)

// A Field is one field of a type.
type Field struct {
	Name string
	Tag  int
	Kind Kind
	// Of is the type of a Struct.
	Of *Type
	// Array says that the field is a list of Kind.
	Array bool
	// Key is the tag of the field by which a list of structs is indexed in Lua; -1 for none.
	Key int
	// Map says that the structs of the list are pairs: the first field the key, the second the value.
	Map bool
	// Scale is 10 to the number of decimals of a fixed-point Integer; 0 for a plain one.
	Scale int64
	// Binary says that a String is no text. Both are the same on the wire.
	Binary bool
}

// A Type is a struct. It is not changed after it was made, and safe for concurrent use.
type Type struct {
	Name   string
	Fields []Field // by ascending tag
	dense  bool    // the tags have no gaps
	heads  int
}

// Heads returns how many words the head of a struct has at most: one for each field and each gap
// between their tags.
func (t *Type) Heads() int { return t.heads }

// Field returns the field with a tag, or nil.
func (t *Type) Field(tag int) *Field {
	if t.dense {
		if i := tag - t.Fields[0].Tag; i >= 0 && i < len(t.Fields) {
			return &t.Fields[i]
		}
		return nil
	}
	i, ok := slices.BinarySearchFunc(t.Fields, tag, func(f Field, tag int) int { return f.Tag - tag })
	if !ok {
		return nil
	}
	return &t.Fields[i]
}

// seal prepares a type for use.
func (t *Type) seal() {
	n := len(t.Fields)
	t.dense = n > 0 && t.Fields[n-1].Tag-t.Fields[0].Tag == n-1
	t.heads = n
	for i, f := range t.Fields {
		if i == 0 && f.Tag > 0 || i > 0 && f.Tag > t.Fields[i-1].Tag+1 {
			t.heads++
		}
	}
}

// A Protocol is a request with its answer.
type Protocol struct {
	Name string
	Tag  int
	// Request and Response are nil where nothing is carried.
	Request, Response *Type
	// Confirm says that there is an answer, though it carries nothing.
	Confirm bool
}

// A Schema is a set of types and protocols. It is not changed after it was made, and safe for
// concurrent use.
type Schema struct {
	Types     []*Type     // by name
	Protocols []*Protocol // by tag

	types     map[string]*Type
	protocols map[string]*Protocol
}

// Type returns the type of a name, or nil.
func (s *Schema) Type(name string) *Type { return s.types[name] }

// Protocol returns the protocol of a name, or nil.
func (s *Schema) Protocol(name string) *Protocol { return s.protocols[name] }

// Tagged returns the protocol with a tag, or nil.
func (s *Schema) Tagged(tag int) *Protocol {
	i, ok := slices.BinarySearchFunc(s.Protocols, tag, func(p *Protocol, tag int) int { return p.Tag - tag })
	if !ok {
		return nil
	}
	return s.Protocols[i]
}

// seal prepares a schema for use.
func (s *Schema) seal() {
	s.types = make(map[string]*Type, len(s.Types))
	for _, t := range s.Types {
		t.seal()
		s.types[t.Name] = t
	}
	s.protocols = make(map[string]*Protocol, len(s.Protocols))
	for _, p := range s.Protocols {
		s.protocols[p.Name] = p
	}
}
