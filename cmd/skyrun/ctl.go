package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/skylint/skylint/runtime/observe/control"
)

func (p *program) ctlCommand() *cobra.Command {
	var node string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ctl [flags] [COMMAND [ARG ...]]",
		Short: "Ask a running node, or tell it what to do",
		Long: `Send a command to a node that runs, by its unix socket, and print the answer. Without a command the running nodes are
listed. "skyrun ctl help" lists the commands: those of skynet's debug console, but for those that run code, and snapshot,
waits, events, violations and health, which are answered even when all services are stuck.

Exit codes: 0 the command was done; 1 it could not be; 2 skyrun was used wrongly, or there is no such node.`,
		Example: `  skyrun ctl                          the nodes that run
  skyrun ctl list                     the services
  skyrun ctl task :0000000a           what a service is at, with its stacks
  skyrun ctl waits                    who waits for whom, the oldest first
  skyrun ctl --node game logon .db    log each message that .db gets
  skyrun ctl --json stat | jq .`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listNodes()
			}
			return p.control(node, strings.Join(args, " "), asJSON)
		},
	}
	cmd.Flags().SetInterspersed(false)
	cmd.Flags().StringVar(&node, "node", "", "the `NODE`: its name, the number of its process, or the path of its socket (default: the only one)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return cmd
}

// listNodes prints the nodes that run.
func (p *program) listNodes() error {
	found, err := control.Find()
	if err != nil {
		return err
	}
	if len(found) == 0 {
		fmt.Fprintln(p.err, "skyrun: no node of this user runs")
	}
	for _, f := range found {
		fmt.Fprintf(p.out, "%s\t%d\t%s\n", f.Name, f.PID, f.Path)
	}
	return nil
}

// control sends a command to a node.
func (p *program) control(node, command string, asJSON bool) error {
	c, err := dialNode(node)
	if err != nil {
		return err
	}
	defer c.Close()
	if asJSON {
		data, err := c.Do(command)
		if err != nil {
			return p.failed(err)
		}
		if data == nil {
			data = []byte("null")
		}
		fmt.Fprintf(p.out, "%s\n", data)
		return nil
	}
	return p.failed(c.Text(command, p.out))
}

// failed shows why a command could not be done.
func (p *program) failed(err error) error {
	if err != nil {
		fmt.Fprintf(p.err, "skyrun: %v\n", err)
		p.code = exitError
	}
	return nil
}

// dialNode connects to a node: the only one, or the one of a name, a process or a path.
func dialNode(node string) (*control.Client, error) {
	path, err := findSocket(node)
	if err != nil {
		return nil, err
	}
	c, err := control.Dial(path)
	if err != nil {
		return nil, fmt.Errorf("no node answers at %s: %w", path, err)
	}
	return c, nil
}

func findSocket(node string) (string, error) {
	if strings.ContainsAny(node, `/\`) {
		return node, nil
	}
	found, err := control.Find()
	if err != nil {
		return "", err
	}
	var list, matching []string
	for _, f := range found {
		list = append(list, fmt.Sprintf("%s (process %d)", f.Name, f.PID))
		if node == "" || node == f.Name || node == strconv.Itoa(f.PID) {
			matching = append(matching, f.Path)
		}
	}
	switch {
	case len(found) == 0:
		return "", errors.New("no node of this user runs: start one by skyrun run, or name its socket by --node PATH")
	case len(matching) == 0:
		return "", fmt.Errorf("no node %q runs: there is %s", node, strings.Join(list, ", "))
	case len(matching) > 1:
		return "", fmt.Errorf("several nodes run: choose one by --node: %s", strings.Join(list, ", "))
	}
	return matching[0], nil
}
