# make demo and make test are all that a newcomer needs; make help lists the rest.

GO ?= go
BUILD := build
FUZZTIME ?= 10s
TESTFLAGS ?=
# Packages of runtime whose tests have one goroutine, and take minutes under the race detector.
ALONE := lower|seri|luaapi/cjson|luaapi/crypt|luaapi/md5

.DEFAULT_GOAL := help
.PHONY: help build demo test race vet baton fmt-check generate lint fuzz bench cross clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build skylint and skyrun into ./bin
	$(GO) build -trimpath -o bin/ ./cmd/...

demo: build ## lint, draw, run and look at the sample game server in testdata/demo; all goes to build/
	@./tools/demo.sh

test: vet baton fmt-check ## go vet, batoncheck, gofmt, and all tests (also those for stale generated files)
	$(GO) test $(TESTFLAGS) ./...

race: ## the tests of what runs on several goroutines, under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race $(TESTFLAGS) ./cmd/... ./config/... ./lint/... ./project/... ./report/... ./rules/... \
		$$($(GO) list ./runtime/... | grep -Ev '/runtime/($(ALONE))$$')

agreement: ## what breaks rules at run time, against what skylint says; SKYNET=folder adds skynet's tests. Writes docs/ACCURACY.md
	$(GO) run ./bench/agreement $(if $(SKYNET),-skynet $(SKYNET)) -write docs/ACCURACY.md

vet:
	$(GO) vet ./...

baton: ## batoncheck: no Lua state leaves the goroutine that holds its actor's baton
	$(GO) run ./tools/batoncheck ./runtime/... ./cmd/skyrun

fmt-check:
	@unformatted=$$(gofmt -l .) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):" >&2; echo "$$unformatted" >&2; exit 1; fi

generate: ## make the generated files anew
	$(GO) generate ./...

lint: vet fmt-check ## go vet, gofmt, and that go.mod lists what is used
	$(GO) mod tidy -diff
	$(GO) mod verify

# go test runs one fuzz target at a time.
fuzz: ## run every fuzz target for FUZZTIME (10s)
	@FUZZTIME=$(FUZZTIME) PACKAGES="$(PACKAGES)" GO=$(GO) ./tools/fuzz.sh

bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

cross: ## build for Linux, macOS and Windows, to see that it builds
	@mkdir -p $(BUILD)
	@for os in linux darwin windows; do \
		echo "build for $$os"; GOOS=$$os CGO_ENABLED=0 $(GO) build -o $(BUILD)/cross/$$os/ ./cmd/... || exit 1; \
		GOOS=$$os CGO_ENABLED=0 $(GO) vet ./cmd/... || exit 1; \
	done

clean: ## remove what was built
	rm -rf bin $(BUILD)
