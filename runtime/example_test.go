package runtime_test

import (
	"context"
	"fmt"
	"os"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// find has the services of an example.
func find(services map[string]string) func(string) (*source.File, bool) {
	return func(name string) (*source.File, bool) {
		text, ok := services[name]
		return source.New(name+".lua", text), ok
	}
}

// A Go program starts a node with a service, and calls it.
func Example() {
	n, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect, Out: os.Stdout,
		Find: find(map[string]string{"counter": `
local skynet = require "skynet"
require "skynet.manager"
local n = 0
skynet.start(function()
  skynet.dispatch("lua", function(_, _, by) n = n + by skynet.retpack(n) end)
  skynet.register ".counter"
end)`}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer n.Close()
	ctx := context.Background()
	if _, err := n.Launch(ctx, "counter"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(n.Call(ctx, ".counter", 2))
	fmt.Println(n.Call(ctx, ".counter", 3))
	// Output:
	// [2] <nil>
	// [5] <nil>
}

// A Go function is a service, and another one a function of a module.
func ExampleNode_Handle() {
	n, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect, Out: os.Stdout,
		Modules: []actor.Module{runtime.Module("greeter", map[string]func([]any) ([]any, error){
			"greet": func(args []any) ([]any, error) { return []any{fmt.Sprint("hello ", args[0])}, nil },
		})},
		Find: find(map[string]string{"main": `
local skynet = require "skynet"
local greeter = require "greeter"
skynet.start(function()
  print(greeter.greet "world")
  print(skynet.call(".double", "lua", 21))
  print(pcall(skynet.call, ".double", "lua", "x"))
end)`}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer n.Close()
	if _, err := n.Handle(".double", func(r *runtime.Request) error {
		x, ok := r.Values()[0].(float64)
		if !ok {
			return fmt.Errorf("%v is no number", r.Values()[0])
		}
		return r.Reply(2 * x)
	}); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := n.Launch(context.Background(), "main"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// hello world
	// 42
	// false	call failed: x is no number
}
