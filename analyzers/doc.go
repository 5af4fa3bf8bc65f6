// Package analyzers defines what an analyzer is and what it sees.
package analyzers
