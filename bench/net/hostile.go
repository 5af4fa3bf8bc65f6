package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/skylint/skylint/runtime/socket"
)

// parts are the ways of hostile peers, and what the node is told to bear.
var parts = []struct {
	role, title string
	clients     int
	limits      func(*socket.Limits)
}{
	{"", "nobody else", 0, func(*socket.Limits) {}},
	{"deaf", "50 that send 60 KB frames and never read", 50, func(l *socket.Limits) { l.Unsent = 256 << 10 }},
	{"silent", "500 that say nothing", 500, func(l *socket.Limits) { l.Idle = time.Second }},
	{"bytewise", "100 that write single bytes", 100, func(*socket.Limits) {}},
	{"oversized", "500 whose frame of 64 KB never ends", 500, func(*socket.Limits) {}},
	{"connects", "as many connects as it goes", 64, func(*socket.Limits) {}},
	{"connects", "the same, accepts = 1000", 64, func(l *socket.Limits) { l.Accepts = 1000 }},
}

// hostile runs each part with an honest client beside it, which asks every five milliseconds.
func hostile(span time.Duration) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "peers\tp50 ms\tp99 ms\tmax ms\tasked\tlive heap MB\tmost MB\tprocessor s\tclients at the end\tthey say\t")
	for _, p := range parts {
		limits := socket.Default()
		p.limits(&limits)
		s, err := serve(20_000, limits)
		if err != nil {
			return err
		}
		conn, err := net.Dial("tcp", s.address())
		if err != nil {
			return err
		}
		before := memory()
		var them *peer
		if p.role != "" {
			if them, err = start(p.role, s.address(), p.clients, span); err != nil {
				return err
			}
		}
		spent := cpu()
		times, most, err := ask(conn, span)
		spent = cpu() - spent
		if err != nil {
			return fmt.Errorf("%s: the honest client: %w", p.title, err)
		}
		said := ""
		if them != nil {
			said = them.rest()
		}
		here, _, err := s.state()
		if err != nil {
			return err
		}
		after := memory()
		conn.Close()
		s.node.Close()
		slices.Sort(times)
		ms := func(q float64) float64 {
			return float64(times[min(len(times)-1, int(q*float64(len(times))))]) / float64(time.Millisecond)
		}
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%d\t%.1f, then %.1f\t%.0f\t%.2f\t%d\t%s\t\n",
			p.title, ms(0.5), ms(0.99), ms(1), len(times), float64(before.heap)/1e6, float64(after.heap)/1e6, float64(most)/1e6, spent.Seconds(), here-1, said)
	}
	return w.Flush()
}

// ask sends a frame and waits for it, again and again. It returns how long that took, and the most
// memory that the process had.
func ask(conn net.Conn, span time.Duration) (times []time.Duration, most int64, err error) {
	one, back := frame(16), frame(16)
	for end := time.Now().Add(span); time.Now().Before(end); {
		begin := time.Now()
		conn.SetDeadline(begin.Add(10 * time.Second))
		if _, err := conn.Write(one); err != nil {
			return nil, 0, err
		}
		if _, err := io.ReadFull(conn, back); err != nil {
			return nil, 0, err
		}
		times = append(times, time.Since(begin))
		if len(times)%20 == 0 {
			most = max(most, resident())
		}
		time.Sleep(5 * time.Millisecond)
	}
	return times, most, nil
}
