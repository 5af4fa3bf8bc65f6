package actor

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/runtime/guard"
	"github.com/skylint/skylint/runtime/script"
	"github.com/skylint/skylint/runtime/trace"
)

// Trip tells the guard of a rule that what the script does in L breaks it, at the line that runs, and
// reports whether it is to be refused. A key identifies what it is about, as in guard.Trip. It is used with
// the baton; L is nil for a native actor.
func (a *Actor) Trip(L *lua.LState, rule *rules.Rule, key, message string) (refuse bool) {
	if a.host.Guards().Mode(rule) == guard.Off {
		return false
	}
	return a.report(&guard.Trip{Rule: rule, Place: PlaceOf(L), Key: key, Message: message})
}

// TripAt is TripRefused at a place.
func (a *Actor) TripAt(place guard.Place, rule *rules.Rule, message string) {
	a.report(&guard.Trip{Rule: rule, Place: place, Message: message, Refused: true})
}

// TripRefused is Trip for what is refused in any case.
func (a *Actor) TripRefused(L *lua.LState, rule *rules.Rule, key, message string) {
	if a.host.Guards().Mode(rule) != guard.Off {
		a.report(&guard.Trip{Rule: rule, Place: PlaceOf(L), Key: key, Message: message, Refused: true})
	}
}

// report completes a trip by what the actor is at.
func (a *Actor) report(trip *guard.Trip) (refuse bool) { return a.reportFor(a.current, trip) }

// reportFor is report for a task of the actor.
func (a *Actor) reportFor(t *Task, trip *guard.Trip) (refuse bool) {
	trip.Actor, trip.Service = uint32(a.handle), a.name
	if t != nil {
		trip.Command, trip.Source, trip.Trace = t.envelope.Text(0), uint32(t.source), t.trace
	}
	return a.host.Guards().Trip(*trip)
}

// PlaceOf returns where the script stands that runs in L: in the innermost function that a file has.
func PlaceOf(L *lua.LState) guard.Place {
	if L == nil {
		return guard.Place{}
	}
	for level := 0; ; level++ {
		f, ok := trace.At(L, level)
		if !ok {
			return guard.Place{}
		}
		if place, ok := placeOfFrame(f); ok {
			return place
		}
	}
}

// placeOfFrame returns where a function stands, unless it was made of a text at run time.
func placeOfFrame(f trace.Frame) (guard.Place, bool) {
	code, ok := f.Place()
	if !ok {
		return guard.Place{}, false
	}
	file := code.Chunk.Tree.File
	if strings.HasPrefix(file.Path, "=") || strings.HasPrefix(code.Chunk.Name, "[string ") {
		return guard.Place{}, false
	}
	return guard.Place{File: file, Line: f.Line, Span: code.Chunk.Tree.Span(f.Node)}, true
}

// placeOf returns where an error of a script was raised.
func placeOf(err error) guard.Place {
	var e *script.Error
	if !errors.As(err, &e) || e.File == nil {
		return guard.Place{}
	}
	return guard.Place{File: e.File, Line: e.Line, Span: e.Span}
}

// tripPinned tells the guard of a wait that Lua could not suspend, at the call of the function of the library
// that it stands below.
func (a *Actor) tripPinned(L *lua.LState) (refuse bool) {
	place := guard.Place{}
	script, host := false, false // have been passed, from the innermost on
	for level := 0; ; level++ {
		f, ok := trace.At(L, level)
		if !ok {
			place = PlaceOf(L)
			break
		}
		if f.Func.IsG {
			host = host || script
			continue
		}
		script = true
		if p, ok := placeOfFrame(f); ok && host {
			place = p
			break
		}
	}
	return a.report(&guard.Trip{Rule: rules.ForbiddenYield, Place: place, Message: "a wait below a function of the library that Lua cannot suspend"})
}
