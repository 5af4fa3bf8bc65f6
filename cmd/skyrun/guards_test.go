package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/skylint/skylint/sarif/sariftest"
)

// TestRunSARIF checks what --sarif writes: what broke rules, at places in the project, and how often.
func TestRunSARIF(t *testing.T) {
	project(t, map[string]string{
		"sky.toml":         "profile = \"compat\"\n[guards]\ndynamic-code = \"off\"\n[system]\nluaservice = \"service/?.lua\"\nlua_path = \"lualib/?.lua\"\nstart = \"main\"\n[lint]\nglobals = [\"DECLARED\"]\n",
		"lualib/names.lua": "NAME = 1\nDECLARED = 2\nreturn load('return ' .. NAME)()\n",
		"service/main.lua": `local skynet = require "skynet"
skynet.start(function()
  require "names"
  skynet.dispatch("lua", function(_, _, c) if c == "get" then return end end)
  skynet.fork(function()
    for i = 1, 3 do pcall(skynet.call, skynet.self(), "lua", "get") end
    skynet.exit()
  end)
end)`,
	})
	var out, errs buffer
	p := &program{in: strings.NewReader(""), out: &out, err: &errs}
	if code := p.run(context.Background(), []string{"run", "--lint", "off", "--log", "json", "--sarif", "trips.sarif", "."}); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	data, err := os.ReadFile("trips.sarif")
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Runs []struct {
			Results []struct {
				RuleID          string
				OccurrenceCount int
				Locations       []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range report.Runs[0].Results {
		at := r.Locations[0].PhysicalLocation
		got = append(got, fmt.Sprintf("%s %s:%d %d", r.RuleID, at.ArtifactLocation.URI, at.Region.StartLine, r.OccurrenceCount))
	}
	want := []string{"SKY101 lualib/names.lua:1 1", "SKY203 service/main.lua:4 3"}
	if !slices.Equal(got, want) {
		t.Errorf("results %q, want %q\n%s", got, want, errs.String())
	}
	for _, fault := range sariftest.Check(data) {
		t.Error(fault)
	}
	if !strings.Contains(errs.String(), `"rule":"SKY101","name":"global-write","guard":"warn","place":"lualib/names.lua:1"`) {
		t.Errorf("the log is %s", errs.String())
	}
}
