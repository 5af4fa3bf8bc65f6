// Package actors measures the engine of skyrun: the workloads W1 to W8 of docs/PERFORMANCE.md, each
// beside the same with plain goroutines and channels, which is the most that Go could do. Each
// reports wall time, and processor time as cpu-ns/op.
package actors
