package main

import (
	"fmt"
	"time"

	"github.com/skylint/skylint/lint"
)

// shownPart is how long a part of a stage must have taken to be listed by itself.
const shownPart = time.Millisecond

// printStats prints how long the stages took, over all rounds of --fix, and below each what it
// did. Parts run side by side, so that together they may have taken longer than their stage.
func (r *checkRun) printStats(result *lint.Result) {
	var total time.Duration
	for i := range r.stages {
		s := &r.stages[i]
		r.printStat(0, s.Name, s.Time, s.Count)
		total += s.Time
		var few []lint.Part
		rest := time.Duration(0)
		for _, p := range s.Parts {
			if p.Time < shownPart && p.Count == "" {
				few, rest = append(few, p), rest+p.Time
				continue
			}
			r.printStat(1, p.Name, p.Time, p.Count)
		}
		switch len(few) {
		case 0:
		case 1:
			r.printStat(1, few[0].Name, rest, "")
		default:
			r.printStat(1, fmt.Sprintf("%d shorter ones", len(few)), rest, "")
		}
	}
	r.printStat(0, "total", total, counted(result.Report.Files, "file")+", "+counted(result.Report.Lines, "line"))
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// printStat prints one line: name, time and, if there is something to say, what it was about.
func (r *checkRun) printStat(indent int, name string, took time.Duration, count string) {
	const width = 24
	line := fmt.Sprintf("%*s%-*s %9.2f ms", 2*indent, "", width-2*indent, name, float64(took)/float64(time.Millisecond))
	if count != "" {
		line += "  " + count
	}
	fmt.Fprintln(r.err, line)
}
