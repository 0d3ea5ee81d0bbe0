#!/usr/bin/env bash
# Grade a class in shards with GNU parallel (without it: xargs), and join them:
#     cluster/parallel.sh LAB SUBMISSIONS OUT [SHARDS [OPTIONS OF PARALLEL]]
# LAB is a number or the file of an assignment; ROSTER, EXTENSIONS, TIMES and WORKSHEET are taken
# from the environment. On other machines that see the same folders: cluster/parallel.sh 6 in out 16
# --sshlogin a,b (with --workdir "$PWD"). What fails is run again; so is all, by the same command.
set -euo pipefail
lab=$1 submissions=$(realpath "$2") out=$(realpath -m "$3") shards=${4:-16} tables=() sheet=()
shift $(($# > 4 ? 4 : $#))
if [ -f "$lab" ]; then lab=$(realpath "$lab"); fi
for name in ROSTER EXTENSIONS TIMES; do
    if [ -n "${!name:-}" ]; then tables+=("--${name,,}" "$(realpath "${!name}")"); fi
done
if [ -n "${WORKSHEET:-}" ]; then sheet=(--worksheet "$(realpath "$WORKSHEET")"); fi
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python} at_once=${AT_ONCE:-$(nproc)}
grade=("$python" -m grading.grade "$lab" "$submissions" --out "$out" --jobs 1 "${tables[@]}")
if command -v parallel >/dev/null; then
    seq "$shards" | parallel --quote --jobs "$at_once" --retries 3 "$@" \
        "${grade[@]}" --shard "{}/$shards"
else
    run() { seq "$shards" | xargs -P "$at_once" -I{} "${grade[@]}" --shard "{}/$shards"; }
    run || run
fi
"$python" -m grading.shards.merge "$lab" --out "$out" "${tables[@]}" "${sheet[@]}"
