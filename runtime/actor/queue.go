package actor

import "sync"

// queue is a list of envelopes that is taken from the front. It is made of blocks, which all
// queues of the process share when they are empty: an actor that has been flooded keeps nothing.
type queue struct {
	first, last *block
	head, tail  int // the first envelope in first, and the one behind the last in last
	count       int
}

const blockSize = 32

type block struct {
	items [blockSize]Envelope
	next  *block
}

var blocks = sync.Pool{New: func() any { return new(block) }}

func (q *queue) len() int { return q.count }

func (q *queue) push(e *Envelope) {
	switch {
	case q.last == nil:
		b := blocks.Get().(*block)
		q.first, q.last, q.head, q.tail = b, b, 0, 0
	case q.tail == blockSize:
		b := blocks.Get().(*block)
		q.last.next, q.last, q.tail = b, b, 0
	}
	q.last.items[q.tail] = *e
	q.tail++
	q.count++
}

// front returns the first envelope.
func (q *queue) front() *Envelope { return &q.first.items[q.head] }

// pop moves the first envelope to e.
func (q *queue) pop(e *Envelope) {
	*e = *q.front()
	q.drop()
}

// drop takes the first envelope off.
func (q *queue) drop() {
	*q.front() = Envelope{}
	q.head++
	q.count--
	switch {
	case q.count == 0:
		if q.head == blockSize {
			blocks.Put(q.first)
			*q = queue{}
			return
		}
	case q.head == blockSize:
		b := q.first
		q.first, q.head = b.next, 0
		b.next = nil
		blocks.Put(b)
	}
}

// release gives an empty queue's block back.
func (q *queue) release() {
	if q.count == 0 && q.first != nil {
		blocks.Put(q.first)
		*q = queue{}
	}
}

// remove takes an envelope out that keep does not want to keep: the first such. It reports
// whether there was one.
func (q *queue) remove(keep func(*Envelope) bool) (removed Envelope, ok bool) {
	// The envelopes before it move up by one place.
	i, b := q.head, q.first
	var path []*Envelope
	for n := 0; n < q.count; n++ {
		e := &b.items[i]
		path = append(path, e)
		if !keep(e) {
			removed = *e
			for k := len(path) - 1; k > 0; k-- {
				*path[k] = *path[k-1]
			}
			q.drop()
			return removed, true
		}
		if i++; i == blockSize {
			b, i = b.next, 0
		}
	}
	return Envelope{}, false
}

// swap exchanges an empty queue with another one.
func (q *queue) swap(o *queue) { *q, *o = *o, *q }
