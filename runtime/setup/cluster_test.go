package setup

import (
	"strings"
	"testing"
)

func TestClusterNames(t *testing.T) {
	dir := tree(t, map[string]string{"etc/names.lua": `
__nowaiting = true
local host = "127.0.0.1"
db = host .. ":2528"
db2 = false
`})
	n := &Node{Dir: dir, Env: map[string]string{"cluster": "./etc/names.lua"}}
	names, err := n.ClusterNames()
	want := []ClusterName{{Key: "__nowaiting", Flag: true}, {Key: "db", Address: "127.0.0.1:2528", Flag: true}, {Key: "db2", Down: true}}
	if err != nil || len(names) != len(want) {
		t.Fatalf("%v, %v", names, err)
	}
	for i, name := range names {
		if name != want[i] {
			t.Errorf("%+v, want %+v", name, want[i])
		}
	}
	for text, want := range map[string]string{
		"\ndb = os.getenv 'DB'": "names.lua:2: db: it cannot be told without running the file",
		"db = 7":                "names.lua:1: db: the address of a node is a string, or false, not a number",
		"db = ":                 "names.lua:1: ",
	} {
		n.Dir = tree(t, map[string]string{"etc/names.lua": text})
		if names, err := n.ClusterNames(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %s", text, names, err, want)
		}
	}
	n.Env["cluster"] = "none"
	if _, err := n.ClusterNames(); err == nil || !strings.Contains(err.Error(), "cannot open none: no such file") {
		t.Errorf("no file: %v", err)
	}
	n.Env = nil
	if names, err := n.ClusterNames(); len(names) != 0 || err != nil {
		t.Errorf("no setting: %v, %v", names, err)
	}
}
