package rules

import (
	"strings"
	"testing"
)

// FuzzSuppressions reads any comments. Nothing may fail, every place lies in the file, and
// what a fix removes is asked for no more.
func FuzzSuppressions(f *testing.F) {
	f.Add("A = 1 -- skylint: ignore global-write, isolation: because\n-- luacheck: push ignore 11./A%d\nB = 1 -- luacheck: pop")
	f.Add("--[[skylint: ignore-begin sky1xx:r]] A = 1\n-- skylint: ignore-end\n--skylint:")
	f.Add("-- skylint: ingore ,, : \r\n--luacheck: globals a.b, (x) new globals")
	f.Fuzz(func(t *testing.T, text string) {
		file, s := suppressions(text)
		s.Apply(writes(file))
		s.Globals()
		for _, d := range s.Findings(always) {
			if d.Start > d.End || int(d.End) > len(text) || d.Message == "" {
				t.Errorf("%+v", d)
			}
			for _, fix := range d.Fixes {
				fixed := apply(file, fix)
				if d.Rule != StaleSuppression || !strings.HasPrefix(fix.Title, "remove the") {
					continue
				}
				if n, had := strings.Count(fixed, marker), strings.Count(text, marker); n >= had {
					t.Errorf("%q: the comment is still there: %q", text, fixed)
				}
			}
		}
	})
}
