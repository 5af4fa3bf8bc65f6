// Package cluster is the module skynet.cluster: services of one node call those of another. What the nodes
// say to each other is package runtime/cluster's, what carries it a transport's; without one the cluster is off.
//
// Where skynet has a service for each node, connection and proxy, here are actors of Go code: one for each
// connection from another node, in whose name its messages are sent, and one for each proxy.
package cluster

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/cluster"
	"github.com/skylint/skylint/runtime/transport"
)

// Options say what the cluster of a node is.
type Options struct {
	// Transport connects nodes; nil: the cluster is off.
	Transport transport.Transport
	Limits    cluster.Limits
	// Names reads the file that the setting cluster names: the addresses of nodes.
	Names func() ([]Name, error)
	// Host is the node that the module is for. It is called when the module is used, not before.
	Host func() actor.Host
	// Add makes an actor of Go code.
	Add func(name string, b actor.Behaviour) (*actor.Actor, error)
	// Log takes what is to be known of connections.
	Log func(text string)
	// Closed reports whether a service is closed to other nodes: those of the node itself, which start
	// and end others.
	Closed func(a *actor.Actor) bool
}

// A Name is what a file with the names of nodes says: the address of one, or that it is down; or an
// option, whose key begins with "__".
type Name struct {
	Key     string
	Address string
	Down    bool // false is assigned
	Flag    bool // of an option
}

// errOff is why nothing goes to other nodes.
var errOff = errors.New("the cluster is off: nodes are connected without authentication and encryption, and only on this machine; to allow that use skyrun run --grant cluster, or enabled = true below [cluster] in sky.toml")

// A Node is the cluster as one node sees it. It is used by any goroutine.
type Node struct {
	o Options

	mutex      sync.Mutex
	loaded     bool
	warned     bool
	closed     bool
	names      map[string]Name
	nowaiting  bool
	links      map[string]*cluster.Link
	waiting    map[string][]func(*cluster.Link, error)
	servers    []*cluster.Server
	registered map[string]actor.Handle
	nameOf     map[actor.Handle]string
	proxies    map[string]*actor.Actor
}

// New makes the cluster of a node. Close must be called.
func New(o Options) *Node {
	return &Node{
		o: o, names: map[string]Name{}, links: map[string]*cluster.Link{}, waiting: map[string][]func(*cluster.Link, error){},
		registered: map[string]actor.Handle{}, nameOf: map[actor.Handle]string{}, proxies: map[string]*actor.Actor{},
	}
}

var errClosed = errors.New("this node is ending")

// Close ends all connections, and waits until they have ended.
func (n *Node) Close() {
	n.mutex.Lock()
	n.closed = true
	servers, links := n.servers, n.links
	n.servers, n.links = nil, map[string]*cluster.Link{}
	n.mutex.Unlock()
	for _, s := range servers {
		s.Close()
	}
	for _, l := range links {
		l.Close(errClosed)
	}
}

// load reads the file with the names, once.
func (n *Node) load() error {
	if n.o.Transport == nil {
		return errOff
	}
	n.mutex.Lock()
	loaded := n.loaded
	n.loaded = true
	n.mutex.Unlock()
	if loaded || n.o.Names == nil {
		return nil
	}
	names, err := n.o.Names()
	if err == nil {
		err = n.reload(names)
	}
	if err != nil {
		n.mutex.Lock()
		n.loaded = false // the next one is to see the error, too
		n.mutex.Unlock()
	}
	return err
}

// reload takes addresses of nodes. A connection to an address that has changed ends.
func (n *Node) reload(names []Name) error {
	var closed []func()
	var found []func()
	n.mutex.Lock()
	n.loaded = true // what a program says goes before the file
	for _, name := range names {
		if option, ok := strings.CutPrefix(name.Key, "__"); ok {
			n.log(fmt.Sprintf("Config %s = %t", option, name.Flag))
			if option == "nowaiting" {
				n.nowaiting = name.Flag
			}
			continue
		}
		if l := n.links[name.Key]; l != nil && n.names[name.Key] != name {
			delete(n.links, name.Key)
			why := errors.New("its address has changed")
			if name.Down {
				why = errDown
			}
			closed = append(closed, func() { l.Close(why) })
		}
		n.names[name.Key] = name
	}
	for _, node := range sortedKeys(n.waiting) {
		if _, known := n.names[node]; !known && !n.nowaiting {
			continue
		}
		link, err := n.link(node)
		for _, f := range n.waiting[node] {
			found = append(found, func() { f(link, err) })
		}
		delete(n.waiting, node)
	}
	n.mutex.Unlock()
	for _, f := range append(found, closed...) {
		f()
	}
	return nil
}

var errDown = errors.New("it is down: its address was set to false")

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// link returns the link to a node whose address is known. It is called with the mutex.
func (n *Node) link(node string) (*cluster.Link, error) {
	name, known := n.names[node]
	switch {
	case n.closed:
		return nil, &cluster.NodeError{Node: node, Err: errClosed}
	case !known:
		return nil, &cluster.NodeError{Node: node, Err: errors.New("its address is not known: see cluster.reload, and the file that the setting cluster names")}
	case name.Down:
		return nil, &cluster.NodeError{Node: node, Err: errDown}
	}
	l := n.links[node]
	if l == nil {
		l = cluster.NewLink(node, name.Address, n.o.Transport, &n.o.Limits, func(err error) { n.log(err.Error()) })
		n.links[node] = l
	}
	return l, nil
}

// maxAbsent is how many may wait for the address of one node.
const maxAbsent = 1024

// find calls found with the link to a node: at once if its address is known, or if nobody is to wait
// for it (ok is true then), otherwise as soon as it is.
func (n *Node) find(node string, found func(*cluster.Link, error)) (l *cluster.Link, ok bool, err error) {
	if err := n.load(); err != nil {
		return nil, true, err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if _, known := n.names[node]; known || n.nowaiting || n.closed {
		l, err := n.link(node)
		return l, true, err
	}
	if len(n.waiting[node]) >= maxAbsent {
		return nil, true, &cluster.NodeError{Node: node, Err: fmt.Errorf("its address is not known, and %d messages wait for it", maxAbsent)}
	}
	if len(n.waiting[node]) == 0 {
		n.log("Waiting for cluster node [" + node + "]")
	}
	n.waiting[node] = append(n.waiting[node], found)
	return nil, false, nil
}

func (n *Node) log(text string) {
	if n.o.Log != nil {
		n.o.Log(text)
	}
}

// open listens at an address, and answers who connects.
func (n *Node) open(address string, most int) (net.Addr, error) {
	if err := n.load(); err != nil {
		return nil, err
	}
	l, err := n.o.Transport.Listen(address)
	if err != nil {
		return nil, err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.closed {
		l.Close()
		return nil, errClosed
	}
	if text := n.o.Transport.Warning(); text != "" && !n.warned {
		n.warned = true
		n.o.Host().Report(actor.Event{Kind: "cluster", Message: "the cluster is open at " + l.Addr().String() + ": " + text})
	}
	n.servers = append(n.servers, cluster.Serve(l, &n.o.Limits, most, n.accept, func(err error) { n.log("cluster at " + l.Addr().String() + ": " + err.Error()) }))
	return l.Addr(), nil
}

// address returns that of a node that is to be this one.
func (n *Node) address(node string) (string, error) {
	if err := n.load(); err != nil {
		return "", err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	name, known := n.names[node]
	if !known || name.Down {
		return "", fmt.Errorf("%s is down", node)
	}
	return name.Address, nil
}

// register gives a service a name that other nodes know it by.
func (n *Node) register(name string, h actor.Handle) error {
	if n.o.Transport == nil {
		return errOff
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if owner, taken := n.registered[name]; taken {
		if n.o.Host().Find(owner) != nil {
			return fmt.Errorf("the name %s of the cluster is that of %s already: see cluster.unregister", name, owner)
		}
		delete(n.nameOf, owner)
	}
	if old, ok := n.nameOf[h]; ok {
		delete(n.registered, old)
	}
	n.registered[name], n.nameOf[h] = h, name
	return nil
}

// unregister takes a name back.
func (n *Node) unregister(name string) (was actor.Handle, ok bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if was, ok = n.registered[name]; ok {
		delete(n.registered, name)
		delete(n.nameOf, was)
	}
	return was, ok
}

func (n *Node) lookup(name string) actor.Handle {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.registered[name]
}

func (n *Node) isRegistered(h actor.Handle) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	_, ok := n.nameOf[h]
	return ok
}
