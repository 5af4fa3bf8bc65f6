package running_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/document"
	"github.com/skylint/skylint/config/running"
	"github.com/skylint/skylint/config/unit"
	"github.com/skylint/skylint/rules"
)

func parse(t *testing.T, text string) (*config.Config, []string) {
	t.Helper()
	cfg, err := config.Parse("sky.toml", []byte(text), config.Options{Sections: running.Sections()})
	var failed *document.Error
	var problems []string
	if errors.As(err, &failed) {
		for _, p := range failed.Problems {
			line := strings.Count(cfg.File.Text[:p.Start], "\n") + 1
			problems = append(problems, strings.Join(append([]string{string(rune('0'+line)) + ": " + p.Message}, p.Help...), " | "))
		}
	}
	return cfg, problems
}

func TestSections(t *testing.T) {
	cfg, problems := parse(t, `
[limits]
memory = "1GiB"
instructions = 1e9
time = "none"
[actor]
mailbox = 100
policy = "reject"
call-timeout = "5s"
[actor.db]
critical = true
policy = "drop-oldest"
[actor."chat/room".limits]
memory = 4096
[run]
grace = "1m"
log = "json"
[node.gate.actor]
mailbox = 7
[node.gate.limits]
depth = 100
`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	limits := running.LimitsSection.Of(cfg)
	if limits.Memory != 1<<30 || limits.Instructions != 1e9 || limits.Time != 0 || limits.Nesting != 190 {
		t.Errorf("limits: %+v", limits)
	}
	actors := running.ActorSection.Of(cfg)
	if actors.Mailbox != 100 || actors.Policy != running.Reject || actors.CallTimeout != unit.Span(5*time.Second) || actors.Hops != 200 {
		t.Errorf("actor: %+v", actors.Actor)
	}
	named := actors.Named(limits)
	db, room := named["db"], named["chat/room"]
	if len(named) != 2 || !db.Critical || db.Policy != running.DropOldest || db.Mailbox != 100 || db.HasLimits() {
		t.Errorf("db: %+v", db)
	}
	if !room.HasLimits() || room.Limits.Memory != 4096 || room.Limits.Instructions != 1e9 || room.Policy != running.Reject {
		t.Errorf("room: %+v", room)
	}
	if run := running.RunSection.Of(cfg); run.Grace != unit.Span(time.Minute) || run.Log != running.JSON {
		t.Errorf("run: %+v", run)
	}
	gate := running.ActorSection.ForNode(cfg, "gate")
	if gate.Mailbox != 7 || gate.Policy != running.Reject || gate.Named(limits)["db"].Mailbox != 7 {
		t.Errorf("gate: %+v", gate.Actor)
	}
	if l := running.LimitsSection.ForNode(cfg, "gate"); l.Depth != 100 || l.Memory != 1<<30 {
		t.Errorf("limits of gate: %+v", l)
	}
}

func TestProblems(t *testing.T) {
	_, problems := parse(t, `[limits]
memroy = 1
memory = "much"
time = 5
[actor]
mailbocks = 1
policy = "rejekt"
[actor.db]
mailbox = -1
call-timout = "1s"
`)
	want := []string{
		`2: unknown key "limits.memroy" | did you mean "memory"?`,
		`3: limits.memory: "much" is no size: write it as 64MiB, 512KiB or a number of bytes`,
		`4: "limits.time" must be a time such as "5s", or "none", not the number 5`,
		`6: unknown key "actor.mailbocks" | did you mean "mailbox"?`,
		`7: unknown value "rejekt" for "actor.policy" | did you mean "reject"? | one of block, reject, drop-oldest`,
		`9: "actor.db.mailbox" must be a number, or "none", not the number -1`,
		`: unknown key "actor.db.call-timout" | did you mean "call-timeout"?`,
	}
	if len(problems) != len(want) {
		t.Fatalf("%d problems:\n%s", len(problems), strings.Join(problems, "\n"))
	}
	for i := range want {
		if !strings.HasSuffix(problems[i], want[i]) {
			t.Errorf("got %s\nwant %s", problems[i], want[i])
		}
	}
}

// TestDocumented makes sure that docs/RUN.md has every key with its default.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "RUN.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for prefix, section := range map[string]any{"limits": running.DefaultLimits(), "actor": running.DefaultActors().Actor, "socket": running.DefaultSocket(), "run": running.DefaultRun(), "cluster": running.DefaultCluster()} {
		v := reflect.ValueOf(section)
		for i := range v.NumField() {
			key := v.Type().Field(i).Tag.Get("toml")
			p := reflect.New(v.Field(i).Type())
			p.Elem().Set(v.Field(i))
			want := ""
			switch d := p.Interface().(type) {
			case document.Choice:
				want = d.Choices()[v.Field(i).Uint()]
			case interface{ Default() any }:
				want = fmt.Sprint(d.Default())
			default:
				want = fmt.Sprint(v.Field(i).Interface())
			}
			row := fmt.Sprintf("| `%s.%s` | `%s` | %s |", prefix, key, want, v.Type().Field(i).Tag.Get("doc"))
			if !strings.Contains(string(page), row) {
				t.Errorf("docs/RUN.md has not the row\n%s", row)
			}
			rows++
		}
	}
	if have := strings.Count(string(page), "| `limits.") + strings.Count(string(page), "| `actor.") + strings.Count(string(page), "| `socket.") + strings.Count(string(page), "| `run.") + strings.Count(string(page), "| `cluster."); have != rows {
		t.Errorf("docs/RUN.md has %d rows of keys, want %d", have, rows)
	}
}

func TestGuards(t *testing.T) {
	cfg, problems := parse(t, `
[guards]
global-write = "off"
isolation = "warn"
all = "enforce"
SKY203 = "Warn"
[node.gate.guards]
all = "off"
missing-reply = "enforce"
`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	top, gate := running.GuardsSection.Of(cfg), running.GuardsSection.ForNode(cfg, "gate")
	for _, c := range []struct {
		rule      *rules.Rule
		top, gate running.GuardMode
	}{
		{rules.GlobalWrite, running.Off, running.Off}, {rules.EnvironmentWrite, running.Warn, running.Warn},
		{rules.MissingReply, running.Warn, running.Enforce}, {rules.QueueDeadlock, running.Enforce, running.Off},
	} {
		a, _ := top.Mode(c.rule)
		b, set := gate.Mode(c.rule)
		if a != c.top || b != c.gate || !set {
			t.Errorf("%s: %v %v %v", c.rule.Name, a, b, set)
		}
	}
	var none running.Guards
	if _, set := none.Mode(rules.GlobalWrite); set {
		t.Error("a mode that nobody has set")
	}
	_, problems = parse(t, "[guards]\nglobal-wite = \"warn\"\nignored-error = \"warn\"\nmissing-reply = \"wran\"\ncall-cycle = 1\nsuppressions = \"off\"\n")
	for i, want := range []string{`did you mean "global-write"`, "no guard for ignored-error: the runtime logs", `did you mean "warn"`, "one of enforce, warn, off", "no guard for suppressions"} {
		if i >= len(problems) || !strings.Contains(problems[i], want) {
			t.Errorf("no %q in %q", want, problems)
		}
	}
}
