#!/usr/bin/env bash
# make demo: the sample game server, linted, drawn, run and looked at. Everything goes to build/.
set -euo pipefail
cd "$(dirname "$0")/.."
demo=testdata/demo
exe=$(go env GOEXE)
skylint=bin/skylint$exe skyrun=bin/skyrun$exe
mkdir -p build
rm -f build/demo.* build/run.*

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then say() { printf '\n%s\n' "$*"; }; fi
show() { printf '$ %s\n' "$*"; "$@"; }
fail() { printf 'make demo: %s\n' "$*" >&2; exit 1; }

say '1. Lint: the sample game server is full of mistakes on purpose. Two of them:'
code=0
show "$skylint" check --rule queue-deadlock,init-cycle "$demo" || code=$?
# 0: it found nothing; 2: it was used wrongly; 3: it could not read something.
[ $code -eq 1 ] || fail "expected findings (exit code 1), got exit code $code"
"$skylint" check --fail-on never -o build/demo.sarif "$demo"
"$skylint" check --fail-on never --format text "$demo" >build/demo.txt
printf 'All of them, for people and for machines: build/demo.txt, build/demo.sarif\n'

say '2. Draw: which service sends what to which'
show "$skylint" graph -o build/demo.svg "$demo"

say '3. Run: the same services, unchanged, with twenty players who log in over TCP'
run=("$skyrun" run --lint off --dir "$demo" --grant files=. --socket build/run.sock --sarif build/run.sarif)
printf '$ %s testdata/drive/config &\n' "${run[*]}"
"${run[@]}" testdata/drive/config >build/run.out 2>build/run.log &
node=$!
trap 'kill $node 2>/dev/null || true' EXIT
# The drive says what it does. After its second step there is time to look.
for _ in $(seq 200); do
	grep -q '^guild:' build/run.out && break
	kill -0 $node 2>/dev/null || fail "the node has ended: see build/run.log"
	sleep 0.1
done
cat build/run.out

say '4. Look at it while it runs'
show "$skyrun" top --once --keys 2 --width 100 --height 15 build/run.sock | grep -v '^$'

say '5. Two waits would never have ended, as the linter had said. Each was broken at once:'
show "$skyrun" ctl --node build/run.sock events deadlock | tee build/run.deadlocks
[ "$(grep -c 'this wait would never end' build/run.deadlocks)" -ge 2 ] || fail 'expected two deadlocks'

say '6. What else broke a rule while it ran'
show "$skyrun" ctl --node build/run.sock violations

wait $node || fail "the node has ended with exit code $?: see build/run.log"
trap - EXIT
say 'Done.'
tail -n 1 build/run.out
cat <<END
The report of the linter    build/demo.txt, build/demo.sarif
The message graph           build/demo.svg
What broke rules as it ran  build/run.sarif; the log: build/run.log
Look at it live             $skyrun run --web --lint off --dir $demo --grant files=. testdata/drive/config
END
