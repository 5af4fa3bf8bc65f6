package sproto

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The bundle of a schema with every construct is the one that the parser of cloudwu/sproto writes
// (testdata/bag.hex was made by it), and reading it gives the schema again.
func TestBundle(t *testing.T) {
	s, err := Parse(read(t, "bag.sproto"), "bag.sproto")
	if err != nil {
		t.Fatal(err)
	}
	want, err := hex.DecodeString(strings.ReplaceAll(read(t, "bag.hex"), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Bundle(); got != string(want) {
		t.Fatalf("bundle:\n%x, want\n%x", got, want)
	}
	again, err := Load(string(want))
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Bundle(); got != string(want) {
		t.Errorf("the bundle of what was loaded:\n%x, want\n%x", got, want)
	}
	for _, s := range []*Schema{s, again} {
		get := s.Protocol("get")
		if get == nil || s.Tagged(3) != get || get.Request != s.Type("item") || get.Response != s.Type("bag") {
			t.Errorf("protocol get: %+v", get)
		}
		if p := s.Tagged(9); p.Name != "sure" || !p.Confirm || p.Request != nil || p.Response != nil {
			t.Errorf("protocol 9: %+v", p)
		}
		if s.Tagged(4) != nil || s.Protocol("none") != nil || s.Type("none") != nil {
			t.Error("there is what was not declared")
		}
		bag := s.Type("bag")
		if f := bag.Field(8); f.Name != "mark" || f.Of != s.Type("item.mark") || f.Array {
			t.Errorf("bag.mark: %+v", f)
		}
		if f := bag.Field(1); !f.Map || !f.Array || f.Key != 0 || f.Of.Name != "pair" {
			t.Errorf("bag.byname: %+v", f)
		}
		if f := bag.Field(3); f.Scale != 1000 || f.Kind != Integer {
			t.Errorf("bag.prices: %+v", f)
		}
		if bag.Field(9) != nil || bag.Field(21) != nil || s.Type("pair").Field(2) != nil || s.Type("pair").Field(-1) != nil {
			t.Error("there is a field with a tag that was not declared")
		}
		if f := s.Type("item").Field(5); f.Kind != String || !f.Binary {
			t.Errorf("item.icon: %+v", f)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{".a { x 0 : integer", `syntax error at [t] line (1): expected the name of a field, '.' or '}', found the end of the text`},
		{".a {}\n.b { x 0 integer }", `line (2): expected ':', found "integer"`},
		{".a { x : integer }", `expected a tag, found ":"`},
		{"# only\n\n?", `line (3): expected '.', or the name of a protocol, found "?"`},
		{".a { x 0 : y }", "[t] line (1): Undefined type y in type a"},
		{".a { x 0 : integer\n x 1 : integer }", "line (2): redefine x in type a"},
		{".a { x 0 : integer\n y 0 : integer }", "line (2): redefine tag 0 in type a"},
		{".a {} .a {}", "redefined a"},
		{"p 1 { request a }", "Undefined request type a in protocol p"},
		{"p 1 { request {} request {} }", "redefine request in protocol p"},
		{"p 1 {} q 1 {}", "redefined protocol tag 1 at q"},
		{"p 1 {} p 2 {}", "redefined p"},
		{"p 1 { ask a }", `expected 'request', 'response' or '}', found "ask"`},
		{".a { x 99999 : integer }", "tag 99999 is larger than 32766"},
		{".a { x 9999999999999999999999 : integer }", "is too large"},
		{".a { x 0 : b(id) } .b { id 0 : integer }", "a.x is indexed, and is no list: write *b(id)"},
		{".a { x 0 : *b(no) } .b { id 0 : integer }", "Invalid map index :no"},
		{".a { x 0 : *b() } .b { id 0 : integer }", "Invalid map definition: x, must only have two fields"},
		{".a { x 0 : *string() }", "a.x is indexed, and is no list of structs"},
		{".a { x 0 : string(2) }", "a.x has decimals, and is no integer"},
		{".a { x 0 : integer(19) }", "more than 18 decimals"},
		{strings.Repeat(".a {", 200), "types are nested deeper than 100"},
	} {
		_, err := Parse(c.text, "t")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// The packed texts are those of sproto_pack.
func TestPack(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"\x00", "00"},
		{"abc", "07616263"},
		{"xxxxxxxx", "ff007878787878787878"},
		{"xxxxxxxx\x00bcdefgh", "ff0178787878787878780062636465666768"},
		{"xxxxxxxx\x00\x00cdefgh", "ff0178787878787878780000636465666768"},
		{"xxxxxxxx\x00\x00\x00defgh", "ff007878787878787878f86465666768"},
		{strings.Repeat("x", 20), "ff01787878787878787878787878787878780f78787878"},
		{strings.Repeat("x", 22), "ff02787878787878787878787878787878787878787878780000"},
		{strings.Repeat("\x00\x00\x00a", 9), "8861618861618861618861610861"},
		{strings.Repeat("abcdefgh", 257), "ffff" + strings.Repeat("6162636465666768", 256) + "ff006162636465666768"},
	} {
		got := Pack(nil, c.text)
		if hex.EncodeToString(got) != c.want {
			t.Errorf("pack %q: %x, want %s", c.text, got, c.want)
		}
		back, err := Unpack(nil, string(got))
		if err != nil || !bytes.HasPrefix(back, []byte(c.text)) || len(back) != (len(c.text)+7)/8*8 {
			t.Errorf("unpack %x: %q, %v", got, back, err)
		}
	}
	for _, bad := range []string{"\xff", "\xff\x00", "\xff\x01abcdefgh", "\x01", "\x03a"} {
		if _, err := Unpack(nil, bad); err == nil {
			t.Errorf("unpack %q: no error", bad)
		}
	}
}

// Nothing that is read as a bundle, as a schema or as packed text brings it down; what is a bundle
// is written again as it can be read.
func FuzzSproto(f *testing.F) {
	text, err := os.ReadFile("testdata/bag.sproto")
	if err != nil {
		f.Fatal(err)
	}
	s, err := Parse(string(text), "bag")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Bundle())
	f.Add(string(text))
	f.Add(string(Pack(nil, s.Bundle())))
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := Load(text); err == nil {
			if _, err := Load(s.Bundle()); err != nil {
				t.Errorf("the bundle of what was loaded cannot be loaded: %v", err)
			}
		}
		if s, err := Parse(text, "t"); err == nil {
			if _, err := Load(s.Bundle()); err != nil {
				t.Errorf("the bundle of what was parsed cannot be loaded: %v", err)
			}
		}
		back, err := Unpack(nil, string(Pack(nil, text)))
		if err != nil || !bytes.HasPrefix(back, []byte(text)) {
			t.Errorf("packed and unpacked: %q, %v", back, err)
		}
		if b, err := Unpack(nil, text); err == nil {
			if n, _ := UnpackedLen(text); n != len(b) {
				t.Errorf("unpacked %d bytes, announced %d", len(b), n)
			}
		}
	})
}
