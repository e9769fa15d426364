import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'

/** What the check reads; tests pass their own. `readText` gives undefined for a file that is not there. */
export interface MemorySources {
  readonly freeBytes: () => number
  readonly readText: (path: string) => string | undefined
}

const machine: MemorySources = {
  freeBytes: freemem,
  readText: (path) => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      // Not Linux, or the other version of control groups: no such limit.
      return undefined
    }
  },
}

/**
 * Bytes that this process can still take: what the system has free (page cache counts as free), and no more than
 * its control group leaves. Version 2 (`memory.max`) and version 1 (`memory.limit_in_bytes`) are read.
 */
export function freeMemoryBytes(sources: MemorySources = machine): number {
  const rooms = controlGroupFiles(sources).map((files) => controlGroupRoom(files, sources))
  return Math.min(sources.freeBytes(), ...rooms)
}

interface ControlGroupFiles {
  readonly limit: string
  readonly usage: string
  readonly statistics: string
}

/** The group of this process and every group above it; any of them may hold the limit. */
function controlGroupFiles(sources: MemorySources): ControlGroupFiles[] {
  const lines = (sources.readText('/proc/self/cgroup') ?? '').split('\n')
  return lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    if (controllers === '') return ancestors(path).map((group) => versionTwo(`/sys/fs/cgroup${group}`))
    if (!controllers.split(',').includes('memory')) return []
    return ancestors(path).map((group) => versionOne(`/sys/fs/cgroup/memory${group}`))
  })
}

/** `/a/b` gives `/a/b`, `/a` and the root, which is all that a container sees of itself. */
function ancestors(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '..')
  return names.map((_, index) => `/${names.slice(0, names.length - index).join('/')}`).concat('')
}

function versionTwo(folder: string): ControlGroupFiles {
  return {
    limit: `${folder}/memory.max`,
    usage: `${folder}/memory.current`,
    statistics: `${folder}/memory.stat`,
  }
}

function versionOne(folder: string): ControlGroupFiles {
  return {
    limit: `${folder}/memory.limit_in_bytes`,
    usage: `${folder}/memory.usage_in_bytes`,
    statistics: `${folder}/memory.stat`,
  }
}

function controlGroupRoom(files: ControlGroupFiles, sources: MemorySources): number {
  const limit = Number.parseInt(sources.readText(files.limit) ?? '', 10)
  const usage = Number.parseInt(sources.readText(files.usage) ?? '', 10)
  // "max", a missing file, or version 1's way of saying "no limit" (a number near 2^63).
  if (!Number.isFinite(limit) || !Number.isFinite(usage) || limit > Number.MAX_SAFE_INTEGER) return Infinity
  return Math.max(0, limit - usage + reclaimable(sources.readText(files.statistics) ?? ''))
}

/** Pages of files count as used but are given back when needed; among them are the mapped weights of a model. */
function reclaimable(statistics: string): number {
  const values = [...statistics.matchAll(/^(?:in)?active_file (\d+)$/gm)]
  return values.reduce((sum, [, value]) => sum + Number(value), 0)
}
