#!/usr/bin/env bash
# Grade a class in shards with GNU parallel (without it: xargs), and join them:
#     cluster/parallel.sh LAB SUBMISSIONS OUT [SHARDS [OPTIONS OF PARALLEL]]
# On other machines that see the same folders: cluster/parallel.sh 6 in out 16 --sshlogin a,b
# (with --workdir "$PWD"). A shard that fails is run again; so is all, by the same command.
set -euo pipefail
lab=$1 submissions=$(realpath "$2") out=$(realpath -m "$3") shards=${4:-16}
shift $(($# > 4 ? 4 : $#))
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python} at_once=${AT_ONCE:-$(nproc)}
grade=("$python" -m grading.grade "$lab" "$submissions" --out "$out" --jobs 1)
if command -v parallel >/dev/null; then
    seq "$shards" | parallel --quote --jobs "$at_once" --retries 3 "$@" \
        "${grade[@]}" --shard "{}/$shards"
else
    run() { seq "$shards" | xargs -P "$at_once" -I{} "${grade[@]}" --shard "{}/$shards"; }
    run || run
fi
"$python" -m grading.shards.merge --out "$out"
