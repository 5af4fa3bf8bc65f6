package running

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/rules"
)

// A GuardMode says what skyrun does about what breaks a rule.
type GuardMode uint8

// The modes, in the order of package guard's.
const (
	Enforce GuardMode = iota
	Warn
	Off
)

// Choices implements document.Choice.
func (*GuardMode) Choices() []string { return []string{"enforce", "warn", "off"} }

// Guards are the modes of rules. The keys are those of [rules]: a rule by its name or id, a family, or all.
// A rule's own line wins over its family's, and that over all, wherever they stand.
type Guards struct {
	set []guardLine
}

type guardLine struct {
	rules []*rules.Rule
	mode  GuardMode
}

// DefaultGuards returns what holds where the file says nothing: the modes of the profile.
func DefaultGuards() Guards { return Guards{} }

// DecodeOther implements document.Opener: every key is one of rules.
func (g *Guards) DecodeOther(e *document.Entry, errs *document.Errors) bool {
	found, err := rules.Select(e.Key)
	if err != nil {
		errs.Add(e.At, err.Error())
		return true
	}
	var guarded []*rules.Rule
	for _, r := range found {
		if r.Compat != "" {
			guarded = append(guarded, r)
		}
	}
	if len(guarded) == 0 {
		why := "skyrun has no guard for " + e.Key
		if len(found) == 1 {
			why = fmt.Sprintf("skyrun has no guard for %s: %s", found[0].Name, strings.TrimPrefix(found[0].Runtime, "none: "))
		}
		errs.Add(e.At, why)
		return true
	}
	name, choices := "guards."+e.Key, new(GuardMode).Choices()
	if e.Value.Kind != document.String {
		document.Mismatch(e.Value, name, "one of "+strings.Join(choices, ", "), errs)
		return true
	}
	mode := slices.Index(choices, strings.ToLower(e.Value.Str))
	if mode < 0 {
		document.UnknownWord(e.Value, name, choices, errs)
		return true
	}
	g.set = append(g.set[:len(g.set):len(g.set)], guardLine{guarded, GuardMode(mode)})
	return true
}

// OtherSchema implements document.Opener.
func (*Guards) OtherSchema() any { return new(GuardMode) }

// Mode returns what the file says of a rule; false where it says nothing.
func (g *Guards) Mode(r *rules.Rule) (mode GuardMode, set bool) {
	fewest := 0
	for _, line := range g.set {
		if slices.Contains(line.rules, r) && (!set || len(line.rules) <= fewest) {
			mode, set, fewest = line.mode, true, len(line.rules)
		}
	}
	return mode, set
}
