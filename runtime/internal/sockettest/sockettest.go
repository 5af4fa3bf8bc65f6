// Package sockettest runs systems of services over real sockets in tests.
package sockettest

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/socket"
)

// A System says what a test runs.
type System struct {
	// Limits are those of the sockets; the zero value: the usual.
	Limits socket.Limits
	// Modules makes the native modules, over the sockets of the test.
	Modules func(*socket.Pool) []actor.Module
	// Body is that of the start function of the service main, which calls done() at its end, and
	// has skynet and socket. Files of a txtar archive may follow.
	Body string
	// Want is what is printed.
	Want string
	// Env are the settings.
	Env map[string]string
}

// Run runs a system, and makes sure that no goroutine is left.
func Run(t *testing.T, s System) nodetest.Result {
	t.Helper()
	if s.Limits == (socket.Limits{}) {
		s.Limits = socket.Default()
	}
	before := runtime.NumGoroutine()
	pool := socket.New(s.Limits)
	body, files, _ := strings.Cut(s.Body, "\n-- ")
	if files != "" {
		files = "-- " + files
	}
	r := nodetest.RunReal(t, nodetest.System{Modules: s.Modules(pool), Env: s.Env, Files: `
-- main.lua --
local skynet = require "skynet"
require "skynet.manager"
local socket = require "skynet.socket"
local done = skynet.abort
skynet.start(function()
` + body + "\nend)\n" + files})
	r.Expect(t, s.Want)
	pool.Shut()
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	return r
}
