package limit

import (
	"math"
	"sync/atomic"
	"time"
)

// A Task is a piece of a budget's work with limits of its own: the handling of a message, say.
// When one of them is spent, no code of the task runs any more, as with the limits of the
// budget; but what the budget does for others goes on. The budget works for a task between Enter
// and Leave; a task that waits leaves, and enters again when it goes on. The zero Task has no
// limits. It is used by the goroutine that uses the budget, but for StopTask.
type Task struct {
	// Instructions is how many the task may use; 0: no limit of its own.
	Instructions int64
	// Time is how long Lua code of the task may run. The clock is read once in 512 instructions:
	// what runs less does not count. 0: no limit of its own.
	Time time.Duration
	// InstructionsKey and TimeKey are the full keys of sky.toml for messages.
	InstructionsKey, TimeKey string

	start int64 // what the budget had used when the task began, less what was not for it
	used  int64
	clock time.Time // when the time that runs was last read; zero: not since Enter
	ran   time.Duration
	spent *Error
	stop  atomic.Pointer[Error]
}

// Renew makes the task begin anew, with the same limits.
func (t *Task) Renew() {
	t.start, t.used, t.ran, t.spent = 0, 0, 0, nil
	if !t.clock.IsZero() {
		t.clock = time.Time{}
	}
	if t.stop.Load() != nil {
		t.stop.Store(nil)
	}
}

// Used returns the instructions that the task had used when it last left.
func (t *Task) Used() int64 { return t.used }

// TaskUsed returns the instructions that the task has used that the budget works for; 0 for none.
func (b *Budget) TaskUsed() int64 {
	if b.task == nil {
		return 0
	}
	return b.Used() - b.task.start
}

// Spent returns the error of the limit that is spent, or nil.
func (t *Task) Spent() *Error { return t.spent }

// Enter has the budget work for a task, which counts against the budget too. It costs a few
// nanoseconds.
func (b *Budget) Enter(t *Task) {
	b.task = t
	used := b.Used()
	t.start = used - t.used
	if t.spent != nil || t.stop.Load() != nil {
		b.setFuel(-1)
	} else if left := t.left(used); left < b.fuel {
		b.setFuel(left)
	}
}

// Leave ends what Enter began.
func (b *Budget) Leave() {
	t := b.task
	t.used = b.Used() - t.start
	if !t.clock.IsZero() {
		t.ran += time.Since(t.clock)
		t.clock = time.Time{}
	}
	b.samples.at = time.Time{} // the time until the next task is none that an instruction took
	b.task = nil
}

// StopTask ends a task at its next instruction, from any goroutine. The reason is shown.
func (b *Budget) StopTask(t *Task, reason string) {
	t.stop.CompareAndSwap(nil, &Error{Kind: Stopped, Reason: reason})
	b.wake.Store(true)
}

// setFuel sets when the next look comes, and nothing else.
func (b *Budget) setFuel(n int64) {
	b.granted += n - b.fuel
	b.fuel = n
}

func (b *Budget) spendTask(e *Error) *Error {
	b.task.spent = e
	b.setFuel(-1)
	return e
}

// left returns how many instructions the task has left.
func (t *Task) left(used int64) int64 {
	if t.Instructions <= 0 {
		return math.MaxInt64
	}
	return max(t.Instructions-(used-t.start), 0)
}

// over returns the error of a limit that is spent, when the budget has used as much; it reads
// the clock.
func (t *Task) over(used int64) *Error {
	if e := t.stop.Load(); e != nil {
		return e
	}
	if t.Instructions > 0 && used-t.start > t.Instructions {
		return &Error{Kind: Instructions, Limit: t.Instructions, Key: t.InstructionsKey}
	}
	if t.Time > 0 {
		now := time.Now()
		if !t.clock.IsZero() {
			t.ran += now.Sub(t.clock)
		}
		t.clock = now
		if t.ran >= t.Time {
			return &Error{Kind: Time, Limit: int64(t.Time), Key: t.TimeKey}
		}
	}
	return nil
}
