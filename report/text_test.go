package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

var update = flag.Bool("update", false, "write what is seen as what is wanted")

// golden compares an output with testdata/name, or writes it there.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.ReplaceAll(string(want), "\r\n", "\n"); got != text {
		t.Errorf("%s differs; look at it and run go test ./report -update if it is right\n--- got\n%s\n--- want\n%s", file, got, text)
	}
}

// write returns a report as it is written.
func write(t *testing.T, w Writer, r *rules.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := w(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// place returns the nth place, from 1, of a piece of a file.
func place(f *source.File, piece string, nth int) rules.Location {
	at := 0
	for ; ; nth-- {
		i := strings.Index(f.Text[at:], piece)
		if i < 0 {
			panic("no " + piece + " in " + f.Path)
		}
		at += i
		if nth <= 1 {
			return rules.Location{File: f, Span: source.Span{Start: uint32(at), End: uint32(at + len(piece))}}
		}
		at++
	}
}

// between returns the place from one piece of a file to the end of another.
func between(f *source.File, from, to string) rules.Location {
	a := place(f, from, 1)
	b := rules.Location{File: f, Span: source.Span{Start: a.Start + uint32(strings.Index(f.Text[a.Start:], to))}}
	return rules.Location{File: f, Span: source.Span{Start: a.Start, End: b.Start + uint32(len(to))}}
}

var gate = source.New("service/gate.lua", `local skynet = require "skynet"
local netpack = require "skynet.netpack"

local CMD = {}

local function open(source, address)
	client = address
	skynet.call(source, "lua", "ready")
	skynet.send(client, "lua", "start")
end

function CMD.forward(source, msg, sz)
	local text = netpack.tostring(msg, sz)
	local chunk = load(text)
	return chunk and chunk(client, source)
end

skynet.start(function()
	skynet.dispatch("lua", function(_, source, command, ...)
		local handler = CMD[command]
		skynet.retpack(handler(source, ...))
	end)
end)
`)

var config = source.New("lualib/config.lua", "PORT = 8888\r\nHOST = \"0.0.0.0\"\r\n")

// demo is a report with one of everything.
func demo() *rules.Report {
	write := place(gate, "client", 1)
	return &rules.Report{
		Files: 12, Lines: 1234, Suppressed: 2, Baselined: 1,
		Diagnostics: []rules.Diagnostic{
			{
				Rule: rules.GlobalWrite, Severity: rules.Warning, Location: place(config, "PORT", 1),
				Message: "`PORT` is written as a global", Key: "PORT",
				Label: "made when the module is loaded", Help: []string{"return it in the module's table, or declare it in sky.toml"},
				Services: []string{"gate", "login", "agent"},
				Fixes: []rules.Fix{{Title: "make `PORT` local", Safe: true, Edits: []rules.Edit{
					{Location: rules.Location{File: config}, NewText: "local "},
				}}},
			},
			{
				Rule: rules.GlobalWrite, Severity: rules.Warning, Location: place(config, "HOST", 1),
				Message: "`HOST` is written as a global", Key: "HOST",
				Help:     []string{"return it in the module's table, or declare it in sky.toml"},
				Services: []string{"gate", "login", "agent"},
			},
			{
				Rule: rules.GlobalWrite, Severity: rules.Error, Location: write, Key: "client",
				Message: "`client` is written as a global in a function",
				Label:   "the next message overwrites it",
				Help:    []string{"declare it: local client"},
				Related: []rules.Related{
					{Location: place(gate, "client", 2), Message: "read after a call has let other handlers run"},
					{Location: place(gate, "client", 3), Message: "read here too"},
				},
				Services: []string{"gate"},
			},
			{
				Rule: rules.GlobalWrite, Severity: rules.Note, Location: place(gate, "load(text)", 1),
				Message: "client data reaches `load`",
				Label:   "runs what the client sent",
				Related: []rules.Related{{Location: place(config, "\"0.0.0.0\"", 1), Message: "the gate listens on every interface"}},
				Path: []rules.Step{
					{Location: place(gate, "netpack.tostring(msg, sz)", 1), Message: "the client's bytes"},
					{Location: place(gate, "text", 1), Message: "kept in `text`"},
					{Location: place(gate, "text", 2), Message: "given to `load`"},
				},
			},
			{
				Rule: rules.GlobalWrite, Severity: rules.Warning, Location: between(gate, "function CMD.forward", "end"),
				Message: "this handler is not protected",
				Label:   "an error in here is lost",
			},
			{
				Rule: rules.GlobalWrite, Severity: rules.Warning, Location: between(gate, "skynet.dispatch", "\tend)"),
				Message: "commands are looked up without a check",
				Label:   "this dispatcher",
				Related: []rules.Related{
					{Location: place(gate, "CMD[command]", 1), Message: "looked up"},
					{Location: place(gate, "handler", 2), Message: "and called"},
					{Location: place(gate, "source", 6), Message: "with the sender"},
				},
			},
		},
		Problems: []rules.Problem{
			{Path: "service/broken.bin", Message: "the file is compiled Lua", Help: []string{"skylint reads source"}},
			{Path: "service/gate.lua", Location: place(gate, "end", 1), Message: "`)` is missing", Related: []rules.Related{{Location: place(gate, "(", 1), Message: "opened here"}}},
		},
	}
}

func TestText(t *testing.T) {
	golden(t, "demo.txt", write(t, Text, demo(), Options{}))
	golden(t, "demo.unicode.txt", write(t, Text, demo(), Options{Unicode: true}))
	golden(t, "demo.color.txt", write(t, Text, demo(), Options{Color: true, Links: true}))
}

// one returns a report with a finding at a place, and marks related to it.
func one(at rules.Location, label string, related ...rules.Related) *rules.Report {
	return &rules.Report{Files: 1, Lines: at.File.LineCount(), Diagnostics: []rules.Diagnostic{{
		Rule: rules.GlobalWrite, Severity: rules.Error, Location: at, Message: "m", Label: label, Related: related,
	}}}
}

// span returns a place by its offsets.
func span(f *source.File, start, end int) rules.Location {
	return rules.Location{File: f, Span: source.Span{Start: uint32(start), End: uint32(end)}}
}

func related(at rules.Location, message string) rules.Related {
	return rules.Related{Location: at, Message: message}
}

// TestFrames draws one frame after the other, each under the name of what it shows.
func TestFrames(t *testing.T) {
	file := func(text string) *source.File { return source.New("a.lua", text) }
	in := func(text, piece string) rules.Location { return place(file(text), piece, 1) }
	apart := "first" + strings.Repeat(" ", 1<<20) + "GLOBAL" + strings.Repeat(" ", 1<<20) + "last"
	long := "local data = { " + strings.Repeat("12345, ", 40) + "WRONG, " + strings.Repeat("67890, ", 40) + "}"
	nested := file("if a then\n\tif b then\n\t\tif c then\n\t\t\tif d then\n\t\t\t\tx()\n\t\t\tend\n\t\tend\n\tend\nend\n")
	marks := file("foo(bar, baz, qux)")
	var frames strings.Builder
	for _, c := range []struct {
		name    string
		report  *rules.Report
		options Options
	}{
		{name: "tabs align with what is above", report: one(in("\tif x then\n\t\tab\tGLOBAL\t= 1", "GLOBAL"), "label")},
		{name: "wide characters", report: one(in("local 名字 = \"中文\" GLOBAL = 1", "GLOBAL"), "全局变量")},
		{name: "a wide character is marked whole", report: one(in("x = \"中文\"", "文"), "文")},
		{name: "combining marks and emoji", report: one(in("s = \"e\u0301\u0302 👩‍👩‍👧 🇨🇳 ✈️\" GLOBAL = 1", "GLOBAL"), "label")},
		{name: "control characters", report: one(in("s = \"\x1b[31m\x07\x00\u0085\" GLOBAL = 1", "GLOBAL"), "lab\x1b[0mel\nof two lines")},
		{name: "text that would be reordered or not be seen", report: one(in("s = \"\u202eabc\u2066\u200b\ufeff\" GLOBAL = 1", "GLOBAL"), "l\u202e")},
		{name: "not UTF-8", report: one(in("s = \"\xff\xfe\xe4\xb8\" GLOBAL = 1", "GLOBAL"), "l\xff")},
		{name: "a byte inside of a character", report: one(span(file("s = \"中文\""), 6, 7), "label")},
		{name: "byte order mark", report: one(in("\ufeffGLOBAL = 1\n", "GLOBAL"), "")},
		{name: "carriage returns", report: one(in("a = 1\r\nGLOBAL = 1\r\n", "GLOBAL"), "label")},
		{name: "a lone carriage return ends a line", report: one(in("a = 1\rGLOBAL = 1\r", "GLOBAL"), "label")},
		{name: "no line break at the end", report: one(in("GLOBAL = 1", "1"), "label")},
		{name: "the end of the file", report: one(span(file("if x then\n\ty()\n"), 15, 15), "`end` is missing")},
		{name: "the end of a file without line break", report: one(span(file("if x then\n\ty()"), 14, 14), "`end` is missing")},
		{name: "beyond the end of the file", report: one(span(file("x"), 70, 90), "label")},
		{name: "an empty file", report: one(span(file(""), 0, 0), "label")},
		{name: "an empty line", report: one(span(file("a\n\n\nb\n"), 3, 3), "label")},
		{name: "nothing is marked", report: one(span(file("foo()"), 3, 3), "here")},
		{name: "a line break is marked", report: one(span(file("foo()\nbar()\n"), 5, 6), "here")},
		{name: "a line with its break", report: one(span(file("foo()\nbar()\n"), 0, 6), "here")},
		{name: "blank lines before the mark's end", report: one(span(file("foo(\n\n\n)\n"), 3, 7), "here")},
		{name: "a long line, marked at its start", report: one(in(long, "data"), "label"), options: Options{Width: 60}},
		{name: "a long line, marked inside", report: one(in(long, "WRONG"), "label"), options: Options{Width: 60}},
		{name: "a long line, marked inside, drawn", report: one(in(long, "WRONG"), "label"), options: Options{Width: 60, Unicode: true}},
		{name: "a long line, marked at its end", report: one(in(long, "}"), "label"), options: Options{Width: 60}},
		{name: "a long line, marked whole", report: one(in(long, long), "label"), options: Options{Width: 60}},
		{name: "a long line, marked twice", report: one(in(long, "WRONG"), "label", related(in(long, "data"), "first")), options: Options{Width: 60}},
		{name: "a long line of wide characters", report: one(in(strings.Repeat("中", 50)+"A"+strings.Repeat("文", 50), "A"), "label"), options: Options{Width: 60}},
		{name: "a long last line of a mark over two lines", report: one(between(file("foo(\n"+long), "(", "WRONG"), "label"), options: Options{Width: 60}},
		{name: "a very long line", report: one(in(strings.Repeat("é", 1<<20)+"GLOBAL"+strings.Repeat("é", 1<<20), "GLOBAL"), "label"), options: Options{Width: 60}},
		{name: "marked twice, far apart on a very long line", report: one(in(apart, "GLOBAL"), "label",
			related(in(apart, "first"), "before"),
			related(in(apart, "last"), "behind")), options: Options{Width: 60}},
		{name: "a very long line, marked whole", report: one(in(strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20)), "label"), options: Options{Width: 60}},
		{name: "three labels on a line", report: one(place(marks, "foo", 1), "label 1", related(place(marks, "bar", 1), "label 2"), related(place(marks, "baz", 1), "label 3"), related(place(marks, "qux", 1), ""))},
		{name: "one mark within another", report: one(place(marks, "bar", 1), "inner", related(place(marks, "foo(bar, baz", 1), "outer"))},
		{name: "two marks at one place", report: one(place(marks, "bar", 1), "one", related(place(marks, "bar", 1), "other"))},
		{name: "marks that overlap", report: one(place(marks, "bar, baz", 1), "one", related(place(marks, "baz, qux", 1), "other"))},
		{name: "over two lines, from the middle", report: one(between(file("x = foo(\n\tbar)\n"), "foo", ")"), "label")},
		{name: "over three lines", report: one(between(file("foo(\n\tbar,\n\tbaz)\n"), "foo", "baz)"), "label")},
		{name: "long marks in each other", report: one(between(nested, "if a", "\nend"), "one",
			related(between(nested, "if b", "\n\tend"), "two"), related(between(nested, "if c", "\n\t\tend"), "three"), related(between(nested, "if d", "\n\t\t\tend"), "four"))},
		{name: "a long mark that ends where another begins", report: one(between(file("foo(\n1\n2\n3) bar(\n1\n2\n3)\n"), "foo", "3)"), "one",
			related(between(file("foo(\n1\n2\n3) bar(\n1\n2\n3)\n"), "bar", "\n3)"), "other"))},
		{name: "far apart", report: one(span(file(strings.Repeat("x\n", 99)), 196, 197), "one", related(span(file(strings.Repeat("x\n", 99)), 2, 3), "other"))},
	} {
		d := &c.report.Diagnostics[0]
		for i := range d.Related {
			if d.Related[i].File.Text == d.File.Text {
				d.Related[i].File = d.File // the same text is the same file
			}
		}
		text, _, _ := strings.Cut(write(t, Text, c.report, c.options), "More about")
		frames.WriteString("### " + c.name + "\n" + text)
	}
	golden(t, "frames.txt", frames.String())
}

// TestFixes draws fixes, each under the name of what it shows.
func TestFixes(t *testing.T) {
	five := source.New("a.lua", "one\n\ttwo\nthree\nfour\nfive\n")
	crlf := source.New("b.lua", "one\r\ntwo")
	many := source.New("c.lua", strings.Repeat("x\n", 40))
	huge := source.New("d.lua", strings.Repeat("x", maxHunkBytes+1))
	wide := source.New("e.lua", strings.Repeat("中\x1b", 100))
	edit := func(f *source.File, start, end int, text string) rules.Edit {
		return rules.Edit{Location: span(f, start, end), NewText: text}
	}
	each := func(step int) (edits []rules.Edit) {
		for i := 0; i < 80; i += 2 * step {
			edits = append(edits, edit(many, i, i+1, "y"))
		}
		return edits
	}
	var fixes strings.Builder
	for _, c := range []struct {
		name  string
		fixes []rules.Fix
	}{
		{"a word is put in", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 5, 5, "local ")}}}},
		{"safe", []rules.Fix{{Title: "t", Safe: true, Edits: []rules.Edit{edit(five, 0, 3, "1")}}}},
		{"one of three", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 0, 3, "1")}}, {Title: "do something else"}, {Title: "do nothing\nat all"}}},
		{"a line is removed", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 4, 9, "")}}}},
		{"the end of a line is removed", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 3, 8, "")}}}},
		{"a line is put in", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 4, 4, "and a half\n")}}}},
		{"a line becomes two", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 1, 2, "\n")}}}},
		{"two edits on a line, out of order", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 7, 8, "O"), edit(five, 5, 6, "T")}}}},
		{"edits that overlap", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 5, 7, "T"), edit(five, 6, 8, "never")}}}},
		{"neighbouring lines", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 0, 1, "O"), edit(five, 5, 6, "T")}}}},
		{"two places", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 0, 1, "O"), edit(five, 20, 20, "!")}}}},
		{"two files", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(crlf, 5, 8, "2"), edit(five, 0, 1, "O")}}}},
		{"many places", []rules.Fix{{Title: "t", Edits: each(3)}}},
		{"many lines", []rules.Fix{{Title: "t", Edits: each(1)}}},
		{"nothing changes", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(five, 0, 3, "one")}}}},
		{"a line too long to show", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(huge, 0, 3, "")}}}},
		{"a line that is cut", []rules.Fix{{Title: "t", Edits: []rules.Edit{edit(wide, 0, 3, "x")}}}},
	} {
		r := one(span(five, 0, 3), "")
		r.Diagnostics[0].Fixes = c.fixes
		text, _, _ := strings.Cut(write(t, Text, r, Options{Width: 40}), "More about")
		fixes.WriteString("### " + c.name + "\n" + text)
	}
	golden(t, "fixes.txt", fixes.String())
}

func TestTextOfNothing(t *testing.T) {
	if got, want := write(t, Text, &rules.Report{Files: 3, Lines: 10}, Options{Color: true}), "no findings in 3 files (10 lines)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSuppressedIsSaid(t *testing.T) {
	r := one(span(config, 0, 4), "")
	r.Diagnostics[0].Suppressed = &rules.Suppression{Reason: "the console reads it"}
	if got := write(t, Text, r, Options{}); !strings.HasPrefix(got, "error[SKY101 global-write]: m (suppressed: the console reads it)\n") {
		t.Errorf("got %s", got)
	}
}

func TestServices(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f"}
	for n, want := range map[int]string{
		0: "", 1: "in service a", 2: "in services a and b", 5: "in services a, b, c, d and e", 6: "in services a, b, c, d and 2 more",
	} {
		if got := services(names[:n]); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

// TestPathIsShown shows paths as the caller wants them, in every head.
func TestPathIsShown(t *testing.T) {
	r := demo()
	got := write(t, Text, r, Options{Path: func(p string) string { return "../" + p }})
	for _, l := range strings.Split(got, "\n") {
		for _, arrow := range []string{"--> ", "::: "} {
			if _, path, ok := strings.Cut(l, arrow); ok && !strings.HasPrefix(path, "../") {
				t.Errorf("%q", l)
			}
		}
	}
}

// TestColumnsAgree holds every row of marks to the row of code above it: what stands over
// the primary mark is what was marked.
func TestColumnsAgree(t *testing.T) {
	for _, before := range []string{"", "\t", "a\tb\t", "中文", "é\u0301", "\x00", "\xff", strings.Repeat("中\t", 90)} {
		f := source.New("a.lua", before+"GLOBAL"+before)
		rows := strings.Split(write(t, Text, one(place(f, "GLOBAL", 1), ""), Options{Width: 50}), "\n")
		code, marks := rows[3], rows[4]
		from := displayColumn(code, strings.Index(code, "GLOBAL"))
		if want := strings.Repeat(" ", from)[3:] + "^^^^^^"; strings.TrimPrefix(marks, "  |") != want {
			t.Errorf("%q:\n%s\n%s", before, code, marks)
		}
	}
}

// displayColumn returns how many columns stand before an offset.
func displayColumn(s string, offset int) int {
	var r row
	r.put(0, s[:offset], plain)
	return len(r)
}

// Steps are numbered where there is an order to tell.
func TestLoneStepHasNoNumber(t *testing.T) {
	f := source.New("a.lua", "one()\ntwo()\n")
	r := one(place(f, "one()", 1), "")
	r.Diagnostics[0].Path = []rules.Step{{Location: place(f, "two()", 1), Message: "it waits here"}}
	if got := write(t, Text, r, Options{}); !strings.Contains(got, "^^^^^ it waits here\n") {
		t.Errorf("got\n%s", got)
	}
	r.Diagnostics[0].Path = append(r.Diagnostics[0].Path, rules.Step{Location: place(f, "one()", 1), Message: "and here"})
	if got := write(t, Text, r, Options{}); !strings.Contains(got, "----- 1. it waits here\n") || !strings.Contains(got, "^^^^^ 2. and here\n") {
		t.Errorf("got\n%s", got)
	}
}
