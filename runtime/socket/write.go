package socket

import "net"

// send queues bytes, after it has tried to hand them to the kernel.
func (s *socket) send(data string, low bool) bool {
	if s.packets != nil {
		return s.pool.SendTo(s.id, "", data)
	}
	s.mu.Lock()
	if s.closing || s.ended || s.listener != nil {
		s.mu.Unlock()
		return false
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
