package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/skylint/skylint/rules"
	"github.com/skylint/skylint/source"
)

// Text writes a report for people: each finding with the code it is about, then the
// problems, a hint and a summary.
func Text(w io.Writer, r *rules.Report, o Options) error {
	t := newText(w, o)
	for i := range r.Diagnostics {
		t.diagnostic(&r.Diagnostics[i])
	}
	for i := range r.Problems {
		t.problem(&r.Problems[i])
	}
	t.hints(r)
	t.summary(r)
	return t.Flush()
}

func newText(w io.Writer, o Options) *text {
	t := &text{
		frameWriter: frameWriter{terminal: &terminal{Writer: bufio.NewWriterSize(w, 1<<16), color: o.Color}, glyphs: ascii, width: cmp.Or(o.Width, 120)},
		options:     o,
		said:        map[said]bool{},
	}
	if o.Unicode {
		t.glyphs = drawn
	}
	return t
}

// text is a report being written.
type text struct {
	frameWriter
	options Options
	at      locator
	said    map[said]bool
}

// said is a remark that was made about a rule in a file: it is not made again there.
type said struct {
	rule   *rules.Rule
	file   *source.File
	remark string
}

func (t *text) diagnostic(d *rules.Diagnostic) {
	s := severityStyle(d.Severity)
	t.styled(d.Severity.String()+"["+t.link(d.Rule)+"]", s)
	message := ": " + clean(d.Message)
	if d.Suppressed != nil {
		message += " (suppressed: " + clean(d.Suppressed.Reason) + ")"
	}
	t.styled(message, strong)
	t.WriteByte('\n')

	frames := t.frames(d.Location, d.Label, s, d.Related)
	paths := t.steps(d.Path)
	var change *diff
	if len(d.Fixes) > 0 {
		change = newDiff(&d.Fixes[0])
	}
	last := 1
	for _, f := range frames {
		last = max(last, f.lastLine())
	}
	for _, f := range paths {
		last = max(last, f.lastLine())
	}
	if change != nil {
		last = max(last, change.lastLine())
	}
	t.digits = len(strconv.Itoa(last))

	t.draws(frames)
	remarked := t.remarks(d)
	if !remarked && len(paths)+len(d.Fixes) > 0 {
		t.blank()
	}
	if len(paths) > 0 {
		t.styled("note", isNote)
		t.styled(": how it comes about", strong)
		t.WriteByte('\n')
		t.draws(paths)
	}
	if len(d.Fixes) > 0 {
		if len(paths) > 0 {
			t.blank()
		}
		t.fix(d.Fixes, change)
	}
	t.WriteByte('\n')
}

// link returns how a rule is named, as a link to its page where that is wanted.
func (t *text) link(r *rules.Rule) string {
	name := r.ID + " " + r.Name
	if !t.options.Links || !t.color {
		return name
	}
	return "\x1b]8;;" + r.URL() + "\x1b\\" + name + "\x1b]8;;\x1b\\"
}

// frames returns the frame of the primary place, with what is related to it in the same
// file, and those of other files.
func (t *text) frames(primary rules.Location, label string, s style, related []rules.Related) []*frame {
	type group struct {
		file  *source.File
		marks []*mark
	}
	groups := []group{{primary.File, []*mark{{Span: primary.Span, label: clean(label), primary: true, style: s}}}}
	for _, r := range related {
		m := &mark{Span: r.Span, label: clean(r.Message), style: secondary}
		i := slices.IndexFunc(groups, func(g group) bool { return g.file == r.File })
		if i < 0 {
			groups = append(groups, group{r.File, []*mark{m}})
		} else {
			groups[i].marks = append(groups[i].marks, m)
		}
	}
	frames := make([]*frame, len(groups))
	for i, g := range groups {
		frames[i] = newFrame(g.file, g.marks)
	}
	return frames
}

// steps returns the frames of a path: steps that follow each other downwards in one file
// share one.
func (t *text) steps(path []rules.Step) []*frame {
	var frames []*frame
	var marks []*mark
	for i, s := range path {
		label := clean(s.Message)
		if len(path) > 1 {
			label = strings.TrimSpace(strconv.Itoa(i+1) + ". " + label)
		}
		marks = append(marks, &mark{
			Span: s.Span, label: label,
			primary: i == len(path)-1, style: secondary,
		})
		if i == len(path)-1 || path[i+1].File != s.File || path[i+1].Line() < s.Line() {
			frames = append(frames, newFrame(s.File, marks))
			marks = nil
		}
	}
	return frames
}

// draws writes frames one below the other.
func (t *text) draws(frames []*frame) {
	for i, f := range frames {
		arrow := t.arrow
		if i > 0 {
			arrow = t.also
			t.blank()
		}
		t.head(arrow, t.place(f.file, f.at))
		t.draw(f)
	}
}

func (t *text) place(f *source.File, offset uint32) string {
	p := t.at.position(f, offset)
	return fmt.Sprintf("%s:%d:%d", clean(t.options.path(f.Path)), p.Line, p.Column)
}

// remarks writes help and notes, each once for a rule in a file, and reports whether there
// were any.
func (t *text) remarks(d *rules.Diagnostic) bool {
	var remarks [][2]string
	add := func(kind, remark string) {
		key := said{d.Rule, d.File, kind + remark}
		if remark != "" && !t.said[key] {
			t.said[key] = true
			remarks = append(remarks, [2]string{kind, remark})
		}
	}
	for _, h := range d.Help {
		add("help", clean(h))
	}
	add("note", services(d.Services))
	t.items(remarks)
	return len(remarks) > 0
}

func (t *text) items(remarks [][2]string) {
	if len(remarks) > 0 {
		t.blank()
	}
	for i, r := range remarks {
		item := t.item
		if i == len(remarks)-1 {
			item = t.lastItem
		}
		t.WriteString(strings.Repeat(" ", t.digits+1))
		t.styled(item, gutter)
		t.WriteByte(' ')
		t.styled(r[0], strong)
		t.WriteString(": " + r[1] + "\n")
	}
}

// services says in which services something was found.
func services(names []string) string {
	const few = 5
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return "in service " + clean(names[0])
	case n <= few:
		return "in services " + clean(strings.Join(names[:n-1], ", ")) + " and " + clean(names[n-1])
	default:
		return "in services " + clean(strings.Join(names[:few-1], ", ")) + " and " + strconv.Itoa(n-few+1) + " more"
	}
}

// fix writes the best fix with its diff, and what else is offered.
func (t *text) fix(fixes []rules.Fix, change *diff) {
	for i, f := range fixes {
		kind := "fix"
		if i > 0 {
			kind = "or"
		}
		t.styled(kind, isHelp)
		title := ": " + clean(f.Title)
		if !f.Safe {
			title += " (unsafe)"
		}
		t.styled(title, strong)
		t.WriteByte('\n')
		if i == 0 && change != nil {
			t.diff(change)
		}
	}
}

func (t *text) problem(p *rules.Problem) {
	t.styled("problem", isError)
	t.styled(": "+clean(p.Message), strong)
	t.WriteByte('\n')
	t.digits = 1
	if p.File == nil {
		t.head(t.arrow, clean(t.options.path(p.Path)))
	} else {
		frames := t.frames(p.Location, "", isError, p.Related)
		for _, f := range frames {
			t.digits = max(t.digits, len(strconv.Itoa(f.lastLine())))
		}
		t.draws(frames)
	}
	var remarks [][2]string
	for _, h := range p.Help {
		remarks = append(remarks, [2]string{"help", clean(h)})
	}
	t.items(remarks)
	t.WriteByte('\n')
}

// hints says once what can be done about the findings.
func (t *text) hints(r *rules.Report) {
	var found []*rules.Rule
	safe, unsafe := 0, 0
	for i := range r.Diagnostics {
		d := &r.Diagnostics[i]
		if !slices.Contains(found, d.Rule) {
			found = append(found, d.Rule)
		}
		switch {
		case d.Suppressed != nil || len(d.Fixes) == 0:
		case slices.ContainsFunc(d.Fixes, func(f rules.Fix) bool { return f.Safe }):
			safe++
		default:
			unsafe++
		}
	}
	slices.SortFunc(found, func(a, b *rules.Rule) int { return cmp.Compare(a.ID, b.ID) })
	if len(found) == 0 {
		return
	}
	command := t.options.command()
	if len(found) == 1 {
		t.WriteString("More about the rule: " + command + " explain " + found[0].ID + "\n")
	} else {
		ids := make([]string, len(found))
		for i, r := range found {
			ids[i] = r.ID
		}
		t.WriteString("More about a rule: " + command + " explain RULE, for " + strings.Join(ids, ", ") + "\n")
	}
	if safe > 0 {
		t.WriteString(counted(safe, "finding") + " can be mended safely: " + command + " check --fix\n")
	}
	if unsafe > 0 {
		t.WriteString(counted(unsafe, "finding") + " can be mended, which may change what the program does: " + command + " check --diff --unsafe-fixes\n")
	}
	t.WriteByte('\n')
}

func (t *text) summary(r *rules.Report) {
	s := plain
	switch {
	case len(r.Problems) > 0 || r.Count(rules.Error) > 0:
		s = isError
	case r.Count(rules.Warning) > 0:
		s = isWarning
	}
	t.styled(summary(r), s)
	t.WriteByte('\n')
}
