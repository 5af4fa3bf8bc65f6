package observe_test

import (
	"context"
	"strings"
	"testing"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/observe"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

// BenchmarkCall is what it costs a call that somebody looks: calls from one service to another, a hundred at a time.
func BenchmarkCall(b *testing.B) {
	programs := map[string]string{
		"main": `local skynet = require "skynet"
skynet.start(function()
  local other = skynet.newservice "other"
  skynet.dispatch("lua", function() for i = 1, 100 do skynet.call(other, "lua", "get", i) end skynet.retpack(true) end)
end)`,
		"other": `local skynet = require "skynet"
skynet.start(function() skynet.dispatch("lua", function(_, _, _, i) skynet.retpack(i) end) end)`,
	}
	for _, watched := range []bool{false, true} {
		name := "alone"
		if watched {
			name = "watched"
		}
		b.Run(name, func(b *testing.B) {
			n, err := runtime.New(runtime.Options{Dialect: syntax.DefaultDialect, Find: func(name string) (*source.File, bool) {
				text, ok := programs[strings.TrimSuffix(name, ".lua")]
				return source.New(name+".lua", text), ok
			}})
			if err != nil {
				b.Fatal(err)
			}
			defer n.Close()
			ob := observe.New(n.Node, observe.Options{})
			if watched {
				defer ob.Look()()
			}
			h, err := n.Launch(context.Background(), "main")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.Call(context.Background(), h.String(), "go"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
