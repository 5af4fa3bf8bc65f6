package sarif_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/sarif"
	"github.com/skylint/skylint/sarif/sariftest"
	"github.com/skylint/skylint/source"
)

// Texts that have broken somebody's report.
var hostileTexts = []string{
	"", " ", "\n", "\r\n", "\n\r", "\r", "\x00", "\xFF", "\xFE\xFF\x00a", "\xEF\xBB\xBF", "x",
	"x = 1", "x = 1\n", "x = 1\r\n", "x = 1\n\r", "x\ry\n\rz\r\n", "\r\r\n\n", "a\n\n\nb",
	"\xE4\xBD\xA0\xE5\xA5\xBD = 1\n", "-- \xF0\x9F\x98\x80 x\n", "-- \xC4\xE3\xBA\xC3\n", "-- \xE4\xBD\n\xED\xA0\x80\n",
	"\x00\x01\x02\x1B[31m\x7F\n\u2028\u2029\u202E", "</script><!-- -->]]>\n", "[a](1) ](2) \\[ \\", "{0} {{1}} %s %d\n",
	strings.Repeat("x", 5000), strings.Repeat("x = 1\n", 300), strings.Repeat("y", 5000) + "\n" + strings.Repeat("z", 5000) + "\n",
	"'; DROP TABLE; --", "\"\\\"\\\\\"", "null", "`", "``", "` `", "*_~<>#|&",
}

// Every text in every place, and every place in every text: the report is valid.
func TestHostileContent(t *testing.T) {
	for i, text := range hostileTexts {
		f := source.New(fmt.Sprintf("f%d.lua", i), text)
		report := &rules.Report{}
		for _, start := range []uint32{0, 1, 2, 3, uint32(len(text) / 2), uint32(len(text)) - 1, uint32(len(text)), uint32(len(text)) + 1, math.MaxUint32} {
			for _, length := range []uint32{0, 1, 2, 7, uint32(len(text)), math.MaxUint32 - start} {
				l := rules.Location{File: f, Span: source.Span{Start: start, End: start + length}}
				report.Diagnostics = append(report.Diagnostics, rules.Diagnostic{
					Rule: plainRule, Severity: rules.Severity(len(report.Diagnostics) % 5), Location: l, Message: text, Key: text,
					Help: []string{text, ""}, Services: []string{text}, Label: text,
					Related:    []rules.Related{{Location: l, Message: text}, {Location: l}, {}},
					Path:       []rules.Step{{Location: l, Message: text}, {}},
					Suppressed: &rules.Suppression{Span: l.Span, Reason: text},
					Fixes: []rules.Fix{
						{}, {Title: text, Edits: []rules.Edit{{Location: l, NewText: text}}},
						{Title: text, Edits: []rules.Edit{{Location: l, NewText: text}}}, {Edits: []rules.Edit{{}, {Location: l}}},
					},
				})
				report.Problems = append(report.Problems, rules.Problem{
					Path: text, Location: l, Message: text, Help: []string{text}, Related: []rules.Related{{Location: l, Message: text}, {}},
				}, rules.Problem{Path: text, Message: text})
			}
		}
		if t.Failed() {
			return
		}
		marshal(t, report, options)
	}
}

func TestHostileRules(t *testing.T) {
	f := source.New("a.lua", "x = 1\n")
	report := &rules.Report{}
	for i, text := range hostileTexts {
		r := &rules.Rule{
			ID: fmt.Sprintf("SKY%03d", i), Name: "hostile", Title: text, Family: text, CWE: []string{"CWE-79"},
			SecuritySeverity: float64(i), Summary: text,
		}
		report.Diagnostics = append(report.Diagnostics, rules.Diagnostic{Rule: r, Location: at(t, f, "x")})
	}
	marshal(t, report, options)
}

func TestPaths(t *testing.T) {
	report := &rules.Report{}
	paths := map[string]string{
		"service/gate.lua":        "service/gate.lua",
		"./a.lua":                 "a.lua",
		".//./b.lua":              "b.lua",
		"服务.lua":                  "%E6%9C%8D%E5%8A%A1.lua",
		"with space.lua":          "with%20space.lua",
		"100%.lua":                "100%25.lua",
		"a%20b.lua":               "a%2520b.lua",
		"a#b?c.lua":               "a%23b%3Fc.lua",
		"c:d.lua":                 "c%3Ad.lua",
		"http://x/y.lua":          "http%3A//x/y.lua",
		"back\\slash.lua":         "back%5Cslash.lua",
		"<stdin>":                 "%3Cstdin%3E",
		"":                        "stdin",
		"\xFF\x00.lua":            "%FF%00.lua",
		"../beside.lua":           "../beside.lua",
		"/root/of/it.lua":         "file:///root/of/it.lua",
		"C:/Users/some one/a.lua": "file:///C:/Users/some%20one/a.lua",
		"~-._/~-._.lua":           "~-._/~-._.lua",
	}
	for path := range paths {
		report.Diagnostics = append(report.Diagnostics, rules.Diagnostic{
			Rule: plainRule, Severity: rules.Note, Message: "x", Location: rules.Location{File: source.New(path, "x = 1")},
		})
	}
	run := only(t, marshal(t, report, sarif.Options{}))
	for i, d := range report.Diagnostics {
		l := dig(t, run, "results", i, "locations", 0, "physicalLocation", "artifactLocation").(map[string]any)
		if l["uri"] != paths[d.File.Path] {
			t.Errorf("%q: %q, want %q", d.File.Path, l["uri"], paths[d.File.Path])
		}
		if base := l["uriBaseId"]; (base == "%SRCROOT%") == strings.HasPrefix(paths[d.File.Path], "file:") {
			t.Errorf("%q: the base is %v", d.File.Path, base)
		}
	}
}

// Two files of one path, as a virtual name on standard input makes them, are one artifact.
func TestOneArtifactForAPath(t *testing.T) {
	report := &rules.Report{
		Diagnostics: []rules.Diagnostic{
			{Rule: plainRule, Severity: rules.Note, Message: "x", Location: rules.Location{File: source.New("a.lua", "x")}},
			{Rule: plainRule, Severity: rules.Note, Message: "x", Location: rules.Location{File: source.New("./a.lua", "x")}},
		},
		Problems: []rules.Problem{{Path: "a.lua", Message: "x"}, {Path: "b.lua", Message: "x"}},
	}
	run := only(t, marshal(t, report, sarif.Options{}))
	equal(t, run["artifacts"], `[{"length":1,"location":{"uri":"a.lua","uriBaseId":"%SRCROOT%"},"roles":["analysisTarget"],"sourceLanguage":"lua"},{"location":{"uri":"b.lua","uriBaseId":"%SRCROOT%"},"sourceLanguage":"lua"}]`)
}

// Text of a fix is not made presentable: it is what will stand in the file.
func TestFixesAreExact(t *testing.T) {
	f := source.New("a.lua", "x = 1\n")
	for _, text := range []string{"plain", "\t\u2028\x01\"\\", "\x00", "caf\xE9"} {
		report := &rules.Report{Diagnostics: []rules.Diagnostic{{
			Rule: plainRule, Severity: rules.Note, Message: "x", Location: at(t, f, "x"),
			Fixes: []rules.Fix{{Title: "t", Edits: []rules.Edit{{Location: at(t, f, "x"), NewText: text}}}},
		}}}
		content := dig(t, only(t, marshal(t, report, sarif.Options{})), "results", 0, "fixes", 0, "artifactChanges", 0, "replacements", 0, "insertedContent").(map[string]any)
		got, _ := content["text"].(string)
		if binary, ok := content["binary"].(string); ok {
			bytes, err := base64.StdEncoding.DecodeString(binary)
			if err != nil {
				t.Fatal(err)
			}
			got = string(bytes)
		}
		if got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// thousands is a report of many findings in a few large files, one of them a single line.
func thousands() *rules.Report {
	report := &rules.Report{}
	for i := range 5 {
		text := strings.Repeat("local function f(a) G = a return a end\n", 2000)
		if i == 4 {
			text = strings.ReplaceAll(text, "\n", " ")
		}
		f := source.New(fmt.Sprintf("f%d.lua", i), text)
		for j := range 1000 {
			start := uint32(j*78 + 20)
			report.Diagnostics = append(report.Diagnostics, rules.Diagnostic{
				Rule: plainRule, Severity: rules.Warning, Location: rules.Location{File: f, Span: source.Span{Start: start, End: start + 1}},
				Message: "write to the undeclared global `G`", Help: []string{"declare it"},
			})
		}
	}
	return report
}

func TestThousandsOfResults(t *testing.T) {
	run := only(t, marshal(t, thousands(), options))
	if n := len(list(t, run, "results")); n != 5000 {
		t.Errorf("%d results", n)
	}
	equal(t, dig(t, run, "results", 4999, "locations", 0, "physicalLocation", "region", "startColumn"), fmt.Sprint(999*78+21))
}

// The checks of the tests find what is wrong: each of these reports has one fault.
func TestChecksFindFaults(t *testing.T) {
	good := string(marshal(t, everything(t), options))
	replace := func(old, new string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in the report", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, report := range map[string]string{
		"not JSON":                   good[:len(good)/2],
		"a null":                     replace(`"language": "en"`, `"language": null`),
		"a null among properties":    replace(`"baselined": 2`, `"baselined": null`),
		"no URI":                     replace(`"informationUri": "https://git`, `"informationUri": "::/ %`),
		"unknown member":             replace(`"language": "en"`, `"languages": "en"`),
		"another rule":               replace(`"ruleIndex": 1`, `"ruleIndex": 0`),
		"no rule":                    replace(`"ruleIndex": 1`, `"ruleIndex": 77`),
		"index of 2^64-1":            replace(`"ruleIndex": 1`, `"ruleIndex": 18446744073709551615`),
		"a region of two lines":      replace(`"endLine": 4`, `"endLine": 5`),
		"columns the wrong way":      replace(`"startColumn": 41`, `"startColumn": 99`),
		"another artifact":           replace(`"index": 1`, `"index": 0`),
		"a path of the machine":      replace(`"uri": "service/gate.lua"`, `"uri": "/service/gate.lua"`),
		"a fragment":                 replace(`ad%23m`, `ad#m`),
		"suppressions for some only": replace(`"suppressions": []`, `"fixes": []`),
		"no help":                    replace(`"help": {`, `"x": {`),
		"another weakness":           replace(`"id": "CWE-94"`, `"id": "CWE-95"`),
		"NUL":                        replace(`"own-0"`, `"\u0000"`),
	} {
		if errs := sariftest.Check([]byte(report)); len(errs) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
	var any json.RawMessage
	if err := json.Unmarshal([]byte(good), &any); err != nil {
		t.Fatal(err)
	}
}

// Lua ends lines where SARIF does not by itself.
func TestNewlineSequences(t *testing.T) {
	for text, want := range map[string]string{
		"x = 1\r\ny = 1\n":     `null`,
		"x = 1\ry = 1\n":       `["\r\n","\n\r","\n","\r"]`,
		"x = 1\n\ry = 1\n\r\n": `["\r\n","\n\r","\n","\r"]`,
	} {
		f := source.New("a.lua", text)
		run := only(t, marshal(t, &rules.Report{Diagnostics: []rules.Diagnostic{
			{Rule: plainRule, Severity: rules.Note, Message: "x", Location: at(t, f, "y")},
		}}, sarif.Options{}))
		equal(t, run["newlineSequences"], want)
		equal(t, dig(t, run, "results", 0, "locations", 0, "physicalLocation", "region", "startLine"), `2`)
	}
}

func FuzzReport(f *testing.F) {
	for _, text := range hostileTexts {
		f.Add(text, "a.lua", uint32(0), uint32(len(text)))
		f.Add("x = 1\n", text, uint32(1), uint32(3))
	}
	f.Fuzz(func(t *testing.T, text, path string, start, end uint32) {
		l := rules.Location{File: source.New(path, text), Span: source.Span{Start: start, End: end}}
		marshal(t, &rules.Report{
			Diagnostics: []rules.Diagnostic{{
				Rule: plainRule, Severity: rules.Note, Location: l, Message: text, Help: []string{path}, Label: text, Fingerprint: path,
				Related: []rules.Related{{Location: l, Message: text}}, Path: []rules.Step{{Location: l, Message: path}},
				Fixes: []rules.Fix{{Title: text, Edits: []rules.Edit{{Location: l, NewText: path}}}},
			}},
			Problems: []rules.Problem{{Path: path, Location: l, Message: text}},
		}, options)
	})
}
