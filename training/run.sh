#!/usr/bin/env bash
# From nothing to the bundled model, or on from wherever an earlier run stopped:
#
#   training/run.sh [full|guided|smoke] [folder of the run] [checkpoint to begin with]
#
# With training/checkpoint as the third argument only what the recipe has gained since that checkpoint is trained.
# Needs Debian's python3-torch, libopenblas0-pthread, python3-sentencepiece and g++, and `npm start` or `npm test` to
# have set up the program once. Stop it whenever you like: at most ten minutes are lost.
set -euo pipefail
cd "$(dirname "$0")/.."

recipe=${1:-full}
run=${2:-training/runs/$recipe}
start=(${3:+--start "$3"})
python=${LONGLENS_PYTHON:-/usr/bin/python3}
export PATH="$PWD/node_modules/.bin:$PATH"

node scripts/bundle-training.mjs
PYTHONPATH=training "$python" -m longlens_training.run_recipe --recipe "$recipe" --run "$run" --out "$run/checkpoint" "${start[@]}"
# Of an earlier stop: a folder that exists is never written to.
rm -rf "$run/model"
node scripts/longlens.mjs convert "$run/checkpoint" --out "$run/model" --quantize q8_0
echo "trained: $run/model"
