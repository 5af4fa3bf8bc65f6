package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/skylint/skylint/runtime/observe"
)

// A Client talks to a node. It is used by one goroutine at a time.
type Client struct {
	conn  net.Conn
	input *bufio.Reader
}

// answerTimeout is how long a client waits for an answer: longer than the node waits for its services.
const answerTimeout = 40 * time.Second

// Dial opens the socket of a node.
func Dial(path string) (*Client, error) {
	c, err := net.DialTimeout("unix", path, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &Client{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// A CommandError is what the node says of a command that it could not do.
type CommandError struct{ Text string }

// Error returns the text.
func (e *CommandError) Error() string { return e.Text }

// Do sends a command and returns what came of it, as JSON. The error is a *CommandError, or of the connection.
func (c *Client) Do(command string) (json.RawMessage, error) {
	line, err := c.send("json " + command)
	if err != nil {
		return nil, err
	}
	var a Answer
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		return nil, fmt.Errorf("the node's answer makes no sense: %w", err)
	}
	if !a.OK {
		return nil, &CommandError{a.Error}
	}
	return a.Result, nil
}

// Text sends a command and writes its answer as text. The error is a *CommandError, or of the connection.
func (c *Client) Text(command string, out io.Writer) error {
	line, err := c.send(command)
	var lines []string
	for err == nil && line != okLine && line != errorLine {
		lines = append(lines, line)
		line, err = c.line()
	}
	if err != nil {
		return err
	}
	if line == errorLine {
		return &CommandError{strings.Join(lines, "\n")}
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(out, l); err != nil {
			return err
		}
	}
	return nil
}

// Snapshot returns what the node is at; of an actor's address, with the stacks of its waits.
func (c *Client) Snapshot(address string) (*observe.Snapshot, error) {
	data, err := c.Do(strings.TrimSpace("snapshot " + address))
	if err != nil {
		return nil, err
	}
	s := new(observe.Snapshot)
	return s, json.Unmarshal(data, s)
}

func (c *Client) send(command string) (first string, err error) {
	if strings.ContainsAny(command, "\r\n") {
		return "", errors.New("a command is one line")
	}
	if strings.TrimSpace(command) == "" || strings.TrimSpace(command) == "json" {
		return "", errors.New("the command is missing")
	}
	c.conn.SetDeadline(time.Now().Add(answerTimeout))
	if _, err := io.WriteString(c.conn, command+"\n"); err != nil {
		return "", err
	}
	return c.line()
}

func (c *Client) line() (string, error) {
	line, err := c.input.ReadString('\n')
	if errors.Is(err, io.EOF) {
		return "", errors.New("the node has closed the connection")
	}
	return strings.TrimRight(line, "\r\n"), err
}
