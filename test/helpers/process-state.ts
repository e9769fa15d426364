import { readFileSync } from 'node:fs'

/** Whether a process is still running. One that has ended and waits to be collected (a zombie) is not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))
  } catch {
    // Not Linux, or gone by now: what the signal said stands unless it is gone.
    return process.platform !== 'linux'
  }
}

/** Resolves once the process has ended. The test's own time limit is the only limit. */
export async function hasEnded(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
}
