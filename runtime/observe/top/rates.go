package top

import (
	"time"

	"github.com/skylint/skylint/runtime/observe"
)

// rates is what lies between two snapshots, a second.
type rates struct {
	total    float64
	services map[string]rate
	actors   map[string]rate
	edges    map[edgeKey]float64
}

type rate struct {
	messages float64 // a second: begun, of an actor begun or gone on
	latency  observe.Histogram
}

type edgeKey struct{ from, to, typ, command string }

func keyOf(e *observe.Edge) edgeKey { return edgeKey{e.From, e.To, e.Type, e.Command} }

// newRates compares a snapshot with an earlier one; nil: there is none, and nothing has a rate yet.
func newRates(now, before *observe.Snapshot) *rates {
	r := &rates{services: map[string]rate{}, actors: map[string]rate{}, edges: map[edgeKey]float64{}}
	if before == nil || before.Node.PID != now.Node.PID { // another process counts from 0 on
		before = &observe.Snapshot{}
	}
	seconds := (now.Node.Time - before.Node.Time).Seconds()
	per := func(n uint64) float64 {
		if before.Node.Time == 0 || seconds <= 0 {
			return 0
		}
		return float64(n) / seconds
	}
	services := map[string]*observe.Service{}
	for i := range before.Services {
		services[before.Services[i].Name] = &before.Services[i]
	}
	for i := range now.Services {
		s := &now.Services[i]
		old := services[s.Name]
		if old == nil {
			old = &observe.Service{}
		}
		x := rate{per(s.Messages - old.Messages), s.Latency.Since(&old.Latency)}
		r.services[s.Name] = x
		r.total += x.messages
	}
	actors := map[string]*observe.Actor{}
	for i := range before.Actors {
		actors[before.Actors[i].Actor] = &before.Actors[i]
	}
	for i := range now.Actors {
		a := &now.Actors[i]
		old := actors[a.Actor]
		if old == nil {
			old = &observe.Actor{}
		}
		r.actors[a.Actor] = rate{per(uint64(a.Turns - old.Turns)), a.Latency.Since(&old.Latency)}
	}
	edges := map[edgeKey]uint64{}
	for i := range before.Edges {
		edges[keyOf(&before.Edges[i])] = before.Edges[i].Messages
	}
	for i := range now.Edges {
		e := &now.Edges[i]
		r.edges[keyOf(e)] = per(e.Messages - edges[keyOf(e)])
	}
	return r
}

// quantile returns that of a histogram as text; "" of an empty one.
func quantile(h *observe.Histogram, part float64) string {
	if h.Count() == 0 {
		return ""
	}
	return observe.Short(h.Quantile(part))
}

// longest is a time for sorting.
func longest(h *observe.Histogram) float64 { return float64(h.Quantile(0.99)) }

// second rounds an age for a table.
func second(d time.Duration) string {
	if d >= time.Second {
		d = d.Truncate(time.Second / 10)
	}
	return observe.Short(d)
}
