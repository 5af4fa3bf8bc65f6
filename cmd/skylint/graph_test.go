package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/sarif/sariftest"
)

var update = flag.Bool("update", false, "draw docs/graph.svg anew")

// graphProject has two nodes with a service each, and one that calls the other.
var graphProject = map[string]string{
	"config.one": `luaservice = "./service/?.lua"` + "\n" + `start = "asker"` + "\n",
	"config.two": `luaservice = "./lonely/?.lua"` + "\n" + `start = "hermit"` + "\n",
	"service/asker.lua": `local skynet = require "skynet"

skynet.start(function()
	local clock = skynet.newservice "clock"
	skynet.call(clock, "lua", "now")
end)
`,
	"service/clock.lua": `local skynet = require "skynet"

skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd)
		if cmd == "now" then
			skynet.retpack(skynet.now())
		end
	end)
end)
`,
	"lonely/hermit.lua": `local skynet = require "skynet"

skynet.start(function() end)
`,
}

// A graphReport is what the JSON of a graph holds that the tests look at.
type graphReport struct {
	Services []struct{ Name, File string }
	Edges    []struct {
		From, To   struct{ Service, Handler string }
		Kind, File string
		Line       int
	}
}

func graphOf(t *testing.T, args ...string) (names string, g graphReport) {
	t.Helper()
	r := skylint(t, append([]string{"graph"}, args...)...)
	r.expect(t, exitClean, "", "")
	if err := json.Unmarshal([]byte(r.out), &g); err != nil {
		t.Fatalf("%v\n%s", err, r.out)
	}
	var all []string
	for _, s := range g.Services {
		all = append(all, s.Name)
	}
	return strings.Join(all, " "), g
}

func TestGraph(t *testing.T) {
	inProject(t, graphProject)
	names, g := graphOf(t)
	if names != "asker clock hermit" {
		t.Errorf("services: %s", names)
	}
	if len(g.Edges) != 2 || g.Edges[1].Kind != "call" || g.Edges[1].To.Handler != "now" || g.Edges[1].File != "service/asker.lua" || g.Edges[1].Line != 5 {
		t.Errorf("edges: %v", g.Edges)
	}
	if names, _ := graphOf(t, "--from", "clock"); names != "clock" {
		t.Errorf("from clock: %s", names)
	}
	if names, _ := graphOf(t, "--from", "asker"); names != "asker clock" {
		t.Errorf("from asker: %s", names)
	}
	if names, _ := graphOf(t, "--from", "asker", "--depth", "0"); names != "asker" {
		t.Errorf("from asker, depth 0: %s", names)
	}
	if names, _ := graphOf(t, "--node", "two"); names != "hermit" {
		t.Errorf("node two: %s", names)
	}
}

func TestGraphFormats(t *testing.T) {
	inProject(t, graphProject)
	for _, c := range []struct{ name, begins string }{
		{"g.svg", "<svg "}, {"g.dot", "digraph "}, {"g.gv", "digraph "}, {"g.mmd", "---\ntitle: "}, {"g.json", "{\n"}, {"G.SVG", "<svg "},
	} {
		skylint(t, "graph", "-o", c.name).expect(t, exitClean, "", "")
		if got := read(t, c.name); !strings.HasPrefix(got, c.begins) {
			t.Errorf("%s is\n%s", c.name, got)
		}
	}
	for _, format := range graphFormats {
		one, four := skylint(t, "graph", "-f", format, "-j", "1"), skylint(t, "graph", "-f", format, "-j", "4")
		if one.out != four.out || one.out == "" {
			t.Errorf("%s depends on the number of jobs", format)
		}
		if handlers := skylint(t, "graph", "-f", format, "--handlers"); (handlers.out == one.out) != (format == graphJSON) {
			t.Errorf("%s: --handlers is the same", format)
		}
	}
	skylint(t, "graph", "-f", "svg", "--title", "clocks & co").expect(t, exitClean, ">clocks &amp; co<", "")
	skylint(t, "graph", "--stats").expect(t, exitClean, "", "total")
}

func TestGraphWrongUse(t *testing.T) {
	inProject(t, graphProject)
	for _, c := range []struct {
		args []string
		err  string
	}{
		{[]string{"--format", "svgg"}, "help: did you mean svg?\n"},
		{[]string{"-o", "graph.png"}, "help: add --format json, dot, mermaid or svg\n"},
		{[]string{"--from", "askre"}, "error: no service is called askre\nhelp: did you mean asker?\n"},
		{[]string{"--node", "nowhere-at-all"}, "help: the nodes are "},
		{[]string{"--depth", "2"}, "help: add --from SERVICE\n"},
		{[]string{"-"}, "give the paths of a project"},
		{[]string{"--dialect", "6"}, "--dialect"},
	} {
		r := skylint(t, append([]string{"graph"}, c.args...)...)
		r.expect(t, exitUsage, "", c.err)
		if r.out != "" {
			t.Errorf("%q printed to standard output: %s", c.args, r.out)
		}
	}
}

// A file that cannot be parsed is missing in the graph: the reader has to know.
func TestGraphOfWhatCannotBeRead(t *testing.T) {
	files := map[string]string{"service/broken.lua": "local function\n"}
	for name, text := range graphProject {
		files[name] = text
	}
	inProject(t, files)
	r := skylint(t, "graph")
	r.expect(t, exitProblems, `"clock"`, "error: service/broken.lua: ")
	r.expect(t, exitProblems, "", "the graph may lack something")
}

func TestGraphCompletion(t *testing.T) {
	inProject(t, graphProject)
	skylint(t, cobra.ShellCompRequestCmd, "graph", "--from", "").expect(t, exitClean, "clock\n", "")
	skylint(t, cobra.ShellCompRequestCmd, "graph", "--format", "").expect(t, exitClean, "json\ndot\nmermaid\nsvg\n", "")
	skylint(t, cobra.ShellCompRequestCmd, "graph", "--node", "").expect(t, exitClean, "one", "")
}

// A report in SARIF has the same graph, and is valid with it.
func TestGraphInSARIF(t *testing.T) {
	inProject(t, graphProject)
	r := skylint(t, "check", "--fail-on", "never", "--format", "sarif")
	r.expect(t, exitClean, "", "")
	sariftest.Validate(t, []byte(r.out))
	var log struct {
		Runs []struct {
			Graphs []struct {
				Nodes []struct{ ID string }
				Edges []struct{ SourceNodeID, TargetNodeID string }
			}
		}
	}
	if err := json.Unmarshal([]byte(r.out), &log); err != nil {
		t.Fatal(err)
	}
	graphs := log.Runs[0].Graphs
	if len(graphs) != 1 || len(graphs[0].Nodes) != 3 || len(graphs[0].Edges) != 2 || graphs[0].Edges[1].TargetNodeID != "clock now" {
		t.Errorf("the graph is %v", graphs)
	}
}

// docs/graph.svg is the picture of the demo as it is now.
func TestPictureOfTheDocumentation(t *testing.T) {
	const picture = "graph.svg"
	docs, err := filepath.Abs("../../docs/" + picture)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // paths are relative to the demo, not to the repository
	if err := os.CopyFS(dir, os.DirFS("../../"+demoFolder)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	skylint(t, "graph", "-o", picture, "--title", "The sample game server").expect(t, exitClean, "", "")
	drawn := read(t, picture)
	for d := xml.NewDecoder(strings.NewReader(drawn)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		if err := os.WriteFile(docs, []byte(drawn), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.ReplaceAll(read(t, docs), "\r\n", "\n") != drawn {
		t.Errorf("docs/%s is not what skylint draws: go test ./cmd/skylint -run Picture -update", picture)
	}
}
