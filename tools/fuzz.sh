#!/usr/bin/env bash
# Runs every fuzz target of the module for a while, one after the other: go test takes one
# at a time. FUZZTIME says how long each runs (10s), PACKAGES in which packages they are (./...).
set -euo pipefail
cd "$(dirname "$0")/.."

go=${GO:-go}
time=${FUZZTIME:-10s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# fuzz PACKAGE TARGET. When the time is up, go test now and then takes its own deadline for
# a failure of the target ("context deadline exceeded", and no failing input). Then it gets
# another try; a target that really hangs fails in each of them.
fuzz() {
	local try
	for try in 1 2 3; do
		echo "fuzz $1 $2"
		if "$go" test -run '^$' -fuzz "^$2\$" -fuzztime "$time" "$1" 2>&1 | tee "$log"; then
			return 0
		fi
		if grep -q 'Failing input written' "$log" || ! grep -q '^ *context deadline exceeded$' "$log"; then
			return 1
		fi
		echo "go test missed its own deadline (try $try)"
	done
	return 1
}

module=$("$go" list -m)
count=0
for package in $("$go" list ${PACKAGES:-./...}); do
	dir=.${package#"$module"}
	for target in $(cat "$dir"/*_test.go 2>/dev/null | sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p'); do
		fuzz "$package" "$target"
		count=$((count + 1))
	done
done
if [ "$count" -eq 0 ]; then
	echo "no fuzz target found" >&2
	exit 1
fi
echo "$count fuzz targets ran for $time each"
