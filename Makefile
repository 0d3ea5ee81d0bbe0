# The only commands anyone needs. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# A test that waits for the browser leaves its core to another.
WORKERS ?= 4
export PYTHONPATH := $(CURDIR)
export PIP_USER := no
# What a student says may hold any sign: it goes by the environment, past the shell.
export CLAIM

.PHONY: help book new serve lab notebooks pdf archive assignment grade grade-merge grade-chaos grading-image mark regrade attack exam exams test test-fast test-long test-firefox test-podman lint claims bench clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

NEW := import sys; sys.exit(sys.version_info < (3, 11))
PIP := $(BIN)/python -m pip install --disable-pip-version-check -q --progress-bar on
AGAIN := make PYTHON=python3.12 $(MAKECMDGOALS)

$(VENV)/.installed: requirements.txt pyproject.toml
	@$(BIN)/python -c 'import pip; $(NEW)' 2>/dev/null || { \
	  command -v "$(PYTHON)" >/dev/null || \
	    { echo "There is no program '$(PYTHON)'. Name a Python 3.11 or newer: $(AGAIN)"; exit 1; }; \
	  "$(PYTHON)" -c '$(NEW)' 2>/dev/null || \
	    { echo "The book needs Python 3.11 or newer; '$(PYTHON)' is $$("$(PYTHON)" -V 2>&1 | head -n 1). Try: $(AGAIN)"; exit 1; }; \
	  echo "[1/3] setting up $(VENV) (a few minutes the first time)"; \
	  "$(PYTHON)" -m venv --clear $(VENV) || \
	    { echo "No virtual environment could be made with '$(PYTHON)'. On Debian and Ubuntu: sudo apt-get install python3-venv (for a Python that is not the system's, its own: python3.12-venv). Then run the same command again."; exit 1; }; }
	@echo "[1/3] installing what requirements.txt names"
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# Otter, for assignments and grading only; the pins of requirements.txt hold for it, too.
$(VENV)/.grading: requirements-grading.txt $(VENV)/.installed
	@echo "[grading] installing Otter into $(VENV)"
	@$(PIP) -c requirements.txt -r requirements-grading.txt
	@touch $@

# pypdf, for the book as one PDF file.
$(VENV)/.pdf: requirements-pdf.txt $(VENV)/.installed
	@echo "[pdf] installing pypdf into $(VENV)"
	@$(PIP) -c requirements.txt -r requirements-pdf.txt
	@touch $@

book: $(VENV)/.installed  ## build the site into _build/html
	@echo "[2/3] running the pages and building the site"
	@$(BIN)/python -m publish.site.build
	@echo "[3/3] done: open $$PWD/_build/html/index.html, or run 'make serve'"

new: $(VENV)/.installed  ## skeleton of a page, widget or check: make new PAGE=ch06_.../name (WIDGET=, CHECK=)
	@test -n "$(PAGE)$(WIDGET)$(CHECK)" || { echo "For example: make new PAGE=ch06_convolutional_networks/channels (or WIDGET=step_size, CHECK=ch06_convolutional_networks/avg_pool2d)"; exit 1; }
	@$(if $(PAGE),$(BIN)/python -m publish.tools.new page "$(PAGE)")
	@$(if $(WIDGET),$(BIN)/python -m publish.tools.new widget "$(WIDGET)")
	@$(if $(CHECK),$(BIN)/python -m publish.tools.new check "$(CHECK)")

serve: $(VENV)/.installed  ## serve the site on 127.0.0.1:8000 (PORT=...), and build again what changes
	@$(BIN)/python -m publish.tools.serve --port $(PORT)

lab: $(VENV)/.installed  ## open JupyterLab on the notebooks
	@test -w "$$HOME" || export JUPYTER_CONFIG_DIR="$$PWD/_build/jupyter" JUPYTER_DATA_DIR="$$PWD/_build/jupyter"; \
	  $(BIN)/python -m jupyterlab --ServerApp.root_dir=notebooks

notebooks: $(VENV)/.installed  ## write notebooks/ anew from book/
	@$(BIN)/python -m publish.notebooks

pdf: $(VENV)/.pdf  ## print the built site as one file, dist/deep-learning-workbook.pdf
	@$(BIN)/python -m publish.tools.chromium >/dev/null
	@$(BIN)/python -m publish.tools.pdf

archive: $(VENV)/.installed  ## pack the built site into one file, dist/deep-learning-workbook.zip
	@$(BIN)/python -m publish.tools.archive

assignment: $(VENV)/.grading  ## make dist/<name>/ to hand out: make assignment LAB=6, or FILE=assignments/week06_convolution.yml (ROSTER=csv: other numbers for each student; OUT=folder)
	@test -n "$(LAB)$(FILE)" || { echo "Which one? For example: make assignment LAB=6, or FILE=assignments/week06_convolution.yml"; exit 1; }
	@$(BIN)/python -m grading.make.assignment "$(or $(FILE),$(LAB))" $(if $(ROSTER),--roster "$(ROSTER)") $(if $(OUT),--out "$(OUT)")

grade: $(VENV)/.grading  ## grade notebooks: make grade LAB=6 SUBMISSIONS=folder (or FILE=assignments/week06_convolution.yml; ROSTER, TIMES, EXTENSIONS, WORKSHEET, OUT, ASSIGNMENT, JOBS, ISOLATION, SHARD)
	@test -n "$(LAB)$(FILE)" -a -n "$(SUBMISSIONS)" || { echo "For example: make grade LAB=6 SUBMISSIONS=folder (or FILE=assignments/week06_convolution.yml; a zip; OUT=folder, JOBS=2, WORKSHEET=file of Moodle, ROSTER=csv, EXTENSIONS=csv, TIMES=csv, ASSIGNMENT=folder of what was handed out, ISOLATION=podman, SHARD=3/16, SECRET=file)"; exit 1; }
	@$(BIN)/python -m grading.grade "$(or $(FILE),$(LAB))" "$(SUBMISSIONS)" $(if $(OUT),--out "$(OUT)") $(if $(JOBS),--jobs $(JOBS)) $(if $(WORKSHEET),--worksheet "$(WORKSHEET)") $(if $(ROSTER),--roster "$(ROSTER)") $(if $(EXTENSIONS),--extensions "$(EXTENSIONS)") $(if $(TIMES),--times "$(TIMES)") $(if $(ISOLATION),--isolation "$(ISOLATION)") $(if $(SHARD),--shard "$(SHARD)") $(if $(SECRET),--secret "$(SECRET)") $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)")

grade-merge: $(VENV)/.grading  ## join the shards of a class: make grade-merge LAB=6 OUT=folder (or FILE=...; FROM=folder,folder)
	@test -n "$(LAB)$(FILE)" || { echo "For example: make grade-merge LAB=6 OUT=folder (or FILE=assignments/week06_convolution.yml; FROM=folder,folder if the shards lie elsewhere; WORKSHEET=file of Moodle, ROSTER=csv, EXTENSIONS=csv, TIMES=csv, ASSIGNMENT=folder of what was handed out)"; exit 1; }
	@$(BIN)/python -m grading.shards.merge "$(or $(FILE),$(LAB))" $(if $(OUT),--out "$(OUT)") $(if $(FROM),--from "$(FROM)") $(if $(WORKSHEET),--worksheet "$(WORKSHEET)") $(if $(ROSTER),--roster "$(ROSTER)") $(if $(EXTENSIONS),--extensions "$(EXTENSIONS)") $(if $(TIMES),--times "$(TIMES)") $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)")

grade-chaos: $(VENV)/.grading  ## shards whose workers are killed, against one machine: make grade-chaos N=2000 SHARDS=16 KILL=0.2 (LAB=6, SEED=1, AT_ONCE=2)
	@$(BIN)/python -m tests.grading.chaos $(if $(N),--size $(N)) $(if $(SHARDS),--shards $(SHARDS)) $(if $(KILL),--kill $(KILL)) $(if $(LAB),--lab $(LAB)) $(if $(SEED),--seed $(SEED)) $(if $(AT_ONCE),--at-once $(AT_ONCE))

mark: $(VENV)/.grading  ## mark by hand, on a page of this machine: make mark FILE=assignments/week06_convolution.yml (or LAB=6; OUT=folder, ASSIGNMENT=folder, WHO="Ms T")
	@test -n "$(LAB)$(FILE)" || { echo "For example: make mark FILE=assignments/week06_convolution.yml (or LAB=6; OUT=folder with the results, ASSIGNMENT=folder of what was handed out, WHO=name)"; exit 1; }
	@$(BIN)/python -m grading.marking.mark "$(or $(FILE),$(LAB))" $(if $(OUT),--out "$(OUT)") $(if $(WHO),--who "$(WHO)") $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)")

regrade: $(VENV)/.grading  ## a student objects: make regrade FILE=assignments/week06_convolution.yml SUBMISSION=downloads/lovelaceada_1234_56789_week06_convolution.ipynb CLAIM="..." TASK=corr2d (or LAB=6; STUDENT=, OUT=, ASSIGNMENT=)
	@test -n "$(LAB)$(FILE)" -a -n "$(SUBMISSION)" -a -n "$$CLAIM" || { echo 'For example: make regrade FILE=assignments/week06_convolution.yml SUBMISSION=downloads/lovelaceada_1234_56789_week06_convolution.ipynb CLAIM="My kernel is not turned" TASK=corr2d (CLAIM may be a file; or LAB=6; STUDENT=id, OUT=folder with the results, ASSIGNMENT=folder of what was handed out)'; exit 1; }
	@$(BIN)/python -m grading.marking.regrade "$(or $(FILE),$(LAB))" --submission "$(SUBMISSION)" --claim "$$CLAIM" $(if $(OUT),--out "$(OUT)") $(if $(TASK),--task "$(TASK)") $(if $(STUDENT),--student "$(STUDENT)") $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)")

grading-image:  ## build the image of ISOLATION=podman: make grading-image BASE=python:3.12-slim
	@"$(PYTHON)" -m grading.run.image $(if $(BASE),--base "$(BASE)") $(if $(filter docker,$(ISOLATION)),--program docker)

attack: $(VENV)/.grading  ## attack grading, beside honest notebooks: make attack (ATTACKS=names, LAB=6, WALLS_OFF=files,user, OTTER=1, JSON=file, TABLE=1)
	@$(BIN)/python -m tests.grading.attacks $(ATTACKS) $(if $(LAB),--lab $(LAB)) $(if $(WALLS_OFF),--walls-off "$(WALLS_OFF)") $(if $(OTTER),--otter) $(if $(JSON),--json "$(JSON)") $(if $(TABLE),--table)

exam: $(VENV)/.installed  ## print an exam and its key: make exam SEED=7 FAMILIES="cnn_shapes:2 pooling" VARIANTS=3
	@$(BIN)/python -m publish.practice.sheet $(if $(SEED),--seed $(SEED)) $(if $(FAMILIES),--families "$(FAMILIES)") $(if $(VARIANTS),--variants $(VARIANTS))

exams: $(VENV)/.installed  ## prove the practice problems: make exams N=1000 (FAMILIES=...)
	@$(BIN)/python -m publish.tools.chromium
	@$(BIN)/python -m publish.practice.proof --seeds $(or $(N),1000) $(FAMILIES)

lint: $(VENV)/.installed  ## check code style and the parts of every page
	@$(BIN)/ruff check .
	@$(BIN)/python -m publish.lint

test-fast: $(VENV)/.installed lint  ## the quick tests, about a minute
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m "not slow and not browser and not site and not notebooks and not catalogue and not long and not firefox and not podman" tests

test: $(VENV)/.grading $(VENV)/.pdf lint  ## everything: notebooks current, site built, all tests
	@$(BIN)/python -m publish.notebooks --check
	@$(MAKE) --no-print-directory book
	@$(BIN)/python -m publish.tools.chromium
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not long and not firefox and not podman" tests

test-long: $(VENV)/.grading  ## what `make test` tries on samples, in full: whole classes, each attack
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m long tests

test-firefox: $(VENV)/.installed  ## the answers on a page once more, in the Firefox of this machine
	@$(BIN)/python -m pytest -q -m firefox tests/answers

test-podman: $(VENV)/.grading  ## grade in a real container, as an ordinary account: needs podman and `make grading-image`
	@$(BIN)/python -m pytest -q -m podman tests/grading

claims: $(VENV)/.installed  ## try the claims of pages on other processor levels, seeds ...: make claims PAGE=... (MAKERS=1: experiments first)
	@$(if $(MAKERS),$(BIN)/python -m publish.tools.experiments $(PAGE:book/%=%))
	@$(BIN)/python -m publish.tools.claims $(PAGE) $(foreach v,$(TORCH),--torch $(v))

bench: $(VENV)/.installed  ## measure: weights, Lighthouse, latency, build times
	@$(BIN)/python -m publish.tools.chromium
	@$(BIN)/python -m bench $(BENCH)

clean:  ## delete what was built (keeps .venv; of dist/ what cannot be made again: marks, regrade requests, keys, secrets)
	@"$(PYTHON)" -m publish.tools.clean
