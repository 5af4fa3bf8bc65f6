package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/setup"
)

// userLog hands lines of the log to a service of the project: the setting logger, where logservice is snlua. It gets
// each as a message of type text, from who has logged it; but not its own.
type userLog struct {
	lines chan line
	ended chan struct{} // closed by close
	group sync.WaitGroup
	once  sync.Once
}

type line struct {
	from actor.Handle
	text string
}

// maxLines is how many lines may wait for the service. Those above it are not handed on; they are in the node's own
// log, as all are.
const maxLines = 4096

// userLogger returns the service, with its arguments, that a setup has for the log; nothing for none.
func userLogger(s *setup.Node) []string {
	if s == nil || strings.TrimSpace(s.Env["logservice"]) != "snlua" {
		return nil
	}
	return strings.Fields(s.Env["logger"])
}

// newUserLog returns the way to the service, which is not there yet.
func newUserLog() *userLog {
	return &userLog{lines: make(chan line, maxLines), ended: make(chan struct{})}
}

// print takes a line. It never waits.
func (u *userLog) print(from actor.Handle, text string) {
	select {
	case u.lines <- line{from, text}:
	default:
	}
}

// startLogger starts the service, and hands the lines to it.
func (n *Node) startLogger(ctx context.Context) error {
	words := userLogger(n.options.Setup)
	if len(words) == 0 {
		return nil
	}
	h, err := n.Launch(ctx, words[0], words[1:]...)
	if err == nil && !n.Bind(".logger", h) {
		err = errors.New("the name .logger is taken")
	}
	if err != nil {
		return fmt.Errorf("logger: %w", err)
	}
	n.log.group.Go(func() {
		for {
			var l line
			select {
			case l = <-n.log.lines:
			case <-n.log.ended:
				return
			}
			if l.from == h {
				continue
			}
			a := n.Find(h)
			if a == nil {
				return
			}
			// Where it has no room it has ended, or is busy with more than it can log.
			_ = a.Offer(actor.Envelope{Source: l.from, Type: actor.Text, Payload: actor.Bytes(l.text)})
		}
	})
	return nil
}

// close ends the way to the service.
func (u *userLog) close() {
	u.once.Do(func() { close(u.ended) })
	u.group.Wait()
}
