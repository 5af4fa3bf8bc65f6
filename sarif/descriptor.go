package sarif

import (
	"slices"
	"strconv"
	"strings"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/skylint/skylint/internal/markdown"
	"github.com/skylint/skylint/rules"
)

// A component is gosarif's with our descriptors.
type component struct {
	gosarif.ToolComponent
	Rules *[]*descriptor `json:"rules,omitempty"`
	Taxa  []*descriptor  `json:"taxa,omitempty"`
}

// A descriptor is gosarif's, which knows no relationships.
type descriptor struct {
	gosarif.ReportingDescriptor
	Relationships []relationship `json:"relationships,omitempty"`
}

type relationship struct {
	Target gosarif.ReportingDescriptorReference `json:"target"`
	Kinds  []string                             `json:"kinds"`
}

// rule returns the index of a rule's descriptor, made if need be.
func (w *writer) rule(r *rules.Rule) uint {
	i, ok := w.ruleIndex[r.ID]
	if !ok {
		i = uint(len(w.rules))
		w.ruleIndex[r.ID] = i
		w.rules = append(w.rules, w.describe(r))
	}
	return i
}

// describe makes the descriptor of a rule from its page.
func (w *writer) describe(r *rules.Rule) *descriptor {
	d := &descriptor{}
	d.ID = r.ID
	if r.Name != r.ID {
		d.Name = new(r.Name)
	}
	title := firstText(r.Title, r.Name, r.ID)
	summary := firstText(r.Summary, sentence(title))
	d.ShortDescription = textOnly(title)
	d.FullDescription = fromMarkdown(summary)
	d.HelpURI = new(r.URL())
	d.Help = help(r, summary)
	d.DefaultConfiguration = &gosarif.ReportingConfiguration{Level: level(r.Severity)}
	d.ReportingDescriptor.Properties = ruleProperties(r)
	for _, cwe := range unique(r.CWE) {
		d.Relationships = append(d.Relationships, relationship{
			Target: gosarif.ReportingDescriptorReference{
				Id: new(cwe), Index: new(w.weaknesses.index(cwe)),
				ToolComponent: &gosarif.ToolComponentReference{Name: new(taxonomyName), Index: new(uint(0))},
			},
			Kinds: []string{"relevant"},
		})
	}
	return d
}

// help is the page of a rule, or the summary where it has none: rules of tests and of
// programs that bring their own.
func help(r *rules.Rule, summary string) *gosarif.MultiformatMessageString {
	p, err := rules.Page(r)
	if err != nil {
		return fromMarkdown(summary)
	}
	return fromMarkdown(p.Markdown())
}

// fromMarkdown is a text in Markdown, and as plain text.
func fromMarkdown(s string) *gosarif.MultiformatMessageString {
	s = clean(s)
	return &gosarif.MultiformatMessageString{Text: new(strings.TrimSpace(markdown.Render(s, markdown.Options{}))), Markdown: new(s)}
}

// ruleProperties are those that code scanning reads, and then our own.
func ruleProperties(r *rules.Rule) gosarif.Properties {
	tags := []string{}
	if r.SecuritySeverity > 0 {
		tags = append(tags, "security")
	}
	if r.Family != "" {
		tags = append(tags, r.Family)
	}
	for _, cwe := range r.CWE {
		tags = append(tags, cweTag(cwe))
	}
	p := gosarif.Properties{
		"tags":             unique(tags),
		"problem.severity": problemSeverity(r.Severity),
	}
	if r.Precision != 0 {
		p["precision"] = r.Precision.String()
	}
	if r.SecuritySeverity > 0 {
		p["security-severity"] = strconv.FormatFloat(r.SecuritySeverity, 'f', 1, 64)
	}
	if len(r.Threats) > 0 {
		p["threats"] = r.Threats
	}
	if r.Fix != rules.NoFix {
		p["fix"] = r.Fix.String()
	}
	if r.Since != "" {
		p["since"] = r.Since
	}
	return p
}

// problemSeverity is what code scanning calls a severity.
func problemSeverity(s rules.Severity) string {
	if s == rules.Note {
		return "recommendation"
	}
	return level(s)
}

// cweTag turns CWE-79 into external/cwe/cwe-079.
func cweTag(cwe string) string {
	number := cweNumber(cwe)
	return "external/cwe/cwe-" + strings.Repeat("0", max(0, 3-len(number))) + number
}

// unique returns the strings without repetitions, in their order.
func unique(all []string) []string {
	kept := make([]string, 0, len(all))
	for _, s := range all {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}
