# Every verb of the project. `make start` and `make test` do everything on a fresh Debian or Ubuntu machine.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
BINARIES := $(CARGO_TARGET_DIR)/debug
# One feature set for every build, so that tauri and its dependencies are compiled once.
FEATURES := --features patchbay-desktop/custom-protocol,patchbay-cli/bridge
WITH_NODE := . .ci/node &&
WITH_DISPLAY := $(DISPLAY)$(WAYLAND_DISPLAY)
UI_SOURCES := $(shell find ui -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)

.PHONY: help setup setup-tests setup-bench start test test-rust test-ui test-conformance test-browser test-window check format bench soak new-template

help:
	@printf 'make start        open the portal on the embedded platform (or run the demo in the terminal)\n'
	@printf 'make test         every test: Rust, UI, templates, foreign clients, browser, real window\n'
	@printf 'make check        format, lints, types\n'
	@printf 'make format       format everything\n'
	@printf 'make setup        install what is missing\n'
	@printf 'make bench        measurements, as JSON lines\n'
	@printf 'make soak         200 rounds of kill -9 under changes and traffic\n'
	@printf 'make new-template NAME=stripe-to-slack  a new template, from blank\n'

setup:
	@.ci/setup

setup-tests:
	@.ci/setup --tests

setup-bench:
	@.ci/setup --bench

start: setup
ifeq ($(strip $(WITH_DISPLAY)),)
	@cargo build --locked -p patchbay-cli
else
	@$(MAKE) -s --no-print-directory ui/dist/index.html
	@cargo build --locked -p patchbay-cli -p patchbay-desktop --features patchbay-desktop/custom-protocol
endif
	@ln -sfn "$$(node -p 'require.resolve("@cloudflare/workerd-linux-" + (process.arch === "arm64" ? "arm64" : "64") + "/bin/workerd")')" "$(BINARIES)/patchbay-workerd"
	@.ci/start

ui/dist/index.html: $(UI_SOURCES) package-lock.json
	@$(WITH_NODE) npm run --silent build -w ui -- --logLevel error
	@touch $@

test: setup-tests test-rust test-ui test-conformance test-browser test-window

test-rust: ui/dist/index.html
	cargo fetch --locked
	cargo build --locked --workspace --bins $(FEATURES)
	cargo test --locked --workspace --no-fail-fast $(FEATURES)

test-ui:
	$(WITH_NODE) npm test -w ui
	$(WITH_NODE) npm run check -w templates
	$(WITH_NODE) npm test -w templates

# Unmodified clients of Cloudflare (wrangler, the official npm and Python packages) against `patchbay start`.
test-conformance: ui/dist/index.html
	cargo build --locked --workspace --bins $(FEATURES)
	$(WITH_NODE) npm run test:conformance -w tests
	$(WITH_NODE) PYTHONDONTWRITEBYTECODE=1 node tests/conformance/support/with-platform.js $(CARGO_TARGET_DIR)/python/bin/python -m pytest tests/conformance/python

test-browser: ui/dist/index.html
	$(WITH_NODE) npm run test:browser -w tests

test-window: ui/dist/index.html
	$(WITH_NODE) npm run test:window -w tests

check: setup ui/dist/index.html
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets $(FEATURES) -- -D warnings
	$(WITH_NODE) npm run check -w ui
	$(WITH_NODE) npm run check -w templates

format:
	cargo fmt --all
	$(WITH_NODE) npm run format -w ui
	$(WITH_NODE) npx prettier --write templates
	$(WITH_NODE) cd tests && npx prettier --write .

# Measures what is packaged: release builds.
bench: setup-bench
	cargo build --locked --release -p patchbay-cli -p patchbay-lint
	cargo bench --locked -p patchbay-tests --bench main_job --bench platform --bench load
	cargo bench --locked -p patchbay-replay --bench history
	PATCHBAY=$(CARGO_TARGET_DIR)/release/patchbay OXLINT=$(CURDIR)/node_modules/.bin/oxlint \
	  cargo bench --locked -p patchbay-cli -p patchbay-lint --bench lint

# The long run of what the tests do in 24 rounds. Prints its seed; ROUNDS and SEED choose others.
soak: setup
	cargo build --locked -p patchbay-platform --examples
	"$(BINARIES)/examples/kill_rounds" $(or $(ROUNDS),200) $(SEED)

new-template:
	@.ci/new-template "$(NAME)"
