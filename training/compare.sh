#!/usr/bin/env bash
# The architecture's argument in miniature: hybrid, attention only and Mamba only, of one size, on the same episodes.
#
#   training/compare.sh [folder of a run] [full|smoke]
#
# Uses the tower and bank of a run of training/run.sh, trains the three models one after the other, asks and measures
# them, asks the hybrid once more through the program, and writes docs/architecture-comparison.md with its curves. Stop
# it whenever you like: at most ten minutes are lost. `smoke` is everything in little, without the program, and writes its
# report into the folder of the run.
set -euo pipefail
cd "$(dirname "$0")/.."

run=${1:-training/runs/full}
recipe=${2:-full}
python=${LONGLENS_PYTHON:-/usr/bin/python3}
export PATH="$PWD/node_modules/.bin:$PATH"

report=docs
if [ "$recipe" = smoke ]; then report=$run/compare/report; fi

# The hybrid is the one of the three that the engine runs: the check that figures from PyTorch are those of the program.
ask_through_program() {
  local run=$1 hybrid=$2 frames
  if [ ! -d "$hybrid/model" ]; then
    PYTHONPATH=training "$python" -m longlens_training.export --run "$run" --language "$hybrid/language" --out "$hybrid/checkpoint"
    node scripts/longlens.mjs convert "$hybrid/checkpoint" --out "$hybrid/model"
  fi
  mkdir -p "$hybrid/engine"
  for frames in 16 64 256; do
    if [ -f "$hybrid/engine/video-$frames.jsonl" ]; then continue; fi
    node scripts/longlens.mjs eval video --frames "$frames" --count 30 --model "$hybrid/model" --json >"$hybrid/engine/video.partial"
    mv "$hybrid/engine/video.partial" "$hybrid/engine/video-$frames.jsonl"
  done
}

node scripts/bundle-training.mjs episodes-stream draw-stream
PYTHONPATH=training "$python" -m longlens_training.compare_architectures --run "$run" --recipe "$recipe"
if [ "$recipe" = full ]; then ask_through_program "$run" "$run/compare/hybrid"; fi
node scripts/architecture-comparison.mjs "$run/compare" --out "$report"
