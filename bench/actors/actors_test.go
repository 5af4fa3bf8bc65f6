package main

import (
	"os"
	"testing"
)

// The collector is set as skyrun sets it, for the channels too.
func TestMain(m *testing.M) {
	setCollector()
	os.Exit(m.Run())
}

func TestWorkloads(t *testing.T) {
	for i := range workloads {
		w := &workloads[i]
		t.Run(w.name, func(t *testing.T) {
			r, err := runSkyrun(w.name, 64)
			if err != nil {
				t.Fatal(err)
			}
			if r.count != 64 || r.elapsed <= 0 {
				t.Errorf("%d operations in %v; want 64", r.count, r.elapsed)
			}
			if again, err := parse("noise\n" + r.String() + "\n"); err != nil || again != r {
				t.Errorf("%v read again is %v, %v", r, again, err)
			}
			if !hasChannels(w.name) {
				return
			}
			if r, err = runChannels(w.name, 64); err != nil || r.count != 64 {
				t.Errorf("channels: %v, %v", r, err)
			}
		})
	}
}

// BenchmarkSkyrun is for profiles and for counting allocations; an operation is what it is in the table.
func BenchmarkSkyrun(b *testing.B) {
	for i := range workloads {
		b.Run(workloads[i].name, func(b *testing.B) {
			b.ReportAllocs()
			r, err := runSkyrun(workloads[i].name, max(b.N, 64))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(r.elapsed)/float64(r.count), "own-ns/op")
		})
	}
}
