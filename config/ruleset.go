package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// A layer is one [rules] table, or the rules of one [[override]]. Within a layer a rule's
// own line wins over its family's, and that over "all".
type layer struct {
	byRule   map[*rules.Rule]Level
	byFamily map[string]Level
	all      *Level
}

func (l *layer) empty() bool { return l.byRule == nil && l.byFamily == nil && l.all == nil }

func (l *layer) level(r *rules.Rule) (Level, bool) {
	if level, ok := l.byRule[r]; ok {
		return level, true
	}
	if level, ok := l.byFamily[r.Family]; ok {
		return level, true
	}
	if l.all != nil {
		return *l.all, true
	}
	return 0, false
}

// ruleTable keeps a table of rules until it is known which rules there are.
type ruleTable struct{ table *document.Table }

// DecodeValue implements document.Decoder.
func (r *ruleTable) DecodeValue(v *document.Value, name string, errs *document.Errors) {
	if v.Kind != document.TableKind {
		document.Mismatch(v, name, "a table of rules", errs)
		return
	}
	r.table = v.Table
}

// optionTable is what [rules] says about the options of one rule.
type optionTable struct {
	table *document.Table
	file  *source.File
}

// ruleOptions is what stands in the table of a rule besides its options.
type ruleOptions struct {
	Severity Level `toml:"severity"`
}

func (c *Config) decodeRules(base *document.Table, opts Options, errs *document.Errors) {
	if base != nil {
		c.rules = decodeLayer(base, errs, func(r *rules.Rule, v *document.Value, name string) (Level, bool) {
			return c.decodeRule(r, v, name, opts.RuleOptions, errs)
		})
	}
	for i := range c.overrides {
		o := &c.overrides[i]
		if o.Rules.table == nil {
			continue
		}
		o.layer = decodeLayer(o.Rules.table, errs, func(r *rules.Rule, v *document.Value, name string) (Level, bool) {
			if v.Kind == document.TableKind {
				errs.Add(v.Span, fmt.Sprintf("%q must be a severity: an override has no options", name),
					fmt.Sprintf("set the options in [rules.%s]", r.Name))
				return 0, false
			}
			return decodeLevel(v, name, errs)
		})
	}
}

// decodeLayer reads a table of rules. It calls one for the value of a single rule.
func decodeLayer(t *document.Table, errs *document.Errors, one func(*rules.Rule, *document.Value, string) (Level, bool)) layer {
	var l layer
	seen := make(map[string]*document.Entry)
	twice := func(what string, e *document.Entry) bool {
		first, ok := seen[what]
		if !ok {
			seen[what] = e
			return false
		}
		errs.Add(e.At, fmt.Sprintf("%s is set twice: here as %q, before as %q", what, e.Key, first.Key)).Related = []rules.Related{{
			Location: rules.Location{File: errs.File, Span: first.At}, Message: "first set here"}}
		return true
	}
	for i := range t.Entries {
		e := &t.Entries[i]
		name := t.Sub(e.Key)
		if r := rules.Lookup(e.Key); r != nil {
			if twice("rule "+r.ID+" "+r.Name, e) {
				continue
			}
			if level, ok := one(r, e.Value, name); ok {
				if l.byRule == nil {
					l.byRule = make(map[*rules.Rule]Level)
				}
				l.byRule[r] = level
			}
			continue
		}
		family, what := rules.LookupFamily(e.Key), `"all"`
		switch {
		case family != nil:
			what = "the family " + family.Name
		case !strings.EqualFold(e.Key, "all"):
			errs.Add(e.At, fmt.Sprintf("unknown rule %q", e.Key), unknownRuleHelp(e.Key, errs))
			continue
		}
		if twice(what, e) {
			continue
		}
		if e.Value.Kind == document.TableKind {
			errs.Add(e.At, fmt.Sprintf("%q must be a severity: only a single rule has options", name))
			continue
		}
		level, ok := decodeLevel(e.Value, name, errs)
		switch {
		case !ok:
		case family != nil:
			if l.byFamily == nil {
				l.byFamily = make(map[string]Level)
			}
			l.byFamily[family.Name] = level
		default:
			l.all = &level
		}
	}
	return l
}

func unknownRuleHelp(key string, errs *document.Errors) string {
	if place := errs.Elsewhere(key); place != "" {
		return fmt.Sprintf("%q belongs %s", key, place)
	}
	near, ok := rules.Nearest(key)
	if !ok {
		return `"skylint rules" lists all rules`
	}
	if r := rules.Lookup(near); r != nil {
		return fmt.Sprintf("did you mean %s %s?", r.ID, r.Name)
	}
	return fmt.Sprintf("did you mean %q?", near)
}

func decodeLevel(v *document.Value, name string, errs *document.Errors) (Level, bool) {
	var level Level
	if v.Kind != document.String {
		p := len(errs.List)
		document.Mismatch(v, name, "a severity", errs)
		if v.Kind == document.Boolean {
			errs.List[p].Help = []string{map[bool]string{false: `write "off"`, true: `write "default"`}[v.Bool]}
		}
		return 0, false
	}
	choices := level.Choices()
	i := slices.IndexFunc(choices, func(c string) bool { return strings.EqualFold(c, v.Str) })
	if i < 0 {
		document.UnknownWord(v, name, choices, errs)
		return 0, false
	}
	return Level(i), true
}

// decodeRule reads the value of one rule in [rules]: a severity, or a table with severity
// and options.
func (c *Config) decodeRule(r *rules.Rule, v *document.Value, name string, prototype func(*rules.Rule) any, errs *document.Errors) (Level, bool) {
	if v.Kind != document.TableKind {
		return decodeLevel(v, name, errs)
	}
	if c.options == nil {
		c.options = make(map[*rules.Rule]*optionTable)
	}
	c.options[r] = &optionTable{v.Table, errs.File}
	if prototype != nil {
		if err := decodeOptions(v.Table, prototype(r), errs); err {
			delete(c.options, r)
		}
	}
	e := v.Table.Get("severity")
	if e == nil {
		return LevelDefault, true
	}
	// decodeOptions has reported a severity that is none.
	return decodeLevel(e.Value, v.Table.Sub("severity"), &document.Errors{File: errs.File})
}

// decodeOptions decodes the table of a rule into a pointer to the rule's options, which may
// be nil, and reports whether there were errors.
func decodeOptions(t *document.Table, into any, errs *document.Errors) bool {
	before := len(errs.List)
	if into == nil {
		into = &struct{}{}
	}
	document.DecodeOpen(t, into, errs, document.Keys(ruleOptions{}), func(e *document.Entry) bool {
		if e.Key != "severity" {
			return false
		}
		decodeLevel(e.Value, t.Sub(e.Key), errs)
		return true
	})
	return len(errs.List) > before
}

// Options decodes what [rules] says about the options of a rule into the struct that into
// points to, filled with their defaults. A struct declares its keys as document.Decode
// takes them. The error is a *document.Error; there is none if Options.RuleOptions was given
// when the file was read: then wrong options were reported there, and count as not given.
func (c *Config) Options(r *rules.Rule, into any) error {
	o := c.options[r]
	if o == nil {
		return nil
	}
	errs := &document.Errors{File: o.file}
	if decodeOptions(o.table, into, errs) {
		return &document.Error{Problems: errs.List}
	}
	return nil
}
