import { spawnSync } from 'node:child_process'

/** Debian's Python, the one that python3-torch installs into; LONGLENS_PYTHON names another. */
export const PYTHON = process.env.LONGLENS_PYTHON ?? '/usr/bin/python3'

/** Whether training can run here: its tests are skipped, with this as the reason, where PyTorch is not installed. */
export function hasPyTorch(): boolean {
  return spawnSync(PYTHON, ['-c', 'import torch, sentencepiece']).status === 0
}

export const NEEDS_PYTORCH = 'needs python3-torch and python3-sentencepiece'
