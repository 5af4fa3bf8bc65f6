package skynetcfg

import (
	"fmt"
	"sort"
	"strings"

	"github.com/skylint/skylint/source"
)

// placeholder begins the name that takes the place of a variable that is not set. It is a
// name of Lua, so that the text can be parsed wherever it stands.
const placeholder = "_skylint_unset_"

// An expansion is a text in which the environment's variables have been replaced, with the
// way back to the places of the original.
type expansion struct {
	original *source.File
	file     *source.File // original itself if nothing was replaced
	pieces   []piece      // in the order of the text
	unset    []string     // the names of variables that are not set
}

// A piece is one replaced $NAME.
type piece struct{ from, original source.Span }

// expand replaces each $NAME of a file as skynet does: everywhere, in comments too.
func expand(file *source.File, env func(string) (string, bool)) *expansion {
	x := &expansion{original: file, file: file}
	text := file.Text
	if strings.IndexByte(text, '$') < 0 {
		return x
	}
	var b strings.Builder
	at := 0
	for i := 0; i < len(text); i++ {
		if text[i] != '$' {
			continue
		}
		end := i + 1
		for end < len(text) && isNameByte(text[end]) {
			end++
		}
		if end == i+1 {
			continue
		}
		name := text[i+1 : end]
		b.WriteString(text[at:i])
		start := uint32(b.Len())
		value, ok := "", false
		if env != nil {
			value, ok = env(name)
		}
		if ok {
			b.WriteString(value)
		} else {
			fmt.Fprintf(&b, "%s%d_", placeholder, len(x.unset))
			x.unset = append(x.unset, name)
		}
		x.pieces = append(x.pieces, piece{source.Span{Start: start, End: uint32(b.Len())}, source.Span{Start: uint32(i), End: uint32(end)}})
		at, i = end, end-1
	}
	if len(x.pieces) == 0 {
		return x
	}
	b.WriteString(text[at:])
	x.file = source.New(file.Path, b.String())
	return x
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// span returns the place in the original of a place in the expanded text. What was replaced
// is a whole.
func (x *expansion) span(s source.Span) source.Span {
	start, _ := x.offset(s.Start)
	_, end := x.offset(s.End)
	if end < start {
		end = start
	}
	return source.Span{Start: start, End: end}
}

// offset returns where an offset lies in the original: as the start and as the end of a
// span, which differ inside of what was replaced.
func (x *expansion) offset(at uint32) (start, end uint32) {
	i := sort.Search(len(x.pieces), func(i int) bool { return x.pieces[i].from.End >= at })
	if i < len(x.pieces) {
		p := x.pieces[i]
		switch {
		case at == p.from.End && p.from.Empty():
			return p.original.End, p.original.Start // neither before nor behind it is a part of it
		case at == p.from.End:
			return p.original.End, p.original.End
		case at > p.from.Start:
			return p.original.Start, p.original.End
		}
	}
	// Behind the pieces before i, the two texts run in step.
	moved := int64(0)
	if i > 0 {
		p := x.pieces[i-1]
		moved = int64(p.original.End) - int64(p.from.End)
	}
	o := uint32(int64(at) + moved)
	return o, o
}

// missing returns why what stands at a place of the expanded text is unknown, "" if no
// unset variable is part of it.
func (x *expansion) missing(at source.Span) string {
	if len(x.unset) == 0 {
		return ""
	}
	text := x.file.Text[at.Start:at.End]
	i := strings.Index(text, placeholder)
	if i < 0 {
		return ""
	}
	n := 0
	if _, err := fmt.Sscanf(text[i+len(placeholder):], "%d_", &n); err != nil || n >= len(x.unset) {
		return ""
	}
	return fmt.Sprintf("the environment variable %s is not set", x.unset[n])
}

// punch replaces the names of unset variables in a string by holes.
func punch(text, hole string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, placeholder)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		rest := text[i+len(placeholder):]
		end := 0
		for end < len(rest) && rest[end] != '_' {
			end++
		}
		b.WriteString(text[:i] + hole)
		text = rest[min(end+1, len(rest)):]
	}
}
