"""The ready files for many machines do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grading.make.lab import ROOT
from grading.shards import split
from tests.grading import small_lab

CLUSTER = ROOT / "cluster"

def _class(folder: Path, size: int = 4) -> Path:
    """Files that are read and not run."""
    folder.mkdir()
    for k in range(size):
        (folder / f"ada{k}_{1000 + k}_{9000 + k}_my lab.ipynb").write_text("no notebook")
    return folder


def _run(*command: str, **environment: str) -> str:
    ran = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=300,
                         env=os.environ | environment)  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.mark.slow
def test_parallel(root, tmp_path):
    """The file itself, with GNU parallel where it is installed, else with xargs."""
    source, out = _class(tmp_path / "a class"), tmp_path / "its grades"
    python = tmp_path / "python"  # of the small book
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@" --root "{root}"\n')
    python.chmod(0o755)
    roster = tmp_path / "the class.csv"
    roster.write_text("id,name\n1000,Ada0\n1001,Ada1\n7777,Nobody\n", encoding="utf-8")
    file = root / "assignments" / f"lab{small_lab.NUMBER}.yml"
    told = _run(str(CLUSTER / "parallel.sh"), str(file), str(source), str(out), "2",
                PYTHON=str(python), PYTHONPATH=str(ROOT), ROSTER=str(roster))  # fmt: skip
    assert "4 files: 4 rejected." in told and "Handed in nothing (1): Nobody (7777)." in told
    assert told.count("is complete") == 2
    assert {"grades.csv", "gradebook_canvas.csv", "report.html"} <= {p.name for p in out.iterdir()}


def _stand_in(folder: Path, name: str) -> str:
    """A program that says how it was called."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\nprintf "<%s> " "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_slurm(tmp_path):
    """The numbers of the array become those of the shards, also when two are run again."""
    _run("bash", "-n", str(CLUSTER / "slurm.sbatch"))
    _stand_in(tmp_path, ".venv/bin/python")
    for task, count in (("1", "16"), ("16", "16"), ("7", "2")):
        for which in ({"LAB": "6"}, {"FILE": "assignments/a b.yml", "ROSTER": "the class.csv"}):
            told = _run("bash", str(CLUSTER / "slurm.sbatch"), SUBMISSIONS="in", OUT="out",
                        SHARDS="16", SLURM_SUBMIT_DIR=str(tmp_path), SLURM_CPUS_PER_TASK="2",
                        SLURM_ARRAY_TASK_ID=task, SLURM_ARRAY_TASK_COUNT=count, **which)
            lab = which.get("FILE", "6")
            wanted = ["-m", "grading.grade", lab, "in", "--out", "out", "--jobs", "2", "--shard",
                      f"{task}/16", *(["--roster", "the class.csv"] if "ROSTER" in which else [])]
            assert told.strip() == " ".join(f"<{word}>" for word in wanted)


def test_kubernetes(tmp_path):
    policy, job = yaml.safe_load_all((CLUSTER / "kubernetes.yaml").read_text(encoding="utf-8"))
    spec, pod = job["spec"], job["spec"]["template"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert policy["spec"] == {"podSelector": {"matchLabels": labels},
                              "policyTypes": ["Ingress", "Egress"]}  # no rule: nothing passes
    (container,) = pod["containers"]
    assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}
    assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert "hostNetwork" not in pod and spec["completionMode"] == "Indexed"
    assert {"activeDeadlineSeconds", "backoffLimitPerIndex"} <= spec.keys()
    of = spec["completions"]
    folder = Path(_stand_in(tmp_path, "python")).parent
    for index in (0, of - 1):
        told = _run(*container["command"], *container["args"], JOB_COMPLETION_INDEX=str(index),
                    PATH=f"{folder}:{os.environ['PATH']}")
        found = re.findall("<([^>]*)>", told)
        assert split.parse(found[found.index("--shard") + 1]) == split.Shard(index + 1, of)
        assert found[3:6] == ["/submissions", "--out", "/results"]


def test_ci():
    text = (CLUSTER / "ci-matrix.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    shards = jobs["shard"]["strategy"]["matrix"]["shard"]
    (of,) = {int(n) for n in re.findall(r"SHARD=\$\{\{ matrix.shard \}\}/(\d+)", text)}
    assert shards == list(range(1, of + 1)) and jobs["merge"]["needs"] == "shard"
    put = next(s for s in jobs["shard"]["steps"] if "upload" in s.get("uses", ""))["with"]
    got = next(s for s in jobs["merge"]["steps"] if "download" in s.get("uses", ""))["with"]
    assert put["name"].startswith("shard-") and got["pattern"] == "shard-*"
    # what a person types goes through the environment, never into the text of a command
    assert not re.findall(r"run:.*\$\{\{ *(?:inputs|github|secrets)", text)


def test_help_of_the_makefile_names_what_the_files_call():
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in CLUSTER.iterdir():
        for target in re.findall(r"\bmake (grade[a-z-]*)", path.read_text(encoding="utf-8")):
            assert re.search(rf"^{target}:", make, re.MULTILINE), f"{path.name}: make {target}"
