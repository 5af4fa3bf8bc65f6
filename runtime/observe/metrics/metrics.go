// Package metrics gives what a node is at to Prometheus. Labels are names of services, not addresses: a
// service of which there are ten thousand actors is one line.
package metrics

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/skylint/skylint/runtime/observe"
)

// Handler serves the metrics of a node: those of this package, and those of Go and of the process. Messages are
// to be counted all the time (see observe.Observer.Look), for rates would have holes otherwise.
func Handler(ob *observe.Observer) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{ob}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// describe makes the description of a metric.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("skyrun_"+name, help, labels, nil)
}

var (
	info       = describe("node_info", "1, with the name of the node", "node")
	slots      = describe("slots", "How many actors run at once.")
	running    = describe("running_actors", "How many actors run.")
	ready      = describe("ready_actors", "How many actors would run if there were a slot.")
	actors     = describe("actors", "How many actors there are.", "service")
	mailbox    = describe("mailbox_messages", "How many messages wait in mailboxes.", "service")
	memory     = describe("memory_bytes", "What the values of the actors take, as last measured.", "service")
	messages   = describe("messages_total", "Messages whose handling has begun.", "service")
	failed     = describe("handler_errors_total", "Messages whose handler has raised an error.", "service")
	handling   = describe("handler_seconds", "How long messages were handled, from the first instruction to the last, waits included.", "service")
	sent       = describe("sent_messages_total", "Messages that the actors of one service have taken from those of another.", "from", "to")
	calls      = describe("calls_total", "Calls that have been answered, or have failed.", "from", "to")
	callErrors = describe("call_errors_total", "Calls that have failed.", "from", "to")
	callTime   = describe("call_seconds_total", "How long calls have taken, together.", "from", "to")
	waits      = describe("waits", "How many tasks wait, by what they wait for: call, lock, sleep, ...", "kind")
	oldest     = describe("oldest_wait_seconds", "How long the oldest wait has lasted, of those that end only if another actor does something.")
	events     = describe("events_total", "What has gone wrong, by the kind that the log has: handler, deadlock, limit, ...", "kind")
	violations = describe("violations_total", "How often a rule was broken.", "rule", "service")
)

type collector struct{ observer *observe.Observer }

// Describe implements prometheus.Collector.
func (collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		info, slots, running, ready, actors, mailbox, memory, messages, failed, handling, sent, calls, callErrors, callTime, waits, oldest, events, violations,
	} {
		to <- d
	}
}

// mostWaits is how many waits are looked at, the oldest.
const mostWaits = 1 << 20

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	s := c.observer.Snapshot(observe.Query{Waits: mostWaits})
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- made(d)(prometheus.NewConstMetric(d, prometheus.GaugeValue, v, labels...))
	}
	count := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- made(d)(prometheus.NewConstMetric(d, prometheus.CounterValue, v, labels...))
	}
	gauge(info, 1, strings.ToValidUTF8(s.Node.Name, "\uFFFD"))
	gauge(slots, float64(s.Node.Slots))
	gauge(running, float64(s.Node.Running))
	gauge(ready, float64(s.Node.Ready))
	for i := range s.Services {
		x := &s.Services[i]
		gauge(actors, float64(x.Actors), x.Name)
		gauge(mailbox, float64(x.Queue), x.Name)
		gauge(memory, float64(x.Memory), x.Name)
		count(messages, float64(x.Messages), x.Name)
		count(failed, float64(x.Failed), x.Name)
		to <- histogram(handling, &x.Latency, x.Name)
	}
	type pair struct{ from, to string }
	order, sums := []pair{}, map[pair]*observe.Edge{}
	for _, e := range s.Edges {
		p := pair{e.From, e.To}
		sum := sums[p]
		if sum == nil {
			sum = new(observe.Edge)
			sums[p] = sum
			order = append(order, p)
		}
		sum.Messages += e.Messages
		sum.Calls += e.Calls
		sum.Failed += e.Failed
		sum.Took += e.Took
	}
	for _, p := range order {
		sum := sums[p]
		count(sent, float64(sum.Messages), p.from, p.to)
		count(calls, float64(sum.Calls), p.from, p.to)
		count(callErrors, float64(sum.Failed), p.from, p.to)
		count(callTime, sum.Took.Seconds(), p.from, p.to)
	}
	kinds, age := map[string]int{}, time.Duration(0)
	for i := range s.Waits {
		w := &s.Waits[i]
		kinds[w.Kind]++
		if w.Exact {
			age = max(age, w.Age)
		}
	}
	for kind, n := range kinds {
		gauge(waits, float64(n), kind)
	}
	gauge(oldest, age.Seconds())
	for kind, n := range s.EventKinds {
		count(events, float64(n), kind)
	}
	for _, v := range s.Trips {
		count(violations, float64(v.Count), v.Rule, v.Service)
	}
}

// histogram makes one of Prometheus, whose buckets add up. Half of ours are enough for it.
func histogram(d *prometheus.Desc, h *observe.Histogram, label string) prometheus.Metric {
	buckets := make(map[float64]uint64, observe.Buckets/2)
	sum := uint64(0)
	for i, n := range h.Counts[:observe.Buckets-1] {
		sum += n
		if i%2 == 0 {
			buckets[observe.Bound(i).Seconds()] = sum
		}
	}
	return made(d)(prometheus.NewConstHistogram(d, h.Count(), h.Sum.Seconds(), buckets, label))
}

// made makes an answer with an error of what cannot be a metric: names come from scripts, and nothing that they
// say may end the node.
func made(d *prometheus.Desc) func(prometheus.Metric, error) prometheus.Metric {
	return func(m prometheus.Metric, err error) prometheus.Metric {
		if err != nil {
			return prometheus.NewInvalidMetric(d, err)
		}
		return m
	}
}
