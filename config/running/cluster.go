package running

import (
	"time"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/unit"
)

// ClusterSection is [cluster].
var ClusterSection = config.NewNodeSection("cluster", DefaultCluster)

// Cluster is what holds for skynet.cluster.
type Cluster struct {
	Enabled     bool       `toml:"enabled" doc:"Nodes on this machine are connected, without authentication and encryption."`
	Size        unit.Size  `toml:"message-size" doc:"Bytes of one message between nodes, serialised."`
	Connections unit.Count `toml:"connections" doc:"How many nodes may be connected to one listener."`
	Requests    unit.Count `toml:"requests" doc:"How many requests of one connection may wait for an answer."`
	Unsent      unit.Size  `toml:"unsent" doc:"Bytes that may wait to be sent on one connection."`
	Connect     unit.Span  `toml:"connect-timeout" doc:"How long it may take to connect to a node."`
}

// DefaultCluster returns what holds where the file says nothing.
func DefaultCluster() Cluster {
	return Cluster{Size: 16 << 20, Connections: 256, Requests: 4096, Unsent: 64 << 20, Connect: unit.Span(5 * time.Second)}
}
