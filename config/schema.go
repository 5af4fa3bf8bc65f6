package config

//go:generate go run ./internal/gen

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/syntax"
)

// Schema returns the JSON schema of sky.toml for editors: its keys with what they mean,
// their defaults, and the rules that exist. Without Options.RuleOptions, the options of
// rules are not checked by it. A schema cannot ignore case: names are as the catalogue
// spells them.
func Schema(opts Options) ([]byte, error) {
	defaults := Default()
	defaults.Profile = Strict
	s := schemaOf(reflect.TypeFor[top](), reflect.ValueOf(top{
		Dialect: dialect{syntax.DefaultDialect, true}, Profile: defaults.Profile, Files: defaults.Files, Lint: defaults.Lint,
	}), schemaRules(opts))
	properties := s["properties"].(map[string]any)
	node := properties["node"].(map[string]any)["additionalProperties"].(map[string]any)["properties"].(map[string]any)
	for _, section := range opts.Sections {
		v := reflect.ValueOf(section.fresh()).Elem()
		of := schemaOf(v.Type(), v, nil)
		properties[section.sectionName()] = of
		if section.inNodes() {
			node[section.sectionName()] = of
		}
	}
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["$id"] = SchemaURL
	s["title"] = "sky.toml"
	s["description"] = "Configuration of skylint and skyrun."
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(s) // the keys of a map are sorted
	return b.Bytes(), err
}

func levels() map[string]any {
	return map[string]any{"enum": new(Level).Choices()}
}

// ruleSchemas are the schemas of a table of rules: of [rules], and of an override's.
type ruleSchemas struct{ base, override map[string]any }

func schemaRules(opts Options) *ruleSchemas {
	base, override := map[string]any{}, map[string]any{}
	add := func(key, doc string, value map[string]any) {
		described := map[string]any{"description": doc}
		for k, v := range value {
			described[k] = v
		}
		base[key] = described
		if key != "" {
			override[key] = map[string]any{"description": doc, "enum": new(Level).Choices()}
		}
	}
	for _, r := range rules.All() {
		table := map[string]any{"type": "object", "properties": map[string]any{"severity": levels()}}
		if opts.RuleOptions != nil {
			if options := opts.RuleOptions(r); options != nil {
				v := reflect.ValueOf(options).Elem()
				table = schemaOf(v.Type(), v, nil)
				table["properties"].(map[string]any)["severity"] = levels()
			}
			table["additionalProperties"] = false
		}
		value := map[string]any{"anyOf": []any{levels(), table}}
		add(r.ID, r.Name+": "+r.Title, value)
		add(r.Name, r.ID+": "+r.Title, value)
	}
	for _, f := range rules.Families() {
		add(f.Name, "All rules about "+f.Title+" ("+f.Pattern()+").", levels())
		add(f.Pattern(), "All rules about "+f.Title+" ("+f.Name+").", levels())
	}
	add("all", "All rules.", levels())
	object := func(properties map[string]any) map[string]any {
		return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	}
	return &ruleSchemas{object(base), object(override)}
}

// schemaOf returns the schema of a type that document.Decode takes. value, which may be
// invalid, gives the defaults.
func schemaOf(t reflect.Type, value reflect.Value, known *ruleSchemas) map[string]any {
	if t.Kind() == reflect.Pointer {
		return schemaOf(t.Elem(), reflect.Value{}, known)
	}
	strings := func(item map[string]any) map[string]any {
		return map[string]any{"type": "array", "items": item}
	}
	text := map[string]any{"type": "string"}
	switch v := reflect.New(t).Interface().(type) {
	case interface{ Schema() map[string]any }:
		return v.Schema()
	case document.Choice:
		return map[string]any{"enum": v.Choices()}
	case *dialect:
		return map[string]any{"enum": dialectNames()}
	case *Globs:
		return strings(map[string]any{"type": "string", "minLength": 1})
	case *Names:
		return strings(map[string]any{"type": "string", "pattern": `^[A-Za-z_][A-Za-z0-9_]*\*?$`})
	case *FieldNames:
		return strings(map[string]any{"type": "string", "pattern": `^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\.([A-Za-z_][A-Za-z0-9_]*|\*)$`})
	case *Patterns, *PathList:
		return map[string]any{"anyOf": []any{text, strings(text)}}
	case *document.Text:
		return text
	case *Scalar:
		return map[string]any{"type": []string{"string", "number", "boolean"}}
	case *ruleTable:
		return known.base
	case *nodeTable:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(reflect.TypeFor[Node](), reflect.Value{}, known)}
	case *override:
		s := schemaStruct(t, value, &ruleSchemas{base: known.override})
		s["required"] = []string{"paths"}
		return s
	}
	switch t.Kind() {
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice:
		return strings(schemaOf(t.Elem(), reflect.Value{}, known))
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), reflect.Value{}, known)}
	case reflect.Struct:
		return schemaStruct(t, value, known)
	case reflect.String:
		return text
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return map[string]any{"type": "integer", "minimum": 0}
	}
	return map[string]any{"type": "integer"}
}

func schemaStruct(t reflect.Type, value reflect.Value, known *ruleSchemas) map[string]any {
	properties := map[string]any{}
	for _, f := range reflect.VisibleFields(t) {
		key := f.Tag.Get("toml")
		if key == "" {
			continue
		}
		var v reflect.Value
		if value.IsValid() {
			v = value.FieldByIndex(f.Index)
		}
		s := map[string]any{}
		for k, x := range schemaOf(f.Type, v, known) {
			s[k] = x
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			s["description"] = doc
		}
		if v.IsValid() {
			if d, ok := defaultOf(v); ok {
				s["default"] = d
			}
		}
		properties[key] = s
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if o, ok := reflect.New(t).Interface().(document.Opener); ok {
		s["additionalProperties"] = schemaOf(reflect.TypeOf(o.OtherSchema()).Elem(), reflect.Value{}, known)
	}
	return s
}

// defaultOf returns a default as JSON has it; ok is false for what a file cannot say.
func defaultOf(v reflect.Value) (any, bool) {
	if !v.CanInterface() {
		return nil, false
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	switch d := p.Interface().(type) {
	case interface{ Default() any }:
		return d.Default(), true
	case *dialect:
		return d.String(), true
	case document.Choice:
		return d.Choices()[v.Uint()], true
	case *Globs:
		texts := []string{}
		for _, g := range *d {
			texts = append(texts, g.String())
		}
		return texts, true
	case *Names:
		return []string{}, d.Empty()
	case *FieldNames:
		return append([]string{}, *d...), true
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint(), true
	case reflect.Float32, reflect.Float64:
		return v.Float(), true
	case reflect.String:
		return v.String(), v.String() != ""
	}
	return nil, false
}

// Keys returns the dotted names of all keys with a fixed place, in the order of the
// documentation: "files.include", "node.NAME.config", "override.paths".
func Keys() []string {
	var all []string
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for _, f := range reflect.VisibleFields(t) {
			key := f.Tag.Get("toml")
			if key == "" {
				continue
			}
			name := strings.TrimPrefix(prefix+"."+key, ".")
			switch of := f.Type; {
			case of == reflect.TypeFor[nodeTable]():
				walk(reflect.TypeFor[Node](), name+".NAME")
			case of.Kind() == reflect.Slice && of.Elem() == reflect.TypeFor[override]():
				walk(of.Elem(), name)
			case of == reflect.TypeFor[Files](), of == reflect.TypeFor[Lint](), of == reflect.TypeFor[System]():
				walk(of, name)
			default:
				all = append(all, name)
			}
		}
	}
	walk(reflect.TypeFor[top](), "")
	return all
}
