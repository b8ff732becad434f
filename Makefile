# SPDX-License-Identifier: Apache-2.0
# Everything a newcomer types. `make demo` and `make test` do their own set-up.

SOTTO := .build/release/sotto
DEMO := demo
PREFIX ?= /usr/local
TESTS := $(notdir $(wildcard Tests/*Tests))

.PHONY: all setup build libsotto python demo serve live test test-page test-c test-install test-client test-cost test-python test-arm64 test-corpus test-training test-transformers docs lint bench-speed fuzz sanitize bench-peers install uninstall dist clean

all: build

setup:
	@.ci/setup

build: setup
	swift build -c release --product sotto

# The C library: .build-c/libsotto.so.1. See Docs/c.md.
libsotto: setup
	@.ci/libsotto

# The Python package: a wheel in Python/dist, installed into a fresh environment, Python/.venv. See Docs/python.md.
python: setup
	@.ci/stage "Python package" .ci/python

# A real sentence to tokens and back, at each of four bitrates, and a page with all of it.
demo: build
	@mkdir -p $(DEMO)
	@cp -f Samples/campfire.flac $(DEMO)/original.flac
	@for n in 8 4 2 1; do \
		$(SOTTO) encode --force --codes $$n Samples/campfire.flac -o $(DEMO)/campfire-$$((n * 125)).sotto && \
		$(SOTTO) decode --force $(DEMO)/campfire-$$((n * 125)).sotto -o $(DEMO)/decoded-$$((n * 125))-bits-a-second.wav || exit 1; \
	done
	$(SOTTO) inspect $(DEMO)/campfire-1000.sotto
	@echo 'The sentence: "'"$$(cat Samples/campfire.txt)"'"'
	@echo "Listen to $(DEMO)/original.flac, then to:" && ls $(DEMO)/*.wav
	@swift build -c release --product demo-page
	@echo "Or hear and see all of it in a browser:" && .build/release/demo-page $(DEMO)
	@echo "With your own voice: make live"

# The live page's server, a package of its own that depends on this one, beside the command that starts it.
serve: build
	@rm -f Serve/.build/release.yaml # the plan, which SwiftPM doesn't make anew when files of the package around it come or go
	@.ci/stage "build the page" swift build -c release --package-path Serve --product sotto-serve
	@cp -f Serve/.build/release/sotto-serve .build/release/sotto-serve

# The page in the browser: speak, and hear it from its tokens. See Docs/page.md.
live: serve
	$(SOTTO) serve

# The rooms' tests, each a stage whose minutes are said. Recordings for the tests are made by the programs that people make theirs with.
test: lint
	@.ci/setup ffmpeg flac lame opus-tools sox vorbis-tools
	@.ci/stage build swift build -c release --build-tests
	@for room in $(TESTS); do .ci/stage "$$room" swift test -c release --skip-build --filter "^$$room\\." || exit 1; done
	@.ci/stage conformance Tests/Conformance/conformance.py --command $(SOTTO)
	@SOTTO_INSTRUCTIONS=portable .ci/stage "conformance, portable" Tests/Conformance/conformance.py --command $(SOTTO) --only strikes

# A package of someone else's, built outside of this folder, with the README's Swift code in it.
test-client: setup
	@.ci/stage client Tests/Client/run

# Instructions that a second of speech takes, against bounds.
test-cost: build
	@.ci/setup valgrind binutils
	@.ci/stage cost Tests/Cost/cost.py --command $(SOTTO)

# The C library: what it offers and needs, all of its functions with wrong arguments, and codes and samples beside the command's.
test-c: build
	@.ci/setup flac g++
	@.ci/stage libsotto .ci/libsotto command
	@.ci/stage "C tests" Tests/C/run $(SOTTO)
	@.ci/stage "conformance, own FFT" Tests/Conformance/conformance.py --fft own --command .build-c/release/sotto

# What `make install` puts somewhere, used there, and taken away by `make uninstall`.
test-install: build libsotto
	@.ci/setup help2man
	@.ci/stage install Tests/Install/run

# The kernels in C on an emulated ARM of 64 bits beside those here, bit for bit.
test-arm64: setup
	@.ci/setup gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
	@.ci/stage "kernels on ARM" Tests/Arm64/run

# The installed wheel, beside the command with the same FFT.
test-python: python
	@.ci/stage libsotto .ci/libsotto command
	@SOTTO_COMMAND=$(CURDIR)/.build-c/release/sotto .ci/stage "Python tests" \
		Python/.venv/bin/python -m unittest discover -s Python/tests
	@.ci/stage "conformance, wheel" Python/.venv/bin/python Tests/Conformance/conformance.py --wheel

# The Python package inside of transformers, and the tutorial, with the PyTorch of the training environment.
test-transformers: python
	@.ci/stage "transformers environment" .ci/transformers
	@.ci/stage "transformers tests" Python/.venv-transformers/bin/python -m unittest discover -s Python/tests/transformers

# Corpora, with the installed wheel.
test-corpus: python
	@.ci/stage "corpus packages" .ci/corpus
	@.ci/stage "corpus tests" Python/.venv/bin/python -m unittest discover -s Python/tests/corpus

# The live page's server with honest and hostile clients, and the page in Chromium.
test-page: serve demo
	@.ci/setup chromium chromium-driver ffmpeg python3-venv
	@.ci/stage "page tests" Tests/Page/run

# The PyTorch twin, on tiny data, in an environment of its own: Training/.venv.
test-training:
	@.ci/stage "training environment" .ci/training
	@cd Training && ../.ci/stage "training tests" .venv/bin/python -m pytest -q

# The kernels and what threads share by sanitizers; KINDS=address are all tests by another. See Docs/reliability.md.
KINDS ?= undefined threads
sanitize: setup
	@.ci/stage sanitizers .ci/sanitize $(KINDS)

# Inputs that nobody thought of, for so many seconds at each of nine doors. See Docs/reliability.md.
SECONDS ?= 20
fuzz: setup
	@.ci/stage fuzz .ci/fuzz $(SECONDS)

# Pages of the Swift libraries for any web server, by DocC.
DOCS := .build/docs
docs: setup
	@for library in SottoStreams SottoModels; do .ci/stage "build $$library" swift build -c release --target $$library || exit 1; done
	@.ci/stage "pages of the libraries" .ci/docs $(DOCS)
	@echo "Read them: python3 -m http.server --directory $(DOCS), then http://localhost:8000/documentation"

# The README and Package.swift say which Swift is needed.
lint: SWIFT = $(shell sed -n '1s/.*swift-tools-version: *//p' Package.swift)
lint:
	@.ci/stage lint swift format lint --strict --recursive Package.swift Sources Tests Serve/Package.swift Serve/Sources
	@grep -q 'Swift $(SWIFT) or later' README.md || { echo "README.md doesn't say that Swift $(SWIFT) or later is needed"; exit 1; }

# CPU time beside Codec2's and Opus's, those of them that are installed: `make bench-peers` installs them.
bench-speed: build
	swift build -c release --product many-streams
	Benchmarks/speed.py

bench-peers:
	@.ci/setup codec2 opus-tools

# With DESTDIR, what is to be found in PREFIX is put together there, as for a package.
install: build libsotto
	@.ci/setup help2man
	.ci/install $(SOTTO) "$(DESTDIR)" "$(PREFIX)"

uninstall:
	.ci/uninstall "$(DESTDIR)$(PREFIX)"

# What a release consists of: dist/.
dist:
	@.ci/setup help2man dpkg-dev fakeroot g++
	@.ci/stage dist .ci/dist

clean:
	rm -rf .build .build-c .build-undefined .build-threads .build-address Serve/.build Python/dist $(DEMO)
