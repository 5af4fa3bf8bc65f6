package main

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/rules/page"
)

// A head is the front matter of a page, checked, and the page's summary.
type head struct {
	file    string // the page's name in the folder of rules
	summary string

	id, name, title, family     string
	threats, cwe, luacheck      []string
	severity, precision, fix    string
	securitySeverity            string
	static, runtime, since      string
	compat, strict              string // modes of the guard; "" without one
	staticLine, idLine, nameRow int
}

// A field is a key of the front matter: where its value goes and what it has to look like.
type field struct {
	key      string
	text     *string
	list     *[]string
	optional bool
	form     *regexp.Regexp
	says     string // what form asks for
	line     *int
}

func (h *head) fields() []field {
	form := regexp.MustCompile
	guardMode := form(`^(enforce|warn|off)$`)
	return []field{
		{key: "id", text: &h.id, form: form(`^SKY\d{3}$`), says: "SKY and three digits", line: &h.idLine},
		{key: "name", text: &h.name, form: form(`^[a-z]+(-[a-z]+)*$`), says: "small letters with dashes between words", line: &h.nameRow},
		{key: "title", text: &h.title, form: form(`^[A-Z].*[^.]$`), says: "a line that begins with a capital and ends without a full stop"},
		{key: "family", text: &h.family, form: form(`^[a-z]+$`), says: "one word in small letters"},
		{key: "threats", list: &h.threats, form: form(`^T\d\d\.\d$`), says: "ids of the threat model, as T10.1"},
		{key: "cwe", list: &h.cwe, form: form(`^CWE-\d+$`), says: "ids as CWE-476"},
		{key: "severity", text: &h.severity, form: form(`^(error|warning|note)$`), says: "error, warning or note"},
		{key: "precision", text: &h.precision, form: form(`^(high|medium|low)$`), says: "high, medium or low"},
		{key: "security-severity", text: &h.securitySeverity, optional: true, form: form(`^(\d\.\d|10\.0)$`), says: "a number from 0.1 to 10.0 with one decimal"},
		{key: "fix", text: &h.fix, form: form(`^(none|safe|unsafe)$`), says: "none, safe or unsafe"},
		{key: "static", text: &h.static, form: form(`^(analyzers/[a-z]+|lint|none: .+)$`), says: `the analyzer's folder as analyzers/globalwrite, lint for the driver itself, or "none: reason"`, line: &h.staticLine},
		{key: "runtime", text: &h.runtime, form: form(`^(guard/[a-z]+|none: .+)$`), says: `the guard as guard/handler, or "none: reason"`},
		{key: "compat", text: &h.compat, optional: true, form: guardMode, says: "enforce, warn or off"},
		{key: "strict", text: &h.strict, optional: true, form: guardMode, says: "enforce, warn or off"},
		{key: "since", text: &h.since, form: form(`^\d+\.\d+\.\d+$`), says: "a version as 0.1.0"},
		{key: "luacheck", list: &h.luacheck, optional: true, form: form(`^1\d\d$`), says: "codes of luacheck's warnings about globals, as 111"},
	}
}

var pageName = regexp.MustCompile(`^(SKY\d{3})-([a-z-]+)\.md$`)

// parseHead reads one page. name is its path from the root of the repository.
func parseHead(name, text string) (*head, error) {
	p, err := page.Parse(name, text)
	if err != nil {
		return nil, err
	}
	h := &head{file: path.Base(name), summary: p.Summary}
	var errs []error
	fault := func(line int, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s:%d: %s", name, line, fmt.Sprintf(format, args...)))
	}

	parsed, err := parser.ParseBytes([]byte(text[:p.Head.End]), 0) // from the first ---, so that lines are the page's
	if err != nil {
		line, message := 1, err.Error()
		if y, ok := errors.AsType[yaml.Error](err); ok {
			line, message = y.GetToken().Position.Line, y.GetMessage()
		}
		fault(line, "front matter: %s", message)
		return nil, errors.Join(errs...)
	}
	fields := h.fields()
	seen := map[string]bool{}
	var body ast.Node
	if len(parsed.Docs) > 0 {
		body = parsed.Docs[0].Body
	}
	var values []*ast.MappingValueNode
	switch n := body.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		fault(1, "front matter: lines of the form key: value are expected")
		return nil, errors.Join(errs...)
	}
	for _, v := range values {
		key := v.Key.GetToken().Value
		line := v.Key.GetToken().Position.Line
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
		if i < 0 {
			hint := ""
			if near, ok := nearest.Of(key, func(yield func(string) bool) {
				for _, f := range fields {
					if !yield(f.key) {
						return
					}
				}
			}); ok {
				hint = fmt.Sprintf("; did you mean %s?", near)
			}
			fault(line, "front matter: unknown key %s%s", key, hint)
			continue
		}
		seen[key] = true
		if problem := fields[i].set(v.Value); problem != "" {
			fault(line, "%s: %s", key, problem)
		}
		if fields[i].line != nil {
			*fields[i].line = line
		}
	}
	for _, f := range fields {
		if !seen[f.key] && !f.optional {
			fault(1, "front matter: key %s is missing", f.key)
		}
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}

	if m := pageName.FindStringSubmatch(h.file); m == nil || m[1] != h.id || m[2] != h.name {
		fault(h.idLine, "id %s and name %s do not make the name of the file: rename it to %s-%s.md", h.id, h.name, h.id, h.name)
	}
	if h.securitySeverity != "" && len(h.cwe) == 0 {
		fault(1, "security-severity is there and no cwe: a rule about security names a weakness")
	}
	if guarded := strings.HasPrefix(h.runtime, "guard/"); guarded != (h.compat != "") || guarded != (h.strict != "") {
		fault(1, "compat and strict: a rule with a guard says its mode in each profile, and no other rule does")
	}
	if h.securitySeverity == "0.0" {
		fault(1, "security-severity: leave it out of a rule that is not about security")
	}
	if len(h.luacheck) > 0 && h.id[3] != '1' {
		fault(1, "luacheck: only rules of the family SKY1xx heed luacheck's comments")
	}
	return h, errors.Join(errs...)
}

// set stores the value of a field, or returns what is wrong with it.
func (f field) set(n ast.Node) string {
	if f.list != nil {
		s, ok := n.(*ast.SequenceNode)
		if !ok {
			return "a list [a, b] is expected"
		}
		for _, v := range s.Values {
			text, ok := scalar(v)
			if !ok || !f.form.MatchString(text) {
				return fmt.Sprintf("%s is not right: use %s", cmp.Or(text, v.String(), "an empty value"), f.says)
			}
			if slices.Contains(*f.list, text) {
				return text + " is named twice"
			}
			*f.list = append(*f.list, text)
		}
		return ""
	}
	text, ok := scalar(n)
	if !ok || !f.form.MatchString(text) {
		return fmt.Sprintf("%s is not right: use %s", cmp.Or(text, n.String(), "an empty value"), f.says)
	}
	*f.text = text
	return ""
}

// scalar returns the text of a plain or quoted value on one line.
func scalar(n ast.Node) (string, bool) {
	switch n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}

// checkAll holds the pages against each other.
func checkAll(dir string, heads []*head) error {
	var errs []error
	ids, names := map[string]string{}, map[string]string{}
	for _, h := range heads {
		if other, taken := ids[h.id]; taken {
			errs = append(errs, fmt.Errorf("%s/%s:%d: id %s is taken by %s", dir, h.file, h.idLine, h.id, other))
		}
		if other, taken := names[h.name]; taken {
			errs = append(errs, fmt.Errorf("%s/%s:%d: name %s is taken by %s", dir, h.file, h.nameRow, h.name, other))
		}
		ids[h.id], names[h.name] = h.file, h.file
	}
	return errors.Join(errs...)
}

// security returns the score as Go source, "" for none.
func (h *head) security() string {
	if h.securitySeverity == "" {
		return ""
	}
	score, _ := strconv.ParseFloat(h.securitySeverity, 64) // the form was checked
	return strconv.FormatFloat(score, 'f', -1, 64)
}
