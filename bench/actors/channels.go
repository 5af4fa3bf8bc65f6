package main

import (
	"fmt"
	"time"
)

// message is what the channels carry: the payload of W1, and where the answer goes.
type message struct {
	cmd   string
	n     int
	text  string
	reply chan message
}

// hasChannels says which workloads there are with channels: those that are messages and nothing else.
func hasChannels(workload string) bool { return channels[workload] != nil }

// channels are workloads with plain goroutines and channels: each sets up and returns what to measure.
var channels = map[string]func(count int) func(){
	"W1":  func(count int) func() { return callers(count, 1, 1) },
	"W2":  func(count int) func() { return callers(count/64*64, 64, 8) },
	"W2c": func(count int) func() { return callers(count/64*64, 64, 8) },
	"W3":  flood,
}

func runChannels(workload string, count int) (result, error) {
	set := channels[workload]
	if set == nil {
		return result{}, fmt.Errorf("there is no %s with channels", workload)
	}
	run := set(count)
	before := resident()
	start := time.Now()
	run()
	return result{count, time.Since(start), before, resident()}, nil
}

// callers has clients call servers, count times in all.
func callers(count, clients, servers int) func() {
	list := make([]chan message, servers)
	for i := range list {
		in := make(chan message, 64)
		list[i] = in
		go func() {
			for m := range in {
				m.reply <- message{n: m.n, text: m.text}
			}
		}()
	}
	return func() {
		ended := make(chan struct{})
		for c := range clients {
			go func() {
				reply := make(chan message, 1)
				for i := range count / clients {
					list[c%servers] <- message{"echo", i, "short string", reply}
					<-reply
				}
				ended <- struct{}{}
			}()
		}
		for range clients {
			<-ended
		}
		for _, s := range list {
			close(s)
		}
	}
}

// flood has one goroutine send to another as fast as it can.
func flood(count int) func() {
	in := make(chan message, 8192)
	ended := make(chan int)
	go func() {
		n := 0
		for m := range in {
			n += len(m.text)
		}
		ended <- n
	}()
	return func() {
		for i := range count {
			in <- message{"message", i, "short string", nil}
		}
		close(in)
		<-ended
	}
}
