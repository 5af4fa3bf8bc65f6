package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const demoFolder = "testdata/demo"

// The table in the demo's README is what skylint finds there, file by file and rule by
// rule.
func TestDemoHasTheMistakesOfItsTable(t *testing.T) {
	t.Chdir("../..")
	want := map[string]bool{}
	for line := range strings.Lines(read(t, filepath.Join(demoFolder, "README.md"))) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.HasPrefix(line, "| `") {
			continue
		}
		file := strings.Trim(cells[1], " `")
		for rule := range strings.SplitSeq(cells[3], ",") {
			want[file+" "+strings.TrimSpace(rule)] = true
		}
	}
	r := skylint(t, "check", "--format", "sarif", demoFolder)
	r.expect(t, exitFindings, "", "")
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID, Name string } }
			}
			Results []struct {
				RuleIndex int
				Locations []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(r.out), &log); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, result := range log.Runs[0].Results {
		uri := result.Locations[0].PhysicalLocation.ArtifactLocation.URI
		file := strings.TrimPrefix(uri, demoFolder+"/") // the root is the repository, where there is one
		got[file+" "+log.Runs[0].Tool.Driver.Rules[result.RuleIndex].Name] = true
	}
	for _, pair := range slices.Sorted(maps.Keys(want)) {
		if !got[pair] {
			t.Errorf("not found: %s", pair)
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(got)) {
		if !want[pair] {
			t.Errorf("not in the table: %s", pair)
		}
	}
}

// What the demo shows must not depend on where it is or on how it is asked for.
func TestDemoFromWithin(t *testing.T) {
	t.Chdir("../../" + demoFolder)
	inside := skylint(t, "check")
	t.Chdir("../..")
	outside := skylint(t, "check", demoFolder)
	if got := strings.ReplaceAll(outside.out, demoFolder+"/", ""); got != inside.out || inside.code != outside.code {
		t.Errorf("from within:\n%s\nfrom outside:\n%s", inside.out, got)
	}
}

// Fixing the demo leaves nothing that can be fixed safely, and no file that cannot be read.
func TestDemoCanBeFixed(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../"+demoFolder)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	before := skylint(t, "check", "--diff")
	if !strings.Contains(before.out, "+    local left = have - amount\n") {
		t.Errorf("no fix for bag.lua:\n%s", before.out)
	}
	skylint(t, "check", "--fix").expect(t, exitFindings, "", "fixed ")
	if after := skylint(t, "check", "--diff"); after.out != "" || after.code != exitFindings {
		t.Errorf("exit code %d after --fix, and a diff:\n%s", after.code, after.out)
	}
}
