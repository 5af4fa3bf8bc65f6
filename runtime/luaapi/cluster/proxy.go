package cluster

import (
	"fmt"
	"strings"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/cluster"
)

// A proxy is an actor that stands for a service of another node.
type proxy struct {
	cluster *Node
	node    string
	to      cluster.Address
}

// Close implements actor.Behaviour.
func (*proxy) Close() {}

// Message implements actor.Behaviour: it hands messages on, and brings the answers.
func (p *proxy) Message(t *actor.Task, e *actor.Envelope) error {
	if e.Type != actor.Lua && e.Type != actor.Snax {
		return fmt.Errorf("a proxy of another node takes messages of the types lua and snax, not %d", e.Type)
	}
	message, err := pack(&e.Payload, p.cluster.o.Limits.Message)
	if err != nil {
		return err
	}
	if e.Session == 0 {
		return p.cluster.push(p.node, p.to, message)
	}
	l, err := p.cluster.await(t, nil, p.node)
	if err != nil {
		return err
	}
	answer, err := request(t, nil, l, p.node, p.to, message)
	if err != nil {
		return err
	}
	t.Answer(actor.Bytes(answer))
	return nil
}

// proxy returns the actor that stands for a service of a node.
func (n *Node) proxy(node string, to cluster.Address) (*actor.Actor, error) {
	key := fmt.Sprint(node, to.Name, " ", to.Handle)
	n.mutex.Lock()
	a := n.proxies[key]
	n.mutex.Unlock()
	if a != nil && n.o.Host().Find(a.Handle()) != nil {
		return a, nil
	}
	made, err := n.o.Add("", &proxy{n, node, to})
	if err != nil {
		return nil, err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if other := n.proxies[key]; other != a {
		made.Kill("there is a proxy already")
		return other, nil
	}
	n.proxies[key] = made
	return made, nil
}

// split takes "node@name" or "node.name" apart.
func split(full string) (node, name string, ok bool) {
	i := strings.IndexAny(full, "@.")
	if i <= 0 || i == len(full)-1 {
		return "", "", false
	}
	return full[:i], full[i:], true
}
