package graph_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/graph"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
)

var update = flag.Bool("update", false, "write the expected outputs of testdata anew")

// load returns the graph of the project in an archive.
func load(t testing.TB, archive *txtar.Archive, jobs int) *graph.Graph {
	t.Helper()
	dir := t.TempDir()
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, "want/") {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	result, err := lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: []string{dir}, Jobs: jobs}, System: true, NoRules: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Report.Problems) > 0 {
		t.Fatalf("%s: %s", result.Report.Problems[0].Path, result.Report.Problems[0].Message)
	}
	return graph.Build(result.System)
}

func read(t testing.TB, path string) *txtar.Archive {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return txtar.Parse(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
}

// outputs are what is written of a graph, by the name of the expected file.
var outputs = []struct {
	name  string
	write func(g *graph.Graph, w io.Writer) error
}{
	{"want/graph.json", func(g *graph.Graph, w io.Writer) error { return g.WriteJSON(w) }},
	{"want/services.dot", func(g *graph.Graph, w io.Writer) error { return graph.NewView(g, false).WriteDOT(w, "a test") }},
	{"want/handlers.dot", func(g *graph.Graph, w io.Writer) error { return graph.NewView(g, true).WriteDOT(w, "a test") }},
	{"want/services.mmd", func(g *graph.Graph, w io.Writer) error { return graph.NewView(g, false).WriteMermaid(w, "a test") }},
	{"want/handlers.mmd", func(g *graph.Graph, w io.Writer) error { return graph.NewView(g, true).WriteMermaid(w, "a test") }},
}

// An address that comes with the message of one command is known there, and is not told to be
// unknown for the handler that looks the command up.
func TestResolvedForACommand(t *testing.T) {
	g := load(t, txtar.Parse([]byte(`
-- config --
thread = 2
luaservice = "service/?.lua"
start = "main"
bootstrap = "snlua bootstrap"
-- service/main.lua --
local skynet = require "skynet"
skynet.start(function()
	local agent = skynet.newservice "agent"
	skynet.call(agent, "lua", "start", { gate = skynet.newservice "gate" })
end)
-- service/gate.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.forward() end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) skynet.retpack(assert(CMD[cmd])(...)) end)
end)
-- service/agent.lua --
local skynet = require "skynet"
local CMD = {}
function CMD.start(conf)
	skynet.call(conf.gate, "lua", "forward")
end
function CMD.ask(who)
	skynet.call(who.else_, "lua", "nothing")
end
skynet.start(function()
	skynet.dispatch("lua", function(_, _, cmd, ...) skynet.retpack(assert(CMD[cmd])(...)) end)
end)
`)), 1)
	found := false
	for _, e := range g.Edges {
		found = found || e.From.Service == "agent" && e.From.Handler == "start" && e.To.Service == "gate" && e.To.Handler == "forward"
	}
	if !found {
		t.Errorf("the edge is missing in %v", g.Edges)
	}
	for _, u := range g.Unresolved {
		if u.Name != "nothing" {
			t.Errorf("unresolved: %+v", u)
		}
	}
	if len(g.Unresolved) == 0 {
		t.Error("what nobody calls is resolved")
	}
}

// Each archive has a project, and what is to be written of its graph, for any number of jobs.
func TestOutputs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive := read(t, file)
			want := map[string]string{}
			fresh := &txtar.Archive{Comment: archive.Comment}
			for _, f := range archive.Files {
				if strings.HasPrefix(f.Name, "want/") {
					want[f.Name] = string(f.Data)
				} else {
					fresh.Files = append(fresh.Files, f)
				}
			}
			one, many := load(t, archive, 1), load(t, archive, 4)
			for _, o := range outputs {
				var a, b bytes.Buffer
				if err := o.write(one, &a); err != nil {
					t.Fatal(err)
				}
				if err := o.write(many, &b); err != nil {
					t.Fatal(err)
				}
				if a.String() != b.String() {
					t.Errorf("%s depends on the number of jobs", o.name)
				}
				if !*update && a.String() != want[o.name] {
					t.Errorf("%s is\n%s\nwant (-update writes it)\n%s", o.name, a.String(), want[o.name])
				}
				fresh.Files = append(fresh.Files, txtar.File{Name: o.name, Data: a.Bytes()})
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(fresh), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// hand makes a graph by hand from edges such as "a.x call b.y".
func hand(edges ...string) *graph.Graph {
	g := &graph.Graph{}
	end := func(s string) graph.End {
		service, handler, _ := strings.Cut(s, ".")
		for i := range g.Services {
			if g.Services[i].Name == service {
				return graph.End{Service: service, Handler: handler, Index: i}
			}
		}
		g.Services = append(g.Services, graph.Service{Name: service, File: service + ".lua"})
		return graph.End{Service: service, Handler: handler, Index: len(g.Services) - 1}
	}
	for i, e := range edges {
		words := strings.Fields(e)
		confidence := graph.High
		if strings.HasSuffix(words[1], "?") {
			confidence = graph.Medium
		}
		g.Edges = append(g.Edges, graph.Edge{
			From: end(words[0]), Kind: strings.TrimSuffix(words[1], "?"), To: end(words[2]),
			File: "f.lua", Line: i + 1, Confidence: confidence,
		})
	}
	return g.Only(func(*graph.Service) bool { return true })
}

func TestCycles(t *testing.T) {
	for _, c := range []struct {
		name  string
		edges string
		want  string
	}{
		{"none", "a.x call b.y; b.y call c.z; a.x call c.z", ""},
		{"a handler that calls itself", "a.x call a.x", "handler high a.x → a.x"},
		{"sends wait for nobody", "a.x call b.y; b.y send a.x", ""},
		{"other handlers", "a.x call b.y; b.y call a.z", "service high a → b → a"},
		{"the shortest way", "a.x call b.y; b.y call c.z; c.z call a.x; c.z call b.y", "handler high b.y → c.z → b.y (and 1 more)"},
		{"an edge that may not be", "a.x call b.y; b.y call? a.x", "handler medium a.x → b.y → a.x"},
		{"the surest edge counts", "a.x call? b.y; b.y call a.x; a.x call b.y", "handler high a.x → b.y → a.x"},
		{"two apart", "a.x call b.y; b.y call a.x; c.x call c.x", "handler high a.x → b.y → a.x; handler high c.x → c.x"},
		{"starts", "a.init newservice b.init; b.init newservice a.init", "init high a.init → b.init → a.init"},
		{"a start through a call", "a.init newservice b.init; b.init call c.x; c.x newservice a.init", "init high a.init → b.init → c.x → a.init"},
		{"a start that calls back", "a.x newservice b.init; b.init call a.y", ""},
		{"a small one in a large one", "a.x call b.y; b.y call a.x; b.y call c.z; c.z call a.w", "handler high a.x → b.y → a.x; service high a → b → a (and 1 more)"},
		{"it calls itself when it starts", "a.init call a.x", ""},
	} {
		var got []string
		g := hand(strings.Split(c.edges, "; ")...)
		for i := range g.Cycles {
			got = append(got, g.Cycles[i].Level+" "+g.Cycles[i].Confidence+" "+g.Cycles[i].String())
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, s, c.want)
		}
	}
}

// A part of a graph has the cycles through a queue of which all services are in it.
func TestQueueInParts(t *testing.T) {
	g := load(t, read(t, "testdata/queue.txtar"), 0)
	for _, c := range []struct{ without, want string }{
		{"nobody", "queue wallet.buy → shop.sell → wallet.pay"},
		{"main", "queue wallet.buy → shop.sell → wallet.pay"},
		{"shop", ""},
	} {
		part := g.Only(func(s *graph.Service) bool { return s.Name != c.without })
		got := ""
		for i := range part.Cycles {
			cycle := &part.Cycles[i]
			if cycle.Level != graph.QueueLevel {
				continue
			}
			got += cycle.Level + " " + cycle.String()
			for _, e := range cycle.Edges {
				if part.Services[e.From.Index].Name != e.From.Service || part.Services[e.To.Index].Name != e.To.Service {
					t.Errorf("without %s: the edge %s to %s leads elsewhere", c.without, e.From.Service, e.To.Service)
				}
			}
		}
		if got != c.want {
			t.Errorf("without %s: %q, want %q", c.without, got, c.want)
		}
	}
}

// A chain that is long must not use a stack that is deep, nor time that is square.
func TestLongCycle(t *testing.T) {
	g := &graph.Graph{}
	const n = 20000
	for i := range n {
		g.Services = append(g.Services, graph.Service{Name: "s"})
		g.Edges = append(g.Edges, graph.Edge{
			From: graph.End{Service: "s", Handler: "h", Index: i}, To: graph.End{Service: "s", Handler: "h", Index: (i + 1) % n},
			Kind: graph.Call, Line: i, Confidence: graph.High,
		})
	}
	g = g.Only(func(s *graph.Service) bool { return true })
	if len(g.Cycles) == 0 || len(g.Cycles[0].Edges) != n {
		t.Errorf("%d cycles", len(g.Cycles))
	}
}

func TestParts(t *testing.T) {
	g := hand("a.x call b.y", "b.y send c.z", "c.z call d.w", "e.x call a.x")
	g.Unresolved = []graph.Unresolved{{From: graph.End{Service: "c", Handler: "z", Index: 2}}, {From: graph.End{Service: "e", Handler: "x", Index: 4}}}
	for _, c := range []struct {
		from  string
		depth int
		want  string
		edges int
		lost  int
	}{
		{"a", -1, "a b c d", 3, 1},
		{"a", 0, "a", 0, 0},
		{"a", 2, "a b c", 2, 1},
		{"e.lua", 1, "a e", 1, 1},
		{"nobody", -1, "", 0, 0},
	} {
		part := g.From(c.from, c.depth)
		var names []string
		for _, s := range part.Services {
			names = append(names, s.Name)
		}
		if got := strings.Join(names, " "); got != c.want || len(part.Edges) != c.edges || len(part.Unresolved) != c.lost {
			t.Errorf("from %s, %d: %s, %d edges, %d unresolved; want %s, %d, %d", c.from, c.depth, got, len(part.Edges), len(part.Unresolved), c.want, c.edges, c.lost)
		}
		for _, e := range part.Edges {
			if part.Services[e.From.Index].Name != e.From.Service || part.Services[e.To.Index].Name != e.To.Service {
				t.Errorf("from %s: the edge %s to %s leads elsewhere", c.from, e.From.Service, e.To.Service)
			}
		}
	}
	for i := range g.Services {
		if i%2 == 0 {
			g.Services[i].Nodes = []string{"even"}
		}
	}
	if part := g.OnNode("even"); len(part.Services) != 3 || len(part.Edges) != 1 {
		t.Errorf("on the node: %d services, %d edges", len(part.Services), len(part.Edges))
	}
}

// The lists of an empty graph are empty, not null: programs go over them.
func TestEmptyGraph(t *testing.T) {
	var b bytes.Buffer
	if err := (&graph.Graph{}).Only(func(*graph.Service) bool { return true }).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") || strings.Count(b.String(), "[]") != 4 {
		t.Error(b.String())
	}
}
