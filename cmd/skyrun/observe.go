package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/spf13/pflag"

	"github.com/skylint/skylint/runtime"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/observe"
	"github.com/skylint/skylint/runtime/observe/control"
	"github.com/skylint/skylint/runtime/observe/spans"
	"github.com/skylint/skylint/runtime/observe/web"
)

// observeFlags say who may look at a node that runs.
type observeFlags struct {
	socket  string
	web     string
	metrics string
	otlp    string
}

// webAddress is where the page is if nothing else is said.
const webAddress = "127.0.0.1:7788"

func (f *observeFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.socket, "socket", "", "the `PATH` of the unix socket for skyrun top and ctl, or off (default: found by them)")
	flags.StringVar(&f.web, "web", "", "serve a live page, /metrics and /healthz at an `ADDRESS` of the loopback (--web alone: "+webAddress+")")
	flags.Lookup("web").NoOptDefVal = webAddress
	flags.StringVar(&f.metrics, "metrics", "", "serve /metrics, for Prometheus, and /healthz at an `ADDRESS`: :9100")
	flags.StringVar(&f.otlp, "otlp", "", "send traces to the `COLLECTOR` of OpenTelemetry at http://127.0.0.1:4318, say (default: what OTEL_EXPORTER_OTLP_ENDPOINT says)")
}

// absolute resolves paths, before the current folder becomes that of the node.
func (f *observeFlags) absolute() (err error) {
	if f.socket != "" && f.socket != "off" {
		f.socket, err = filepath.Abs(f.socket)
	}
	return err
}

// observed is a node that can be looked at.
type observed struct {
	observer atomic.Pointer[observe.Observer]
	close    []func()
}

// report hands what goes wrong to the observer too.
func (o *observed) report(next func(actor.Event)) func(actor.Event) {
	return func(e actor.Event) {
		next(e)
		if ob := o.observer.Load(); ob != nil {
			ob.Report(e)
		}
	}
}

// serve lets a node be looked at, in the ways that the flags say.
func (o *observed) serve(f observeFlags, name string, n *runtime.Node, log *slog.Logger) error {
	ob := observe.New(n.Node, observe.Options{Name: name})
	o.observer.Store(ob)
	if f.socket != "off" {
		path := f.socket
		if path == "" {
			path = control.Path(name)
		}
		s, err := control.Listen(path, ob, n.Command)
		switch {
		case err == nil:
			o.close = append(o.close, s.Close)
		case f.socket == "":
			log.Warn("skyrun top and ctl find no socket: see --socket", "reason", err.Error())
		default:
			return fmt.Errorf("--socket: %w", err)
		}
	}
	if f.otlp != "" || spans.Wanted(os.LookupEnv) {
		x, err := spans.Start(n.Node, spans.Options{
			Endpoint: f.otlp, Service: name, Ratio: -1, Env: os.LookupEnv,
			Report: func(err error) { log.Warn(err.Error(), "flag", "otlp") },
		})
		if err != nil {
			return fmt.Errorf("--otlp: %w", err)
		}
		o.close = append(o.close, x.Close)
	}
	for _, x := range []struct {
		flag, address, what string
		listen              func(string, *observe.Observer) (*web.Server, error)
	}{{"web", f.web, "the page is at", web.Page}, {"metrics", f.metrics, "the metrics are at", web.Metrics}} {
		if x.address == "" {
			continue
		}
		s, err := x.listen(x.address, ob)
		if web.ErrTaken(err) {
			return fmt.Errorf("--%s: another process listens at %s: name another port, or 0 for any: --%s=127.0.0.1:0", x.flag, x.address, x.flag)
		}
		if err != nil {
			return fmt.Errorf("--%s: %w", x.flag, err)
		}
		o.close = append(o.close, s.Close)
		log.Info(x.what+" http://"+s.Address(), "flag", x.flag)
	}
	return nil
}

// stop ends what serve has begun.
func (o *observed) stop() {
	for _, f := range o.close {
		f()
	}
}
