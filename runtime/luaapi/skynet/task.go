package skynet

import (
	"fmt"
	"sort"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/stdlib/arg"
	"github.com/skylint/skylint/runtime/stdlib/corolib"
	"github.com/skylint/skylint/runtime/stdlib/library"
	"github.com/skylint/skylint/runtime/stdlib/value"
	"github.com/skylint/skylint/runtime/thread"
)

// fork is skynet.fork.
func fork(L *lua.LState) int {
	f := arg.Function(L, 1)
	var args []lua.LValue
	if n := L.GetTop(); n > 1 {
		args = make([]lua.LValue, n-1)
		for i := range args {
			args[i] = L.Get(i + 2)
		}
	}
	L.Push(Of(L).actor.Fork(f, args).Value(L))
	return 1
}

// timeout is skynet.timeout.
func timeout(L *lua.LState) int {
	ticks := arg.Integer(L, 1)
	s := Of(L)
	c, err := s.actor.Timeout(ticks, arg.Function(L, 2), false)
	if err != nil {
		actor.Raise(L, err)
	}
	c.Note = s.timerNote(L, ticks)
	L.Push(c.Value(L))
	return 1
}

// token returns what a wait is woken by: an argument, or the running coroutine.
func token(L *lua.LState, n int) lua.LValue {
	if v := L.Get(n); v != lua.LNil {
		return v
	}
	return corolib.Running(L)
}

// sleep is skynet.sleep.
func sleep(L *lua.LState) int { return sleepFor(L, arg.Integer(L, 1), token(L, 2)) }

// yield is skynet.yield.
func yield(L *lua.LState) int { return sleepFor(L, 0, corolib.Running(L)) }

func sleepFor(L *lua.LState, ticks int64, token lua.LValue) int {
	t := actor.Running(L)
	if t.Tag != "" {
		Of(L).step(L, t, "sleep", true)
	}
	woken, err := t.Sleep(L, ticks, token)
	if t.Tag != "" {
		Of(L).step(nil, t, "resume", false)
	}
	if err != nil {
		actor.Raise(L, err)
	}
	if woken {
		L.Push(lua.LString("BREAK"))
		return 1
	}
	return 0
}

// wait is skynet.wait.
func wait(L *lua.LState) int {
	with := token(L, 1)
	L.SetTop(0) // so that a token that nobody else has can be told from others
	if err := actor.Running(L).Await(L, with); err != nil {
		actor.Raise(L, err)
	}
	return 0
}

// wakeup is skynet.wakeup.
func wakeup(L *lua.LState) int {
	if Of(L).actor.Wakeup(L.Get(1)) {
		L.Push(lua.LTrue)
		return 1
	}
	return 0
}

// response is skynet.response.
func response(L *lua.LState) int {
	s := Of(L)
	pack := L.Get(1)
	t := actor.Running(L)
	if !t.Owes() {
		noSession(L, t)
		thread.Errorf(L, "no session")
	}
	r := t.Respond(L)
	if _, session, _ := t.Request(); session == 0 {
		L.Push(library.Closure(func(*lua.LState) int { return 0 }))
		return 1
	}
	used := false
	f := library.Closure(func(L *lua.LState) int {
		ok := L.Get(1)
		if ok == lua.LString("TEST") {
			L.Push(lua.LBool(r.Pending()))
			return 1
		}
		if used {
			thread.Errorf(L, "Can't response more than once")
		}
		used = true
		if !lua.LVAsBool(ok) {
			L.Push(lua.LBool(r.Fail("the service has answered with response(false)")))
			return 1
		}
		payload, err := s.packBy(L, pack, 2)
		if err != nil {
			r.Fail(err.Error())
			actor.Raise(L, err)
		}
		L.Push(lua.LBool(r.Send(payload)))
		return 1
	}, pack)
	r.For(f) // if the script drops it, nobody will ever answer
	L.Push(f)
	return 1
}

// exit is skynet.exit.
func exit(L *lua.LState) int {
	actor.Running(L).Exit(L)
	return 0
}

// killThread is skynet.killthread.
func killThread(L *lua.LState) int {
	a := Of(L).actor
	var c *actor.Coroutine
	switch v := L.Get(1).(type) {
	case lua.LString:
		for _, t := range a.Tasks() {
			if strings.Contains("thread: "+value.ID(t.Coroutine().Value(L)), string(v)) {
				c = t.Coroutine()
			}
		}
	default:
		for _, t := range a.Tasks() {
			if t.Coroutine().Value(L) == v {
				c = t.Coroutine()
			}
		}
	}
	if c == nil {
		if v, ok := L.Get(1).(*lua.LState); ok && a.Unfork(v) {
			L.Push(v)
			return 1
		}
		return 0
	}
	v := c.Value(L)
	if !a.KillTask(c) {
		thread.Errorf(L, "the running task cannot kill itself")
	}
	L.Push(v)
	return 1
}

// task is skynet.task.
func task(L *lua.LState) int {
	s := Of(L)
	waiting := s.actor.Tasks()
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
		L.Push(lua.LNumber(s.actor.Pending()))
		return 1
	case lua.LString:
		if t := s.actor.Start(); v == "init" && t != nil {
			L.Push(lua.LString(t.Stack()))
			return 1
		}
		return 0
	case *lua.LTable:
		for _, t := range waiting {
			v.RawSetString(fmt.Sprintf("thread: %s session: %d", value.ID(t.Coroutine().Value(L)), t.Session()), lua.LString(t.Stack()))
		}
		s.actor.Timers(func(session int32, c *actor.Coroutine) {
			v.RawSetString(fmt.Sprintf("thread: %s session: %d", value.ID(c.Value(L)), session), lua.LString(c.Note))
		})
		return 0
	case lua.LNumber:
		for _, t := range waiting {
			if int64(t.Session()) == int64(v) {
				L.Push(lua.LString(t.Stack()))
				return 1
			}
		}
		L.Push(lua.LString("No session"))
		return 1
	case *lua.LState:
		for _, t := range waiting {
			if t.Coroutine().Value(L) == v {
				L.Push(lua.LNumber(t.Session()))
				return 1
			}
		}
	}
	return 0
}

// uniqTask is skynet.uniqtask: how many tasks stand at the same place.
func uniqTask(L *lua.LState) int {
	type group struct {
		count    int
		sessions []string
	}
	groups := map[string]*group{}
	for _, t := range Of(L).actor.Tasks() {
		stack := t.Stack()
		g := groups[stack]
		if g == nil {
			g = new(group)
			groups[stack] = g
		}
		if g.count++; g.count < 10 {
			g.sessions = append(g.sessions, fmt.Sprint(t.Session()))
		}
	}
	stacks := make([]string, 0, len(groups))
	for stack := range groups {
		stacks = append(stacks, stack)
	}
	sort.Strings(stacks)
	result := L.CreateTable(0, len(groups))
	for _, stack := range stacks {
		g := groups[stack]
		more := ""
		if g.count > 10 {
			more = "..."
		}
		result.RawSetString(fmt.Sprintf("%d\tsessions:[%s%s]\n", g.count, strings.Join(g.sessions, ","), more), lua.LString(stack))
	}
	L.Push(result)
	return 1
}

// now is skynet.now, in hundredths of a second since the node began.
func now(L *lua.LState) int {
	L.Push(lua.LNumber(Of(L).actor.Host().Now() / int64(10*time.Millisecond)))
	return 1
}

// hpc is skynet.hpc, in nanoseconds.
func hpc(L *lua.LState) int {
	L.Push(lua.LNumber(Of(L).actor.Host().Now()))
	return 1
}

// startTime is skynet.starttime.
func startTime(L *lua.LState) int {
	L.Push(lua.LNumber(Of(L).actor.Host().Started().Unix()))
	return 1
}

// unixTime is skynet.time.
func unixTime(L *lua.LState) int {
	h := Of(L).actor.Host()
	L.Push(lua.LNumber(float64(h.Now()/int64(10*time.Millisecond))/100 + float64(h.Started().Unix())))
	return 1
}

// logLine is skynet.error.
func logLine(L *lua.LState) int {
	n := L.GetTop()
	parts := make([]string, n)
	for i := range parts {
		switch v := L.Get(i + 1).(type) {
		case lua.LNumber:
			parts[i] = number.Format(float64(v))
		default:
			parts[i] = value.ToString(L, v)
		}
	}
	Of(L).print(strings.Join(parts, " "))
	return 0
}
