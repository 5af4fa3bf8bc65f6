package socket

import (
	"net"
	"sync"
)

// What is sent in small pieces is gathered for as long as the flusher, one goroutine of the pool,
// is on its way: a service that sends much does not make a system call for each piece, and one that
// sends a single piece waits for nobody. A connection that the kernel takes no more for gets a
// goroutine of its own, until all that is queued has been sent.

// gatherSize is how much is gathered at most.
const gatherSize = 16 << 10

// gathers are what small pieces are gathered in; an idle connection holds none.
var gathers = sync.Pool{New: func() any { return new([gatherSize]byte) }}

// A flusher sends what has been gathered.
type flusher struct {
	mutex sync.Mutex
	wake  sync.Cond
	dirty []*socket
	over  bool
}

func newFlusher() *flusher {
	f := new(flusher)
	f.wake.L = &f.mutex
	return f
}

// add takes a socket that has gathered something.
func (f *flusher) add(s *socket) {
	f.mutex.Lock()
	f.dirty = append(f.dirty, s)
	first := len(f.dirty) == 1
	f.mutex.Unlock()
	if first {
		f.wake.Signal()
	}
}

func (f *flusher) end() {
	f.mutex.Lock()
	f.over = true
	f.mutex.Unlock()
	f.wake.Signal()
}

func (f *flusher) run() {
	var batch []*socket
	for {
		f.mutex.Lock()
		for len(f.dirty) == 0 && !f.over {
			f.wake.Wait()
		}
		if f.over {
			f.mutex.Unlock()
			return
		}
		batch, f.dirty = f.dirty, batch[:0]
		f.mutex.Unlock()
		for i, s := range batch {
			s.mu.Lock()
			s.flush()
			s.mu.Unlock()
			batch[i] = nil
		}
	}
}

// gather queues a small piece. The lock is held, and nothing else waits.
func (s *socket) gather(data string) {
	if s.gathered == nil {
		s.gathered = gathers.Get().(*[gatherSize]byte)
		s.pool.flusher.add(s)
	}
	s.fill += copy(s.gathered[s.fill:], data)
	s.unsent += int64(len(data))
}

// flush hands the kernel what was gathered, and queues what it does not take. The lock is held.
func (s *socket) flush() {
	if s.gathered == nil {
		return
	}
	b := s.gathered[:s.fill]
	if !s.ended {
		n := s.writeSome(b)
		s.sent(n)
		s.unsent -= int64(n)
		if n < len(b) {
			s.high = append(s.high, append([]byte(nil), b[n:]...))
			s.write()
		}
	}
	gathers.Put(s.gathered)
	s.gathered, s.fill = nil, 0
}

// send queues bytes.
func (s *socket) send(data string, low bool) bool {
	if s.packets != nil {
		return s.pool.SendTo(s.id, "", data)
	}
	s.mu.Lock()
	if s.closing || s.ended || s.listener != nil {
		s.mu.Unlock()
		return false
	}
	if s.conn != nil && !s.writing {
		small := len(data) <= gatherSize/2
		if !small || s.fill+len(data) > gatherSize {
			s.flush() // first what came first
		}
		if small && !s.writing {
			s.gather(data)
			s.mu.Unlock()
			return true
		}
	}
	b := []byte(data)
	if s.conn != nil && !s.writing {
		n := s.writeSome(b)
		s.sent(n)
		b = b[n:]
	}
	if len(b) == 0 {
		s.mu.Unlock()
		return true
	}
	if low {
		s.low = append(s.low, b)
	} else {
		s.high = append(s.high, b)
	}
	s.unsent += int64(len(b))
	if most := s.pool.limits.Unsent; most > 0 && s.unsent > most {
		s.mu.Unlock()
		s.fail("more waits to be sent than socket.unsent in sky.toml allows")
		return false
	}
	warn := 0
	if s.unsent >= max(s.warnAt, warning) {
		s.warnAt = max(s.warnAt, warning) * 2
		warn = int(s.unsent >> 10)
	}
	if s.conn != nil && !s.writing {
		s.write()
	}
	s.mu.Unlock()
	if warn > 0 {
		s.emit(Event{Kind: Warning, N: warn})
	}
	return true
}

func (s *socket) sent(n int) {
	if n > 0 {
		s.wrote.Add(int64(n))
		s.touch()
	}
}

// write starts a goroutine that sends what is queued. The lock is held.
func (s *socket) write() {
	s.writing = true
	s.pool.group.Add(1)
	go func() {
		defer s.pool.group.Done()
		for {
			s.mu.Lock()
			batch := s.high
			s.high = nil
			if len(batch) == 0 && len(s.low) > 0 {
				batch = s.low[:1:1]
				s.low = s.low[1:]
			}
			if len(batch) == 0 || s.ended {
				s.drained()
				return
			}
			s.mu.Unlock()
			all := net.Buffers(batch)
			n, err := all.WriteTo(s.conn)
			s.sent(int(n))
			s.mu.Lock()
			s.unsent -= n
			s.mu.Unlock()
			if err != nil {
				s.fail(reason(err).Error())
			}
		}
	}()
}

// drained ends the writer: nothing is queued any more, or cannot be sent. The lock is held, and
// released.
func (s *socket) drained() {
	s.writing = false
	s.high, s.low = nil, nil
	warned := s.warnAt > 0
	s.unsent, s.warnAt = 0, 0
	if !s.closing {
		s.mu.Unlock()
		if warned {
			s.emit(Event{Kind: Warning})
		}
		return
	}
	already := s.ended
	s.end()
	s.leave(already)
}
