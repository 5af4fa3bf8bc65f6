package lint_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
)

// A ruleCase is a small project and what one rule finds in it: a line that ends in
// "--> SEVERITY" has a finding of that severity, and no other line has one.
type ruleCase struct{ title, files string }

// service makes a file a service, nothing else.
const service = "local skynet = require 'skynet' skynet.start(function() end)\n"

// checkRule runs cases of one rule.
func checkRule(t *testing.T, rule *rules.Rule, cases []ruleCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			want := writeCase(t, root, c.files)
			got := findings(t, root, rule)
			if !slices.Equal(got, want) {
				t.Errorf("%s\n got %q\nwant %q", c.files, got, want)
			}
		})
	}
}

// writeCase writes files, each headed by "-- PATH --", without their markers, and returns
// what these expect.
func writeCase(t *testing.T, root, files string) (want []string) {
	t.Helper()
	var name string
	var text strings.Builder
	line := 0
	flush := func() {
		if name != "" {
			writeFile(t, filepath.Join(root, filepath.FromSlash(name)), text.String())
		}
		text.Reset()
		line = 0
	}
	for l := range strings.Lines(files) {
		if head, ok := strings.CutPrefix(strings.TrimSuffix(l, "\n"), "-- "); ok && strings.HasSuffix(head, " --") {
			flush()
			name = strings.TrimSuffix(head, " --")
			continue
		}
		line++
		code, marker, ok := strings.Cut(l, "--> ")
		text.WriteString(code)
		if ok {
			text.WriteString("\n")
			for severity := range strings.FieldsSeq(marker) {
				want = append(want, fmt.Sprintf("%s:%d %s", name, line, severity))
			}
		}
	}
	flush()
	slices.Sort(want)
	return want
}

// findings returns what a rule finds in a project.
func findings(t *testing.T, root string, rule *rules.Rule) (got []string) {
	t.Helper()
	options := lint.Options{Project: project.Options{Paths: []string{root}}, Rules: []*rules.Rule{rule}}
	if name := filepath.Join(root, config.FileName); exists(name) {
		c, err := config.Load(name, config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		options.Project.Config = c
	}
	result, err := lint.Run(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range result.Report.Problems {
		t.Errorf("%s: %s", p.Path, p.Message)
	}
	for i := range result.Report.Diagnostics {
		d := &result.Report.Diagnostics[i]
		got = append(got, fmt.Sprintf("%s:%d %s", d.File.Path, d.Line(), d.Severity))
	}
	slices.Sort(got)
	return got
}
