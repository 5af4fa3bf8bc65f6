package rules

import (
	"embed"
	"fmt"
	"strings"

	"github.com/skylint/skylint/internal/nearest"
	"github.com/skylint/skylint/rules/page"
)

//go:embed SKY*.md
var pages embed.FS

// All returns every rule, sorted by id. The slice is shared: do not change it.
func All() []*Rule { return catalogue }

// Lookup returns the rule of an id or a name, in any case; nil when there is none.
func Lookup(idOrName string) *Rule {
	for _, r := range catalogue {
		if strings.EqualFold(r.ID, idOrName) || strings.EqualFold(r.Name, idOrName) {
			return r
		}
	}
	return nil
}

// Nearest returns the id or name of a rule or family that was probably meant.
func Nearest(name string) (string, bool) {
	return nearest.Of(name, func(yield func(string) bool) {
		for _, r := range catalogue {
			if !yield(r.Name) {
				return
			}
		}
		for _, r := range catalogue {
			if !yield(r.ID) {
				return
			}
		}
		for i := range families {
			if !yield(families[i].Name) {
				return
			}
		}
	})
}

// An UnknownError says that a selector names no rule and no family.
type UnknownError struct {
	Selector string
	Nearest  string // what was probably meant; may be empty
}

func (e *UnknownError) Error() string {
	if e.Nearest == "" {
		return fmt.Sprintf("no rule or family is called %q: skylint rules lists them", e.Selector)
	}
	return fmt.Sprintf("no rule or family is called %q: did you mean %q?", e.Selector, e.Nearest)
}

// Select returns the rules that a selector names, sorted by id: a rule by its id or name, a
// family by its pattern (SKY1xx) or name (isolation), in any case, or "all". A family may
// have no rule yet. The error is an *UnknownError.
func Select(selector string) ([]*Rule, error) {
	if r := Lookup(selector); r != nil {
		return []*Rule{r}, nil
	}
	if strings.EqualFold(selector, "all") {
		return catalogue, nil
	}
	if f := LookupFamily(selector); f != nil {
		return f.Rules(), nil
	}
	near, _ := Nearest(selector)
	return nil, &UnknownError{Selector: selector, Nearest: near}
}

// PageName returns the name of the rule's page in the folder of pages.
func (r *Rule) PageName() string { return r.ID + "-" + r.Name + ".md" }

// URL returns the address of the rule's page.
func (r *Rule) URL() string {
	return "https://github.com/skylint/skylint/blob/main/rules/" + r.PageName()
}

// Page reads the page of a rule. It parses on each call: keep the result where it is
// needed twice. All pages are parsed by a test, so it fails for no rule of the catalogue.
func Page(r *Rule) (*page.Page, error) {
	text, err := pages.ReadFile(r.PageName())
	if err != nil {
		return nil, fmt.Errorf("rule %s has no page: %w", r.ID, err)
	}
	return page.Parse("rules/"+r.PageName(), strings.ReplaceAll(string(text), "\r\n", "\n"))
}
