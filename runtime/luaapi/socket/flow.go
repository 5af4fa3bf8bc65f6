package socket

import (
	"sync"

	"github.com/skylint/skylint/runtime/socket"
)

// inFlight is how many bytes may be on their way to an actor that is busy with something else.
const inFlight = 256 << 10

// A flow counts the bytes on their way to an actor. Sockets that have to wait for room go on in the
// order in which they came, so that a few that bring much do not starve the others.
type flow struct {
	mutex   sync.Mutex
	bytes   int
	over    bool
	waiting []arrival
}

// An arrival waits for room.
type arrival struct {
	bytes int
	room  chan struct{}
}

// add waits until there is room for n bytes.
func (f *flow) add(n int) {
	f.mutex.Lock()
	if f.over || f.bytes < inFlight && len(f.waiting) == 0 {
		f.bytes += n
		f.mutex.Unlock()
		return
	}
	a := arrival{n, make(chan struct{})}
	f.waiting = append(f.waiting, a)
	f.mutex.Unlock()
	<-a.room
}

// arrived says that an event has arrived that add has counted.
func (f *flow) arrived(e socket.Event) {
	if e.Kind != socket.Data && e.Kind != socket.UDP {
		return
	}
	f.mutex.Lock()
	f.bytes -= len(e.Data)
	f.admit()
	f.mutex.Unlock()
}

// admit lets those go on that there is room for. The lock is held.
func (f *flow) admit() {
	n := 0
	for ; n < len(f.waiting) && (f.over || f.bytes < inFlight); n++ {
		f.bytes += f.waiting[n].bytes
		close(f.waiting[n].room)
		f.waiting[n] = arrival{}
	}
	if f.waiting = f.waiting[n:]; len(f.waiting) == 0 {
		f.waiting = nil
	}
}

// end lets all go on: the actor has ended.
func (f *flow) end() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.over = true
	f.admit()
}
