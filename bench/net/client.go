package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A peer is a process of clients.
type peer struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// start starts a process that plays a role against a server.
func start(role, address string, clients int, span time.Duration) (*peer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &peer{command: exec.Command(self, "-clients", strconv.Itoa(clients), "-time", span.String(), "client", address, role)}
	p.command.Stderr = os.Stderr
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	return p, p.command.Start()
}

// wait waits for a line that begins with a word.
func (p *peer) wait(word string) error {
	for {
		line, err := p.out.ReadString('\n')
		if err != nil {
			return fmt.Errorf("the clients have ended before they said %q", word)
		}
		if strings.HasPrefix(line, word) {
			return nil
		}
	}
}

// rest ends the clients, and returns what they said.
func (p *peer) rest() string {
	all, _ := io.ReadAll(p.out)
	p.end()
	return strings.TrimSpace(string(all))
}

func (p *peer) end() {
	p.in.Close()
	p.command.Wait()
}

// frame is a frame of some bytes.
func frame(size int) []byte {
	b := make([]byte, 2+size)
	b[0], b[1] = byte(size>>8), byte(size)
	return b
}

// play plays a role until its time is over, or the standard input ends.
func play(role, address string, clients int, span time.Duration) error {
	over := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if span > 0 {
		time.AfterFunc(span, func() { close(over) })
	}
	switch role {
	case "idle":
		for range clients {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				return err
			}
			keep = append(keep, conn)
			conn.Write(frame(16))
			if _, err := io.ReadFull(conn, frame(16)); err != nil {
				return err
			}
		}
		fmt.Println("connected")
		<-over
	case "silent":
		each(clients, address, over, func(conn net.Conn) { conn.Read(make([]byte, 1)) }) // until it is closed
	case "deaf":
		block := frame(60_000)
		each(clients, address, over, func(conn net.Conn) {
			for {
				if _, err := conn.Write(block); err != nil {
					return
				}
			}
		})
	case "bytewise":
		one := frame(16)
		each(clients, address, over, func(conn net.Conn) {
			go io.Copy(io.Discard, conn)
			for i := 0; ; i = (i + 1) % len(one) {
				if _, err := conn.Write(one[i : i+1]); err != nil {
					return
				}
			}
		})
	case "oversized":
		head := []byte{0xff, 0xff}
		each(clients, address, over, func(conn net.Conn) {
			conn.Write(head)
			for range 1000 { // it never ends
				if _, err := conn.Write(head[:1]); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		})
	case "connects":
		each(clients, address, over, func(conn net.Conn) {
			conn.(*net.TCPConn).SetLinger(0)
		})
	default:
		return fmt.Errorf("there is no role %s", role)
	}
	return nil
}

var keep []net.Conn

// each has so many clients do something on one connection after the other.
func each(clients int, address string, over chan struct{}, do func(net.Conn)) {
	var made, failed atomic.Int64
	var group sync.WaitGroup
	var mutex sync.Mutex
	open := map[net.Conn]bool{}
	begin := time.Now()
	go func() {
		<-over
		mutex.Lock()
		defer mutex.Unlock()
		for conn := range open {
			conn.Close()
		}
	}()
	for range clients {
		group.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				conn, err := net.Dial("tcp", address)
				if err != nil {
					failed.Add(1)
					continue
				}
				made.Add(1)
				mutex.Lock()
				open[conn] = true
				mutex.Unlock()
				do(conn)
				conn.Close()
				mutex.Lock()
				delete(open, conn)
				mutex.Unlock()
			}
		})
	}
	group.Wait()
	fmt.Printf("%d connections, %.0f a second, %d refused by the kernel\n", made.Load(), float64(made.Load())/time.Since(begin).Seconds(), failed.Load())
}
