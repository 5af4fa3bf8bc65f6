package runtime_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/rules/page"
	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/setup"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// TestPages runs those examples of rule pages that have a drive block, or take that of the bad example with the
// same files: what is marked trips, and nothing else, of any rule. Each page of a rule with a guard has one that
// makes the guard trip.
func TestPages(t *testing.T) {
	for _, rule := range rules.All() {
		t.Run(rule.Name, func(t *testing.T) {
			p, err := rules.Page(rule)
			if err != nil {
				t.Fatal(err)
			}
			driven := map[string][]page.Block{} // the drive blocks of bad examples, by the names of their files
			tripped := false
			for i := range p.Bad.Examples {
				e := &p.Bad.Examples[i]
				if len(e.Drive) == 0 {
					for _, b := range e.Files {
						if len(b.Trips) > 0 {
							t.Errorf("%s:%d: -- trips stands in an example that no drive block runs", p.File.Path, b.Line)
						}
					}
					continue
				}
				driven[filesOf(e)] = e.Drive
				for _, b := range e.Files {
					for _, x := range b.Trips {
						tripped = tripped || x.Rule == "" || rules.Lookup(x.Rule) == rule
					}
				}
				drive(t, p, rule, e, e.Drive)
			}
			if tripped != guard.Guarded(rule) {
				t.Errorf("the rule has a guard: %v; an example makes it trip: %v", guard.Guarded(rule), tripped)
			}
			for i := range p.Good.Examples {
				e := &p.Good.Examples[i]
				blocks := e.Drive
				if len(blocks) == 0 {
					blocks = driven[filesOf(e)]
				}
				if len(blocks) > 0 {
					drive(t, p, rule, e, blocks)
				}
			}
		})
	}
}

func filesOf(e *page.Example) string {
	var names []string
	for _, b := range e.Files {
		names = append(names, b.File)
	}
	return strings.Join(names, " ")
}

// driver is what stands before a drive block. A service is started when it is first spoken to. What call
// returns is what pcall does: drive blocks go on after errors.
const driver = `local skynet = require "skynet"
local started = {}
local function launch(name, ...) local ok, address = pcall(skynet.newservice, name, ...) started[name] = ok and address or nil return ok, address end
local function to(name) if not started[name] and name:sub(1, 1) ~= "." then launch(name) end return started[name] or name end
local function call(name, ...) return pcall(skynet.call, to(name), "lua", ...) end
local function send(name, ...) return pcall(skynet.send, to(name), "lua", ...) end
skynet.dispatch("lua", function(session) if session ~= 0 then skynet.retpack(1) end end)
skynet.start(function() skynet.fork(function() `

// drive runs an example, and compares what trips with what is marked.
func drive(t *testing.T, p *page.Page, rule *rules.Rule, e *page.Example, blocks []page.Block) {
	t.Helper()
	root := t.TempDir()
	files := map[string]*page.Block{}
	for i := range e.Files {
		b := &e.Files[i]
		files[b.File] = b
		name := filepath.Join(root, filepath.FromSlash(b.File))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(b.Text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range blocks {
		got, log := runDriven(t, root, b.Text)
		for _, fault := range compareTrips(p, rule, e, got) {
			t.Errorf("%s\n%s", fault, log)
		}
	}
}

// runDriven runs the services below root by a drive block, for longer than a call may take.
func runDriven(t *testing.T, root, text string) (trips []guard.Trip, log string) {
	t.Helper()
	var mutex sync.Mutex
	var b strings.Builder
	say := func(format string, args ...any) {
		mutex.Lock()
		defer mutex.Unlock()
		fmt.Fprintf(&b, format, args...)
	}
	synctest.Test(t, func(t *testing.T) {
		guards := guard.New(guard.Options{})
		n, err := runtime.New(runtime.Options{
			Setup: &setup.Node{Dir: root, LuaService: []string{"./service/?.lua"}, LuaPath: "./lualib/?.lua"},
			Find: func(name string) (*source.File, bool) {
				return source.New("skyrun/drive.lua", driver+text+"\nend) end)"), name == "drive"
			},
			Dialect: syntax.DefaultDialect, Slots: 1, Guards: guards,
			Out:    writerFunc(func(p []byte) { say("%s", p) }),
			Log:    func(_ actor.Handle, text string) { say("log %s\n", text) },
			Report: func(e actor.Event) { say("%s %s: %s\n", e.Kind, e.Name, e.Message) },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if _, err := n.Spawn(nil, "drive", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Second)
		synctest.Wait()
		trips = guards.First()
	})
	return trips, b.String()
}

// compareTrips holds trips against the markers, both ways.
func compareTrips(p *page.Page, rule *rules.Rule, e *page.Example, trips []guard.Trip) (faults []string) {
	type key struct {
		file string
		line int
		rule *rules.Rule
	}
	left := map[key]guard.Trip{}
	for _, trip := range trips {
		if trip.Path() == "skyrun/drive.lua" {
			continue
		}
		left[key{trip.Path(), trip.Line, trip.Rule}] = trip
	}
	for _, b := range e.Files {
		for _, x := range b.Trips {
			of := rule
			if x.Rule != "" {
				of = rules.Lookup(x.Rule)
			}
			at := key{b.File, x.Line, of}
			if trip, ok := left[at]; !ok || !strings.Contains(trip.Message, x.Text) {
				faults = append(faults, fmt.Sprintf("%s:%d: %s does not trip here: %q", p.File.Path, b.Line+x.Line-1, of.Name, trip.Message))
			}
			delete(left, at)
		}
	}
	keys := slices.SortedFunc(maps.Keys(left), func(x, y key) int {
		return strings.Compare(fmt.Sprint(x.file, x.line, x.rule.ID), fmt.Sprint(y.file, y.line, y.rule.ID))
	})
	for _, k := range keys {
		faults = append(faults, fmt.Sprintf("%s: %s trips at %s:%d, which is not marked: %s", p.File.Path, k.rule.Name, k.file, k.line, left[k].Message))
	}
	return faults
}
