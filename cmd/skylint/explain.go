package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/internal/markdown"
	"github.com/skylint/skylint/rules"
)

// Pages are wrapped to the terminal, but long lines are hard to read.
const (
	maxPageWidth = 96
	minPageWidth = 40
)

func (p *program) explainCommand() *cobra.Command {
	color, place := "auto", placeFlags{}
	cmd := &cobra.Command{
		Use:   "explain RULE | --path FILE:LINE[:COLUMN]",
		Short: "Say what a rule means, or what is known at a line",
		Long: `Print the page of a rule: what it reports, why that matters, an example that is wrong and one
that is right, and when to suppress it. RULE is an id (SKY101) or a name (global-write).

With --path, say what the analysis knows at a line: the function around it, which services load
the file and which of their handlers get there, what each call on the line calls and where its
message goes, and what the names stand for; or why that is not known. With a column only what
is there.`,
		Example: `  skylint explain global-write
  skylint explain SKY901
  skylint explain --path service/login.lua:42      what is known at line 42
  skylint explain --path service/login.lua:42:17   of what begins or lies at column 17`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case place.at != "" && len(args) == 0, place.at == "" && len(args) == 1:
				return nil
			case place.at != "":
				return usage("explain takes a rule or --path, not both")
			}
			e := usage("explain takes one rule, as in: skylint explain global-write")
			e.help = []string{"skylint rules lists them", "skylint explain --path FILE:LINE says what is known at a line"}
			return e
		},
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := validColor(color); err != nil {
				return err
			}
			if place.at != "" {
				return p.explainPlace(cmd.Context(), &place)
			}
			if err := place.unused(cmd); err != nil {
				return err
			}
			return p.explain(args[0], color)
		},
	}
	cmd.Flags().SortFlags = false
	place.flags(cmd)
	addColorFlag(cmd, &color)
	return cmd
}

func (p *program) explain(name, color string) error {
	rule := rules.Lookup(name)
	if rule == nil {
		found, err := rules.Select(name)
		if err != nil {
			return unknownRule(err)
		}
		e := usage("%s is more than one rule", name)
		for _, r := range found {
			e.help = append(e.help, "skylint explain "+r.Name)
		}
		return e
	}
	page, err := rules.Page(rule)
	if err != nil {
		return failure(err)
	}
	width := p.out.width()
	if width == 0 {
		width = 80
	}
	_, err = io.WriteString(p.out, markdown.Render(rulePage(rule, page.Markdown()), markdown.Options{
		Width: max(minPageWidth, min(width, maxPageWidth)),
		Color: p.useColor(p.out, color),
	}))
	return err
}

// rulePage puts the head of the rule, which the page's text does not have, above it.
func rulePage(r *rules.Rule, body string) string {
	facts := []string{r.Severity.String(), r.Family}
	if r.Fix != rules.NoFix {
		facts = append(facts, "fix: "+r.Fix.String())
	}
	facts = append(facts, "precision: "+r.Precision.String())
	switch r.Compat {
	case "":
	case r.Strict:
		facts = append(facts, "skyrun: "+r.Compat)
	default:
		facts = append(facts, "skyrun: "+r.Compat+", strict: "+r.Strict)
	}
	if len(r.CWE) > 0 {
		facts = append(facts, strings.Join(r.CWE, ", "))
	}
	if len(r.Threats) > 0 {
		facts = append(facts, "threats "+strings.Join(r.Threats, ", "))
	}
	return fmt.Sprintf("# %s %s: %s\n\n%s\n\n%s", r.ID, r.Name, r.Title, strings.Join(facts, " · "), body)
}
