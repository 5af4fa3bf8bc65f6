#!/usr/bin/env bash
# Runs every fuzz target of the module for a while, one after the other: go test takes one
# at a time. FUZZTIME says how long each runs (10s).
set -euo pipefail
cd "$(dirname "$0")/.."

go=${GO:-go}
count=0
for package in $("$go" list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do
	# Compiling a package's tests to list them costs time: look for a target first.
	dir=${package#github.com/skylint/skylint}
	grep -qs '^func Fuzz' ".$dir"/*_test.go || continue
	for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]*' ".$dir"/*_test.go | cut -d ' ' -f 2); do
		echo "fuzz $package $target"
		"$go" test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" "$package"
		count=$((count + 1))
	done
done
if [ "$count" -eq 0 ]; then
	echo "no fuzz target found" >&2
	exit 1
fi
echo "$count fuzz targets ran for ${FUZZTIME:-10s} each"
