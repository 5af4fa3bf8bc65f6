package node

import (
	"fmt"
	"math"
	"runtime"
	"sort"
	"strings"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/guard"
)

const (
	// sweepEvery is how often waits are looked at, and how old they are before they are taken for a
	// part of a cycle: a call that is answered at once costs nothing here.
	sweepEvery = int64(actor.SweepPeriod)
	// auditAge is how old a stored response, or a wait with a token, is before the collector is asked
	// whether anything can still reach it, and auditEvery how often it is asked. In between there are at least auditRest
	// times as long as it took.
	auditAge   = int64(time.Second)
	fadeAge    = auditAge / 2
	auditEvery = int64(2 * time.Second)
	auditRest  = 20
	// queryAge is how old a wait for a service is that nobody has started before that is reported, and
	// mostAsked how many of them are remembered.
	queryAge  = int64(30 * time.Second)
	mostAsked = 1000
	// beatEvery is how long one message may run before it is reported.
	beatEvery = int64(5 * time.Second)
)

// sweep lets waits fail whose deadline has passed, and those that wait for each other. It returns
// when to sweep again.
func (n *Node) sweep(now int64) int64 {
	var waits []actor.Waiting
	n.table.each(func(a *actor.Actor) {
		waits = a.Waiting(now, waits)
		a.AnswerLost()
	})
	old := waits[:0]
	faint := int64(-1) // since when the youngest wait with a token lasts
	for i := range waits {
		w := waits[i]
		if w.Faint() {
			faint = max(faint, w.Since())
		} else if w.Fades() && now-w.Since() >= fadeAge {
			w.Actor().Fade(now - fadeAge)
		}
		switch {
		case w.Overdue(now):
			w.Expire(now)
		case (w.Kind == actor.OnQuery || w.Kind == actor.OnName) && now-w.Since() >= queryAge && n.asked[w.Task()] != w.Since():
			if n.asked == nil || len(n.asked) >= mostAsked {
				n.asked = make(map[*actor.Task]int64)
			}
			n.asked[w.Task()] = w.Since()
			w.TripQuery()
		case w.Lost():
			n.fail([]actor.Waiting{w}, "lost", "")
		case now-w.Since() >= sweepEvery:
			old = append(old, w)
		}
	}
	if len(old) > 0 {
		n.breakCycles(old)
	}
	if now >= n.audit.Load() {
		n.lookForLost(now, faint)
	}
	if now-n.beat >= beatEvery {
		n.beat = now
		n.lookForEndless()
	}
	// A node of many waits sweeps less often, so that it takes a small part of the time.
	return max(sweepEvery, 10*(n.Now()-now))
}

// lookForLost has the collector run if there are responses or tokens that may have been dropped. faint
// is since when the youngest wait with a token lasts that the collector can tell of; -1: there is none. Tokens
// that have been there for long are looked for less often: many services wait so for something to do.
func (n *Node) lookForLost(now, faint int64) {
	var stored []actor.Waiting
	n.table.each(func(a *actor.Actor) { stored = a.Stored(now-auditAge, stored) })
	if len(stored) == 0 && (faint < 0 || now-n.audited < (now-faint)/8) {
		n.audit.Store(now + auditEvery)
		return
	}
	n.audited = now
	// It takes long in a large heap, and timers must not wait for it.
	n.audit.Store(math.MaxInt64)
	n.group.Add(1)
	go func() {
		defer n.group.Done()
		n.Audit()
		end := n.Now()
		n.audit.Store(max(now+auditEvery, end+auditRest*(end-now)))
	}()
}

// Audit has the collector look for stored responses and tokens that no script can reach any more, which the
// node does by itself only once in a few seconds. What it finds is answered with the next sweep.
func (n *Node) Audit() { runtime.GC() }

// lookForEndless reports actors that have been at one message since the last time.
func (n *Node) lookForEndless() {
	n.table.each(func(a *actor.Actor) {
		if a.Endless() {
			n.Report(actor.Event{Kind: "endless", Actor: a.Handle(), Name: a.Name(), Message: "a message is maybe in an endless loop; see actor.time in sky.toml"})
		}
	})
}

// request is a message that has to be answered.
type request struct {
	source  actor.Handle
	session int32
}

// graph is who waits for whom, as far as that is exact.
type graph struct {
	waits   []actor.Waiting
	targets [][]int // by wait; nil: something open
}

// newGraph finds the targets of waits.
func newGraph(waits []actor.Waiting) *graph {
	g := &graph{waits: waits, targets: make([][]int, len(waits))}
	byTask := make(map[*actor.Task]int, len(waits))
	byRequest := make(map[request]int, len(waits))
	starts := make(map[*actor.Actor]int)
	rooms := make(map[*actor.Actor]int)
	for i := range waits {
		w := &waits[i]
		byTask[w.Task()] = i
		if source, session := w.Request(); session != 0 {
			byRequest[request{source, session}] = i
		}
		if w.Init() {
			starts[w.Actor()] = i
		}
		if w.Kind == actor.OnRoom {
			rooms[w.Actor()] = i
		}
	}
	one := func(i int, ok bool) []int {
		if !ok {
			return nil
		}
		return []int{i}
	}
	for i := range waits {
		w := &waits[i]
		switch w.Kind {
		case actor.OnCall:
			j, ok := byRequest[request{w.Actor().Handle(), w.Session}]
			g.targets[i] = one(j, ok)
		case actor.OnSelect:
			for _, t := range w.Targets() {
				j, ok := byRequest[request{w.Actor().Handle(), t.Session}]
				if !ok {
					g.targets[i] = nil
					break
				}
				g.targets[i] = append(g.targets[i], j)
			}
		case actor.OnLock:
			j, ok := byTask[w.Holder()]
			g.targets[i] = one(j, ok)
		case actor.OnStart:
			j, ok := starts[w.Wait.Actor]
			g.targets[i] = one(j, ok)
		case actor.OnRoom:
			j, ok := rooms[w.Wait.Actor]
			g.targets[i] = one(j, ok)
		}
	}
	return g
}

// cycles returns the cycles of waits, each of them once, in which nobody can go on.
func (g *graph) cycles() [][]int {
	// Who waits for something open, or for who does, is not blocked; of several targets, all have to be.
	blocked := make([]bool, len(g.waits))
	for i := range blocked {
		blocked[i] = g.targets[i] != nil
	}
	for changed := true; changed; {
		changed = false
		for i := range blocked {
			if !blocked[i] {
				continue
			}
			for _, j := range g.targets[i] {
				if !blocked[j] {
					blocked[i], changed = false, true
					break
				}
			}
		}
	}
	var found [][]int
	seen := make([]int, len(g.waits)) // the number of the walk that came by
	walk := 0
	for i := range blocked {
		if !blocked[i] || seen[i] != 0 {
			continue
		}
		walk++
		j := i
		for seen[j] == 0 {
			seen[j] = walk
			j = g.targets[j][0]
		}
		if seen[j] != walk {
			continue
		}
		cycle := []int{j}
		for k := g.targets[j][0]; k != j; k = g.targets[k][0] {
			cycle = append(cycle, k)
		}
		found = append(found, cycle)
	}
	return found
}

// breakCycles lets the youngest wait of each cycle fail.
func (n *Node) breakCycles(waits []actor.Waiting) {
	for _, cycle := range newGraph(waits).cycles() {
		members := make([]actor.Waiting, len(cycle))
		youngest := 0
		for i, k := range cycle {
			members[i] = waits[k]
			if members[i].Since() >= members[youngest].Since() {
				youngest = i
			}
		}
		// The one that fails comes first, then whom it waits for, and so on.
		members = append(members[youngest:len(members):len(members)], members[:youngest]...)
		n.fail(members, "deadlock", ": the first of these")
	}
}

// fail lets the first of some waits fail, each of which waits for the next, if that is the case still when
// all have said where they stand. The last line of the error ends in end.
func (n *Node) fail(members []actor.Waiting, reason, end string) {
	key := members[0].Task()
	n.mutex.Lock()
	busy := n.broken[key]
	since, left := n.left[key]
	if left && since != members[0].Since() {
		left = false
		delete(n.left, key)
	}
	if busy || left {
		n.mutex.Unlock()
		return
	}
	n.broken[key] = true
	n.mutex.Unlock()
	n.breaks.Add(1)
	go func() {
		defer n.breaks.Done()
		n.explain(members, reason, end)
		n.mutex.Lock()
		delete(n.broken, key)
		n.mutex.Unlock()
	}()
}

// stackWait is how long those have to say where they stand that wait for each other.
const stackWait = 200 * time.Millisecond

func (n *Node) explain(members []actor.Waiting, reason, end string) {
	stacks, places := make([]string, len(members)), make([]guard.Place, len(members))
	type stack struct {
		i     int
		text  string
		place guard.Place
	}
	answers := make(chan stack, len(members))
	for i := range members {
		members[i].Where(func(text string, place guard.Place) { answers <- stack{i, text, place} })
	}
	timer := time.NewTimer(stackWait)
	defer timer.Stop()
collect:
	for range members {
		select {
		case s := <-answers:
			stacks[s.i], places[s.i] = s.text, s.place
		case <-timer.C:
			break collect
		case <-n.quit:
			return
		}
	}
	for i := range members {
		if !members[i].Still() {
			return
		}
	}
	text := reason + describeWaits(members, stacks, end)
	w := &members[0]
	var cycle []actor.Handle
	for i := range members {
		if len(members) > 1 || members[i].Kind != actor.OnToken {
			cycle = append(cycle, members[i].Actor().Handle())
		}
	}
	refuse := actor.TripWaits(members, places, stacks, firstLine(text))
	n.Report(actor.Event{Kind: reason, Actor: w.Actor().Handle(), Name: w.Actor().Name(), Message: text, Cycle: cycle})
	if refuse {
		w.Fail(&actor.WaitError{Reason: reason, Text: text})
		return
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.left[w.Task()] = w.Since()
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// describeWaits says who waits for whom, and where.
func describeWaits(members []actor.Waiting, stacks []string, end string) string {
	var b strings.Builder
	b.WriteString(": this wait would never end")
	for i := range members {
		w := &members[i]
		fmt.Fprintf(&b, "\n  %s %s", w.Actor().Handle(), w.Actor().Name())
		if source, session := w.Request(); session != 0 {
			fmt.Fprintf(&b, " (for %s)", source)
		}
		fmt.Fprintf(&b, " waits for %s", w.Describe())
		if i == len(members)-1 {
			b.WriteString(end)
		}
		for _, line := range strings.Split(stacks[i], "\n") {
			if line != "" && !strings.HasPrefix(line, "stack traceback") && !strings.Contains(line, "[C]: in ?") {
				b.WriteString("\n  " + line)
			}
		}
	}
	return b.String()
}

// An Entry is a line of the list of waits.
type Entry struct {
	Actor actor.Handle
	Name  string
	Kind  actor.Kind
	What  string
	Age   time.Duration
	// For whom: the message that is being handled; session 0 for none.
	Source  actor.Handle
	Session int32
}

// Waits lists what waits, the oldest first: tasks, and responses that are stored.
func (n *Node) Waits() []Entry {
	now := n.Now()
	var waits []actor.Waiting
	n.table.each(func(a *actor.Actor) {
		waits = a.Waiting(now, waits)
		waits = a.Stored(now, waits)
		waits = a.Declined(now, waits)
	})
	entries := make([]Entry, len(waits))
	for i := range waits {
		w := &waits[i]
		source, session := w.Request()
		entries[i] = Entry{Actor: w.Actor().Handle(), Name: w.Actor().Name(), Kind: w.Kind, What: w.Describe(), Age: time.Duration(now - w.Since()), Source: source, Session: session}
	}
	entries = n.parkedEntries(now, entries)
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].Age > entries[j].Age })
	return entries
}
