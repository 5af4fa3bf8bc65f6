package lint_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/lint/fix"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
)

// What unchecked-command offers is one expression that changes nothing but what happens to a
// command that is not there.
func TestAssertOfACommand(t *testing.T) {
	const frame = `local skynet = require "skynet"
%slocal CMD = { group = { get = function() end } }
function CMD.get(key) return key end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, sub, ...)
%s
	end)
end)
`
	for _, c := range []struct{ head, body, want string }{
		{"", "\t\tlocal f = CMD[cmd]\n\t\tskynet.retpack(f(sub, ...))", "\t\tlocal f = assert(CMD[cmd], cmd)\n\t\tskynet.retpack(f(sub, ...))"},
		{"", "\t\tskynet.retpack(CMD[cmd](sub, ...))", "\t\tskynet.retpack(assert(CMD[cmd], cmd)(sub, ...))"},
		{"", "\t\tCMD[ cmd ] (sub, ...) -- done", "\t\tassert(CMD[ cmd ], cmd) (sub, ...) -- done"},
		// Of what assert returns only the function is wanted.
		{"", "\t\tlocal f, g = CMD[cmd]\n\t\tskynet.retpack(f(sub, g))", "\t\tlocal f, g = (assert(CMD[cmd], cmd))\n\t\tskynet.retpack(f(sub, g))"},
		{"", "\t\tlocal f, g = CMD[cmd], 1\n\t\tskynet.retpack(f(sub, g))", "\t\tlocal f, g = assert(CMD[cmd], cmd), 1\n\t\tskynet.retpack(f(sub, g))"},
		// No fix where assert is something else.
		{"local function assert(x) return x end\n", "\t\tlocal f = CMD[cmd]\n\t\tskynet.retpack(f(sub, ...))", "\t\tlocal f = CMD[cmd]\n\t\tskynet.retpack(f(sub, ...))"},
	} {
		root := t.TempDir()
		writeFile(t, filepath.Join(root, "sky.toml"), "")
		writeFile(t, filepath.Join(root, "db.lua"), fmt.Sprintf(frame, c.head, c.body))
		check := func() *rules.Report {
			result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: []string{root}}, Rules: []*rules.Rule{rules.UncheckedCommand}})
			if err != nil {
				t.Fatal(err)
			}
			return &result.Report
		}
		report := check()
		if len(report.Diagnostics) == 0 {
			t.Errorf("nothing is found in\n%s", c.body)
			continue
		}
		if safe := fix.Safe(report.Diagnostics); len(safe.Changes) > 0 {
			t.Errorf("a fix is safe that is not:\n%s", safe.Changes[0].Text())
		}
		plan := fix.All(report.Diagnostics)
		if len(plan.Changes) == 0 {
			if c.want != c.body {
				t.Errorf("no fix for\n%s", c.body)
			}
			continue
		}
		text := plan.Changes[0].Text()
		if want := fmt.Sprintf(frame, c.head, c.want); text != want {
			t.Errorf("got\n%s\nwant\n%s", text, want)
		}
		writeFile(t, filepath.Join(root, "db.lua"), text)
		if after := check(); len(after.Diagnostics) > 0 || len(after.Problems) > 0 {
			t.Errorf("after the fix: %v %v\n%s", after.Diagnostics, after.Problems, strings.TrimSpace(text))
		}
	}
}
