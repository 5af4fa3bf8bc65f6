package registry

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/skylint/skylint/analyzers"
	"github.com/skylint/skylint/rules"
)

// folder returns where the code of an analyzer is, as pages of rules spell it.
func folder(a *analyzers.Analyzer) string {
	code := reflect.ValueOf(a.File)
	if a.File == nil {
		code = reflect.ValueOf(a.Program)
	}
	name := runtime.FuncForPC(code.Pointer()).Name() // module/analyzers/globalwrite.run
	if i := strings.Index(name, "/analyzers/"); i >= 0 {
		name = name[i+1:]
	}
	name, _, _ = strings.Cut(name, ".")
	return name
}

// Each rule whose page names an analyzer is reported by that one, and by no other.
func TestRulesAndAnalyzers(t *testing.T) {
	reporters := map[*rules.Rule][]string{}
	for _, a := range All() {
		if a.File == nil && a.Program == nil {
			t.Fatalf("the analyzer of %v looks at nothing", a.Rules)
		}
		at := folder(a)
		if len(a.Rules) == 0 {
			t.Errorf("%s reports no rule", at)
		}
		for _, r := range a.Rules {
			reporters[r] = append(reporters[r], at)
			if r.Static != at {
				t.Errorf("%s reports %s, whose page says static: %s", at, r.Name, r.Static)
			}
		}
	}
	for _, r := range rules.All() {
		want := 0
		if strings.HasPrefix(r.Static, "analyzers/") {
			want = 1
		}
		if got := reporters[r]; len(got) != want {
			t.Errorf("%s says static: %s, and is reported by %d analyzers %v", r.PageName(), r.Static, len(got), got)
		}
	}
	if len(reporters) == 0 {
		t.Error("there are no analyzers")
	}
}
