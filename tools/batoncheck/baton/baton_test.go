package baton_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/skylint/skylint/tools/batoncheck/baton"
)

func TestBaton(t *testing.T) { analysistest.Run(t, analysistest.TestData(), baton.Analyzer, "a") }
