package observe

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skylint/skylint/runtime/actor"
)

// A Wait is a task that waits, or a response that a script has stored.
type Wait struct {
	Party
	Kind string `json:"kind"` // "call", "lock", "sleep", ...: see actor.Kind
	// What says it for people, and Age is how long it has lasted, in nanoseconds.
	What string        `json:"what"`
	Age  time.Duration `json:"age"`
	// Left is the time to its deadline, in nanoseconds; 0: it has none.
	Left time.Duration `json:"left,omitempty"`
	// Exact says that what it waits for is one actor, To; others end by themselves, or by anybody.
	Exact bool   `json:"exact,omitempty"`
	To    *Party `json:"to,omitempty"`
	// For is who waits for the task in turn; nil: nobody.
	For   *Party `json:"for,omitempty"`
	Stack string `json:"stack,omitempty"`
}

// stackWait is how long the actors have to say where their tasks stand. One that runs cannot.
const stackWait = 200 * time.Millisecond

// waits returns what waits, the oldest first, and the number of all that do.
func (ob *Observer) waits(q *Query) (list []Wait, all int) {
	now := ob.node.Now()
	var waits []actor.Waiting
	if q.Actor != 0 {
		if a := ob.node.Find(q.Actor); a != nil {
			waits = a.Stored(now, a.Waiting(now, nil))
		}
	} else {
		ob.node.Each(func(a *actor.Actor) { waits = a.Stored(now, a.Waiting(now, waits)) })
	}
	slices.SortStableFunc(waits, func(a, b actor.Waiting) int { return cmp.Compare(a.Since(), b.Since()) })
	all = len(waits)
	waits = waits[:min(len(waits), q.Waits)]
	list = make([]Wait, len(waits))
	for i := range waits {
		list[i] = ob.wait(&waits[i], now)
	}
	ob.stacks(waits, list, now, q)
	return list, all
}

func (ob *Observer) wait(w *actor.Waiting, now int64) Wait {
	x := Wait{
		Party: Party{w.Actor().Handle().String(), nameOf(w.Actor())}, Kind: w.Kind.String(), What: w.Describe(), Age: time.Duration(now - w.Since()),
	}
	if w.Deadline > 0 {
		x.Left = max(time.Duration(w.Deadline-now), 1)
	}
	to := actor.Handle(0)
	switch w.Kind {
	case actor.OnCall:
		to = w.To
	case actor.OnStart, actor.OnRoom:
		to = w.Wait.Actor.Handle()
	case actor.OnSelect:
		if targets := w.Targets(); len(targets) == 1 {
			to = targets[0].To
		}
	}
	if to != 0 {
		p := ob.party(to)
		x.To, x.Exact = &p, true
	}
	if source, session := w.Request(); session != 0 {
		p := ob.party(source)
		x.For = &p
	}
	return x
}

// stacks asks where those stand that have waited for long enough.
func (ob *Observer) stacks(waits []actor.Waiting, list []Wait, now int64, q *Query) {
	type stack struct {
		i    int
		text string
	}
	answers := make(chan stack, len(waits))
	asked := 0
	for i := range waits {
		w := &waits[i]
		if q.Stacks <= 0 || asked >= q.MostStacks || w.Kind == actor.OnAnswer || time.Duration(now-w.Since()) < q.Stacks {
			continue
		}
		asked++
		w.Stack(func(text string) { answers <- stack{i, text} })
	}
	if asked == 0 {
		return
	}
	timer := time.NewTimer(stackWait)
	defer timer.Stop()
	for range asked {
		select {
		case s := <-answers:
			list[s.i].Stack = tidy(s.text)
		case <-timer.C:
			return
		}
	}
}

// tidy takes off a stack what says nothing: its heading, and who called the script.
func tidy(stack string) string {
	var lines []string
	for _, line := range strings.Split(stack, "\n") {
		line = strings.TrimSpace(line)
		if line != "" && line != "stack traceback:" && line != "[C]: in ?" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// Text says a wait in a line, and its stack in those that follow.
func (w *Wait) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s has waited %s for %s", w.Actor, w.Service, Short(w.Age), w.What)
	if w.For != nil {
		fmt.Fprintf(&b, ", and %s %s for it", w.For.Actor, w.For.Service)
	}
	if w.Left > 0 {
		fmt.Fprintf(&b, "; it fails in %s", Short(w.Left))
	}
	if w.Stack != "" {
		b.WriteString("\n    " + strings.ReplaceAll(w.Stack, "\n", "\n    "))
	}
	return b.String()
}

// Short writes a time with about two digits.
func Short(d time.Duration) string {
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%dns", d)
	case d < 10*time.Microsecond:
		return fmt.Sprintf("%.1fµs", float64(d)/1e3)
	case d < time.Millisecond:
		return fmt.Sprintf("%dµs", d/time.Microsecond)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1fms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%dms", d/time.Millisecond)
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd%02dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}
