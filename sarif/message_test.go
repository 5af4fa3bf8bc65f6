package sarif

import (
	"strings"
	"testing"
	"unicode/utf16"
)

func TestLiteral(t *testing.T) {
	for _, v := range []struct {
		text   string
		linked bool
		want   string
	}{
		{"write to `GATE`", false, "write to `GATE`"},
		{"t[1] and a[i]", false, "t[1] and a[i]"},
		{"t[1] and a[i]", true, "t[1] and a[i]"},
		{"t[1](2)", false, `t\[1\](2)`},
		{`"\[" .. t[1](2)`, false, `"\\\[" .. t\[1\](2)`},
		{"no ] here", false, "no ] here"},
		{"no [ here", true, `no \[ here`},
		{"{0} {}", false, "{0} {}"},
		{"a\xFF\x00b\x1B[0m\x7F\tc", false, "a\uFFFD␀b␛[0m␡\tc"},
	} {
		if got := literal(v.text, v.linked); got != v.want {
			t.Errorf("%q: %q, want %q", v.text, got, v.want)
		}
	}
}

func TestAsMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"write to `GATE_A`, *now*": "write to `GATE_A`, \\*now\\*",
		"a_b <c> [d](e) #1 & x|y~": `a\_b \<c\> \[d\](e) \#1 \& x\|y\~`,
		"`t[1](2)`":                "`t[1](2)`",
		"a lone ` [x](1)":          "a lone \\` \\[x\\](1)",
		"- no list":                `\- no list`,
		`\d`:                       `\\d`,
	} {
		if got := asMarkdown(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRichMessage(t *testing.T) {
	m := richMessage("write to `GATE`", []string{"say local", "or do not."}, []link{{"it is read here", 1}, {"and `t[1]` here", 3}})
	if want := "write to `GATE`.\nHelp: say local.\nHelp: or do not.\nSee [it is read here](1), [and `t\\[1\\]` here](3)."; *m.Text != want {
		t.Errorf("text %q, want %q", *m.Text, want)
	}
	if want := "write to `GATE`.\n\n**Help:** say local.\n\n**Help:** or do not.\n\nSee [it is read here](1), [and 't\\[1\\]' here](3)."; *m.Markdown != want {
		t.Errorf("Markdown %q, want %q", *m.Markdown, want)
	}
}

func TestSentence(t *testing.T) {
	for text, want := range map[string]string{"": "", "a": "a.", "a.": "a.", "a?": "a?", "as in:": "as in:", "a \n": "a.", "  ": ""} {
		if got := sentence(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Cleaning keeps columns: what is replaced has as many code units as before.
func TestCleanKeepsColumns(t *testing.T) {
	text := "a\x00\x1F\x7F\xFF\xE4\xBD😀你"
	if got, want := len(utf16.Encode([]rune(clean(text)))), utf16Length(text); got != want {
		t.Errorf("%d code units, want %d", got, want)
	}
}

func TestTidy(t *testing.T) {
	for compact, want := range map[string]string{
		`{}`:                          "{}\n",
		`null`:                        "null\n",
		`{"a":null}`:                  "{}\n",
		`{"a":null,"b":1,"c":null}`:   "{\n  \"b\": 1\n}\n",
		`{"a":1,"b":null,"c":[null]}`: "{\n  \"a\": 1,\n  \"c\": []\n}\n",
		`[null,1,null,2,null]`:        "[\n  1,\n  2\n]\n",
		`{"null":"null","a":{"b":[true,false,-1.5e3]}}`: "{\n  \"null\": \"null\",\n  \"a\": {\n    \"b\": [\n      true,\n      false,\n      -1.5e3\n    ]\n  }\n}\n",
		`{"a\"b\\":"\\\"}],\\","c":""}`:                 "{\n  \"a\\\"b\\\\\": \"\\\\\\\"}],\\\\\",\n  \"c\": \"\"\n}\n",
	} {
		if got := string(tidy([]byte(compact + "\n"))); got != want {
			t.Errorf("%s becomes\n%s\nwant\n%s", compact, got, want)
		}
	}
}

func TestCWETitles(t *testing.T) {
	for cwe, want := range map[string]string{
		"CWE-20":    "Improper Input Validation",
		"cwe-476":   "NULL Pointer Dereference",
		"CWE-1333":  "Inefficient Regular Expression Complexity",
		"CWE-2":     "",
		"CWE-99999": "",
		"CWE-":      "",
		"":          "",
	} {
		if got := cweTitle(cwe); got != want {
			t.Errorf("%s: %q, want %q", cwe, got, want)
		}
	}
	n := 0
	for line := range strings.Lines(cweTitles) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		n++
		number, title, _ := strings.Cut(strings.TrimSpace(line), " ")
		if cweTitle("CWE-"+number) != title || strings.Count(cweTitles, "\n"+number+" ") != 1 {
			t.Errorf("bad entry %q", line)
		}
	}
	if n < 900 || !strings.Contains(cweTitles, "version "+cweVersion+",") {
		t.Errorf("%d titles of version %s", n, cweVersion)
	}
}
