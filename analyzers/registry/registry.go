package registry

import (
	"slices"

	"github.com/skylint/skylint/rules"
)

// Options returns a pointer to the options of a rule, filled with their defaults; nil if it has
// none, or nothing checks it. It is what config.Options wants to be told.
func Options(rule *rules.Rule) any {
	for _, a := range All() {
		if a.Options != nil && slices.Contains(a.Rules, rule) {
			return a.Options(rule)
		}
	}
	return nil
}
