// Package nodetest runs systems of services in tests, in the time of a bubble of testing/synctest.
package nodetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	"github.com/skylint/skylint/runtime/node"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// A System says what a test runs.
type System struct {
	// Files are the services and modules: a txtar archive. The service main is started.
	Files string
	// Modules are native ones.
	Modules []actor.Module
	// Find finds services that Files has not; nil: there are no others.
	Find func(name string) (*source.File, bool)
	// Opened is skynet.Config's.
	Opened func(L *lua.LState, s *skynet.Service)
	// Env are the settings.
	Env map[string]string
	// Time is how much of it passes; 0: a minute.
	Time time.Duration
	// Slots is how many services run at once; 0: one, so that the order is always the same.
	Slots int
	// Limits are those of all services; nil: the usual.
	Limits *actor.Limits
	// Change changes what the node is made with; nil: nothing does.
	Change func(*node.Options)
	// Begin is called before main is started, and End before the system is ended; nil: not.
	Begin, End func(n *node.Node)
	// Report is told what goes wrong, besides Result; nil: it is not.
	Report func(actor.Event)
}

// A Result is what a system has said.
type Result struct {
	// Out is what print has written, Log what skynet.error has.
	Out, Log string
	// Events are what went wrong.
	Events []actor.Event
}

// A Recorder notes what a system says, while it runs.
type Recorder struct {
	mutex  sync.Mutex
	out    bytes.Buffer
	log    []string
	events []actor.Event
}

// Write implements io.Writer, for print.
func (r *Recorder) Write(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.out.Write(p)
}

// Run runs a system and ends it.
func Run(t *testing.T, s System) (result Result) {
	t.Helper()
	if s.Time == 0 {
		s.Time = time.Minute
	}
	synctest.Test(t, func(t *testing.T) {
		n, r := s.Start(t)
		time.Sleep(s.Time)
		synctest.Wait()
		if s.End != nil {
			s.End(n)
		}
		n.Close()
		result = r.Result()
	})
	return result
}

// patience is how long RunReal waits for a system that does not end.
const patience = 20 * time.Second

// RunReal runs a system in real time, until it calls skynet.abort: for what waits for the world
// outside, which a bubble does not let time pass for.
func RunReal(t *testing.T, s System) Result {
	t.Helper()
	n, r := s.Start(t)
	ended := make(chan struct{})
	go func() {
		n.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("the system has not called skynet.abort")
	}
	n.Close()
	return r.Result()
}

// Start starts the service main of a system. Run and RunReal do it by themselves.
func (s *System) Start(t *testing.T) (*node.Node, *Recorder) {
	t.Helper()
	n, r := s.Node(t)
	if s.Begin != nil {
		s.Begin(n)
	}
	if _, err := n.Spawn(nil, "main", nil); err != nil {
		t.Error(err)
	}
	return n, r
}

// Node makes the node of a system, in which nothing is started. Its time is the test's if it is called in a
// bubble of synctest.
func (s *System) Node(t *testing.T) (*node.Node, *Recorder) {
	t.Helper()
	r := new(Recorder)
	files := map[string]string{}
	for _, f := range txtar.Parse([]byte(s.Files)).Files {
		files[strings.TrimSuffix(f.Name, ".lua")] = string(f.Data)
	}
	if s.Slots == 0 {
		s.Slots = 1
	}
	maker := skynet.NewMaker(skynet.Config{Modules: s.Modules, Dialect: syntax.Lua54, Path: "?.lua", Opened: s.Opened, Library: func(h *host.State) {
		h.Out = r
		h.ReadFile = func(name string) ([]byte, error) {
			if text, ok := files[strings.TrimSuffix(name, ".lua")]; ok {
				return []byte(text), nil
			}
			return nil, errors.New("No such file or directory")
		}
	}})
	o := node.Options{
		Slots: s.Slots, Script: maker.New, Limits: s.Limits, Env: s.Env,
		Find: func(name string) (*source.File, error) {
			if text, ok := files[name]; ok {
				return source.New(name+".lua", text), nil
			}
			if s.Find != nil {
				if f, ok := s.Find(name); ok {
					return f, nil
				}
			}
			return nil, fmt.Errorf("there is no service %s", name)
		},
		Print: func(_ actor.Handle, text string) {
			r.mutex.Lock()
			defer r.mutex.Unlock()
			r.log = append(r.log, text)
		},
		Report: func(e actor.Event) {
			r.mutex.Lock()
			defer r.mutex.Unlock()
			r.events = append(r.events, e)
			if s.Report != nil {
				s.Report(e)
			}
		},
	}
	if s.Change != nil {
		s.Change(&o)
	}
	n := node.New(o)
	t.Cleanup(n.Close)
	return n, r
}

// Result returns what was said so far.
func (r *Recorder) Result() Result {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return Result{r.out.String(), strings.Join(r.log, "\n"), r.events}
}

// Of returns the events of a kind.
func (r Result) Of(kind string) (found []actor.Event) {
	for _, e := range r.Events {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// Expect runs a system that must print the given lines and nothing else.
func Expect(t *testing.T, s System, want string) Result {
	t.Helper()
	return Run(t, s).Expect(t, want)
}

// Expect checks that a system has printed the given lines and nothing else.
func (r Result) Expect(t *testing.T, want string) Result {
	t.Helper()
	if strings.TrimSpace(r.Out) != strings.TrimSpace(want) {
		t.Errorf("prints\n%s\nwant\n%s\nlog:\n%s", r.Out, want, r.Log)
		for _, e := range r.Events {
			t.Logf("%s %s %s: %s\n%s", e.Kind, e.Actor, e.Name, e.Message, e.Stack)
		}
	}
	return r
}
