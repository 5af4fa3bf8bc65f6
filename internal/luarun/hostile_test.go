package luarun

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skylint/skylint/internal/parallel"
	"github.com/skylint/skylint/runtime/limit"
)

const (
	hostileFolder = "../../testdata/hostile"
	// hostileProgram is the variable that makes the test binary the process in which one
	// hostile program runs.
	hostileProgram = "LUARUN_HOSTILE"
	// hostileMemory is the limit of that process, in bytes.
	hostileMemory = 2 << 30
	// keptMemory is what the process may keep: its cache of compiled chunks, and pools.
	keptMemory = 24 << 20
	// maxMessage is how many bytes a message may have.
	maxMessage = 2000
	// hostileLiveness bounds how long it may take.
	hostileLiveness = 10 * time.Second
)

// A hostileReport is what the process of a hostile program says.
type hostileReport struct {
	Result
	Error              string
	Before, After      uint64 // bytes of heap in use
	Answers            int64  // of the other state, while the program ran
	Answered           string // by the other state, afterwards
	GoroutinesLeftOver int
}

func TestMain(m *testing.M) {
	if name := os.Getenv(hostileProgram); name != "" {
		beHostile(name)
		return
	}
	os.Exit(m.Run())
}

// TestHostile runs each hostile program in a process of its own that is limited to 2 GiB: it
// must end as its text says, another state in the process must go on, and the memory that it
// took must come back.
func TestHostile(t *testing.T) {
	archives, err := ReadArchives(hostileFolder)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	type job struct {
		archive *Archive
		program *Program
	}
	var jobs []job
	for _, a := range archives {
		for _, p := range a.Programs {
			if *oneHostile == "" || p.Name == *oneHostile {
				jobs = append(jobs, job{a, p})
			}
		}
	}
	if len(jobs) < 300 && *oneHostile == "" {
		t.Errorf("%d hostile programs, want at least 300", len(jobs))
	}
	faults := make([]string, len(jobs))
	parallel.For(t.Context(), len(jobs), 0, func(i int) {
		start := time.Now()
		report, err := runHostile(self, jobs[i].archive.Name()+"/"+jobs[i].program.Name)
		if took := time.Since(start); took > 2*time.Second {
			t.Logf("%s/%s took %v", jobs[i].archive.Name(), jobs[i].program.Name, took.Round(time.Millisecond))
		}
		if err != nil {
			faults[i] = err.Error()
			return
		}
		faults[i] = judge(jobs[i].program, report)
	})
	for i, fault := range faults {
		if fault != "" {
			t.Errorf("%s/%s: %s", jobs[i].archive.Name(), jobs[i].program.Name, fault)
		}
	}
}

func runHostile(self, name string) (*hostileReport, error) {
	ctx, cancel := context.WithTimeout(context.Background(), hostileLiveness)
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), hostileProgram+"="+name, "TZ=UTC")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("did not end within %v", hostileLiveness)
	}
	if err != nil {
		text := stderr.String()
		if len(text) > 600 {
			text = text[:600]
		}
		return nil, fmt.Errorf("took the process down: %w\n%s", err, text)
	}
	report := new(hostileReport)
	if err := json.Unmarshal(stdout.Bytes(), report); err != nil {
		return nil, fmt.Errorf("unexpected report %.200q: %w", stdout.String(), err)
	}
	if report.Error != "" {
		return nil, errors.New(report.Error)
	}
	return report, nil
}

// heading returns the value of a line "-- key: value" among the first ones of a program.
func heading(p *Program, key string) string {
	for line := range strings.Lines(p.Text) {
		rest, ok := strings.CutPrefix(line, "-- ")
		if !ok {
			break
		}
		if value, ok := strings.CutPrefix(rest, key); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func judge(p *Program, r *hostileReport) string {
	how := fmt.Sprintf("exit %d, %.200q, output %.100q", r.Exit, r.Message, r.Output)
	if want := heading(p, "prints "); want != "" {
		if r.Exit != 0 || strings.TrimSpace(r.Output) != want {
			return fmt.Sprintf("want the output %q; it ended with %s", want, how)
		}
	} else {
		fits := false
		for _, key := range strings.Fields(heading(p, "ends:")) {
			fits = fits || r.Exit != 0 && r.Message != "" && (key == "error" || strings.Contains(r.Message, "limits."+key+" "))
		}
		if !fits {
			return fmt.Sprintf("want an error of %s; it ended with %s", heading(p, "ends:"), how)
		}
	}
	if len(r.Message) > maxMessage {
		return fmt.Sprintf("an error message of %d bytes", len(r.Message))
	}
	if r.Answered != "42\n" {
		return fmt.Sprintf("afterwards the other state answers %q", r.Answered)
	}
	if r.After > r.Before+keptMemory {
		return fmt.Sprintf("%d MiB of heap before, %d MiB after", r.Before>>20, r.After>>20)
	}
	if r.GoroutinesLeftOver > 10 {
		return fmt.Sprintf("leaves %d goroutines", r.GoroutinesLeftOver)
	}
	return ""
}

// beHostile is the process of one hostile program.
func beHostile(name string) {
	limitMemory(hostileMemory)
	// As the command does.
	debug.SetMemoryLimit(hostileMemory / 4)
	defer limit.Watch(16<<20, 0)()
	report := hostileRun(name)
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		panic(err)
	}
}

func hostileRun(name string) (report hostileReport) {
	archives, err := ReadArchives(hostileFolder)
	if err != nil {
		report.Error = err.Error()
		return report
	}
	var program *Program
	for _, a := range archives {
		for _, p := range a.Programs {
			if a.Name()+"/"+p.Name == name {
				program = p
			}
		}
	}
	if program == nil {
		report.Error = "no such program"
		return report
	}
	limits := limit.Default()
	settings := append([]string{"instructions=5e6", "memory=32MiB"}, strings.Fields(heading(program, "limits:"))...)
	for _, setting := range settings {
		if err := limits.Set(setting); err != nil {
			report.Error = err.Error()
			return report
		}
	}

	other := &Program{Name: "other", Text: "local t = {} for i = 1, 6 do t[i] = i end print(#t * 7)"}
	ask := func() string {
		r, err := Skyrun{Limits: limit.Default()}.Run(other)
		if err != nil {
			return err.Error()
		}
		return r.String()
	}
	ask() // what is made once is there
	goroutines := runtime.NumGoroutine()
	report.Before = heap()

	var stop atomic.Bool
	var answers atomic.Int64
	wrong := make(chan string, 1)
	go func() {
		for !stop.Load() {
			if got := ask(); got != "42\n" {
				wrong <- got
				return
			}
			answers.Add(1)
			time.Sleep(5 * time.Millisecond)
		}
		wrong <- ""
	}()
	result, err := Skyrun{Limits: limits, Kept: 1000}.Run(program)
	stop.Store(true)
	if err != nil {
		report.Error = err.Error()
	}
	if got := <-wrong; got != "" {
		report.Error = fmt.Sprintf("while it runs, the other state answers %q", got)
	}
	if len(result.Message) > 1<<14 {
		result.Message = strings.Clone(result.Message[:1<<14])
	}
	report.Result = result
	report.Answers = answers.Load()
	report.Answered = ask()
	for deadline := time.Now().Add(hostileLiveness / 2); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		report.GoroutinesLeftOver = runtime.NumGoroutine() - goroutines
		if report.After = heap(); report.GoroutinesLeftOver <= 10 && report.After <= report.Before+keptMemory {
			break
		}
	}
	return report
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
