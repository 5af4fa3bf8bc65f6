package modelfile

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/skylint/skylint/models"
)

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/MODELS.md")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func TestTheExampleOfThePageIsRead(t *testing.T) {
	_, rest, found := strings.Cut(page(t), "```toml\n")
	example, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/MODELS.md has no example")
	}
	f, err := Read("docs/MODELS.md", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Combine(models.Builtin(), f)
	if err != nil {
		t.Fatal(err)
	}
	if e := c.Lookup("mylib.audit.append"); e == nil || !e.Yields() {
		t.Errorf("mylib.audit.append is %+v", e)
	}
	if c.Lookup("skynet.set_trace_tag") == nil || c.Lookup("skynet.call") == nil {
		t.Error("the example does not add to skynet")
	}
}

func TestThePageExplainsEveryKey(t *testing.T) {
	page := page(t)
	for _, schema := range []any{module{}, container{}, service{}} {
		for _, key := range keysOf(reflect.TypeOf(schema)) {
			if !strings.Contains(page, "\n| `"+key+"` |") {
				t.Errorf("docs/MODELS.md does not explain the key %s", key)
			}
		}
	}
	for _, key := range keysOf(reflect.TypeFor[document]()) {
		if !strings.Contains(page, "\n| `"+key+"` |") && !strings.Contains(page, "\n| `["+key+".") {
			t.Errorf("docs/MODELS.md does not explain the key %s", key)
		}
	}
}

func TestThePageExplainsEveryValue(t *testing.T) {
	page := page(t)
	explain := func(what string, name func(i uint8) string) {
		n := 0
		for i := range uint8(64) {
			s := name(i)
			if strings.HasPrefix(s, "?") {
				continue
			}
			if s != "" {
				n++
				if !strings.Contains(page, "`"+s+"`") {
					t.Errorf("docs/MODELS.md does not explain the %s %s", what, s)
				}
			}
		}
		if n < 3 {
			t.Errorf("%d values of a %s were looked at", n, what)
		}
	}
	explain("kind", func(i uint8) string { return models.Kind(i).String() })
	explain("role", func(i uint8) string { return models.Role(i).String() })
	explain("way of a callback", func(i uint8) string { return models.Callback(i).String() })
	explain("wait", func(i uint8) string { return models.Wait(i).String() })
	explain("reply", func(i uint8) string { return models.Reply(i).String() })
	explain("source", func(i uint8) string { return models.Source(i).String() })
	explain("environment", func(i uint8) string { return models.EnvironmentKind(i).String() })
	explain("capability", func(i uint8) string {
		if i >= 32 {
			return "?"
		}
		return models.CapabilitySet(1 << i).String()
	})
	explain("thing to spawn", func(i uint8) string {
		if i >= 8 {
			return "?"
		}
		return models.SpawnSet(1 << i).String()
	})
}
