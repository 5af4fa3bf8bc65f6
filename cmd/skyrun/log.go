package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/skylint/skylint/config/running"
	"github.com/skylint/skylint/runtime/actor"
)

// logger returns the log: text for people, JSON for programs.
func (p *program) logger(flag string, set running.LogFormat) (*slog.Logger, error) {
	format, err := choose("log", flag, set.Choices()[set], set.Choices()...)
	if err != nil {
		return nil, err
	}
	if format == "auto" {
		format = "json"
		if f, ok := p.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			format = "text"
		}
	}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(p.err, nil)), nil
	}
	return slog.New(slog.NewTextHandler(p.err, nil)), nil
}

// logService returns a function that logs what services log.
func logService(log *slog.Logger) func(actor.Handle, string) {
	return func(from actor.Handle, text string) { log.Info(strings.TrimRight(text, "\n"), "actor", from.String()) }
}

// logEvent returns a function that logs what goes wrong.
func logEvent(log *slog.Logger) func(actor.Event) {
	return func(e actor.Event) {
		level := slog.LevelError
		if e.Kind == "restart" || e.Kind == "name" || e.Kind == "cluster" {
			level = slog.LevelWarn
		}
		args := []any{"kind", e.Kind, "actor", e.Actor.String(), "service", e.Name}
		if e.Handler != "" {
			args = append(args, "handler", e.Handler)
		}
		if e.Source != 0 {
			args = append(args, "source", e.Source.String(), "session", e.Session)
		}
		if e.Digest != 0 {
			args = append(args, "digest", fmt.Sprintf("%016x", e.Digest))
		}
		if e.Trace != 0 {
			args = append(args, "trace", e.Trace)
		}
		if e.Stack != "" {
			args = append(args, "stack", e.Stack)
		}
		log.Log(context.Background(), level, e.Message, args...)
	}
}
