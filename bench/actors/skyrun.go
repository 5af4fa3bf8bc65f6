package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/setup"
	"github.com/skylint/skylint/source"
	"github.com/skylint/skylint/syntax"
)

//go:embed services/*.lua
var services embed.FS

// setCollector tells the collector what skyrun tells it.
func setCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// runSkyrun runs a workload in this process, with the limits that hold where nothing else is said.
func runSkyrun(workload string, count int) (result, error) {
	var before int64
	results := make(chan result, 1)
	failed := make(chan error, 16)
	n, err := runtime.New(runtime.Options{
		Dialect: syntax.DefaultDialect,
		Setup:   &setup.Node{Env: map[string]string{"workload": workload, "count": strconv.Itoa(count)}},
		Find: func(name string) (*source.File, bool) {
			text, err := services.ReadFile("services/" + name + ".lua")
			return source.New(name+".lua", string(text)), err == nil
		},
		Report: func(e actor.Event) {
			select {
			case failed <- fmt.Errorf("%s: %s\n%s", e.Kind, e.Message, e.Stack):
			default:
			}
		},
	})
	if err != nil {
		return result{}, err
	}
	defer n.Close()
	_, err = n.Handle(".report", func(r *runtime.Request) error {
		if what, _ := r.Values()[0].(string); what == "mark" {
			before = resident()
			return r.Reply(true)
		}
		ops, elapsed := r.Values()[1].(float64), r.Values()[2].(float64)
		results <- result{int(ops), time.Duration(elapsed), before, resident()}
		return r.Reply(true)
	})
	if err != nil {
		return result{}, err
	}
	if _, err := n.Launch(context.Background(), "main"); err != nil {
		return result{}, err
	}
	n.Wait()
	select {
	case r := <-results:
		return r, nil
	default:
	}
	select {
	case err := <-failed:
		return result{}, err
	default:
		return result{}, errors.New("the services have ended without a result")
	}
}
