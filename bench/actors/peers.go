package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// skynetConfig is a config of skynet, whose best is without the profile, which is on by default: it
// reads the clock of the thread before and after each message. The arguments are skynet's folder, our
// own, the workload and the number of operations.
const skynetConfig = `root = %[1]q .. "/"
own = %[2]q .. "/"
thread = 2
harbor = 0
profile = false
logger = own .. "skynet.log"
logservice = "logger"
bootstrap = "snlua bootstrap"
start = "main"
luaservice = root .. "service/?.lua;" .. own .. "?.lua"
lualoader = root .. "lualib/loader.lua"
lua_path = root .. "lualib/?.lua;" .. root .. "lualib/?/init.lua"
lua_cpath = root .. "luaclib/?.so"
cpath = root .. "cservice/?.so"
workload = %[3]q
count = %[4]d
`

// skynetEngine runs the services of skyrun in a skynet that is built in a folder.
func skynetEngine(dir, temp string) (engine, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return engine{}, err
	}
	program := filepath.Join(dir, "skynet")
	if info, err := os.Stat(program); err != nil || info.IsDir() {
		return engine{}, fmt.Errorf("%s is no skynet that is built: it has no program skynet", dir)
	}
	own := filepath.Join(temp, "skynet")
	if err := os.Mkdir(own, 0o700); err != nil {
		return engine{}, err
	}
	files, err := services.ReadDir("services")
	if err != nil {
		return engine{}, err
	}
	for _, f := range files {
		text, err := services.ReadFile("services/" + f.Name())
		if err != nil {
			return engine{}, err
		}
		if err := os.WriteFile(filepath.Join(own, f.Name()), text, 0o600); err != nil {
			return engine{}, err
		}
	}
	return engine{name: "skynet", run: func(workload string, count int) (result, error) {
		config, log := filepath.Join(own, "config"), filepath.Join(own, "skynet.log")
		text := fmt.Sprintf(skynetConfig, dir, own, workload, count)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return result{}, err
		}
		r, err := output(own, program, config)
		if err != nil {
			said, _ := os.ReadFile(log)
			err = fmt.Errorf("%w\n%s", err, said)
		}
		return r, errors.Join(err, os.Remove(log))
	}}, nil
}

//go:embed erlang/workloads.erl
var erlangWorkloads []byte

// erlangEngine compiles the workloads for Erlang, and runs them.
func erlangEngine(temp string) (engine, error) {
	program, err := exec.LookPath("erl")
	if err != nil {
		return engine{}, err
	}
	own := filepath.Join(temp, "erlang")
	if err := os.Mkdir(own, 0o700); err != nil {
		return engine{}, err
	}
	if err := os.WriteFile(filepath.Join(own, "workloads.erl"), erlangWorkloads, 0o600); err != nil {
		return engine{}, err
	}
	compile := exec.Command(program, "-noshell", "-eval", `case compile:file("workloads.erl", [report]) of {ok, _} -> halt(0); _ -> halt(1) end.`)
	compile.Dir = own
	if out, err := compile.CombinedOutput(); err != nil {
		return engine{}, fmt.Errorf("erl: %w\n%s", err, out)
	}
	// Erlang has nothing like coroutines that share what they work on.
	has := func(workload string) bool { return workload != "W2c" }
	return engine{name: "Erlang", has: has, run: func(workload string, count int) (result, error) {
		return output(own, program, "-noshell", "-eval", fmt.Sprintf("workloads:main([%q, %q]).", workload, strconv.Itoa(count)))
	}}, nil
}
