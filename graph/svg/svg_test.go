package svg

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/skylint/skylint/graph"
)

// random makes a graph with services of all kinds of names.
func random(seed uint64, services, edges int) *graph.Graph {
	r := rand.New(rand.NewPCG(seed, 2))
	g := &graph.Graph{}
	names := []string{"db", "agent", "a_service_with_a_name_that_is_much_too_long_for_any_box_of_a_picture", "聊天服务", `<b>&"x"`, "bad\x00\xff\nname", ""}
	kinds := []string{graph.Call, graph.Send, graph.Launch, graph.Cluster}
	for i := range services {
		s := graph.Service{Name: names[r.IntN(len(names))] + strconv.Itoa(i), File: "service/" + strings.Repeat("deep/", r.IntN(12)) + "x.lua"}
		for k := range r.IntN(14) {
			s.Handlers = append(s.Handlers, names[r.IntN(len(names))]+strconv.Itoa(k))
		}
		g.Services = append(g.Services, s)
	}
	end := func(i int) graph.End {
		e := graph.End{Service: g.Services[i].Name, Index: i, Handler: "init"}
		if h := g.Services[i].Handlers; len(h) > 0 {
			e.Handler = h[r.IntN(len(h))]
		}
		return e
	}
	for i := range edges {
		from := r.IntN(services)
		to := (from + r.IntN(5)) % services // a few lead to their own box
		e := graph.Edge{From: end(from), To: end(to), Kind: kinds[r.IntN(4)], File: "a & b.lua", Line: i, Confidence: graph.High}
		if r.IntN(4) == 0 {
			e.Confidence = graph.Medium
		}
		g.Edges = append(g.Edges, e)
		if r.IntN(3) == 0 {
			g.Unresolved = append(g.Unresolved, graph.Unresolved{From: e.From, Kind: e.Kind, Name: "<x>", Reason: `"`})
		}
	}
	return g.Only(func(*graph.Service) bool { return true })
}

func draw(t testing.TB, g *graph.Graph, handlers bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, graph.NewView(g, handlers), Options{Title: "a <test> & more"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type rect struct {
	what           string
	x0, y0, x1, y1 float64
}

func (a rect) overlaps(b rect) bool {
	const slack = 0.11 // numbers are written to a tenth
	return a.x0 < b.x1-slack && b.x0 < a.x1-slack && a.y0 < b.y1-slack && b.y0 < a.y1-slack
}

func (a rect) holds(b rect) bool {
	return a.x0 <= b.x0+0.11 && a.y0 <= b.y0+0.11 && b.x1 <= a.x1+0.11 && b.y1 <= a.y1+0.11
}

// shapes reads boxes and texts back, and fails if the picture is not well-formed.
func shapes(t *testing.T, data []byte) (paper rect, boxes, texts []rect) {
	t.Helper()
	sizes := map[string]float64{"title": 19, "sub": 12.5, "name": 13, "file": 9.5, "row": 11.5, "more": 11.5, "q": 10, "label": 10.5}
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return paper, boxes, texts
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		value := map[string]string{}
		number := map[string]float64{}
		for _, a := range start.Attr {
			value[a.Name.Local] = a.Value
			number[a.Name.Local], _ = strconv.ParseFloat(a.Value, 64)
		}
		class, _, _ := strings.Cut(value["class"], " ")
		switch start.Name.Local {
		case "rect":
			r := rect{class, number["x"], number["y"], number["x"] + number["width"], number["y"] + number["height"]}
			switch class {
			case "paper":
				paper = r
			case "box":
				boxes = append(boxes, r)
			}
		case "text":
			size := sizes[class]
			if size == 0 {
				t.Fatalf("a text of class %q", value["class"])
			}
			texts = append(texts, rect{class, number["x"], number["y"] - size*0.72, number["x"] + number["textLength"], number["y"] + size*0.21})
		case "path":
			for _, word := range strings.FieldsFunc(value["d"], func(r rune) bool { return strings.ContainsRune("MHVCLhvlaz ", r) }) {
				if _, err := strconv.ParseFloat(word, 64); err != nil {
					t.Fatalf("a path has %q in it: %s", word, value["d"])
				}
			}
		}
	}
}

func TestPictures(t *testing.T) {
	for seed := range uint64(60) {
		g := random(seed, 1+int(seed)%19, int(seed*7)%50)
		for _, handlers := range []bool{false, true} {
			data := draw(t, g, handlers)
			if !bytes.Equal(data, draw(t, random(seed, 1+int(seed)%19, int(seed*7)%50), handlers)) {
				t.Fatalf("seed %d: two pictures differ", seed)
			}
			paper, boxes, texts := shapes(t, data)
			if len(boxes) != len(g.Services) {
				t.Errorf("seed %d: %d boxes for %d services", seed, len(boxes), len(g.Services))
			}
			for i, b := range boxes {
				if !paper.holds(b) {
					t.Errorf("seed %d: a box is outside: %v", seed, b)
				}
				for _, other := range boxes[:i] {
					if b.overlaps(other) {
						t.Errorf("seed %d: boxes overlap: %v, %v", seed, b, other)
					}
				}
			}
			for i, x := range texts {
				if !paper.holds(x) {
					t.Errorf("seed %d: a text is outside: %v", seed, x)
				}
				for _, b := range boxes {
					if x.overlaps(b) && !b.holds(x) {
						t.Errorf("seed %d: a text sticks out of a box: %v, %v", seed, x, b)
					}
				}
				for _, other := range texts[:i] {
					if x.overlaps(other) {
						t.Errorf("seed %d: texts overlap: %v, %v", seed, x, other)
					}
				}
			}
		}
	}
}

func TestWhatThePictureSays(t *testing.T) {
	end := func(i int, service, handler string) graph.End {
		return graph.End{Service: service, Handler: handler, Index: i}
	}
	g := &graph.Graph{
		Services: []graph.Service{{Name: "a", File: "a.lua", Handlers: []string{"x", "idle"}}, {Name: "b", File: "b.lua", Handlers: []string{"y"}}, {Name: "alone", File: "c.lua"}},
		Edges: []graph.Edge{
			{From: end(0, "a", "x"), To: end(1, "b", "y"), Kind: graph.Call, File: "a.lua", Line: 3, Confidence: graph.High},
			{From: end(1, "b", "y"), To: end(0, "a", "x"), Kind: graph.Call, File: "b.lua", Line: 4, Confidence: graph.High},
			{From: end(1, "b", "y"), To: end(0, "a", "x"), Kind: graph.Send, File: "b.lua", Line: 5, Confidence: graph.Medium},
		},
		Unresolved: []graph.Unresolved{{From: end(0, "a", "x"), Kind: graph.Call, File: "a.lua", Line: 9, Reason: "nothing is known"}},
	}
	s := string(draw(t, g.Only(func(*graph.Service) bool { return true }), false))
	for _, want := range []string{
		"a &lt;test&gt; &amp; more", "3 services · 2 calls · 1 send · 1 unresolved",
		"a → b: call\nx → y  a.lua:3</title>", `class="line call red"`, `class="line send maybe"`, `class="box redbox"`,
		"waits for itself: a.x → b.y → a.x", ">+1</text>", ">? 1</text>", "x: call   a.lua:9  nothing is known", "no message to or from",
		"prefers-color-scheme:dark",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("the picture does not have %q:\n%s", want, s)
		}
	}
	if strings.Contains(s, "cluster</text>") {
		t.Error("the legend explains a kind of line that is not there")
	}
}

func TestFit(t *testing.T) {
	f := face{&regular, 10}
	for _, s := range []string{"", "short", strings.Repeat("long", 20), strings.Repeat("服务", 20)} {
		for _, cut := range []string{f.fit(s, 60), f.fitPath(s, 60)} {
			if f.width(cut) > 60 {
				t.Errorf("%q is %v wide", cut, f.width(cut))
			}
			if f.width(s) <= 60 && cut != s {
				t.Errorf("%q became %q", s, cut)
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, size := range []int{25, 50, 100, 200} {
		g := random(4, size, size*2)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				if err := Write(io.Discard, graph.NewView(g, false), Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
