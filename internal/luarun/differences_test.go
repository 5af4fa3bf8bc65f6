package luarun

import (
	"os"
	"strings"
	"testing"
)

// A documented difference is a program of docs/LUA.md, with what lua5.4 and what skyrun make
// of it.
type documented struct {
	title      string
	text       string
	real, ours string
}

// readDifferences reads the examples of the page: under a heading, a block "lua" and then a
// block for each of the two.
func readDifferences(page string) (all []documented) {
	var current documented
	title, block := "", ""
	var b strings.Builder
	for line := range strings.Lines(page) {
		switch {
		case block == "" && strings.HasPrefix(line, "#"):
			title = strings.TrimSpace(strings.TrimLeft(line, "#"))
		case block == "" && strings.HasPrefix(line, "```"):
			block = strings.TrimSpace(line[3:]) + " "
			b.Reset()
		case strings.HasPrefix(line, "```"):
			switch block {
			case "lua ":
				current = documented{title: title, text: b.String()}
			case "lua5.4 ":
				current.real = b.String()
			case "skyrun ":
				current.ours = b.String()
				all = append(all, current)
			}
			block = ""
		case block != "":
			b.WriteString(line)
		}
	}
	return all
}

// TestDifferences holds docs/LUA.md to what it says of both: each listed difference is one,
// and is as it is shown.
func TestDifferences(t *testing.T) {
	page, err := os.ReadFile("../../docs/LUA.md")
	if err != nil {
		t.Fatal(err)
	}
	all := readDifferences(strings.ReplaceAll(string(page), "\r\n", "\n"))
	if len(all) < 10 {
		t.Fatalf("only %d differences read", len(all))
	}
	ours := Skyrun{Limits: generous(t)}
	if *update {
		text := fill(t, string(page), needReal(t), ours)
		if err := os.WriteFile("../../docs/LUA.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		all = readDifferences(text)
	}
	for _, d := range all {
		if d.real == d.ours {
			t.Errorf("%s: no difference is shown", d.title)
		}
		got, err := ours.Run(&Program{Name: d.title, Text: d.text})
		if err != nil {
			t.Errorf("%s: %v", d.title, err)
		} else if got.String() != d.ours {
			t.Errorf("%s: the page says of skyrun\n%s\nit prints\n%s", d.title, d.ours, got)
		}
	}
	real := needReal(t)
	for _, d := range all {
		got, err := real.Run(&Program{Name: d.title, Text: d.text})
		if err != nil {
			t.Errorf("%s: %v", d.title, err)
		} else if got.String() != d.real {
			t.Errorf("%s: the page says of lua5.4\n%s\nit prints\n%s", d.title, d.real, got)
		}
	}
}

// fill returns the page with what both really print.
func fill(t *testing.T, page string, real *Real, ours Skyrun) string {
	t.Helper()
	var b, text strings.Builder
	block := ""
	for line := range strings.Lines(page) {
		switch {
		case block == "" && strings.HasPrefix(line, "```"):
			block = strings.TrimSpace(line[3:]) + " "
			b.WriteString(line)
			if block == "lua " {
				text.Reset()
			}
		case strings.HasPrefix(line, "```"):
			var result Result
			var err error
			switch block {
			case "lua5.4 ":
				result, err = real.Run(&Program{Text: text.String()})
			case "skyrun ":
				result, err = ours.Run(&Program{Text: text.String()})
			}
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(result.String() + line)
			block = ""
		case block == "lua5.4 " || block == "skyrun ":
		default:
			if block == "lua " {
				text.WriteString(line)
			}
			b.WriteString(line)
		}
	}
	return b.String()
}
