# `make demo` and `make test` work in a fresh clone with Python 3.11 or newer, make and git; docs/index.md says more.
PORT ?= 8000
DATA ?= var
LINES ?= 12
FRESH ?=
ARGS ?=
ONLY ?=
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test check services services-stop bench shots lock

help:
	@echo "make demo [PORT=8000] [DATA=var] [FRESH=1] [LINES=12]   run everything here, with simulated machines and Epicor"
	@echo "make test [ARGS=…]                                      run the tests"
	@echo "make check                                              format, lint, types, layers, migrations, templates"
	@echo "make services / make services-stop                      a private PostgreSQL and Redis"
	@echo "make bench [ONLY=name]                                  measure"
	@echo "make shots [ONLY=screen]                                pictures of every screen"
	@echo "make lock [UPGRADE=1]                                   write the lock files from pyproject.toml"

setup:
	@deploy/setup.sh run

setup-dev:
	@deploy/setup.sh dev

demo: setup
	@exec $(PY) manage.py demo --port $(PORT) --data $(DATA) --lines $(LINES) $(if $(FRESH),--fresh)

test: setup-dev
	@exec deploy/test.sh $(ARGS)

check: setup-dev
	@exec deploy/check.sh

services:
	@DATA=$(abspath $(DATA)) exec deploy/services.sh start

services-stop:
	@DATA=$(abspath $(DATA)) exec deploy/services.sh stop

bench: setup-dev
	@exec $(PY) -m bench $(ONLY)

shots: setup-dev
	@exec $(PY) -m tests.browser.shots $(ONLY)

lock: setup-dev
	@exec $(PY) deploy/lock.py
