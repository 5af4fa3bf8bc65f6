package main

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

//go:embed patterns.txtar
var systems []byte

// deadline is the call timeout where nothing else ends the wait.
const deadline = 200 * time.Millisecond

const (
	soon = 100 * time.Millisecond
	// audited is the bar of what only the collector can tell.
	audited = 5 * time.Second
)

// A pattern is a way to wait for ever.
type pattern struct {
	name, title string
	// want is what the error says.
	want string
	bar  time.Duration
	// after is how long the wait is let be on purpose. It is not counted.
	after time.Duration
	// each is how many times a node measures; 0 is 1.
	each int
}

var patterns = []pattern{
	{name: "D1", title: "two services launch each other", want: "deadlock", bar: soon},
	{name: "D2", title: "a service launches itself", want: "deadlock", bar: soon},
	{name: "D3", title: "a child calls its parent, which holds a queue", want: "deadlock", bar: soon},
	{name: "D4", title: "a call to itself under a queue", want: "deadlock", bar: soon},
	{name: "D5", title: "queues through two services", want: "deadlock", bar: soon},
	{name: "D6", title: "two queues in both orders", want: "deadlock", bar: soon},
	{name: "D8", title: "a queue in a coroutine", want: "deadlock", bar: soon},
	{name: "D9", title: "modules require each other", want: "deadlock", bar: soon},
	{name: "H1", title: "no answer", want: "ended without an answer", bar: soon},
	{name: "H2", title: "skynet.ignoreret", want: "declined to answer", bar: soon},
	{name: "H3", title: "a dropped response", want: "response", bar: audited, each: 50},
	{name: "H4", title: "an answer in a fork", want: "ended without an answer", bar: soon},
	{name: "H5", title: "the callee is killed", want: "killed by", bar: soon},
	{name: "H6", title: "unpack raises", want: "bad command", bar: soon},
	{name: "H7", title: "the limit of memory", want: "memory limit", bar: soon},
	{name: "H8", title: "coroutine.yield in a handler", want: "attempt to yield", bar: soon},
	{name: "H9", title: "the task is killed", want: "was killed", bar: soon},
	{name: "W1", title: "nobody has the token", want: "nobody has its token any more", bar: audited, each: 50},
	{name: "W1-held", title: "nobody wakes it: past the deadline", want: "timeout", bar: soon, after: deadline},
	{name: "W3", title: "a local name that nobody has", want: "invalid address", bar: soon},
	{name: "W3-global", title: "a global name: past the deadline", want: "timeout", bar: soon, after: deadline},
	{name: "W4", title: "no skynet.start", want: "without skynet.start", bar: soon},
}

// load returns the files of all patterns by their names, "D1/main" say.
func load() (map[string]*source.File, error) {
	files := map[string]*source.File{}
	for _, f := range txtar.Parse(systems).Files {
		files[strings.TrimSuffix(f.Name, ".lua")] = source.New(f.Name, string(f.Data))
	}
	for _, p := range patterns {
		if files[p.name+"/main"] == nil {
			return nil, fmt.Errorf("%s has no service main", p.name)
		}
	}
	return files, nil
}

// measure runs a pattern, and returns the times in order.
func measure(p *pattern, files map[string]*source.File, runs int) ([]time.Duration, error) {
	var times []time.Duration
	for len(times) < runs {
		some, err := measureNode(p, files, min(max(p.each, 1), runs-len(times)))
		if err != nil {
			return nil, err
		}
		times = append(times, some...)
	}
	slices.Sort(times)
	return times, nil
}

// patience is how long a node may take until all of its errors have come.
const patience = 30 * time.Second

// measureNode runs a pattern in a node of its own until n errors have come.
func measureNode(p *pattern, files map[string]*source.File, n int) ([]time.Duration, error) {
	c := &clock{hopeless: map[string]time.Time{}, failures: make(chan failure, n+1)}
	limits := actor.Default()
	if p.after > 0 {
		limits.CallTimeout = p.after
	}
	node, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect, Limits: &limits, Modules: []actor.Module{c.module()},
		Find: func(name string) (*source.File, bool) {
			f, ok := files[p.name+"/"+name]
			if !ok {
				f, ok = files[name]
			}
			return f, ok
		},
	})
	if err != nil {
		return nil, err
	}
	defer node.Close()
	time.Sleep(rand.N(40 * time.Millisecond))
	if _, err := node.Spawn(nil, "main", []string{strconv.Itoa(n)}); err != nil {
		return nil, err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var times []time.Duration
	for range n {
		select {
		case f := <-c.failures:
			if !strings.Contains(f.text, p.want) {
				return nil, fmt.Errorf("the error says nothing of %q: %s", p.want, f.text)
			}
			times = append(times, f.took-p.after)
		case <-timer.C:
			return nil, fmt.Errorf("%d of %d waits have no error after %v", n-len(times), n, patience)
		}
	}
	return times, nil
}

// A clock is what scripts stop the time with.
type clock struct {
	mutex    sync.Mutex
	hopeless map[string]time.Time // by the number of the wait: since when
	failures chan failure
}

type failure struct {
	took time.Duration
	text string
}

func (c *clock) module() actor.Module {
	return runtime.Module("clock", map[string]func([]any) ([]any, error){
		"hopeless": func(args []any) ([]any, error) {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			c.hopeless[fmt.Sprint(args[0])] = time.Now()
			return nil, nil
		},
		"failed": func(args []any) ([]any, error) {
			now := time.Now()
			c.mutex.Lock()
			defer c.mutex.Unlock()
			since, ok := c.hopeless[fmt.Sprint(args[0])]
			f := failure{now.Sub(since), fmt.Sprint(args[1])}
			if !ok {
				f.text = "an error before the wait was hopeless: " + f.text
			}
			select {
			case c.failures <- f:
			default: // D6, say: both of them may fail
			}
			return nil, nil
		},
	})
}
