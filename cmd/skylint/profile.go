package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
)

// profiles are the files that measurements of skylint itself go to; "" for none.
type profiles struct{ cpu, memory string }

// start begins to measure. stop ends it and writes what is left to write.
func (f profiles) start() (stop func() error, err error) {
	var cpu *os.File
	if f.cpu != "" {
		if cpu, err = os.Create(f.cpu); err != nil {
			return nil, err
		}
		if err := pprof.StartCPUProfile(cpu); err != nil {
			return nil, errors.Join(err, cpu.Close())
		}
	}
	return func() error {
		var errs []error
		if cpu != nil {
			pprof.StopCPUProfile()
			errs = append(errs, cpu.Close())
		}
		if f.memory != "" {
			errs = append(errs, writeHeap(f.memory))
		}
		return errors.Join(errs...)
	}, nil
}

func writeHeap(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	runtime.GC() // so that the profile has what is alive now
	return errors.Join(pprof.Lookup("allocs").WriteTo(file, 0), file.Close())
}
