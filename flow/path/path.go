// Package path follows the paths of one function through its statements, and says where a
// request is surely, perhaps, or not answered.
//
// It knows nothing of what calls do: who asks says so, and which conditions hold. What it
// cannot tell it calls unsure: "answered before if a, answered now if not a" is not reported as
// an answer missing or given twice, because conditions may depend on each other.
package path

import (
	"slices"

	"github.com/skylint/skylint/syntax"
)

// An Effect is what a call does.
type Effect uint8

// The effects.
const (
	Nothing Effect = iota
	Answers        // it answers the request, or takes over to do so
	May            // it may answer, or is not known
	Ends           // it does not return: it raises, or ends the service
)

// A Truth is what is known of a condition.
type Truth uint8

// The truths.
const (
	Unknown Truth = iota
	True
	False
)

// A State is the set of what can be the case at a point of a function, over the paths to it.
type State uint8

// What can be the case.
const (
	// None: no call on the path answers.
	None State = 1 << iota
	// Skipped: none does, and one condition led past a call that would.
	Skipped
	// Unsure: whether a call has answered is not known.
	Unsure
	// Once: a call has answered.
	Once
	// Twice: a call has answered where one had before.
	Twice
)

// Missing reports whether on some path nothing answers, which no condition can explain that was
// met before.
func (s State) Missing() bool { return s&(None|Skipped) != 0 }

// An Exit is where a function returns.
type Exit struct {
	// At is the return statement; where the body's end is reached the last statement on the way,
	// or the Function node if there is none.
	At    syntax.Node
	State State
}

// A Repeat is a call that answers a request which some path to it has answered already, with no
// condition behind the first answer that could prevent the second.
type Repeat struct {
	At, First syntax.Node // First is a call that answered before
}

// A Guide says what happens in a function.
type Guide struct {
	// Calls are the calls of the function whose effect is known, in the order of their nodes.
	// Those of functions within it are not among them.
	Calls []syntax.Node
	// Call says what one of the Calls does, by its index. It is asked at most once for each.
	Call func(i int) Effect
	// Decide says whether a condition without "and", "or" and "not" holds; nil for never known.
	Decide func(condition syntax.Node) Truth
	// Depends reports whether a condition may depend on whether a request was answered, as one
	// on the result of a function does; nil for never.
	Depends func(condition syntax.Node) bool
}

// An Outcome is how a function's paths end. A function without exits never returns.
type Outcome struct {
	Exits   []Exit
	Repeats []Repeat
	// Calls are those calls that surely answer where they are made, in the order of the text.
	Calls []syntax.Node
	// Answers is the number of calls that answer, or may.
	Answers int
}

// Effect returns what the function is to those who call it.
func (o *Outcome) Effect() Effect {
	var all State
	for _, e := range o.Exits {
		all |= e.State
	}
	switch {
	case len(o.Exits) == 0:
		return Ends
	case all&^(Once|Twice) == 0:
		return Answers
	case all == None && o.Answers == 0:
		return Nothing
	}
	return May
}

// Follow follows the paths of a Function node, or of the main chunk for None.
func Follow(t *syntax.Tree, fn syntax.Node, g Guide) Outcome {
	f := &follower{t: t, g: g, fn: fn}
	if n := len(g.Calls); n <= len(f.few) {
		f.effects = f.few[:n]
	} else {
		f.effects = make([]uint8, n)
	}
	body := t.Main
	if fn != syntax.None {
		_, body = t.Function(fn)
	}
	for range 4 { // a goto backwards brings its state to a label that was passed
		f.out, f.again = Outcome{}, false
		if end := f.block(body, None, true); end != 0 {
			f.exit(fn, end)
		}
		if !f.again {
			break
		}
	}
	return f.out
}

type follower struct {
	t      *syntax.Tree
	g      Guide
	fn     syntax.Node
	out    Outcome
	labels map[string]State // what gotos bring to them; nil if there are none
	again  bool
	breaks []State               // of the loops around
	within map[syntax.Node]State // of loops in loops: the states in which their rounds began

	effects []uint8 // of Guide.Calls: one more than the Effect, 0 if it was not asked for
	few     [32]uint8
}

// calls returns the calls that are parts of a node, or are it: from and behind the last one.
// Parts of a node have smaller numbers than it has, and what stands before it smaller ones yet.
func (f *follower) calls(n syntax.Node) (from, to int) {
	to, _ = slices.BinarySearch(f.g.Calls, n+1)
	start := f.t.Start(n)
	for from = to; from > 0 && f.t.Start(f.g.Calls[from-1]) >= start; from-- {
	}
	return from, to
}

// hasCalls reports whether a part of a node is a call.
func (f *follower) hasCalls(n syntax.Node) bool {
	to, _ := slices.BinarySearch(f.g.Calls, n+1)
	return to > 0 && f.t.Start(f.g.Calls[to-1]) >= f.t.Start(n)
}

// effect says what a call does.
func (f *follower) effect(i int) Effect {
	if f.effects[i] == 0 {
		f.effects[i] = uint8(f.g.Call(i)) + 1
	}
	return Effect(f.effects[i] - 1)
}

func (f *follower) exit(at syntax.Node, s State) {
	if s != 0 {
		f.out.Exits = append(f.out.Exits, Exit{at, s})
	}
}

// block follows the statements of a block; 0 is the state where no path leads. In tail position
// it notes exits itself and returns 0, unless it has no statement.
func (f *follower) block(b syntax.Node, s State, tail bool) State {
	statements := f.t.Statements(b)
	last := len(statements) - 1
	for last >= 0 && f.t.Kind(statements[last]) == syntax.EmptyStat {
		last--
	}
	for i, st := range statements {
		if s == 0 && f.t.Kind(st) != syntax.LabelStat {
			continue
		}
		s = f.statement(st, s, tail && i == last)
		if tail && i == last {
			f.exit(st, s)
			return 0
		}
	}
	return s
}

func (f *follower) statement(n syntax.Node, s State, tail bool) State {
	t := f.t
	switch t.Kind(n) {
	case syntax.ReturnStat:
		for _, r := range t.Results(n) {
			s = f.expression(r, s)
		}
		f.exit(n, s)
		return 0
	case syntax.BreakStat:
		if k := len(f.breaks) - 1; k >= 0 {
			f.breaks[k] |= s
		}
		return 0
	case syntax.GotoStat:
		f.jump(t.Str(t.Label(n)), s)
		return 0
	case syntax.LabelStat:
		return s | f.labels[t.Str(t.Label(n))]
	case syntax.DoStat:
		return f.inner(t.Body(n), n, s, tail)
	case syntax.IfStat:
		return f.branch(n, s, tail)
	case syntax.WhileStat:
		cond, body := t.While(n)
		return f.loop(n, s, func(s State) (State, State) {
			before := f.out.Answers
			s = f.expression(cond, s)
			leave := s
			switch f.truth(cond) {
			case True:
				leave = 0
			case False:
				return 0, leave
			}
			s = f.block(body, f.into(body, s), false)
			return s, f.past(leave, before)
		})
	case syntax.RepeatStat:
		body, cond := t.Repeat(n)
		return f.loop(n, s, func(s State) (State, State) {
			if s = f.block(body, s, false); s == 0 {
				return 0, 0
			}
			s = f.expression(cond, s)
			switch f.truth(cond) {
			case True:
				return 0, s
			case False:
				return s, 0
			}
			return s, s
		})
	case syntax.NumericFor:
		_, from, to, step, body := t.NumericFor(n)
		for _, e := range []syntax.Node{from, to, step} {
			s = f.expression(e, s)
		}
		return f.some(n, body, s)
	case syntax.GenericFor:
		_, values, body := t.GenericFor(n)
		for _, e := range values {
			s = f.expression(e, s)
		}
		return f.some(n, body, s)
	case syntax.Function, syntax.LocalFunction, syntax.GlobalFunc, syntax.FunctionStat:
		return s
	}
	if f.hasCalls(n) {
		for c := range t.Children(n) {
			s = f.expression(c, s)
		}
	}
	return s
}

// inner follows a block that runs once.
func (f *follower) inner(b, at syntax.Node, s State, tail bool) State {
	if tail && len(f.t.Statements(b)) == 0 {
		f.exit(at, s)
		return 0
	}
	return f.block(b, s, tail)
}

// some follows the body of a for loop, which runs any number of times.
func (f *follower) some(n, body syntax.Node, s State) State {
	return f.loop(n, s, func(s State) (State, State) {
		before := f.out.Answers
		end := f.block(body, f.into(body, s), false)
		return end, f.past(s, before)
	})
}

// into is the state of who enters the body of a loop that may not run.
func (f *follower) into(body syntax.Node, s State) State {
	if s&Once != 0 && f.holdsAnswer(body) {
		s = doubt(s)
	}
	return s
}

// past is the state of who leaves a loop whose body holds calls that answer.
func (f *follower) past(s State, before int) State {
	if f.out.Answers > before && s.Missing() {
		s = s&^(None|Skipped) | Unsure
	}
	return s
}

// loop repeats a round, which returns the states of who goes on and who leaves, until nothing
// new comes about. A loop within another one begins with what came about there before: each
// state goes its own way, so that more of them never lead to less.
func (f *follower) loop(n syntax.Node, s State, round func(State) (next, leave State)) State {
	nested := len(f.breaks) > 0
	if nested {
		s |= f.within[n]
	}
	f.breaks = append(f.breaks, 0)
	exits, repeats, answers, calls := len(f.out.Exits), len(f.out.Repeats), f.out.Answers, len(f.out.Calls)
	var out State
	for {
		f.out.Exits, f.out.Repeats, f.out.Answers, f.out.Calls = f.out.Exits[:exits], f.out.Repeats[:repeats], answers, f.out.Calls[:calls]
		next, leave := round(s)
		out |= leave
		if s|next == s {
			break
		}
		s |= next
	}
	k := len(f.breaks) - 1
	out |= f.breaks[k]
	f.breaks = f.breaks[:k]
	if nested {
		if f.within == nil {
			f.within = map[syntax.Node]State{}
		}
		f.within[n] = s
	}
	return out
}

func (f *follower) jump(label string, s State) {
	if f.labels == nil {
		f.labels = map[string]State{}
	}
	if f.labels[label]|s != f.labels[label] {
		f.labels[label] |= s
		f.again = true
	}
}

// branch follows an if statement.
func (f *follower) branch(n syntax.Node, s State, tail bool) State {
	t := f.t
	type way struct {
		block   syntax.Node // None for the way past all
		s       State
		answers bool
	}
	var ways []way
	var unknown []syntax.Node // conditions
	open := s
	for _, c := range t.Clauses(n) {
		cond, block := t.Clause(c)
		if cond == syntax.None {
			ways = append(ways, way{block: block, s: open})
			open = 0
			break
		}
		open = f.expression(cond, open)
		truth := f.truth(cond)
		if truth == Unknown && f.g.Depends != nil {
			unknown = append(unknown, cond)
		}
		if truth != False {
			ways = append(ways, way{block: block, s: open})
		}
		if truth == True {
			open = 0
			break
		}
	}
	if open != 0 {
		ways = append(ways, way{s: open})
	}
	answering := 0
	for i := range ways {
		if w := &ways[i]; w.block != syntax.None && f.holdsAnswer(w.block) {
			w.answers = true
			answering++
		}
	}
	depends := answering > 0 && answering < len(ways) && slices.ContainsFunc(unknown, f.depends)
	var out State
	for _, w := range ways {
		switch {
		case len(ways) == 1:
		case w.answers:
			w.s = doubt(w.s)
		case answering > 0:
			w.s = skip(w.s, depends)
		}
		switch {
		case w.block != syntax.None:
			out |= f.inner(w.block, n, w.s, tail)
		case tail:
			f.exit(n, w.s)
		default:
			out |= w.s
		}
	}
	return out
}

// doubt is the state of who is led to an answer by a condition, which may ask whether there was one.
func doubt(s State) State {
	if s&Once != 0 {
		s = s&^Once | Unsure
	}
	return s
}

// skip is the state of who was led past an answer by a condition.
func skip(s State, depends bool) State {
	if s&Skipped != 0 || depends && s&None != 0 {
		s = s&^Skipped | Unsure
	}
	if s&None != 0 {
		s &^= None
		if !depends {
			s |= Skipped
		}
	}
	return s
}

// holdsAnswer reports whether a call in a block answers, or may.
func (f *follower) holdsAnswer(n syntax.Node) bool {
	from, to := f.calls(n)
	for i := from; i < to; i++ {
		if e := f.effect(i); e == Answers || e == May {
			return true
		}
	}
	return false
}

func (f *follower) depends(cond syntax.Node) bool {
	t := f.t
	switch cond = t.Unparen(cond); t.Kind(cond) {
	case syntax.Binary:
		if op, l, r := t.Binary(cond); op == syntax.And || op == syntax.Or {
			return f.depends(l) || f.depends(r)
		}
	case syntax.Unary:
		if op, x := t.Unary(cond); op == syntax.Not {
			return f.depends(x)
		}
	}
	return f.g.Depends(cond)
}

// truth decides a condition.
func (f *follower) truth(cond syntax.Node) Truth {
	t := f.t
	cond = t.Unparen(cond)
	switch t.Kind(cond) {
	case syntax.True, syntax.Number, syntax.String, syntax.Table, syntax.Function:
		return True
	case syntax.False, syntax.Nil:
		return False
	case syntax.Unary:
		if op, x := t.Unary(cond); op == syntax.Not {
			return not(f.truth(x))
		}
	case syntax.Binary:
		switch op, l, r := t.Binary(cond); op {
		case syntax.And:
			return both(f.truth(l), f.truth(r))
		case syntax.Or:
			return not(both(not(f.truth(l)), not(f.truth(r))))
		}
	}
	if f.g.Decide == nil {
		return Unknown
	}
	return f.g.Decide(cond)
}

func not(x Truth) Truth { return [...]Truth{Unknown: Unknown, True: False, False: True}[x] }

func both(x, y Truth) Truth {
	switch {
	case x == False || y == False:
		return False
	case x == True && y == True:
		return True
	}
	return Unknown
}

// expression follows the calls of an expression in the order in which they run.
func (f *follower) expression(n syntax.Node, s State) State {
	t := f.t
	if n == syntax.None || s == 0 || !f.hasCalls(n) {
		return s
	}
	switch t.Kind(n) {
	case syntax.Function:
		return s
	case syntax.Binary:
		op, l, r := t.Binary(n)
		if op != syntax.And && op != syntax.Or {
			break
		}
		s = f.expression(l, s)
		first := f.truth(l)
		if op == syntax.Or {
			first = not(first)
		}
		if s == 0 || first == False {
			return s
		}
		before := f.out.Answers
		if first == True {
			return f.expression(r, s)
		}
		in := s
		if f.holdsAnswer(r) {
			in = doubt(in)
		}
		after := f.expression(r, in)
		if f.out.Answers > before {
			s = skip(s, false)
		}
		return s | after
	}
	for c := range t.Children(n) {
		s = f.expression(c, s)
	}
	if k := t.Kind(n); k == syntax.Call || k == syntax.MethodCall {
		s = f.call(n, s)
	}
	return s
}

func (f *follower) call(n syntax.Node, s State) State {
	if s == 0 {
		return 0
	}
	i, ok := slices.BinarySearch(f.g.Calls, n)
	if !ok {
		return s
	}
	switch f.effect(i) {
	case Ends:
		return 0
	case May:
		f.out.Answers++
		if s.Missing() {
			s = s&^(None|Skipped) | Unsure
		}
	case Answers:
		f.out.Answers++
		if k := len(f.out.Calls); s&Once != 0 && k > 0 {
			f.out.Repeats = append(f.out.Repeats, Repeat{At: n, First: f.out.Calls[k-1]})
		}
		f.out.Calls = append(f.out.Calls, n)
		if s&(Once|Twice) != 0 {
			s = s&^Once | Twice
		}
		if s&(None|Skipped|Unsure) != 0 {
			s = s&^(None|Skipped|Unsure) | Once
		}
	}
	return s
}
