package node

import (
	"sync"
	"sync/atomic"

	"github.com/skylint/skylint/runtime/actor"
)

// handles finds actors by address, without a lock. Addresses count up from 1 and are not used
// again; a chunk of them whose actors have all ended is dropped.
type handles struct {
	mutex  sync.Mutex
	last   actor.Handle
	chunks atomic.Pointer[[]*handleChunk]
}

const chunkSize = 1024

type handleChunk struct {
	actors [chunkSize]atomic.Pointer[actor.Actor]
	ended  int
}

func (t *handles) find(h actor.Handle) *actor.Actor {
	chunks := t.chunks.Load()
	i := int(h / chunkSize)
	if chunks == nil || i >= len(*chunks) || (*chunks)[i] == nil {
		return nil
	}
	return (*chunks)[i].actors[h%chunkSize].Load()
}

// reserve returns an address that nobody has had.
func (t *handles) reserve() actor.Handle {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.last++
	i := int(t.last / chunkSize)
	var chunks []*handleChunk
	if p := t.chunks.Load(); p != nil {
		chunks = *p
	}
	if i >= len(chunks) {
		chunks = append(append(make([]*handleChunk, 0, len(chunks)+1), chunks...), new(handleChunk))
		t.chunks.Store(&chunks)
	}
	return t.last
}

func (t *handles) set(h actor.Handle, a *actor.Actor) {
	(*t.chunks.Load())[h/chunkSize].actors[h%chunkSize].Store(a)
}

func (t *handles) clear(h actor.Handle) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	chunks := *t.chunks.Load()
	i := h / chunkSize
	c := chunks[i]
	c.actors[h%chunkSize].Store(nil)
	c.ended++
	if full := c.ended == chunkSize || i == 0 && c.ended == chunkSize-1; full && t.last/chunkSize > i {
		next := append([]*handleChunk(nil), chunks...)
		next[i] = nil
		t.chunks.Store(&next)
	}
}

func (t *handles) each(f func(*actor.Actor)) {
	chunks := t.chunks.Load()
	if chunks == nil {
		return
	}
	for _, c := range *chunks {
		if c == nil {
			continue
		}
		for i := range c.actors {
			if a := c.actors[i].Load(); a != nil {
				f(a)
			}
		}
	}
}
