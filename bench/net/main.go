// Command net measures the sockets and the gate of a node.
//
//	go run ./bench/net frames    frames to a Lua handler and back, with the clients in the same process
//	go run ./bench/net idle      what an idle connection takes
//	go run ./bench/net hostile   peers that mean no good, and what an honest one notices
//
// The clients of idle and hostile are a process of their own. Each needs a file for each
// connection: ulimit -n.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"time"
)

func main() {
	clients := flag.Int("clients", 0, "how many clients there are; 0: 100 for frames, 10,000 for idle")
	window := flag.Int("window", 16, "how many frames each client keeps on their way")
	size := flag.Int("size", 16, "bytes of a frame")
	span := flag.Duration("time", 5*time.Second, "how long each part runs")
	profile := flag.String("cpuprofile", "", "write a profile to this file")
	flag.Parse()
	what, address := flag.Arg(0), flag.Arg(1)
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			fail(err)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			fail(err)
		}
		defer pprof.StopCPUProfile()
	}
	count := func(otherwise int) int {
		if *clients > 0 {
			return *clients
		}
		return otherwise
	}
	var err error
	switch what {
	case "frames":
		err = frames(load{count(100), *window, *size, *span})
	case "idle":
		err = idle(count(10_000))
	case "hostile":
		err = hostile(*span)
	case "client": // of idle and hostile
		err = play(flag.Arg(2), address, count(100), *span)
	default:
		flag.Usage()
		os.Exit(2)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "net:", err)
	os.Exit(1)
}
