package runtime

import (
	"path/filepath"
	"time"

	"github.com/skylint/skylint/config"
	"github.com/skylint/skylint/config/running"
	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/cluster"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/message"
	"github.com/skylint/skylint/runtime/node"
	"github.com/skylint/skylint/runtime/socket"
	"github.com/skylint/skylint/runtime/transport"
)

// settings are what sky.toml says of a node, as the engine takes it.
type settings struct {
	limits   actor.Limits
	critical bool
	policy   node.Restart
	slots    int
	sends    int
	actors   int
	sockets  socket.Limits
	named    map[string]namedSettings
}

type namedSettings struct {
	limits   actor.Limits
	critical bool
	policy   node.Restart
}

// Configure takes the limits and policies of sky.toml for a node of a name: [limits], [actor],
// [socket], [run] and [cluster], with what [node.NAME] says on top.
func (o *Options) Configure(c *config.Config, name string) {
	s := settingsOf(c, name)
	o.MayWrite = func(path, global string) bool {
		if o.Setup != nil && c.Root != "" {
			if rel, err := filepath.Rel(c.Root, filepath.Join(o.Setup.Dir, filepath.FromSlash(path))); err == nil {
				path = filepath.ToSlash(rel)
			}
		}
		return c.For(path).MayWrite(global)
	}
	o.Limits, o.LimitsOf, o.Restart, o.Slots, o.Sends, o.Actors, o.Sockets = &s.limits, s.of, s.restart, s.slots, s.sends, s.actors, &s.sockets
	section := running.ClusterSection.ForNode(c, name)
	limits := cluster.Default()
	limits.Message, limits.Connections, limits.Requests = int64(section.Size), int(section.Connections), int(section.Requests)
	limits.Unsent, limits.Dial = int(section.Unsent), time.Duration(section.Connect)
	o.Cluster = &limits
	if section.Enabled {
		o.Transport = transport.Loopback{}
	}
}

func settingsOf(c *config.Config, name string) *settings {
	limits := running.LimitsSection.ForNode(c, name)
	actors := running.ActorSection.ForNode(c, name)
	sockets := running.SocketSection.ForNode(c, name)
	run := running.RunSection.ForNode(c, name)
	s := &settings{
		limits: actorLimits(&actors.Actor, &limits), critical: actors.Critical, policy: restart(&actors.Actor), slots: int(run.Slots), sends: int(run.Sends), actors: int(run.Actors),
		sockets: socket.Limits{
			Sockets: int(sockets.Sockets), Owned: int(sockets.Owned), Unsent: int64(sockets.Unsent), Unread: int64(sockets.Unread),
			Idle: time.Duration(sockets.Idle), Dial: time.Duration(sockets.Dial), Accepts: int(sockets.Accepts),
		},
		named: map[string]namedSettings{},
	}
	for name, o := range actors.Named(limits) {
		s.named[name] = namedSettings{actorLimits(&o.Actor, &o.Limits), o.Critical, restart(&o.Actor)}
	}
	return s
}

func actorLimits(a *running.Actor, l *running.Limits) actor.Limits {
	return actor.Limits{
		Mailbox: int(a.Mailbox), Policy: actor.Policy(a.Policy), SendWait: time.Duration(a.SendWait),
		CallTimeout: time.Duration(a.CallTimeout), StartTimeout: time.Duration(a.StartTimeout), Hops: int(a.Hops),
		Instructions: int64(a.Instructions), Time: time.Duration(a.Time),
		Message: message.Limits{Size: int64(a.Size), Depth: int(a.Depth), Count: int(a.Count)},
		Tasks:   int(a.Tasks), Timers: int(a.Timers), Sends: int(a.Sends), Received: int(a.Received), Spawns: int(a.Spawns),
		Script: limit.Limits{
			Instructions: int64(l.Instructions), Time: time.Duration(l.Time), Memory: int64(l.Memory), Output: int64(l.Output),
			Depth: int64(l.Depth), Nesting: int64(l.Nesting), Coroutines: int64(l.Coroutines), String: int64(l.String),
			Table: int64(l.Table), Pattern: int64(l.Pattern), Source: int64(l.Source),
		},
	}
}

func restart(a *running.Actor) node.Restart {
	return node.Restart{
		Policy: node.Policy(a.Restart), Backoff: time.Duration(a.Backoff), MaxBackoff: time.Duration(a.MaxBackoff),
		Most: int(a.Most), Window: time.Duration(a.Window),
	}
}

// of returns the limits of the actors of a name, and whether they are critical.
func (s *settings) of(name string) (*actor.Limits, bool) {
	if n, ok := s.named[name]; ok {
		return &n.limits, n.critical
	}
	return nil, s.critical
}

// restart returns what becomes of actors of a name that fail.
func (s *settings) restart(name string) node.Restart {
	if n, ok := s.named[name]; ok {
		return n.policy
	}
	return s.policy
}

// GuardPolicy returns the modes of guards for a node of a name: those of the profile, with what [guards] of
// sky.toml says on top.
func GuardPolicy(c *config.Config, name string, strict bool) guard.Policy {
	set := running.GuardsSection.ForNode(c, name)
	policy := guard.Default(strict)
	for r := range policy {
		if mode, ok := set.Mode(r); ok {
			policy[r] = guard.Mode(mode)
		}
	}
	return policy
}
