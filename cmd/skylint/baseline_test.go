package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestBaseline(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "old/service.lua": badService, "new/service.lua": cleanService})
	skylint(t, "check", "--baseline", "sky.baseline").expect(t, exitUsage, "",
		"error: there is no baseline sky.baseline\nhelp: skylint baseline -o sky.baseline writes it\n")
	skylint(t, "baseline", "--prune").expect(t, exitUsage, "", "there is no baseline sky.baseline to prune")

	skylint(t, "baseline").expect(t, exitClean, "wrote sky.baseline: 1 finding\n", "help: skylint check --baseline sky.baseline reports only what is new")
	first := read(t, "sky.baseline")
	if strings.Count(first, "\tSKY101\told/service.lua\t") != 1 || strings.Count(first, "\n") != 4 {
		t.Errorf("the file has\n%s", first)
	}
	skylint(t, "baseline", "-j1").expect(t, exitClean, "wrote sky.baseline: 1 finding (0 new, 0 taken out)\n", "")
	if read(t, "sky.baseline") != first {
		t.Error("another run writes another file")
	}
	skylint(t).expect(t, exitFindings, "SKY101", "")
	skylint(t, "check", "--baseline", "sky.baseline").expect(t, exitClean, "no findings in 2 files (19 lines); 1 in the baseline", "")

	write(t, "sky.toml", "[lint]\nbaseline = \"sky.baseline\"\n")
	skylint(t).expect(t, exitClean, "1 in the baseline", "")
	skylint(t, "--no-baseline").expect(t, exitFindings, "SKY101", "")
	// Lines move, and a second finding comes.
	write(t, "old/service.lua", "-- moved\n\n"+strings.Replace(badService, "return sum", "total = sum\n\treturn sum", 1))
	r := skylint(t)
	r.expect(t, exitFindings, "'total' is assigned", "")
	if strings.Contains(r.out, "'sum'") {
		t.Errorf("what is in the baseline is reported:\n%s", r.out)
	}
	// A folder alone does not touch the entries of others.
	write(t, "new/service.lua", badService)
	skylint(t, "baseline", "new").expect(t, exitClean, "wrote sky.baseline: 2 findings (1 new, 0 taken out)\n", "")
	skylint(t, "baseline", "--rule", "undefined-global").expect(t, exitClean, "wrote sky.baseline: 2 findings (0 new, 0 taken out)\n", "")

	write(t, "old/service.lua", cleanService)
	write(t, "sky.toml", "[lint]\nbaseline = \"sky.baseline\"\n[rules]\nglobal-write = \"off\"\n")
	skylint(t, "baseline", "--prune").expect(t, exitClean, "2 findings (0 new, 0 taken out)", "") // nobody looked
	write(t, "sky.toml", "[lint]\nbaseline = \"sky.baseline\"\n")
	skylint(t, "new").expect(t, exitClean, "", "")
	told := skylint(t)
	told.expect(t, exitClean, "no findings", "note: 1 entry of the baseline is no longer found\n  sky.baseline:5: SKY101 old/service.lua: 'sum'")
	told.expect(t, exitClean, "", "help: skylint baseline --prune takes it out\n")
	skylint(t, "baseline", "--prune").expect(t, exitClean, "wrote sky.baseline: 1 finding (0 new, 1 taken out)\n", "")
	if r := skylint(t); r.code != exitClean || r.err != "" {
		t.Errorf("after the pruning: %d\n%s", r.code, r.err)
	}
}

// What could not be parsed may still be there.
func TestBaselineKeepsWhatIsNotLookedFor(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "[lint]\nbaseline = \"sky.baseline\"\n", "a.lua": badService, "b.lua": badService})
	skylint(t, "baseline").expect(t, exitClean, "2 findings", "")
	write(t, "a.lua", "x = = 1\n")
	if err := os.Remove("b.lua"); err != nil {
		t.Fatal(err)
	}
	r := skylint(t, "baseline", "--prune")
	r.expect(t, exitProblems, "1 finding (0 new, 1 taken out)", "the baseline may lack something")
	if text := read(t, "sky.baseline"); !strings.Contains(text, "a.lua") || strings.Contains(text, "b.lua") {
		t.Errorf("the file has\n%s", text)
	}
}

func TestBaselineWrongUse(t *testing.T) {
	inProject(t, map[string]string{
		"sky.toml": "[lint]\nbaseline = \"absent\"\n", "a.lua": badService,
		"broken": "skylint-baseline 1\n=======\n", "old.json": "[]", "folder/x": "",
	})
	for _, c := range []struct {
		args string
		err  string
	}{
		{"check", "error: sky.toml:2:12: there is no baseline absent\nhelp: skylint baseline writes it\nhelp: --no-baseline does without\n"},
		{"check --baseline broken", "error: broken:2: a merge conflict is left in the baseline\nhelp: keep the lines of both sides"},
		{"check --baseline old.json", "error: old.json:1: this is no baseline"},
		{"check --baseline broken --no-baseline", "give one of them"},
		{"baseline -o broken", "error: broken:2: a merge conflict"},
		{"baseline --rule global-wirte", "did you mean global-write?"},
		{"baseline --purne", "did you mean --prune?"},
		{"baseline -", "standard input has no baseline"},
	} {
		r := skylint(t, strings.Fields(c.args)...)
		r.expect(t, exitUsage, "", c.err)
	}
	skylint(t, "check", "--baseline", "folder").expect(t, exitProblems, "", "cannot read the baseline")
	skylint(t, cobra.ShellCompRequestCmd, "baseline", "--rule", "").expect(t, exitClean, "global-write", "")
}

// Without sky.toml paths are relative to the folder that is asked for.
func TestBaselineOfAnotherFolder(t *testing.T) {
	inProject(t, map[string]string{"server/service/a.lua": badService})
	skylint(t, "baseline", "server").expect(t, exitClean, "1 finding", "")
	before := read(t, "sky.baseline")
	skylint(t, "check", "--baseline", "sky.baseline", "server/service").expect(t, exitFindings, "SKY101", "it was written for another folder")
	skylint(t, "baseline", "--prune", "server/service").expect(t, exitUsage, "", "it was written for another folder")
	if read(t, "sky.baseline") != before {
		t.Error("the baseline was changed")
	}
}

func TestBaselineInterrupted(t *testing.T) {
	inProject(t, map[string]string{"sky.toml": "", "a.lua": badService, "sky.baseline": "skylint-baseline 1\n"})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interruption(exitInterrupted))
	skylintWith(ctx, "", nil, "baseline").expect(t, exitInterrupted, "", "skylint: interrupted\n")
	if read(t, "sky.baseline") != "skylint-baseline 1\n" {
		t.Error("the baseline was touched")
	}
}
