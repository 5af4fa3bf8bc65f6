package sariftest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// A checker finds what the schema cannot say.
type checker struct {
	raw  []byte
	run  object
	errs []error
}

type object = map[string]any

func (c *checker) fault(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

func (c *checker) document(d any) {
	if !utf8.Valid(c.raw) {
		c.fault("report", "not UTF-8")
	}
	for i, r := range list(d.(object), "runs") {
		c.run = r.(object)
		path := fmt.Sprintf("runs[%d]", i)
		driver := get(get(c.run, "tool"), "driver")
		for _, r := range slices.Concat(list(driver, "rules"), taxa(c.run)) {
			c.descriptor(path, r.(object))
		}
		suppressions := -1
		for i, r := range list(c.run, "results") {
			result := r.(object)
			c.result(fmt.Sprintf("%s.results[%d]", path, i), result, list(driver, "rules"))
			_, has := result["suppressions"]
			if now := truth(has); suppressions >= 0 && now != suppressions {
				c.fault(path, "some results have suppressions, others do not")
			} else {
				suppressions = now
			}
		}
		c.graphs(path)
		c.walk(path, c.run)
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func taxa(run object) (all []any) {
	for _, t := range list(run, "taxonomies") {
		all = append(all, list(t.(object), "taxa")...)
	}
	return all
}

// descriptor wants what code scanning shows of a rule.
func (c *checker) descriptor(path string, d object) {
	path += " rule " + text(d, "id")
	for _, key := range []string{"shortDescription", "fullDescription", "help"} {
		if strings.TrimSpace(text(get(d, key), "text")) == "" {
			c.fault(path, "no %s.text", key)
		}
	}
	if text(d, "name") == text(d, "id") {
		c.fault(path, "its name is its id")
	}
	for _, r := range list(d, "relationships") {
		target := get(r.(object), "target")
		all := list(taxonomy(c.run, get(target, "toolComponent")), "taxa")
		i := number(target, "index")
		if i < 0 || i >= len(all) || text(all[i].(object), "id") != text(target, "id") {
			c.fault(path, "it refers to %s at index %d, which is something else", text(target, "id"), i)
		}
	}
}

func taxonomy(run, reference object) object {
	all := list(run, "taxonomies")
	i := number(reference, "index")
	if i < 0 || i >= len(all) {
		return nil
	}
	return all[i].(object)
}

func (c *checker) result(path string, r object, rules []any) {
	i := number(r, "ruleIndex")
	if i < 0 || i >= len(rules) || text(rules[i].(object), "id") != text(r, "ruleId") {
		c.fault(path, "its rule is %s, and that at index %d is not", text(r, "ruleId"), i)
	}
	if text(get(r, "message"), "text") == "" {
		c.fault(path, "no message")
	}
	if len(list(r, "locations")) != 1 {
		c.fault(path, "%d locations, want 1", len(list(r, "locations")))
		return
	}
	physical := get(list(r, "locations")[0].(object), "physicalLocation")
	region := get(physical, "region")
	for _, key := range []string{"startLine", "startColumn", "endLine", "endColumn"} {
		if number(region, key) < 1 {
			c.fault(path, "the region has no %s", key)
		}
	}
	if number(region, "startLine") != number(region, "endLine") {
		c.fault(path, "the region has more than one line")
	}
	if around := get(physical, "contextRegion"); around != nil {
		inside := !before(region, "start", around, "start") && !before(around, "end", region, "end")
		same := !before(around, "start", region, "start") && !before(region, "end", around, "end")
		if !inside || same {
			c.fault(path, "the context is no proper superset of the region")
		}
	}
	if flows := list(r, "codeFlows"); len(flows) > 1 || len(flows) == 1 && len(list(flows[0].(object), "threadFlows")) != 1 {
		c.fault(path, "a path is one flow of one thread")
	}
}

// before compares the "start" or "end" of two regions.
func before(a object, ofA string, b object, ofB string) bool {
	la, lb := number(a, ofA+"Line"), number(b, ofB+"Line")
	return la < lb || la == lb && number(a, ofA+"Column") < number(b, ofB+"Column")
}

// walk looks at every object of a run.
func (c *checker) walk(path string, v any) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			c.walk(fmt.Sprintf("%s[%d]", path, i), e)
		}
	case object:
		for _, key := range keys(v) {
			c.member(path+"."+key, key, v[key])
			c.walk(path+"."+key, v[key])
		}
	}
}

func (c *checker) member(path, key string, v any) {
	switch v := v.(type) {
	case nil:
		c.fault(path, "null")
	case string:
		if strings.ContainsRune(v, 0) && key != "text" { // the text of a fix may be anything
			c.fault(path, "it holds NUL")
		}
	case object:
		switch key {
		case "artifactLocation":
			c.artifactLocation(path, v)
		case "region", "contextRegion", "deletedRegion":
			if before(v, "end", v, "start") {
				c.fault(path, "it ends before it starts")
			}
		}
	}
}

func (c *checker) artifactLocation(path string, l object) {
	u, err := url.Parse(text(l, "uri"))
	if err != nil || text(l, "uri") == "" {
		c.fault(path, "%q is no URI: %v", text(l, "uri"), err)
		return
	}
	if u.Fragment != "" || u.RawQuery != "" {
		c.fault(path, "%q has a fragment or a query", u)
	}
	if base := text(l, "uriBaseId"); (base == "") != u.IsAbs() {
		c.fault(path, "the URI %q with the base %q", u, base)
	} else if base != "" && (strings.HasPrefix(u.Path, "/") || get(get(c.run, "originalUriBaseIds"), base) == nil) {
		c.fault(path, "the URI %q does not go with the base %q", u, base)
	}
	all := list(c.run, "artifacts")
	i := number(l, "index")
	if i < 0 || i >= len(all) || text(get(all[i].(object), "location"), "uri") != text(l, "uri") {
		c.fault(path, "the artifact at index %d is not %s", i, text(l, "uri"))
	}
}

func keys(o object) []string {
	all := make([]string, 0, len(o))
	for k := range o {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func get(o object, key string) object {
	v, _ := o[key].(object)
	return v
}

func list(o object, key string) []any {
	v, _ := o[key].([]any)
	return v
}

func text(o object, key string) string {
	v, _ := o[key].(string)
	return v
}

// number returns a whole number, -1 if there is none.
func number(o object, key string) int {
	v, ok := o[key].(json.Number)
	if !ok {
		return -1
	}
	n, err := v.Int64()
	if err != nil {
		return -1
	}
	return int(n)
}
