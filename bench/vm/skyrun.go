package main

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/internal/luarun"
	"github.com/skylint/skylint/runtime/limit"
)

// limited runs the program under skyrun with a limit on everything. What it takes to make
// the state counts: it is microseconds.
func limited(program, text string, size int) (float64, string, error) {
	limits := limit.Default()
	for _, setting := range []string{"instructions=1e12", "time=10m", "memory=1GiB", "output=1MiB"} {
		if err := limits.Set(setting); err != nil {
			return 0, "", err
		}
	}
	p := &luarun.Program{Name: program, Text: fmt.Sprintf("local f = (function() %s end)() io.write(tostring(f(%d)))", text, size)}
	start := cpu()
	result, err := luarun.Skyrun{Limits: limits}.Run(p)
	seconds := (cpu() - start).Seconds()
	if err != nil {
		return 0, "", err
	}
	if result.Exit != 0 {
		return 0, "", fmt.Errorf("exit %d: %s", result.Exit, result.Message)
	}
	return seconds, strings.TrimSpace(result.Output), nil
}
