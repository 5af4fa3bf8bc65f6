package actor

import (
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/trace"
	"github.com/skylint/skylint/syntax"
)

// commandParameter is which parameter of a dispatch function has the command, behind session and source.
const commandParameter = 2

// HandledBy says that a function of the script handles the task's message in the place of the dispatch function,
// and that it gets the command as its first argument.
func (t *Task) HandledBy(fn lua.LValue) { t.fn, t.commandAt = fn, 0 }

// tripFailed tells the guards of an error that has ended a handler. It reports whether the error says that
// there is no such command.
func (a *Actor) tripFailed(t *Task, err error) (unknown bool) {
	var e *script.Error
	if t.taken != nil {
		t.taken.failed = true
	}
	if t.start.set() || !errors.As(err, &e) || e.Code == nil || e.Limit != nil {
		return false
	}
	lookup, command := t.lookup(e)
	command = command || t.refuses(e)
	if lookup != syntax.None && e.By == "" { // the VM has called or indexed what is not there
		place := guard.Place{File: e.File, Line: e.Code.Chunk.Tree.Line(lookup), Span: e.Code.Chunk.Tree.Span(lookup)}
		what := "a name that was looked up"
		if command {
			what = fmt.Sprintf("the command %s", quote(t.envelope.Text(0)))
		}
		a.report(&guard.Trip{Rule: rules.UncheckedCommand, Place: place, Logged: true, Stack: e.Traceback, Message: what + " is used without a check that there is such a one: " + firstLine(e.Message)})
	} else if t.session == 0 && !command && t.overMessage(e) {
		a.report(&guard.Trip{Rule: rules.UnprotectedHandler, Place: placeOf(err), Logged: true, Stack: e.Traceback, Message: "the handler has raised over a message whose sender never learns of it: " + firstLine(e.Message)})
	}
	return command
}

// lookup returns the lookup over whose result a handler has raised, and whether it is that of the command
// in the dispatch function.
func (t *Task) lookup(e *script.Error) (lookup syntax.Node, command bool) {
	tree := e.Code.Chunk.Tree
	var used syntax.Node
	switch kind := tree.Kind(e.Node); {
	case e.By == "assert" && e.Level == 1 && kind == syntax.Call:
		if _, args := tree.Call(e.Node); len(args) > 0 {
			used = args[0]
		}
	case e.By == "" && kind == syntax.Call && strings.Contains(e.Message, "attempt to call a nil value"):
		used, _ = tree.Call(e.Node)
	case e.By == "" && kind == syntax.Index && strings.Contains(e.Message, "attempt to index a nil value"):
		used, _ = tree.Index(e.Node)
	}
	if used == syntax.None {
		return syntax.None, false
	}
	if lookup = trace.Looked(e.Code, used); lookup == syntax.None {
		return syntax.None, false
	}
	fn, _ := t.fn.(*lua.LFunction)
	code, dispatch := trace.Function(fn)
	if code == nil || code.Chunk != e.Code.Chunk || dispatch == syntax.None || tree.EnclosingFunction(lookup) != dispatch {
		return syntax.None, false
	}
	_, key := tree.Index(lookup)
	parameter := trace.Parameter(e.Code, dispatch, key)
	if parameter < t.commandAt {
		return syntax.None, false
	}
	return lookup, parameter == t.commandAt
}

// refuses reports whether an error is how the dispatch function says that there is no such command: it raises it
// itself, and the file does not have the name of the command.
func (t *Task) refuses(e *script.Error) bool {
	if e.By != "error" && e.By != "assert" {
		return false
	}
	fn, _ := t.fn.(*lua.LFunction)
	code, dispatch := trace.Function(fn)
	return code != nil && code.Chunk == e.Code.Chunk && dispatch != syntax.None && code.Chunk.Tree.EnclosingFunction(e.Node) == dispatch && !t.mentioned()
}

// mentioned reports whether the file of the dispatch function has the name of the command, or the message has
// none.
func (t *Task) mentioned() bool {
	command := t.envelope.Text(0)
	fn, _ := t.fn.(*lua.LFunction)
	code, _ := trace.Function(fn)
	if t.envelope.Type != Lua || command == "" || code == nil {
		return true
	}
	tree := code.Chunk.Tree
	for n := range tree.Nodes(syntax.String) {
		if tree.Str(n) == command {
			return true
		}
	}
	return false
}

// overMessage reports whether an error is one that a sender can bring about at will: the script checks what it
// was sent, and raises; or a peer has sent it, and the script makes something of it that cannot be. An error of
// the engine, of a call that has failed, is none.
func (t *Task) overMessage(e *script.Error) bool {
	if e.By == "error" || e.By == "assert" {
		return true
	}
	peer := t.envelope.Type == Client || t.envelope.Type == Socket || t.envelope.Type == Text
	return peer && !strings.HasPrefix(e.By, "skynet") && !strings.HasPrefix(e.By, "coroutine")
}

// tripSilent tells the guard of a handler that has ended without an answer that is owed, and reports whether
// who asked is to get an error.
func (a *Actor) tripSilent(t *Task) bool {
	if a.state == nil || t.start.native != nil {
		return true
	}
	if !t.ignored && !t.mentioned() { // it drops what it does not know
		t.refuseAs("the handler has ended without an answer, and there is no such command"+t.where(), true)
		return false
	}
	if a.host.Guards().Mode(rules.MissingReply) == guard.Off {
		return false
	}
	place, how := t.declined, "declines to answer"
	if !t.ignored {
		place, how = t.handlerPlace(), "has ended without an answer"
	}
	what := "the handler"
	if text := t.envelope.Text(0); text != "" {
		what += " of " + quote(text)
	}
	return a.report(&guard.Trip{Rule: rules.MissingReply, Place: place, Key: t.envelope.Text(0), Logged: !t.ignored, Message: what + " " + how + ", and " + t.source.String() + " waits for one"})
}

// tripDropped tells the guard of a response function that nothing can reach any more, and reports whether who
// asked is to get an error.
func (a *Actor) tripDropped(r *Responder) bool {
	if r.failed {
		return true // an error has kept the script from keeping it
	}
	if a.host.Guards().Mode(rules.DroppedResponse) == guard.Off {
		return false
	}
	what := "the function to answer with was dropped, and " + r.source.String() + " waits for the answer"
	return a.host.Guards().Trip(guard.Trip{Rule: rules.DroppedResponse, Place: r.place, Message: what, Actor: uint32(a.handle), Service: a.name, Command: r.What, Source: uint32(r.source), Trace: r.trace})
}

// handlerPlace returns the function that handles the task's message: that of the command if the file of the
// dispatch function has it, else the dispatch function.
func (t *Task) handlerPlace() guard.Place {
	fn, _ := t.fn.(*lua.LFunction)
	code, n := trace.Function(fn)
	if code == nil {
		return guard.Place{}
	}
	tree := code.Chunk.Tree
	if command := t.envelope.Text(0); command != "" {
		if found := trace.Named(tree, command); found != syntax.None {
			n = found
		}
	}
	if n == syntax.None {
		return guard.Place{File: tree.File, Line: 1}
	}
	return guard.Place{File: tree.File, Line: tree.Line(n), Span: tree.Span(n)}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// tripExpired tells the guards of a wait whose deadline has passed, if that breaks a rule.
func (w *Waiting) tripExpired() {
	a := w.task.actor
	switch w.Kind {
	case OnToken:
		a.Event(func(a *Actor) {
			t, f := w.task, w.faint
			if f == nil && t.token != nil {
				f = newFaint(t.token)
			}
			if w.Still() && a.tokens.wasMissed(f) {
				a.reportFor(t, &guard.Trip{Rule: rules.LostWakeup, Place: PlaceOf(t.top), Refused: true, Message: "the wakeup came before the wait, and was lost: the deadline has ended it"})
			}
		})
	case OnQuery, OnName:
		w.TripQuery()
	case OnStart:
		w.Wait.Actor.Event(func(b *Actor) {
			t := b.first
			if t == nil || t.top == nil {
				return
			}
			if place, ok := endlessLoop(t.top); ok {
				b.reportFor(t, &guard.Trip{Rule: rules.MissingStart, Place: place, Refused: true, Message: "the start of '" + b.name + "' goes round a loop that nothing leaves, and " + a.describe() + " has waited for it"})
			}
		})
	}
}

// TripQuery tells the guard of a wait for a service that nobody starts, or for a name that nobody registers.
func (w *Waiting) TripQuery() {
	message := "nobody has started the service '" + w.What + "' that is asked for"
	if w.Kind == OnName {
		message = "nobody has registered the name '" + w.What + "' that is called"
	}
	w.task.actor.Event(func(a *Actor) {
		if w.Still() {
			a.reportFor(w.task, &guard.Trip{Rule: rules.UnknownService, Key: w.What, Place: PlaceOf(w.task.top), Message: message})
		}
	})
}

// TripWaits tells the guard of waits that nothing ends: the first waits for the second, and so on round in a
// circle; a single one with a token waits for a wakeup that nobody can give. It reports whether the first is to
// fail. It may be called from any goroutine.
func TripWaits(members []Waiting, places []guard.Place, stacks []string, message string) (refuse bool) {
	w := &members[0]
	a := w.task.actor
	trip := guard.Trip{
		Place: places[0], Message: message, Stack: stacks[0],
		Actor: uint32(a.handle), Service: a.name, Source: uint32(w.source), Trace: w.trace,
	}
	first := 0
	for i := range members {
		switch m := &members[i]; {
		case m.Kind == OnLock && m.Lock.queue:
			trip.Rule = rules.QueueDeadlock
		case (m.Kind == OnStart || m.Kind == OnQuery) && trip.Rule == nil:
			trip.Rule = rules.InitCycle
		case m.Kind == OnToken && len(members) == 1:
			trip.Rule = rules.UnboundedWait
			if m.missed {
				trip.Rule = rules.LostWakeup
			}
		}
	}
	if trip.Rule == nil {
		return true // of room in mailboxes, or modules that load each other: no rule speaks of that
	}
	if trip.Rule == rules.QueueDeadlock { // what waits while it holds the queue, not what waits for the queue
		for i := range members {
			if members[i].Kind != OnLock {
				first = i
				break
			}
		}
		trip.Place = places[first]
	}
	for k := range members {
		i := (first + k) % len(members)
		trip.Steps = append(trip.Steps, guard.Step{Place: places[i], Message: members[i].task.actor.name + " waits for " + members[i].Describe()})
	}
	return a.host.Guards().Trip(trip)
}

// endlessLoop returns the loop in which a function of a script waits, around the innermost place that has one:
// "while true".
func endlessLoop(L *lua.LState) (guard.Place, bool) {
	for level := 0; ; level++ {
		f, ok := trace.At(L, level)
		if !ok {
			return guard.Place{}, false
		}
		code, ok := f.Place()
		if !ok || f.Node == syntax.None {
			continue
		}
		tree := code.Chunk.Tree
		for n := tree.Enclosing(f.Node, syntax.WhileStat, syntax.RepeatStat, syntax.Function); n != syntax.None && tree.Kind(n) != syntax.Function; n = tree.Enclosing(n, syntax.WhileStat, syntax.RepeatStat, syntax.Function) {
			always := false
			if tree.Kind(n) == syntax.WhileStat {
				cond, _ := tree.While(n)
				always = tree.Kind(tree.Unparen(cond)) == syntax.True
			} else {
				_, cond := tree.Repeat(n)
				always = tree.Kind(tree.Unparen(cond)) == syntax.False
			}
			if always {
				return guard.Place{File: tree.File, Line: tree.Line(n), Span: tree.Span(n)}, true
			}
		}
	}
}
