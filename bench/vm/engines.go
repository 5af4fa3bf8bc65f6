package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/internal/luadiff"
	"github.com/skylint/skylint/syntax"
)

// available returns the engines; bare gopher-lua is the first, what the others are compared
// with.
func available() []engine {
	engines := []engine{{"gopher-lua", bare}, {"skyrun", limited}}
	for _, dialect := range []syntax.Dialect{syntax.Lua54, syntax.LuaJIT} {
		path, err := luadiff.Find(dialect)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s is left out: %v\n", dialect.Title(), err)
			continue
		}
		engines = append(engines, engine{luadiff.Command(dialect), func(program, text string, size int) (float64, string, error) {
			return process(path, program, text, size)
		}})
	}
	return engines
}

// bare runs the program under gopher-lua as it comes, with its own library and no limits. Its
// registry may grow, without which its table.concat fails on more than 2,560 items.
func bare(program, text string, size int) (float64, string, error) {
	L := lua.NewState(lua.Options{RegistrySize: 256 * 20, RegistryMaxSize: 1 << 20, RegistryGrowStep: 1 << 12})
	defer L.Close()
	chunk, err := L.Load(strings.NewReader(text), program)
	if err != nil {
		return 0, "", err
	}
	L.Push(chunk)
	if err := L.PCall(0, 1, nil); err != nil {
		return 0, "", err
	}
	f := L.Get(-1)
	start := cpu()
	if err := L.CallByParam(lua.P{Fn: f, NRet: 1, Protect: true}, lua.LNumber(size)); err != nil {
		return 0, "", err
	}
	return (cpu() - start).Seconds(), L.Get(-1).String(), nil
}

// process runs the program under an interpreter in a process of its own, which measures
// the time itself: starting it does not count.
func process(path, program, text string, size int) (float64, string, error) {
	folder, err := os.MkdirTemp("", "vm-")
	if err != nil {
		return 0, "", err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, program+".lua")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return 0, "", err
	}
	driver := fmt.Sprintf(`local f = dofile(%q) local t = os.clock() local r = f(%d) io.write(string.format("%%.6f", os.clock() - t), " ", tostring(r))`, file, size)
	out, err := exec.Command(path, "-e", driver).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return 0, "", fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return 0, "", err
	}
	var seconds float64
	var result string
	if _, err := fmt.Sscanf(string(out), "%f %s", &seconds, &result); err != nil {
		return 0, "", fmt.Errorf("unexpected output %q: %w", out, err)
	}
	return seconds, result, nil
}
