# The only entry points. `make` alone says what there is.

CONFIGURATION ?= release
DATA ?= ./data

.DEFAULT_GOAL := help
.PHONY: help run build test crash-test test-sanitize lint format fuzz bench bench-log bench-net bench-projections coverage schemas clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

run: ## build and start a node on DATA (default ./data)
	@ops/setup --run-only
	swift build -c $(CONFIGURATION) --product varve
	exec "$$(swift build -c $(CONFIGURATION) --show-bin-path)/varve" serve --data $(DATA)

build: ## build everything, debug
	@ops/setup
	swift build --build-tests

test: ## build and run every test, each fuzz target for a moment, and known answers optimized
	@ops/setup
	@ops/test

crash-test: ## crash the log on 2000 seeds of a simulated disk, and kill it and the projection engine on it 550 times over
	@ops/setup
	@ops/crash-test

test-sanitize: ## the suite under AddressSanitizer, then ThreadSanitizer
	@ops/setup
	@ops/test --sanitize address
	@ops/test --sanitize thread

lint: ## formatting, source rules, shell scripts, generated code up to date
	@ops/setup
	@ops/lint

format: ## rewrite the sources in the house's format
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks/Sources Fuzz/Sources

fuzz: ## fuzz every decoder; FUZZ_SECONDS=600 each, TARGET=name for one
	@ops/setup
	@ops/fuzz --seconds $(or $(FUZZ_SECONDS),600) $(TARGET)

bench: ## measure against peers and print the table
	@ops/setup
	@ops/bench

bench-log: ## measure the log at length; ARGUMENTS='--dir DISK durable' for a disk and a part
	@ops/setup
	@ops/bench bench-log $(ARGUMENTS)

bench-net: ## measure the servers beside nginx at length; ARGUMENTS='http1-1k-file' for one row
	@ops/setup
	@ops/bench bench-net $(ARGUMENTS)

bench-projections: ## measure the projection engine at length; ARGUMENTS='--dir DISK rebuild' for a disk and a part
	@ops/setup
	@ops/bench bench-projections $(ARGUMENTS)

coverage: ## line coverage per target
	@ops/setup
	@ops/coverage

schemas: ## generate Swift from Schemas/
	@ops/setup
	@ops/schemas

clean: ## remove build products
	rm -rf .build .build-* Benchmarks/.build Benchmarks/.build-* Fuzz/.build
