package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/rules"
)

func (p *program) rulesCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use:   "rules [rule or family ...]",
		Short: "List the rules",
		Long: `List all rules, or those named by an id (SKY101), a name (global-write), or a family
(SKY1xx, isolation).`,
		Example: `  skylint rules
  skylint rules sandbox loading
  skylint rules --format json`,
		ValidArgsFunction: completeRules,
		RunE: func(_ *cobra.Command, selectors []string) error {
			list, err := selected(selectors)
			if err != nil {
				return err
			}
			switch format {
			case "text":
				p.printRules(list)
				return nil
			case "json":
				return p.printRulesJSON(list)
			}
			return oneOf("--format", format, "text", "json")
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "`FORMAT` of the list: text or json")
	complete(cmd, "format", "text", "json")
	return cmd
}

// selected returns the rules that selectors name, sorted and each once; all for none.
func selected(selectors []string) ([]*rules.Rule, error) {
	if len(selectors) == 0 {
		return rules.All(), nil
	}
	wanted := map[*rules.Rule]bool{}
	for _, s := range selectors {
		found, err := rules.Select(s)
		if err != nil {
			return nil, unknownRule(err)
		}
		for _, r := range found {
			wanted[r] = true
		}
	}
	var list []*rules.Rule
	for _, r := range rules.All() {
		if wanted[r] {
			list = append(list, r)
		}
	}
	return list, nil
}

// unknownRule makes a use error of a selector that names nothing.
func unknownRule(err error) error {
	var unknown *rules.UnknownError
	if !errors.As(err, &unknown) {
		return err
	}
	e := usage("no rule or family is called %q", unknown.Selector)
	if unknown.Nearest != "" {
		e.help = append(e.help, "did you mean "+unknown.Nearest+"?")
	} else {
		e.help = append(e.help, "skylint rules lists them")
	}
	return e
}

func (p *program) printRules(list []*rules.Rule) {
	width := 0
	for _, r := range list {
		width = max(width, len(r.Name))
	}
	colors := palette(p.useColor(p.out, "auto"))
	for _, r := range list {
		fix := ""
		if r.Fix != rules.NoFix {
			fix = "fix"
		}
		severity := fmt.Sprintf("%-7s", r.Severity)
		switch r.Severity {
		case rules.Error:
			severity = colors.error(severity)
		case rules.Warning:
			severity = colors.warn(severity)
		}
		fmt.Fprintf(p.out, "%s  %s  %s  %-3s  %s\n", r.ID, colors.bold(fmt.Sprintf("%-*s", width, r.Name)), severity, fix, r.Title)
	}
}

// ruleJSON is a rule in the JSON list. Its fields are an interface: add, never change.
type ruleJSON struct {
	ID               string   `json:"id"`
	Name             string   `json:"name"`
	Title            string   `json:"title"`
	Family           string   `json:"family"`
	Severity         string   `json:"severity"`
	Precision        string   `json:"precision"`
	SecuritySeverity float64  `json:"securitySeverity,omitempty"`
	Fix              string   `json:"fix"`
	Threats          []string `json:"threats,omitempty"`
	CWE              []string `json:"cwe,omitempty"`
	Since            string   `json:"since"`
	Summary          string   `json:"summary"`
	URL              string   `json:"url"`
}

func (p *program) printRulesJSON(list []*rules.Rule) error {
	out := make([]ruleJSON, 0, len(list))
	for _, r := range list {
		out = append(out, ruleJSON{
			ID: r.ID, Name: r.Name, Title: r.Title, Family: r.Family,
			Severity: r.Severity.String(), Precision: r.Precision.String(), SecuritySeverity: r.SecuritySeverity,
			Fix: r.Fix.String(), Threats: r.Threats, CWE: r.CWE, Since: r.Since, Summary: r.Summary, URL: r.URL(),
		})
	}
	enc := json.NewEncoder(p.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// completeRules offers names of rules to the shell.
func completeRules(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, r := range rules.All() {
		if strings.HasPrefix(strings.ToUpper(r.ID), strings.ToUpper(typed)) && typed != "" {
			names = append(names, r.ID+"\t"+r.Title)
		} else {
			names = append(names, r.Name+"\t"+r.Title)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
