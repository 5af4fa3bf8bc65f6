package actor

// queue is a list of envelopes that is taken from the front. Its array is used again.
type queue struct {
	items []Envelope
	head  int
}

// keepQueue is how many envelopes' room an empty queue keeps.
const keepQueue = 256

func (q *queue) len() int { return len(q.items) - q.head }

func (q *queue) push(e *Envelope) { q.items = append(q.items, *e) }

// pop moves the first envelope to e.
func (q *queue) pop(e *Envelope) {
	p := &q.items[q.head]
	*e = *p
	*p = Envelope{}
	q.head++
	if q.head == len(q.items) {
		q.reset()
	}
}

func (q *queue) reset() {
	q.head = 0
	if cap(q.items) > keepQueue {
		q.items = nil
		return
	}
	q.items = q.items[:0]
}

// swap exchanges an empty queue with another one.
func (q *queue) swap(o *queue) { *q, *o = *o, *q }
