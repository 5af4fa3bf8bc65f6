package rules

import "strings"

// A Family is the rules whose ids begin with the same digit.
type Family struct {
	Digit byte   // the first digit of the ids
	Name  string // isolation
	Title string // what the rules are about
}

var families = [...]Family{
	{'0', "suppressions", "comments that ask for silence"},
	{'1', "isolation", "globals, shared tables, state across yields"},
	{'2', "handlers", "what a service does with a message"},
	{'3', "calls", "calls that wait, and deadlock"},
	{'4', "flooding", "work and memory without a bound"},
	{'5', "input", "data from outside, and where it goes"},
	{'6', "sandbox", "dangerous functions of Lua and of the host"},
	{'7', "names", "names and the registry of services"},
	{'8', "transport", "connections, secrets and exposure"},
	{'9', "loading", "code that is loaded or replaced while running"},
}

// Families returns all families, in the order of their digits.
func Families() []Family { return families[:] }

// LookupFamily returns the family of a pattern (SKY1xx) or name, in any case; nil when
// there is none.
func LookupFamily(selector string) *Family {
	for i := range families {
		if strings.EqualFold(selector, families[i].Pattern()) || strings.EqualFold(selector, families[i].Name) {
			return &families[i]
		}
	}
	return nil
}

// Pattern returns how the family is written as an id: SKY1xx.
func (f *Family) Pattern() string { return "SKY" + string(f.Digit) + "xx" }

// Rules returns the family's rules, sorted by id.
func (f *Family) Rules() []*Rule {
	first := 0
	for first < len(catalogue) && catalogue[first].ID[3] < f.Digit {
		first++
	}
	last := first
	for last < len(catalogue) && catalogue[last].ID[3] == f.Digit {
		last++
	}
	return catalogue[first:last:last]
}
