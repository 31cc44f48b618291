# Kaizen: build, run and check. Each target says what it does in one line; `make` shows them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps build run test check-api lint bench torture clean

# Two compilers at a time: each may take 2 GB.
JOBS ?= 2
# Minutes until a run of the tests is taken for hung.
TEST_MINUTES ?= 10
# How often `make torture` kills the daemon; KAIZEN_SEED=N repeats what a seed did.
KILLS ?= 1000
# How often `make torture` hurts a worker in each way.
HARMS ?= 100
# Which benchmark `make bench` runs; empty for all.
ONLY ?=

CHECKS := --explicit-target-dependency-import-check error
FOLDERS := $(wildcard Sources Plugins Tests Benchmarks)
C_FILES = $(shell find $(FOLDERS) -name '*.c')
CXX_FILES = $(shell find $(FOLDERS) -name '*.cpp')
INCLUDES = $(addprefix -I,$(wildcard Sources/*/include))
C_WARNINGS := -fsyntax-only -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused-parameter
# The toolchain's own compiler, which builds the C targets too.
CLANG := $(firstword $(shell command -v clang cc))

# A process that is made to crash need not explain itself: that takes seconds.
export SWIFT_BACKTRACE := enable=no

help: ## show the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

deps: ## install the missing packages of debian-packages.txt
	@command -v swift >/dev/null || { echo "swift is not in PATH: install a Swift 6.3 toolchain (https://www.swift.org/install/linux/debian/12)" >&2; exit 1; }
	@missing=; \
	for package in $$(sed 's/#.*//' debian-packages.txt); do \
	  [ "$$(dpkg-query -W -f='$${db:Status-Status}' $$package 2>/dev/null || true)" = installed ] || missing="$$missing $$package"; \
	done; \
	[ -z "$$missing" ] && exit 0; \
	command -v apt-get >/dev/null || { echo "apt-get is not here; install what gives you these Debian packages:$$missing" >&2; exit 1; }; \
	root=; \
	if [ "$$(id -u)" != 0 ]; then \
	  command -v sudo >/dev/null || { echo "run as root: apt-get install$$missing" >&2; exit 1; }; \
	  root=sudo; \
	fi; \
	echo "installing$$missing"; \
	log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	install="$$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends"; \
	$$install $$missing >"$$log" 2>&1 || { $$root apt-get update -qq >"$$log" 2>&1 && $$install $$missing >"$$log" 2>&1; } \
	  || { cat "$$log" >&2; exit 1; }

build: deps ## build the programs and plugins (release)
	@echo "building (release)"
	@swift build -c release -j $(JOBS) $(CHECKS) --quiet
	@bin=$$(swift build -c release --show-bin-path); \
	install -m 644 manifest.json "$$bin/manifest.json"; \
	echo "built in $$bin"

run: build ## improve an example agent, end to end
	@KAIZEN_PRODUCTS=$$(swift build -c release --show-bin-path) python3 Examples/run.py

test: deps ## build and run all tests
	@echo "building (debug, with tests)"
	@swift build --build-tests -j $(JOBS) $(CHECKS) --quiet
	@install -m 644 manifest.json "$$(swift build --show-bin-path)/manifest.json"
	@Tests/run $(TEST_MINUTES)

check-api: deps ## hold a running daemon to its own OpenAPI description, with schemathesis
	@swift build -j $(JOBS) $(CHECKS) --quiet
	@bin=$$(swift build --show-bin-path); install -m 644 manifest.json "$$bin/manifest.json"; \
	python3 Tests/CheckAPI/check.py "$$bin" .build/check-api

lint: deps ## check the format of Swift and the warnings of C
	@swift format lint --strict --recursive --parallel $(FOLDERS) Package.swift
	@for file in $(C_FILES); do \
	  $(CLANG) -std=gnu17 $(C_WARNINGS) $(INCLUDES) -I"$$(dirname $$file)" "$$file"; \
	done
	@for file in $(CXX_FILES); do \
	  $(CLANG) -x c++ -std=c++17 $(C_WARNINGS) $(INCLUDES) "$$file"; \
	done
	@echo "lint: clean"

bench: build ## run the benchmarks, one JSON object a line; ONLY=name for one
	@bin=$$(swift build -c release --show-bin-path); found=; \
	for program in "$$bin"/bench-$(if $(ONLY),$(ONLY),*); do \
	  [ -f "$$program" ] && [ -x "$$program" ] || continue; \
	  found=1; "$$program"; \
	done; \
	[ -n "$$found" ] || { echo "no benchmark$(if $(ONLY), named $(ONLY)); there are: $$(ls Benchmarks 2>/dev/null | tr '\n' ' ')" >&2; exit 1; }

torture: deps ## kill the daemon KILLS times (1000) in real trials; hurt a worker HARMS times (100) in each way
	@swift build --build-tests -j $(JOBS) $(CHECKS) --quiet
	@install -m 644 manifest.json "$$(swift build --show-bin-path)/manifest.json"
	@KAIZEN_HARMS=$(HARMS) Tests/run $$(( 10 + $(HARMS) / 5 )) --filter ContainmentTests
	@KAIZEN_KILLS=$(KILLS) KAIZEN_PROGRESS=3 Tests/run $$(( 10 + $(KILLS) / 20 )) --filter KillTests

clean: ## remove what was built
	@rm -rf .build
