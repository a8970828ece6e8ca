# `make help` lists the targets. Everything is built with CMake and Ninja below build/.
JOBS ?= $(shell nproc)
PYTEST = /usr/bin/python3 -m pytest -c tests/pytest.ini

.PHONY: help deps build build-san test tsan unit suites fuzz soak demo bench tidy format clean

help: ## show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

deps: ## install what building and testing need (Debian 12)
	@scripts/install-deps

build: ## build the daemon with optimisation: build/release/bin/sealrow
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS)

build-san: ## build with AddressSanitizer, UBSan and the fuzz targets: build/fuzz/bin
	@cmake --preset fuzz >/dev/null
	@cmake --build build/fuzz -j $(JOBS)

test: deps build ## everything that must pass, then the same under sanitizers, then fuzzing; a closing line per suite
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-300} FUZZ_SEED=$${FUZZ_SEED:-1} tests/run unit suites build-san unit-san suites-san fuzz

tsan: ## units with threads under ThreadSanitizer
	@cmake --preset tsan >/dev/null
	@cmake --build build/tsan -j $(JOBS) --target threads
	@tests/run unit-tsan

unit: build ## unit tests only
	@tests/run unit

suites: build ## suites against real servers: leak, transcript, drivers, integration, architecture
	@tests/run suites

fuzz: build-san ## fuzz for FUZZ_SECONDS (default 600) in all
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-600} tests/run fuzz

soak: build ## load for SOAK_SECONDS (default 300) and watch memory
	@tests/soak/run

demo: ## a chat application on sealed columns, in one terminal
	@scripts/install-deps --build-only
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS) --target sealrow
	@demo/run

bench: build ## compare with PgBouncer and HAProxy, weigh idle sessions; writes docs/benchmarks.md
	@bench/compare
	@bench/compare-mysql
	@bench/idle

tidy: ## clang-tidy over src/
	@cmake --preset release >/dev/null
	@run-clang-tidy-14 -quiet -p build/release "^$(CURDIR)/src/"

format: ## clang-format over the tree
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

clean: ## remove build/
	@rm -rf build
