#!/usr/bin/env bash
# The architecture's argument in miniature: hybrid, attention only and Mamba only, of one size, on the same episodes.
#
#   training/compare.sh [folder of a run] [full|smoke]
#
# Uses the tower and bank of a run of training/run.sh, trains the three models one after the other, asks and measures
# them, and writes docs/architecture-comparison.md with its curves. Stop it whenever you like: at most ten minutes are
# lost. `smoke` is everything in little and writes its report into the folder of the run.
set -euo pipefail
cd "$(dirname "$0")/.."

run=${1:-training/runs/full}
recipe=${2:-full}
python=${LONGLENS_PYTHON:-/usr/bin/python3}
export PATH="$PWD/node_modules/.bin:$PATH"

report=docs
if [ "$recipe" = smoke ]; then report=$run/compare/report; fi

node scripts/bundle-training.mjs episodes-stream draw-stream
PYTHONPATH=training "$python" -m longlens_training.compare_architectures --run "$run" --recipe "$recipe"
node scripts/architecture-comparison.mjs "$run/compare" --out "$report"
