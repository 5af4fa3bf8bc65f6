package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/skylint/skylint/internal/atomicfile"
	"github.com/skylint/skylint/runtime/observe/top"
)

type topFlags struct {
	every         time.Duration
	once          bool
	svg           string
	keys          string
	width, height int
}

func (p *program) topCommand() *cobra.Command {
	var f topFlags
	cmd := &cobra.Command{
		Use:   "top [flags] [NODE]",
		Short: "Show a running node in the terminal",
		Long: `Show what a running node is at, live: its actors with their mailboxes, rates and latencies, the messages between services,
what waits for what and where, violations and errors. NODE is its name, the number of its process or the path of its socket;
it may be left out if there is only one.

Keys: 1 to 6 for the tabs, Enter to open an actor, ← → to sort, / to filter, p to pause, ? for all keys, q to end.

--once prints it once, as text: what --keys lead to. --svg writes the same as a picture.`,
		Example: `  skyrun top
  skyrun top game
  skyrun top --once --keys 4 game      the waits, once
  skyrun top --svg top.svg --keys 2    a picture of the services`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return errors.New("top: one node at a time")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			node := ""
			if len(args) > 0 {
				node = args[0]
			}
			return p.top(node, f)
		},
	}
	flags := cmd.Flags()
	flags.DurationVar(&f.every, "every", time.Second, "how often it is looked at")
	flags.BoolVar(&f.once, "once", false, "print it once, and end")
	flags.StringVar(&f.svg, "svg", "", "write a picture to `FILE`, and end")
	flags.StringVar(&f.keys, "keys", "", "with --once and --svg: the `KEYS` that are pressed before")
	flags.IntVar(&f.width, "width", 0, "with --once and --svg: how many columns wide (default: the terminal's, or 110)")
	flags.IntVar(&f.height, "height", 0, "with --once and --svg: how many lines high (default 30)")
	return cmd
}

// leastEvery is how often a node is looked at, at most.
const leastEvery = 100 * time.Millisecond

func (p *program) top(node string, f topFlags) error {
	if f.every < leastEvery {
		return fmt.Errorf("--every is at least %v", leastEvery)
	}
	c, err := dialNode(node)
	if err != nil {
		return err
	}
	defer c.Close()
	if f.once || f.svg != "" {
		return p.topOnce(c, f)
	}
	first := top.Source(c)
	err = top.Run(func() (top.Source, error) {
		if s := first; s != nil {
			first = nil
			return s, nil
		}
		return dialNode(node)
	}, f.every)
	return p.failed(err)
}

// topOnce looks twice, for the rates in between, and shows it once.
func (p *program) topOnce(s top.Source, f topFlags) error {
	m := top.NewModel()
	look := func() error {
		snapshot, err := s.Snapshot(m.Open())
		if err == nil {
			m.Take(snapshot)
		}
		return err
	}
	if err := look(); err != nil {
		return p.failed(err)
	}
	for _, r := range f.keys {
		key := string(r)
		if r == '\n' || r == '\r' {
			key = "enter"
		}
		m.Key(key)
	}
	time.Sleep(f.every)
	if err := look(); err != nil {
		return p.failed(err)
	}
	width, height := f.width, f.height
	if out, ok := p.out.(*os.File); ok && width <= 0 && f.svg == "" {
		width, _, _ = term.GetSize(int(out.Fd()))
	}
	if width <= 0 {
		width = 110
	}
	if height <= 0 {
		height = 30
	}
	c := top.NewCanvas(min(width, 1000), min(height, 1000))
	m.Draw(c)
	if f.svg != "" {
		return p.failed(atomicfile.Write(f.svg, c.SVG))
	}
	_, err := io.WriteString(p.out, c.String())
	return err
}
