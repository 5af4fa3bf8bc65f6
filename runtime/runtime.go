// Package runtime runs a node: services of skynet as actors, each isolated and bounded. It is the
// front of what stands below it, for skyrun and for other programs that embed a node.
//
//	n, err := setup.Config("etc/config", setup.Options{Env: os.LookupEnv})
//	...
//	s, err := runtime.Start(ctx, runtime.Options{Node: n, Out: os.Stdout})
//	...
//	defer s.Stop(5 * time.Second)
//	err = s.Wait(ctx)
package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/grant"
	"github.com/skylint/skylint/runtime/luaapi/services"
	"github.com/skylint/skylint/runtime/luaapi/skynet"
	"github.com/skylint/skylint/runtime/node"
	"github.com/skylint/skylint/runtime/setup"
	"github.com/skylint/skylint/runtime/stdlib/host"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// Options say what to run, and what it may do.
type Options struct {
	// Node is what runs.
	Node *setup.Node
	// Config is sky.toml: limits and policies; nil: the defaults.
	Config *config.Config
	// Dialect is how the Lua files are read.
	Dialect syntax.Dialect
	// Out takes what services print, one at a time; nil: it is thrown away. Err takes what they
	// write to io.stderr.
	Out, Err io.Writer
	// Log takes what services log (skynet.error) and what goes wrong; nil: slog.Default().
	Log *slog.Logger
	// Files grants the files of folders to io and os; the files of the node's own folders can be
	// loaded and required in any case. Environment grants os.getenv.
	Files       []string
	Environment bool
	// Modules are native modules besides those of the runtime. One of the same name goes before.
	Modules []actor.Module
	// Actors are actors of Go code by name (".adder"), started before the first service.
	Actors []Actor
	// Lint, if it is set, looks at what is about to be loaded. An error keeps it from being loaded.
	Lint func(context.Context, *setup.Node) error
}

// An Actor is one of Go code. Its behaviour gets each message in a task of its own, one at a time;
// it answers by Task.Answer.
type Actor struct {
	Name      string
	Behaviour actor.Behaviour
}

// A System is a node that runs.
type System struct {
	node  *node.Node
	files []*grant.Files
	log   *slog.Logger
	start *actor.Actor

	mutex  sync.Mutex
	failed error
}

// A StartError says that the first service could not be started.
type StartError struct {
	Service string
	Err     error
}

// Error implements error.
func (e *StartError) Error() string {
	return fmt.Sprintf("the service %s has not started: %v", e.Service, e.Err)
}

// Unwrap returns the cause.
func (e *StartError) Unwrap() error { return e.Err }

// Start makes a node and starts its first service. It does not wait until that has started: see
// Wait. After an error nothing is left running.
func Start(ctx context.Context, o Options) (*System, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Lint != nil {
		if err := o.Lint(ctx, o.Node); err != nil {
			return nil, err
		}
	}
	words := o.Node.Bootstrap
	if len(words) == 0 {
		words = o.Node.Start
	}
	if len(words) == 0 {
		return nil, errors.New("the node has no first service: set start")
	}
	preload, err := o.Node.PreloadFile()
	if err != nil {
		return nil, err
	}
	s := &System{log: o.Log}
	maker, err := s.maker(o, preload)
	if err != nil {
		s.close()
		return nil, err
	}
	settings := settingsOf(o.Config, o.Node.Name)
	s.node = node.New(node.Options{
		Limits: &settings.limits, LimitsOf: settings.of, Restart: settings.restart, Slots: settings.slots, Script: maker.New,
		Find: func(name string) (*source.File, error) { return find(o.Node, name) }, Env: o.Node.Settings(),
		Print: s.print, Report: s.report,
	})
	for _, a := range o.Actors {
		if _, err := s.node.Add(a.Name, a.Behaviour); err != nil {
			s.Stop(0)
			return nil, err
		}
	}
	s.start, err = s.node.Spawn(nil, words[0], words[1:])
	if err != nil {
		s.Stop(0)
		return nil, &StartError{words[0], err}
	}
	s.start.OnStart(func(err error) {
		if err == nil || errors.Is(err, actor.ErrExited) {
			return
		}
		s.mutex.Lock()
		s.failed = &StartError{words[0], err}
		s.mutex.Unlock()
		go s.node.Shutdown("the first service has not started")
	})
	return s, nil
}

// find returns the program of a service: the runtime's own go before those of the node.
func find(n *setup.Node, name string) (*source.File, error) {
	if f, ok := services.Find(name); ok {
		return f, nil
	}
	s, err := n.Service(name)
	if err != nil {
		return nil, err
	}
	return s.File, nil
}

func (s *System) maker(o Options, preload *source.File) (*skynet.Maker, error) {
	code, err := grant.OpenFiles(append([]string{o.Node.Dir}, o.Node.Folders()...)...)
	if err != nil {
		return nil, err
	}
	s.files = append(s.files, code)
	granted := (*grant.Files)(nil)
	if len(o.Files) > 0 {
		if granted, err = grant.OpenFiles(o.Files...); err != nil {
			return nil, err
		}
		s.files = append(s.files, granted)
	}
	out, errs := &writer{to: o.Out}, &writer{to: o.Err}
	dialect := o.Dialect
	own := make(map[string]bool)
	for _, m := range o.Modules {
		own[m.Name] = true
	}
	modules := append([]actor.Module{}, o.Modules...)
	for _, m := range Modules() {
		if !own[m.Name] {
			modules = append(modules, m)
		}
	}
	return skynet.NewMaker(skynet.Config{
		Modules: modules, Dialect: dialect, Path: o.Node.LuaPath, Preload: preload, Opened: services.Opened,
		Place: func(file *source.File) (string, string) { return o.Node.Place(file.Path) },
		Library: func(h *host.State) {
			h.Out, h.Err = out, errs
			h.Environment = o.Environment
			h.ReadFile = func(name string) ([]byte, error) { return readCode(code, granted, o.Node.Dir, name) }
			if granted != nil {
				h.Files = granted
			}
		},
	}), nil
}

// maxSource is how large a file may be that is loaded; the limit "source" of a service is lower.
const maxSource = 64 << 20

func readCode(code, granted *grant.Files, dir, name string) ([]byte, error) {
	name = absolute(dir, name)
	f, err := code.Open(name, os.O_RDONLY)
	if errors.Is(err, grant.ErrOutside) && granted != nil {
		f, err = granted.Open(name, os.O_RDONLY)
	}
	if err != nil {
		text, _ := host.Reason(err)
		return nil, errors.New(text)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSource))
	if err != nil {
		text, _ := host.Reason(err)
		return nil, errors.New(text)
	}
	return data, nil
}

// Node returns the node, for programs that look into it.
func (s *System) Node() *node.Node { return s.node }

// Wait waits until no actor is left, the node ends by skynet.abort, or ctx is done. The error is a
// *StartError if the first service has not started, or that of ctx.
func (s *System) Wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		s.node.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.failed
}

// Reason returns why the node ends; "" while it does not, and when its actors have all ended.
func (s *System) Reason() string { return s.node.Reason() }

// Stop ends all actors, and gives back what the system holds. Those that have not ended by themselves
// when the grace is over are killed; then it reports false.
func (s *System) Stop(grace time.Duration) bool {
	ended := true
	if s.node != nil {
		ended = s.node.Stop("the node is stopped", grace)
		s.node.Close()
	}
	s.close()
	return ended
}

func (s *System) close() {
	for _, f := range s.files {
		f.Close()
	}
	s.files = nil
}

// print logs what a service gives skynet.error.
func (s *System) print(from actor.Handle, text string) {
	s.log.Info(strings.TrimRight(text, "\n"), "actor", from.String())
}

// report logs what has gone wrong.
func (s *System) report(e actor.Event) {
	level := slog.LevelError
	if e.Kind == "restart" || e.Kind == "name" {
		level = slog.LevelWarn
	}
	args := []any{"kind", e.Kind, "actor", e.Actor.String(), "service", e.Name}
	if e.Handler != "" {
		args = append(args, "handler", e.Handler)
	}
	if e.Source != 0 {
		args = append(args, "source", e.Source.String(), "session", e.Session)
	}
	if e.Digest != 0 {
		args = append(args, "digest", fmt.Sprintf("%016x", e.Digest))
	}
	if e.Trace != 0 {
		args = append(args, "trace", e.Trace)
	}
	if e.Stack != "" {
		args = append(args, "stack", e.Stack)
	}
	s.log.Log(context.Background(), level, e.Message, args...)
}

// writer lets several services write to one output, a call at a time.
type writer struct {
	mutex sync.Mutex
	to    io.Writer
}

func (w *writer) Write(p []byte) (int, error) {
	if w.to == nil {
		return len(p), nil
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.to.Write(p)
}
