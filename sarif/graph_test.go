package sarif_test

import (
	"strings"
	"testing"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/sarif"
	"github.com/skylint/skylint/sarif/sariftest"
	"github.com/skylint/skylint/source"
)

// ring is a graph in which two services call each other, and a report of that.
func ring(t testing.TB) (*sarif.Graph, *rules.Report) {
	a := source.New("service/a.lua", "call(b)\nsend(c)\n")
	b := source.New("service/b.lua", "\ncall(a)\n")
	g := &sarif.Graph{
		Description: "Who sends what [to](1) whom",
		Nodes: []sarif.GraphNode{
			{ID: "a", Label: "a", Location: rules.Location{File: a}, Children: []sarif.GraphNode{{ID: "a x", Label: "x"}}},
			{ID: "b", Label: "b", Location: rules.Location{File: b}, Children: []sarif.GraphNode{{ID: "b y", Label: "y\x00"}}},
			{ID: "c"},
		},
		Edges: []sarif.GraphEdge{
			{ID: "1", From: "a x", To: "c", Label: "send", Location: at(t, a, "send(c)")},
			{ID: "2", From: "a x", To: "b", Location: at(t, a, "call(b)")}, // leads on to nothing
			{ID: "3", From: "a x", To: "b y", Location: at(t, a, "call(b)"), Properties: map[string]string{"kind": "call", "confidence": "high"}},
			{ID: "4", From: "b y", To: "a x", Location: at(t, b, "call(a)")},
			{ID: "5", From: "b y", To: "c"},
		},
	}
	step := func(f *source.File, text, message string) rules.Step {
		return rules.Step{Location: at(t, f, text), Message: message}
	}
	finding := func(steps ...rules.Step) rules.Diagnostic {
		return rules.Diagnostic{Rule: plainRule, Severity: rules.Note, Location: at(t, a, "call(b)"), Message: "a path", Path: steps}
	}
	report := &rules.Report{Diagnostics: []rules.Diagnostic{
		finding(step(a, "call", "a.x calls b.y"), step(b, "call", "b.y calls a.x")),
		finding(step(a, "send", "leads away")),
		finding(step(b, "call", "is in no order"), step(b, "call", "of a way around")),
		finding(),
	}}
	return g, report
}

func TestGraph(t *testing.T) {
	g, report := ring(t)
	run := only(t, marshal(t, report, sarif.Options{Graph: g}))
	equal(t, dig(t, run, "results", 0, "graphTraversals"),
		`[{"edgeTraversals":[{"edgeId":"3","message":{"text":"a.x calls b.y"}},{"edgeId":"4","message":{"text":"b.y calls a.x"}}],"runGraphIndex":0}]`)
	if n := len(list(t, run, "results", 0, "codeFlows", 0, "threadFlows")); n != 1 {
		t.Errorf("the cycle is in %d thread flows", n)
	}
	for i := range 3 {
		if _, has := dig(t, run, "results", i+1).(map[string]any)["graphTraversals"]; has {
			t.Errorf("path %d is no way around, but a traversal", i+1)
		}
	}
	equal(t, dig(t, run, "graphs", 0, "edges", 2),
		`{"id":"3","properties":{"confidence":"high","kind":"call","line":1,"uri":"service/a.lua"},"sourceNodeId":"a x","targetNodeId":"b y"}`)
	equal(t, dig(t, run, "graphs", 0, "nodes", 1, "children"), `[{"id":"b y","label":{"text":"y␀"}}]`)
	if dig(t, run, "graphs", 0, "nodes", 0, "location", "physicalLocation", "artifactLocation", "uri") != "service/a.lua" {
		t.Error("a node without its place")
	}

	below := only(t, marshal(t, report, sarif.Options{Graph: g, Path: func(p string) string { return "server/" + p }}))
	if got := dig(t, below, "graphs", 0, "edges", 2, "properties", "uri"); got != "server/service/a.lua" {
		t.Errorf("an edge is at %v, not where the repository has it", got)
	}

	bare := only(t, marshal(t, report, sarif.Options{}))
	for _, key := range []string{"graphs"} {
		if _, has := bare[key]; has {
			t.Error("a graph where there is none")
		}
	}
}

// The judge of all reports sees a graph that is broken.
func TestBrokenGraphs(t *testing.T) {
	for fault, damage := range map[string]func(g *sarif.Graph){
		"a second node":    func(g *sarif.Graph) { g.Nodes[2].ID = "a x" },
		"a second edge":    func(g *sarif.Graph) { g.Edges[1].ID = "1" },
		"there is no node": func(g *sarif.Graph) { g.Edges[0].To = "nowhere" },
	} {
		g, report := ring(t)
		damage(g)
		data, err := sarif.Marshal(report, sarif.Options{Graph: g})
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		for _, err := range sariftest.Check(data) {
			found += err.Error() + "\n"
		}
		if !strings.Contains(found, fault) {
			t.Errorf("want %q, got %q", fault, found)
		}
	}
}
