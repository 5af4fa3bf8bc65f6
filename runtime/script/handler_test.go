package script

import (
	"errors"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// handlers returns a state and the functions that a chunk returns.
func handlers(t *testing.T, text string) (*State, []lua.LValue) {
	t.Helper()
	s := New(Options{Limits: limit.Default(), Dialect: syntax.Lua54})
	t.Cleanup(s.Close)
	chunk, err := s.Load(source.New("handlers.lua", text))
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Call(chunk)
	if err != nil {
		t.Fatal(err)
	}
	return s, results
}

// handle calls a handler for a task, and returns its first result.
func handle(s *State, task *limit.Task, fn lua.LValue, args ...lua.LValue) (lua.LValue, error) {
	t := s.Thread()
	defer t.Free()
	s.Budget.Enter(task)
	defer s.Budget.Leave()
	if f := t.Call(fn, args...); f != nil {
		return nil, s.Failed(t, f)
	}
	return t.L.Get(1), nil
}

const careless = `
local n = 0
local function spin() while true do n = n + 1 end end
return function() while true do pcall(spin) end end,
  function() return n end,
  function() local co = coroutine.wrap(spin) while true do pcall(co) end end`

// A task that is spent ends, whatever it does; its state goes on.
func TestTaskInstructions(t *testing.T) {
	s, fn := handlers(t, careless)
	for _, spin := range []lua.LValue{fn[0], fn[2]} {
		task := limit.Task{Instructions: 10_000, InstructionsKey: "message.instructions"}
		_, err := handle(s, &task, spin)
		var e *limit.Error
		if !errors.As(err, &e) || e.Kind != limit.Instructions || !strings.Contains(err.Error(), "limit of 10000 reached; see message.instructions") {
			t.Fatalf("the task ended with %v", err)
		}
		if task.Spent() == nil || s.Budget.Spent() != nil || s.Budget.Over() != nil {
			t.Errorf("spent: task %v, budget %v", task.Spent(), s.Budget.Spent())
		}
		if used := task.Used(); used < 10_001 || used > 10_100 {
			t.Errorf("the task has used %d instructions", used)
		}
		if n, err := handle(s, new(limit.Task), fn[1]); err != nil || n.(lua.LNumber) < 1000 {
			t.Errorf("afterwards the state answers %v, %v", n, err)
		}
	}
}

// Two runs of a task add up.
func TestTaskGoesOn(t *testing.T) {
	s, fn := handlers(t, `return function(n) local x = 0 for i = 1, n do x = x + i end return x end`)
	task := limit.Task{Instructions: 10_000}
	for range 2 {
		if _, err := handle(s, &task, fn[0], lua.LNumber(2000)); err != nil {
			t.Fatal(err)
		}
		if _, err := handle(s, new(limit.Task), fn[0], lua.LNumber(100_000)); err != nil {
			t.Fatal(err)
		}
	}
	if used := task.Used(); used < 8000 || used > 9000 {
		t.Errorf("the task has used %d instructions", used)
	}
	if _, err := handle(s, &task, fn[0], lua.LNumber(2000)); err == nil {
		t.Error("the task went on above its limit")
	}
}

func TestTaskTimeAndStop(t *testing.T) {
	s, fn := handlers(t, careless)
	timed := limit.Task{Time: time.Millisecond, TimeKey: "message.time"}
	if _, err := handle(s, &timed, fn[0]); err == nil || !strings.Contains(err.Error(), "time limit of 1ms reached; see message.time") {
		t.Errorf("a task without time ended with %v", err)
	}
	var stopped limit.Task
	go s.Budget.StopTask(&stopped, "the node stops")
	if _, err := handle(s, &stopped, fn[0]); err == nil || err.Error() != "stopped by the host: the node stops" {
		t.Errorf("a stopped task ended with %v", err)
	}
	if _, err := handle(s, new(limit.Task), fn[1]); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// While a handler is blocked in a Go function, others run in its state, and each fails for itself.
func TestBlockedHandler(t *testing.T) {
	s, fn := handlers(t, `
local function fail(what) error("no " .. what) end
return function(wait) local got = pcall(wait) wait() fail("reply") end, function() fail("room") end`)
	baton := make(chan struct{}) // who holds it uses the state
	task := new(limit.Task)
	wait := &lua.LFunction{IsG: true, Env: s.Globals, GFunction: func(L *lua.LState) int {
		s.Budget.Leave()
		baton <- struct{}{}
		<-baton
		s.Budget.Enter(task)
		return 0
	}}
	failed := make(chan error)
	go func() {
		_, err := handle(s, task, fn[0], wait)
		failed <- err
	}()
	for range 2 {
		<-baton
		_, err := handle(s, new(limit.Task), fn[1])
		var e *Error
		if !errors.As(err, &e) || e.Message != "handlers.lua:2: no room" || e.Line != 2 || strings.Count(e.Traceback, "\n") != 4 {
			t.Errorf("the second handler fails with %v\n%s", err, e.Traceback)
		}
		baton <- struct{}{}
	}
	var e *Error
	if err := <-failed; !errors.As(err, &e) || e.Message != "handlers.lua:2: no reply" || !strings.Contains(e.Traceback, "handlers.lua:3: in function") {
		t.Errorf("the first handler fails with %v\n%s", err, e.Traceback)
	}
}

// A call of a handler allocates nothing, and a state with a small script little.
func TestCosts(t *testing.T) {
	s, fn := handlers(t, `return function(a, b) return b, a end`)
	args := []lua.LValue{lua.LTrue, lua.LString("x")}
	var task limit.Task
	th := s.Thread() // of its own, since the collector may empty the pool
	defer th.Free()
	if n := testing.AllocsPerRun(100, func() {
		s.Budget.Enter(&task)
		if f := th.Call(fn[0], args...); f != nil || th.L.Get(1) != args[1] || th.L.GetTop() != 2 {
			t.Fatal(f)
		}
		s.Budget.Leave()
	}); n > 0 {
		t.Errorf("a call makes %v allocations", n)
	}
	file := source.New("actor.lua", actor)
	n := testing.AllocsPerRun(50, func() {
		s := New(Options{Limits: limit.Default(), Dialect: syntax.Lua54})
		fn, err := s.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Call(fn); err != nil {
			t.Fatal(err)
		}
		s.Close()
	})
	if n > 45 {
		t.Errorf("a state with a small script makes %v allocations", n)
	}
}
