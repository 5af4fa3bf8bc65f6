package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skylint/skylint/runtime/socket"
)

// A load is what the clients of the frames benchmark do.
type load struct {
	clients, window, size int
	time                  time.Duration
}

// frames has clients that each keep a window of frames on their way, and counts those that come back.
func frames(l load) error {
	s, err := serve(l.clients, socket.Default())
	if err != nil {
		return err
	}
	defer s.node.Close()
	var count atomic.Int64
	var stop atomic.Bool
	var group sync.WaitGroup
	for range l.clients {
		conn, err := net.Dial("tcp", s.address())
		if err != nil {
			return err
		}
		group.Add(1)
		go func() {
			defer group.Done()
			defer conn.Close()
			client(conn, l, &count, &stop)
		}()
	}
	time.Sleep(l.time / 4) // warm
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	spent0, start, n := cpu(), time.Now(), count.Load()
	var live []uint64
	for range 4 {
		time.Sleep(l.time / 4)
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		live = append(live, m.HeapAlloc)
	}
	n = count.Load() - n
	took, spent := time.Since(start), cpu()-spent0
	runtime.ReadMemStats(&after)
	stop.Store(true)
	group.Wait()
	fmt.Printf("%d clients, %d frames of %d bytes each on their way: %.0f frames a second, %.0f for each second of a processor, %.0f bytes allocated for each\n",
		l.clients, l.window, l.size, float64(n)/took.Seconds(), float64(n)/spent.Seconds(), float64(after.TotalAlloc-before.TotalAlloc)/float64(n))
	fmt.Print("live heap, MB:")
	for _, m := range live {
		fmt.Printf(" %.1f", float64(m)/1e6)
	}
	fmt.Println()
	return nil
}

// client sends a window of frames, and as many again as have come back.
func client(conn net.Conn, l load, count *atomic.Int64, stop *atomic.Bool) {
	frame := frame(l.size)
	var all []byte
	for range l.window {
		all = append(all, frame...)
	}
	conn.Write(all)
	in := bufio.NewReaderSize(conn, 4096)
	got := make([]byte, len(all))
	for !stop.Load() {
		if _, err := io.ReadFull(in, got[:len(frame)]); err != nil {
			return
		}
		n := 1
		for n < l.window && in.Buffered() >= len(frame) {
			io.ReadFull(in, got[:len(frame)])
			n++
		}
		count.Add(int64(n))
		if _, err := conn.Write(all[:n*len(frame)]); err != nil {
			return
		}
	}
}
