// Package rules holds the catalogue of rules, and what is said when one is violated.
//
// A rule is one sentence about actor code. Its page, a Markdown file in this folder, is the
// single source of its id, name, severity, explanation and examples: the catalogue is
// generated from the pages, and the pages are embedded.
package rules

//go:generate go run ./internal/gen

// A Precision says how often findings of a rule are right, as measured.
type Precision uint8

// The precisions: at least 90 %, at least 80 %, less or unmeasured.
const (
	Low Precision = iota + 1
	Medium
	High
)

// String returns "low", "medium" or "high".
func (p Precision) String() string { return [...]string{"unknown", "low", "medium", "high"}[p] }

// A FixKind says what kind of fix a rule offers.
type FixKind uint8

// The kinds of fixes.
const (
	NoFix FixKind = iota
	SafeFix
	UnsafeFix
)

// String returns "none", "safe" or "unsafe".
func (f FixKind) String() string { return [...]string{"none", "safe", "unsafe"}[f] }

// A Rule is the head of a rule's page. Rules are static data: there is one *Rule for each
// page, never copied, so rules can be compared by pointer.
type Rule struct {
	ID               string // SKY101
	Name             string // global-write; completes "this code has a ..."
	Title            string // Write to a global variable
	Family           string // isolation
	Threats          []string
	CWE              []string
	Severity         Severity // the usual one; a finding may have another where the page says so
	Precision        Precision
	SecuritySeverity float64 // 0 for a rule that is not about security, else as CVSS, 0.1 to 10
	Fix              FixKind
	Static           string // package of the analyzer, or "none: reason"
	Runtime          string // guard, as "guard/handler", or "none: reason"
	// Compat and Strict are what the guard does in these profiles: "enforce", "warn" or "off"; "" for a
	// rule without one.
	Compat, Strict string
	Since          string // version of the project that had it first
	// Luacheck are the codes of those warnings of luacheck that say the same thing. What its
	// comments silence by these codes is silenced here too.
	Luacheck []string
	// Summary is the first paragraph of the page.
	Summary string
}
