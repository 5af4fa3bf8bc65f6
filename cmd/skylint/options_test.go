package main

import (
	"strings"
	"testing"
)

func TestRuleOptions(t *testing.T) {
	inProject(t, map[string]string{
		"sky.toml": "",
		"main.lua": "local skynet = require 'skynet'\nskynet.start(function() os.exit(1) end)\n",
		"lib.lua":  "function string.trim(s) return s end\nfunction table.copy(t) return t end\nfunction table.clone(t) return t end\n",
	})
	for _, c := range []struct {
		config string
		code   int
		err    string
		found  []string
	}{
		{"", exitClean, "", []string{"'trim'", "'copy'"}},
		{"[rules.shared-table-write]\nallow = ['string.trim']\n", exitClean, "", []string{"'copy'"}},
		{"[rules.shared-table-write]\nallow = ['string.trim', 'table.copy']\nseverity = 'error'\n", exitFindings, "", []string{"error[SKY103 shared-table-write]: the field 'clone'"}},
		{"[rules]\nSKY103 = { allow = ['string.*', 'table.*'] }\n", exitClean, "", []string{}},
		{"[rules.forbidden-api]\nallow = ['os.exit']\nseverity = 'error'\n", exitClean, "", nil},
		{"[rules]\nforbidden-api = 'error'\n", exitFindings, "", nil},
		{"[rules.shared-table-write]\nalow = ['string.trim']\n", exitUsage, "error: sky.toml:2:1: unknown key \"rules.shared-table-write.alow\"\nhelp: did you mean \"allow\"?\n", nil},
		{"[rules.shared-table-write]\nallow = 'string.trim'\n", exitUsage, "error: sky.toml:2:9: ", nil},
		{"[rules.shared-table-write]\nallow = ['trim']\n", exitUsage, "error: sky.toml:2:10: \"trim\" in \"rules.shared-table-write.allow\" is not a field of a table\n", nil},
		{"[rules.global-write]\nallow = ['x']\n", exitUsage, "error: sky.toml:2:1: unknown key \"rules.global-write.allow\"\n", nil},
	} {
		write(t, "sky.toml", c.config)
		r := skylint(t, "check")
		r.expect(t, c.code, "", c.err)
		for _, text := range c.found {
			if !strings.Contains(r.out, text) {
				t.Errorf("%q: %s is not in\n%s", c.config, text, r.out)
			}
		}
		if got := strings.Count(r.out, "[SKY103"); c.found != nil && got != len(c.found) {
			t.Errorf("%q: %d findings, want %d", c.config, got, len(c.found))
		}
	}
}
