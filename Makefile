# The commands of this project; each is a line or two over a CMake preset or a
# script in tools/. JOBS=N bounds what runs at once.
JOBS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
PYTHON := python3 -B

# Builds what is shipped, serves the demo models, shows one inference, and keeps
# serving. ADDRESSES: other places than localhost:8001 and :8002, such as
# ADDRESSES="--grpc localhost:0 --http localhost:0".
run: program
	@build/release/cli/weir demo $(ADDRESSES)

# The same, at free ports, up to the first answer.
smoke: program
	@build/release/cli/weir demo --once --grpc localhost:0 --http localhost:0

# Copies what is shipped to where it is to be: bin/weir, and lib/weir with the
# module and its libtorch.
PREFIX ?= /usr/local
install: program
	@cmake --install build/release --prefix $(PREFIX) --strip

program: setup
	@cmake --preset release --log-level=ERROR -Wno-dev >/dev/null
	@cmake --build --preset release --parallel $(JOBS) \
	  --target weir libweir_torch.so

.PHONY: run smoke install program setup check test tsan asan lint format bench-core requirements \
  macos-check macos-check-all

# configure, build, run the suites of one preset, and look that all of them ran.
# $(1) preset, $(2) a label to keep to; none for all suites.
define run_suites
@cmake --preset $(1) --log-level=WARNING
@cmake --build --preset $(1) --parallel $(JOBS)
@rm -rf build/$(1)/results
@ctest --preset $(1) --parallel $(JOBS) --no-tests=error \
  --output-junit results/ctest.xml $(if $(2),--label-regex '^$(2)$$')
@$(PYTHON) tools/suites.py $(1) $(2)
endef

# Before every commit: under a minute.
check:
	$(call run_suites,dev,unit)

# All suites, from a bare machine and a fresh clone too.
test: setup
	$(call run_suites,dev)

tsan:
	$(call run_suites,tsan)

asan:
	$(call run_suites,asan)

lint:
	@$(PYTHON) tools/lint.py --jobs $(JOBS)

format:
	@$(PYTHON) tools/lint.py --format

# Every source compiles for macOS, and the modules link against its libtorch.
macos-check:
	@$(PYTHON) tools/macos_check.py --jobs $(JOBS)

# The same for each release of libtorch that must do.
macos-check-all:
	@$(PYTHON) tools/macos_check.py --jobs $(JOBS) --torch all

# Figures worth something need a machine that does nothing else meanwhile.
bench-core:
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release --parallel $(JOBS) --target bench_core --target turn_count
	@$(PYTHON) tests/bench/core_ratios.py build/release/tests/bench

# Which requirement is kept by which test, by the last run of `make test`.
requirements:
	@$(PYTHON) tools/requirements.py --check

setup:
	@tools/setup
