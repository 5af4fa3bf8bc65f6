package lint_test

import (
	"context"
	"strings"
	"testing"

	"github.com/skylint/skylint/analyzers/registry"
	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/lint"
	"github.com/skylint/skylint/project"
	"github.com/skylint/skylint/rules"
)

// Each option is described on the page of its rule.
func TestOptionsAreDocumented(t *testing.T) {
	some := false
	for _, rule := range rules.All() {
		options := registry.Options(rule)
		if options == nil {
			continue
		}
		some = true
		page, err := rules.Page(rule)
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(page.Markdown(), "## Options")
		for _, key := range document.Keys(options) {
			if !strings.Contains(text, "`"+key+"`") {
				t.Errorf("%s: the option %q is not on its page", page.File.Path, key)
			}
		}
	}
	if !some {
		t.Error("no rule has options")
	}
}

// A configuration that was read without knowing the options of rules is refused when they are
// wrong: nothing is dropped in silence.
func TestWrongOptionsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"[rules.shared-table-write]\nallow = ['string.trim']\n": "",
		"[rules.shared-table-write]\nalow = ['string.trim']\n":  `sky.toml:2:1: unknown key "rules.shared-table-write.alow" (did you mean "allow"?)`,
		"[rules.native-code]\nallow = ['string.trim']\n":        `sky.toml:2:1: unknown key "rules.native-code.allow"`,
	} {
		c, err := config.Parse("sky.toml", []byte(text), config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = lint.Run(context.Background(), lint.Options{Project: project.Options{Paths: []string{t.TempDir()}, Config: c}})
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s%v, want %q", text, err, want)
		}
	}
}
