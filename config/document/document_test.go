package document

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/skylint/skylint/source"
)

func parse(text string) (*Document, *Errors) {
	file := source.New("sky.toml", text)
	errs := &Errors{File: file}
	return Parse(file, errs), errs
}

func check(t *testing.T, errs *Errors, want string) {
	t.Helper()
	got := ""
	if len(errs.List) > 0 {
		got = (&Error{errs.List}).Error()
	}
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("errors:\n%s\nwant:\n%s", got, want)
	}
}

func TestPositions(t *testing.T) {
	text := "# c\ntop = 'a'\n[one.two]\r\nlist = [ \"x\", 'yé' ] # c\nnum = -1_0\n" +
		"in = { a.b = 1.5, c = true }\n[[many]]\nd = 1979-05-27\n[[many]]\n\"q k\" = \"\"\"\nml\"\"\"\n"
	doc, errs := parse(text)
	check(t, errs, "")
	at := func(s source.Span) string { return text[s.Start:s.End] }
	one := doc.Root.Get("one").Value.Table
	two := one.Get("two").Value.Table
	if two.Name != "one.two" || at(two.Span) != "one.two" || at(two.Entries[0].At) != "list" {
		t.Errorf("table %q at %q", two.Name, at(two.Span))
	}
	many := doc.Root.Get("many").Value
	if len(many.Items) != 2 || many.Items[1].Table.Name != "many" {
		t.Fatalf("many: %+v", many)
	}
	list := two.Get("list").Value
	in := two.Get("in").Value
	for _, c := range []struct {
		v    *Value
		text string
		want any
	}{
		{doc.Root.Get("top").Value, "'a'", "a"},
		{list, "[ \"x\", 'yé' ]", nil},
		{list.Items[0], `"x"`, "x"},
		{list.Items[1], "'yé'", "yé"},
		{two.Get("num").Value, "-1_0", int64(-10)},
		{in, "{ a.b = 1.5, c = true }", nil},
		{in.Table.Get("a").Value.Table.Get("b").Value, "1.5", 1.5},
		{in.Table.Get("c").Value, "true", true},
		{many.Items[0].Table.Get("d").Value, "1979-05-27", nil},
		{many.Items[1].Table.Get("q k").Value, "\"\"\"\nml\"\"\"", "ml"},
	} {
		if got := at(c.v.Span); got != c.text {
			t.Errorf("span of %q, want %q", got, c.text)
		}
		var got any
		switch c.v.Kind {
		case String:
			got = c.v.Str
		case Integer:
			got = c.v.Int
		case Float:
			got = c.v.Float
		case Boolean:
			got = c.v.Bool
		}
		if got != c.want {
			t.Errorf("%s is %v, want %v", c.text, got, c.want)
		}
	}
	if got := in.Table.Get("a").Value.Table.Sub("b"); got != "one.two.in.a.b" {
		t.Errorf("name %q", got)
	}
	if got := many.Items[1].Table.Sub("q k"); got != `many."q k"` {
		t.Errorf("name %q", got)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"several", "a = \nb = lua5.4 # bare\nc = 1\nd 2\n[x\ne = off\n[y]\nf = ,\n", `
sky.toml:1:5: a value is missing
sky.toml:2:5: this is not a TOML value (a string stands in quotes: "lua5.4")
sky.toml:4:3: expected '=' after key
sky.toml:5:3: expected ']' to close table name
sky.toml:8:5: this is not a TOML value`},
		{"open list", "a = [ 'x', 'y'\n[files]\nb = 1\nb = 2\n", `
sky.toml:2:1: expected ',' or ']' after array value
sky.toml:4:1: "files.b" is set twice`},
		{"open list with keys", "a = [ 'x',\nb = 1\nc = nope\n", `
sky.toml:2:1: this is not a TOML value (a string stands in quotes: "b = 1")
sky.toml:3:5: this is not a TOML value (a string stands in quotes: "nope")`},
		{"open string", "a = \"x\nb = ", `
sky.toml:1:7: basic strings cannot have new lines
sky.toml:2:4: a value is missing`},
		{"open list at the end", "a = [", `sky.toml:1:5: the list is not closed by "]"`},
		{"open table at the end", "a = {b = 1", `sky.toml:1:10: the table is not closed by "}"`},
		{"lua comment", "-- hello\na = 1\na = 2", `
sky.toml:1:4: expected '=' after key (a comment starts with "#")
sky.toml:3:1: "a" is set twice`},
		{"slashes", "// hello\n", `sky.toml:1:1: expected a key, such as name = value (a comment starts with "#")`},
		{"rest of the line", "a = 1 2\nb = true false", `
sky.toml:1:7: expected the end of the line
sky.toml:2:10: expected the end of the line`},
		{"comma", "a = [1,,2]\n", `sky.toml:1:8: expected a value before the comma`},
		{"twice", "a.b = 1\n[c]\n[a]\nx = 1\n[c]\ny = 1\ny = 2\n[[c]]\n[d]\n[d.e]\n[[f]]\n[f]\n", `
sky.toml:3:2: the table "a" is defined twice
sky.toml:5:2: the table "c" is defined twice
sky.toml:7:1: "c.y" is set twice
sky.toml:8:3: "c" is not a list of tables
sky.toml:12:2: "f" is a list of tables (write [[f]])`},
		{"inline is closed", "a = {b = 1, b = 2}\n[a.c]\n[a]\n[x]\n[x.y.z]\n[x.y]\ny = 1\nz.k = 1\n", `
sky.toml:1:13: "a.b" is set twice
sky.toml:2:2: "a" is already set to a value
sky.toml:3:2: the table "a" is defined twice
sky.toml:8:1: "x.y.z" is defined twice`},
		{"value, then table", "a = 1\n[a]\n[a.b]\n", `
sky.toml:2:2: "a" is defined twice
sky.toml:3:2: "a" is already set to a value`},
		{"too large", "a = 99999999999999999999\n", `sky.toml:1:5: 99999999999999999999 does not fit into 64 bits`},
		{"no such day", "\ufeffa = 2024-02-31\n", `sky.toml:1:14: impossible date`},
		{"not text", "a = \"\xff\"\n", `sky.toml:1:6: invalid UTF-8 character in basic string`},
		{"quoted name", "'a b' = 1\n'a b' = 2", `sky.toml:2:1: "\"a b\"" is set twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs := parse(c.text)
			check(t, errs, c.want)
		})
	}
}

func TestTwiceNamesTheFirst(t *testing.T) {
	_, errs := parse("[a]\nb = 1\nb = 2\n")
	if len(errs.List) != 1 || len(errs.List[0].Related) != 1 {
		t.Fatalf("%+v", errs.List)
	}
	r := errs.List[0].Related[0]
	if r.Message != "first defined here" || r.Line() != 2 {
		t.Errorf("related: %q at line %d, want line 2", r.Message, r.Line())
	}
}

func TestBounds(t *testing.T) {
	_, errs := parse("a = '" + strings.Repeat("x", MaxFile) + "'")
	check(t, errs, `sky.toml:1:1: the file is larger than 1 MB`)
	_, errs = parse(strings.Repeat("[a]\n", maxKeys) + "b = 1\nc = 2\n[d]\n")
	if last := errs.List[len(errs.List)-1]; last.Message != "the file has more than 10000 keys" || last.Line() != maxKeys+1 {
		t.Errorf("%q at line %d", last.Message, last.Line())
	}
}

// What the TOML reader refuses, this package refuses, and the other way round.
func TestAgreesWithTOML(t *testing.T) {
	for _, text := range []string{
		"", "\ufeff", "a=1", "a=1\r\nb=2", "[a]\n[a.b]\n[a.c]", "[a.b]\n[a]", "[a.b]\n[a]\n[a]", "[a]\n[[a]]", "[[a]]\n[a.b]\n[[a]]\n[a.b]",
		"[[a]]\n[a.b]\n[a.b]", "[[a.b]]\n[[a.b]]\n[a.b.c]", "a.b=1\na.c=2", "a.b=1\na.b.c=2", "a=1\na.b=2", "[a]\nb.c=1\n[a.b]", "[a]\nb.c=1\n[a.b.d]",
		"a={b={c=1}}\n[a.b]", "a={b.c=1,b.d=2}", "a={b=1,b.c=2}", "a=[{b=1},{b=1}]", "a=[{b=1,b=2}]", "a=[1,[2,[3]]]", "a=[]\n[[a]]", "a={}\n[a.b]",
		"a=01", "a=1__0", "a=0x1F", "a=0o17", "a=0b12", "a=+1", "a=1.", "a=.5", "a=1e3", "a=inf", "a=nan", "a=1979-13-01", "a=07:32:00", "a=25:00:00",
		"a=''", "a=\"\\u00e9\"", "a=\"\\x\"", "a=\"\x01\"", "a='''\nx'''", "=1", "a", "[", "[]", "[a]b", "a=1 # c", "# \x02", "a=\x00", "\"\"=1", "''=1\n\"\"=2", "a.\"b.c\"=1\n[a.b]",
		"a=9223372036854775807", "a=9223372036854775808", "a=-9223372036854775808", "a=tru", "a=[1,]", "a=[,]", "a={b=1,}", "a = { b = 1\n}", "[a]\n[b]\n[a.c]\n[b.c]\n[a.c.d]",
	} {
		var all map[string]any
		body := strings.TrimPrefix(text, "\ufeff")
		err := toml.Unmarshal([]byte(body), &all)
		_, errs := parse(text)
		if (err == nil) != (len(errs.List) == 0) {
			t.Errorf("%q: toml says %v, here %v", text, err, errs.List)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a=1\n[b]\nc=['x']\n", "[[a]]\nb.c={d=1}\n", "a = [\n[x\n\"", "\ufeff[a]\n[a]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, errs := parse(text)
		for _, p := range errs.List {
			if int(p.Start) > len(text) || p.Start > p.End || int(p.End) > len(text) {
				t.Errorf("%q: %q at %v", text, p.Message, p.Span)
			}
		}
		var all map[string]any
		err := toml.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &all)
		if (err == nil) != (len(errs.List) == 0) {
			t.Errorf("%q: toml says %v, here %v", text, err, errs.List)
		}
		if err == nil && len(doc.Root.Entries) != len(all) {
			t.Errorf("%q: %d keys, want %d", text, len(doc.Root.Entries), len(all))
		}
	})
}

type colour uint8

func (*colour) Choices() []string { return []string{"red", "green", "dark-blue"} }

type inner struct {
	Size  int     `toml:"size"`
	Ratio float64 `toml:"ratio"`
}

type shared struct {
	Path Text `toml:"path"`
}

type outer struct {
	shared
	Name    string           `toml:"name"`
	Small   int8             `toml:"small"`
	Count   uint16           `toml:"count"`
	Long    uint64           `toml:"long"`
	On      bool             `toml:"on"`
	Colour  colour           `toml:"colour"`
	Words   []string         `toml:"words"`
	Inner   inner            `toml:"inner"`
	Many    []inner          `toml:"many"`
	ByName  map[string]inner `toml:"by-name"`
	Maybe   *bool            `toml:"maybe"`
	Ignored string
}

func TestDecode(t *testing.T) {
	doc, errs := parse(`
name = "n"
small = -128
count = 65535
on = true
colour = "Dark-Blue"
words = ["a", "b"]
path = "p"
maybe = false
inner = { size = 3 }
many = [{ size = 1 }, { ratio = 2 }]
[by-name.x]
size = 7
`)
	got := outer{Inner: inner{Ratio: 0.5}, Ignored: "kept"}
	Decode(doc.Root, &got, errs)
	check(t, errs, "")
	no := false
	want := outer{
		shared: shared{Path: Text{"p", got.Path.At}}, Name: "n", Small: -128, Count: 65535, On: true, Colour: 2, Words: []string{"a", "b"},
		Inner: inner{Size: 3, Ratio: 0.5}, Many: []inner{{Size: 1}, {Ratio: 2}}, ByName: map[string]inner{"x": {Size: 7}}, Maybe: &no, Ignored: "kept",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if at := doc.File.Text[got.Path.At.Start:got.Path.At.End]; at != `"p"` {
		t.Errorf("path at %q", at)
	}
}

func TestDecodeErrors(t *testing.T) {
	doc, errs := parse(`nmae = "n"
small = 128
count = -1
long = -1
on = "yes"
colour = "blue"
words = "a"
path = 1
maybe = 2.5
name = ['x']
banana = 1
[inner]
size = "big"
ratio = nan
Size = 1
[many]
size = 1
[by_name]
[by-name.x]
siez = 1
`)
	var got outer
	Decode(doc.Root, &got, errs)
	check(t, errs, `
sky.toml:1:1: unknown key "nmae" (did you mean "name"?)
sky.toml:2:9: "small" is out of range: 128
sky.toml:3:9: "count" is out of range: -1
sky.toml:4:8: "long" is out of range: -1
sky.toml:5:6: "on" must be true or false, not the string "yes"
sky.toml:6:10: unknown value "blue" for "colour" (one of red, green, dark-blue)
sky.toml:7:9: "words" must be a list, not the string "a" (write ["a"])
sky.toml:8:8: "path" must be a string, not the number 1
sky.toml:9:9: "maybe" must be true or false, not the number 2.5
sky.toml:10:8: "name" must be a string, not a list
sky.toml:11:1: unknown key "banana" (known here: path, name, small, count, long, on, colour, words, inner, many, by-name, maybe)
sky.toml:13:8: "inner.size" must be an integer, not the string "big"
sky.toml:14:9: "inner.ratio" must be a finite number, not the number NaN
sky.toml:15:1: unknown key "inner.Size" (did you mean "size"?)
sky.toml:16:2: "many" must be a list, not a table (write [[many]])
sky.toml:18:2: unknown section "by_name" (did you mean "by-name"?)
sky.toml:20:1: unknown key "by-name.x.siez" (did you mean "size"?)`)
}

func TestDecodeOpen(t *testing.T) {
	doc, errs := parse("size = 1\nextra = 2\nextre = 3\n")
	var got inner
	var seen []string
	DecodeOpen(doc.Root, &got, errs, []string{"extra"}, func(e *Entry) bool {
		if e.Key == "extra" {
			seen = append(seen, e.Key)
			return true
		}
		return false
	})
	check(t, errs, `sky.toml:3:1: unknown key "extre" (did you mean "extra"?)`)
	if got.Size != 1 || len(seen) != 1 {
		t.Errorf("got %+v, seen %v", got, seen)
	}
}

type positive struct {
	Size int `toml:"size"`
}

func (p *positive) Validate(t *Table, errs *Errors) {
	if p.Size <= 0 {
		errs.Add(t.Get("size").Value.Span, "too small")
	}
}

func TestValidator(t *testing.T) {
	doc, errs := parse("a = { size = 0 }\nb = { size = 1 }\n")
	got := map[string]positive{}
	for _, e := range doc.Root.Entries {
		var p positive
		Decode(e.Value.Table, &p, errs)
		got[e.Key] = p
	}
	check(t, errs, `sky.toml:1:14: too small`)
	if got["b"].Size != 1 {
		t.Errorf("%+v", got)
	}
}

func TestElsewhere(t *testing.T) {
	doc, errs := parse("siz = 1\nglobals = 1\n")
	errs.Elsewhere = func(key string) string { return map[string]string{"globals": "in [lint]"}[key] }
	Decode(doc.Root, &inner{}, errs)
	check(t, errs, `
sky.toml:1:1: unknown key "siz" (did you mean "size"?)
sky.toml:2:1: unknown key "globals" ("globals" belongs in [lint])`)
}

func TestKeys(t *testing.T) {
	want := []string{"size", "ratio"}
	if got := Keys(&inner{}); !reflect.DeepEqual(got, want) {
		t.Errorf("Keys = %v, want %v", got, want)
	}
}
