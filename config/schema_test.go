package config

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/skylint/skylint/rules"
)

// schema compiles the schema of the given options.
func schema(t *testing.T, opts Options) *jsonschema.Schema {
	t.Helper()
	text, err := Schema(opts)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sky.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sky.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate checks a TOML text against a schema.
func validate(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	var all map[string]any
	if err := toml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	// As JSON has it, so that integers and lists are of the types that the validator knows.
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// The schema takes what Parse takes, and refuses what Parse refuses.
func TestSchemaAgreesWithParse(t *testing.T) {
	type options struct {
		Allow []string `toml:"allow"`
	}
	opts := Options{
		RuleOptions: func(r *rules.Rule) any {
			if r.ID == "SKY101" {
				return &options{}
			}
			return nil
		},
		Sections: []Section{limitsSection, auditSection},
	}
	s := schema(t, opts)
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"", true},
		{"dialect = '5.4'\nprofile = 'compat'", true},
		{"dialect = 5.4", false},
		{"dialect = '6.0'", false},
		{"profile = 'lax'", false},
		{"banana = 1", false},
		{"[files]\ninclude = ['a']\nexclude = []\nvendored = ['b']\ngitignore = false", true},
		{"[files]\ninclude = 'a'", false},
		{"[files]\ninclude = ['']", false},
		{"[files]\ninclude = [1]", false},
		{"[files]\nbanana = 1", false},
		{"[lint]\nfail-on = 'never'\nglobals = ['A', 'B_*']\nread-globals = ['_c']\nreport-vendored = true", true},
		{"[lint]\nfail-on = 'warn'", false},
		{"[lint]\nglobals = ['a b']", false},
		{"[lint]\nglobals = ['*']", false},
		{"[lint]\nreport-vendored = 1", false},
		{"[rules]\nSKY101 = 'off'\nbytecode = 'error'\nisolation = 'note'\nSKY6xx = 'warning'\nall = 'default'", true},
		{"[rules]\nSKY101 = { severity = 'off', allow = ['x'] }\nSKY001 = { severity = 'note' }", true},
		{"[rules]\nSKY101 = { allow = 'x' }", false},
		{"[rules]\nSKY001 = { allow = ['x'] }", false},
		{"[rules]\nSKY001 = false", false},
		{"[rules]\nbanana = 'off'", false},
		{"[rules]\nisolation = { severity = 'off' }", false},
		{"[[override]]\npaths = ['a']\ndialect = 'luajit'\nglobals = ['A']\nread-globals = ['B']\nrules = { SKY101 = 'off', isolation = 'note' }", true},
		{"[[override]]\ndialect = 'luajit'", false},
		{"[[override]]\npaths = ['a']\nrules = { SKY101 = { severity = 'off' } }", false},
		{"[override]\npaths = ['a']", false},
		{"[system]\nconfig = 'a'\nluaservice = 'a;b'\nenv = { A = 'b' }\nsettings = { a = 1, b = true, c = 'x', d = 0.5 }", true},
		{"[system]\nconfig = ['a']\nluaservice = ['a']\ncwd = '.'", true},
		{"[system]\nconfig = 1", false},
		{"[system]\nenv = { A = 1 }", false},
		{"[system]\nsettings = { a = [] }", false},
		{"[node.a]\nconfig = 'a'\nstart = 'b'\n[node.b.limits]\nmemory = 1", true},
		{"[node.a]\nconfig = ['a']", false},
		{"[node.a]\nbanana = 1", false},
		{"[node]\na = 1", false},
		{"[node.a.audit]\npath = 'a'", false},
		{"[limits]\nmemory = 1\nnames = ['a']\n[audit]\npath = 'a'", true},
		{"[limits]\nmemory = 'a'", false},
		{"[audit]\nbanana = 'a'", false},
	} {
		_, perr := Parse("sky.toml", []byte(c.text), opts)
		verr := validate(t, s, c.text)
		if (perr == nil) != c.ok || (verr == nil) != c.ok {
			t.Errorf("%s\nParse: %v\nschema: %v\nwant accepted: %v", c.text, perr, verr, c.ok)
		}
	}
}

func TestSchemaTakesTheTemplate(t *testing.T) {
	if err := validate(t, schema(t, Options{}), Template()); err != nil {
		t.Error(err)
	}
}

func TestSchemaHasDefaultsAndMeanings(t *testing.T) {
	text, err := Schema(Options{Sections: []Section{limitsSection}})
	if err != nil {
		t.Fatal(err)
	}
	type property struct {
		Default     any
		Description string
		Properties  map[string]property
	}
	var s property
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		section, key string
		want         any
	}{
		{"", "dialect", "5.4"}, {"", "profile", "strict"}, {"files", "gitignore", true}, {"lint", "fail-on", "warning"}, {"lint", "report-vendored", false},
		{"limits", "memory", 64.0},
	} {
		in := s
		if c.section != "" {
			in = s.Properties[c.section]
		}
		if got := in.Properties[c.key].Default; got != c.want {
			t.Errorf("%s.%s has the default %v, want %v", c.section, c.key, got, c.want)
		}
	}
	if got := s.Properties["rules"].Properties["SKY101"].Description; got != "global-write: "+rule(t, "SKY101").Title {
		t.Errorf("SKY101: %q", got)
	}
	for name, p := range s.Properties {
		if p.Description == "" && name != "limits" {
			t.Errorf("%s has no description", name)
		}
	}
}

func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../docs/CONFIG.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(page), "\r\n", "\n")
	// Each key has a heading, and each heading is a key.
	var headings []string
	for _, line := range regexp.MustCompile("(?m)^### (.*)$").FindAllStringSubmatch(text, -1) {
		for _, key := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line[1], -1) {
			headings = append(headings, key[1])
		}
	}
	keys := Keys()
	for _, key := range keys {
		if !slices.Contains(headings, key) {
			t.Errorf("docs/CONFIG.md has no heading for %s", key)
		}
	}
	for _, h := range headings {
		if !slices.Contains(keys, h) && h != "override" {
			t.Errorf("docs/CONFIG.md has a heading for %s, which is no key", h)
		}
	}
	if len(keys) < 30 {
		t.Errorf("only %d keys: %v", len(keys), keys)
	}
	// The examples are read without an error, and taken by the schema.
	examples := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(examples) < 6 {
		t.Errorf("only %d examples", len(examples))
	}
	s := schema(t, Options{})
	for _, e := range examples {
		if _, err := Parse("sky.toml", []byte(e[1]), Options{}); err != nil {
			t.Errorf("%v in\n%s", err, e[1])
		}
		if err := validate(t, s, e[1]); err != nil {
			t.Errorf("%v in\n%s", err, e[1])
		}
	}
	// The schema's address is the one that the template has.
	if !strings.Contains(text, "#:schema "+SchemaURL+"\n") {
		t.Error("docs/CONFIG.md does not have the address of the schema")
	}
}
