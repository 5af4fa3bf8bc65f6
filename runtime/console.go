package runtime

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/skylint/skylint/runtime/actor"
)

// console is the service debug_console of a node, without a port: it is started when somebody sends the
// first command.
type console struct {
	mutex  sync.Mutex
	handle actor.Handle
}

// Command performs a command of the debug console. It returns what came of it (values as of Request.Values, in
// which all tables are []any or map[string]any), the same as lines of text, and whether the command could be
// done. The error is that nobody performs commands.
func (n *Node) Command(ctx context.Context, line string) (result any, lines []string, ok bool, err error) {
	h, err := n.startConsole(ctx)
	if err != nil {
		return nil, nil, false, err
	}
	answer, err := n.Call(ctx, h.String(), line)
	if err != nil {
		return nil, nil, false, err
	}
	if len(answer) > 0 {
		ok, _ = answer[0].(bool)
	}
	if len(answer) > 1 {
		result = named(answer[1])
	}
	if len(answer) > 2 {
		list, _ := answer[2].([]any)
		for _, l := range list {
			lines = append(lines, fmt.Sprint(l))
		}
	}
	return result, lines, ok, nil
}

func (n *Node) startConsole(ctx context.Context) (actor.Handle, error) {
	c := &n.console
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if n.Find(c.handle) == nil {
		h, err := n.Launch(ctx, "debug_console", "messages")
		if err != nil {
			return 0, err
		}
		c.handle = h
	}
	return c.handle, nil
}

// named returns a value with text for the keys of its tables.
func named(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = named(v[i])
		}
		return list
	case map[any]any:
		m := make(map[string]any, len(v))
		for k, x := range v {
			key := fmt.Sprint(k)
			if n, ok := k.(float64); ok {
				key = strconv.FormatFloat(n, 'f', -1, 64)
			}
			m[key] = named(x)
		}
		return m
	}
	return v
}
