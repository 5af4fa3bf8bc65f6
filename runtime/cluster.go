package runtime

import (
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/cluster"
	clusterapi "github.com/skylint/skylint/runtime/luaapi/cluster"
	"github.com/skylint/skylint/runtime/luaapi/services"
	"github.com/skylint/skylint/runtime/node"
)

// newCluster makes what skynet.cluster is for.
func (n *Node) newCluster() *clusterapi.Node {
	limits := cluster.Default()
	if n.options.Cluster != nil {
		limits = *n.options.Cluster
	}
	o := clusterapi.Options{
		Transport: n.options.Transport, Limits: limits,
		Host:   func() actor.Host { return n.Node },
		Add:    func(name string, b actor.Behaviour) (*actor.Actor, error) { return n.Add(name, b) },
		Log:    func(text string) { n.Print(nil, text) },
		Closed: func(a *actor.Actor) bool { return node.OwnService(a.Name()) || services.Starts(a.Name()) },
	}
	if s := n.options.Setup; s != nil {
		o.Names = func() ([]clusterapi.Name, error) {
			names, err := s.ClusterNames()
			list := make([]clusterapi.Name, len(names))
			for i, name := range names {
				list[i] = clusterapi.Name(name)
			}
			return list, err
		}
	}
	return clusterapi.New(o)
}
