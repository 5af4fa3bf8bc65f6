package sproto

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// A bundle is a message of sproto itself, of the schema
//
//	.type {
//		.field { name 0 : string  buildin 1 : integer  type 2 : integer  tag 3 : integer
//		         array 4 : boolean  key 5 : integer  map 6 : boolean }
//		name 0 : string
//		fields 1 : *field
//	}
//	.protocol { name 0 : string  tag 1 : integer  request 2 : integer  response 3 : integer  confirm 4 : boolean }
//	.group { type 0 : *type  protocol 1 : *protocol }

var errBundle = errors.New("not a bundle of sproto")

// message is one struct of a bundle: for each tag a small number, or a text.
type message struct {
	has   [8]bool
	data  [8]bool // the value is text
	small [8]int
	text  [8]string
}

// readMessage reads a struct. Tags that bundles do not have are an error, as they are in the original.
func readMessage(s string) (m message, err error) {
	if len(s) < 2 {
		return m, errBundle
	}
	n := word(s)
	if len(s) < 2+2*n {
		return m, errBundle
	}
	head, rest := s[2:2+2*n], s[2+2*n:]
	tag := -1
	for ; head != ""; head = head[2:] {
		v := word(head)
		tag++
		if v&1 != 0 {
			tag += v / 2
			continue
		}
		if tag >= len(m.has) {
			return m, errBundle
		}
		m.has[tag] = true
		if v != 0 {
			m.small[tag] = v/2 - 1
			continue
		}
		m.data[tag] = true
		if m.text[tag], rest, err = readText(rest); err != nil {
			return m, err
		}
	}
	return m, nil
}

func word(s string) int { return int(s[0]) | int(s[1])<<8 }

// readText reads a text with its length before it.
func readText(s string) (text, rest string, err error) {
	if len(s) < 4 {
		return "", "", errBundle
	}
	n := uint64(binary.LittleEndian.Uint32([]byte(s[:4])))
	if uint64(len(s)-4) < n {
		return "", "", errBundle
	}
	return s[4 : 4+n], s[4+n:], nil
}

// readList splits a list of texts.
func readList(s string) (list []string, err error) {
	for s != "" {
		var item string
		if item, s, err = readText(s); err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

// Load reads a bundle, as Bundle and the parser of cloudwu/sproto write it.
func Load(bundle string) (*Schema, error) {
	group, err := readMessage(bundle)
	if err != nil {
		return nil, err
	}
	for tag, has := range group.has {
		if has && (tag > 1 || !group.data[tag]) {
			return nil, errBundle
		}
	}
	types, err := readList(group.text[0])
	if err != nil {
		return nil, err
	}
	protocols, err := readList(group.text[1])
	if err != nil {
		return nil, err
	}
	s := &Schema{Types: make([]*Type, len(types)), Protocols: make([]*Protocol, len(protocols))}
	for i := range s.Types {
		s.Types[i] = new(Type)
	}
	for i, text := range types {
		if err := s.loadType(s.Types[i], text); err != nil {
			return nil, err
		}
	}
	for i, text := range protocols {
		if s.Protocols[i], err = s.loadProtocol(text); err != nil {
			return nil, err
		}
		if i > 0 && s.Protocols[i].Tag <= s.Protocols[i-1].Tag {
			return nil, errBundle
		}
	}
	s.seal()
	// What a map or an index needs of another type can be seen only now.
	for _, t := range s.Types {
		for _, f := range t.Fields {
			if f.Key < 0 && !f.Map {
				continue
			}
			if !f.Array || f.Kind != Struct {
				return nil, fmt.Errorf("%s.%s is indexed, and is no list of structs", t.Name, f.Name)
			}
			if f.Map && len(f.Of.Fields) != 2 {
				return nil, fmt.Errorf("%s.%s is a map, and its type has not two fields", t.Name, f.Name)
			}
			if key := f.Of.Field(f.Key); key == nil || key.Kind == Struct {
				return nil, fmt.Errorf("%s.%s is indexed by field %d, which is none of %s", t.Name, f.Name, f.Key, f.Of.Name)
			}
		}
	}
	return s, nil
}

func (s *Schema) loadType(t *Type, text string) error {
	m, err := readMessage(text)
	if err != nil {
		return err
	}
	if !m.data[0] {
		return errBundle
	}
	t.Name = m.text[0]
	fields, err := readList(m.text[1])
	if err != nil {
		return err
	}
	t.Fields = make([]Field, len(fields))
	last := -1
	for i, text := range fields {
		f, err := s.loadField(text)
		if err != nil {
			return err
		}
		if f.Tag <= last {
			return errBundle
		}
		last = f.Tag
		t.Fields[i] = f
	}
	return nil
}

// The tags of .field.
const (
	fieldName = iota
	fieldKind
	fieldType
	fieldTag
	fieldArray
	fieldKey
	fieldMap
)

// maxDecimals is how many decimals a fixed-point number has at most: 10^18 fits an int64.
const maxDecimals = 18

func (s *Schema) loadField(text string) (Field, error) {
	f := Field{Key: -1}
	m, err := readMessage(text)
	if err != nil {
		return f, err
	}
	for tag, has := range m.has {
		if has && m.data[tag] != (tag == fieldName) {
			return f, errBundle
		}
	}
	if !m.has[fieldName] || !m.has[fieldTag] {
		return f, errBundle
	}
	f.Name, f.Tag, f.Array = m.text[fieldName], m.small[fieldTag], m.small[fieldArray] != 0
	if m.has[fieldKey] {
		f.Key = m.small[fieldKey]
	}
	f.Map = m.small[fieldMap] != 0
	switch extra := m.small[fieldType]; {
	case !m.has[fieldKind]:
		if !m.has[fieldType] || extra >= len(s.Types) {
			return f, errBundle
		}
		f.Kind, f.Of = Struct, s.Types[extra]
	case m.small[fieldKind] == int(Integer):
		f.Kind = Integer
		if m.has[fieldType] {
			if extra > maxDecimals {
				return f, fmt.Errorf("%s has more than %d decimals", f.Name, maxDecimals)
			}
			f.Scale = int64(math.Pow10(extra))
		}
	case m.small[fieldKind] == int(String):
		f.Kind, f.Binary = String, m.has[fieldType] && extra == 1
	case m.small[fieldKind] < int(Struct) && !m.has[fieldType]:
		f.Kind = Kind(m.small[fieldKind])
	default:
		return f, errBundle
	}
	return f, nil
}

func (s *Schema) loadProtocol(text string) (*Protocol, error) {
	m, err := readMessage(text)
	if err != nil {
		return nil, err
	}
	if !m.data[0] || !m.has[1] || m.data[1] {
		return nil, errBundle
	}
	p := &Protocol{Name: m.text[0], Tag: m.small[1], Confirm: m.small[4] != 0}
	for i, to := range []**Type{&p.Request, &p.Response} {
		if tag := 2 + i; m.has[tag] {
			if m.data[tag] || m.small[tag] >= len(s.Types) {
				return nil, errBundle
			}
			*to = s.Types[m.small[tag]]
		}
	}
	return p, nil
}

// A writer puts a struct together: small numbers and texts by tag, in order.
type writer struct {
	head, data []byte
	fields     int
	last       int
}

func newWriter() *writer { return &writer{last: -1} }

func (w *writer) put(tag int, v int) {
	if skipped := tag - w.last - 1; skipped > 0 {
		w.head = binary.LittleEndian.AppendUint16(w.head, uint16(2*skipped-1))
		w.fields++
	}
	w.head = binary.LittleEndian.AppendUint16(w.head, uint16(v))
	w.fields++
	w.last = tag
}

func (w *writer) small(tag, v int)       { w.put(tag, 2*(v+1)) }
func (w *writer) text(tag int, s []byte) { w.put(tag, 0); w.data = appendText(w.data, s) }
func appendText[T ~string | []byte](b []byte, s T) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
}

func (w *writer) bytes() []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(w.fields))
	return append(append(b, w.head...), w.data...)
}

// Bundle writes the schema as a bundle, byte for byte as the parser of cloudwu/sproto does.
func (s *Schema) Bundle() string {
	index := make(map[*Type]int, len(s.Types))
	for i, t := range s.Types {
		index[t] = i
	}
	group := newWriter()
	var types, protocols []byte
	for _, t := range s.Types {
		w := newWriter()
		w.text(0, []byte(t.Name))
		var fields []byte
		for _, f := range t.Fields {
			fields = appendText(fields, f.bundle(index))
		}
		if len(t.Fields) > 0 {
			w.text(1, fields)
		}
		types = appendText(types, w.bytes())
	}
	if len(s.Types) > 0 {
		group.text(0, types)
	}
	for _, p := range s.Protocols {
		w := newWriter()
		w.text(0, []byte(p.Name))
		w.small(1, p.Tag)
		if p.Request != nil {
			w.small(2, index[p.Request])
		} else if p.Response != nil || p.Confirm {
			w.gap(2)
		}
		switch {
		case p.Response != nil:
			w.small(3, index[p.Response])
		case p.Confirm:
			w.gap(3)
			w.small(4, 1)
		}
		protocols = appendText(protocols, w.bytes())
	}
	if len(s.Protocols) > 0 {
		group.text(1, protocols)
	}
	return string(group.bytes())
}

// gap leaves a tag out with a mark of its own, as the original does even where two could be one.
func (w *writer) gap(tag int) {
	w.head = binary.LittleEndian.AppendUint16(w.head, 1)
	w.fields++
	w.last = tag
}

func (f *Field) bundle(index map[*Type]int) []byte {
	w := newWriter()
	w.text(fieldName, []byte(f.Name))
	if f.Kind == Struct {
		w.gap(fieldKind)
		w.small(fieldType, index[f.Of])
	} else {
		w.small(fieldKind, int(f.Kind))
		switch {
		case f.Scale != 0:
			w.small(fieldType, int(math.Round(math.Log10(float64(f.Scale)))))
		case f.Binary:
			w.small(fieldType, 1)
		default:
			w.gap(fieldType)
		}
	}
	w.small(fieldTag, f.Tag)
	if f.Array {
		w.small(fieldArray, 1)
		if f.Key >= 0 {
			w.small(fieldKey, f.Key)
			if f.Map {
				w.small(fieldMap, 1)
			}
		}
	}
	return w.bytes()
}
