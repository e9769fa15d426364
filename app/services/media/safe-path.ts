import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hasRawBytes, toFsPath } from './file-path'

/**
 * Names that a program would not get as they are: bytes that are not UTF-8 cannot be passed as arguments, and libvips
 * takes `[…]` at the end of a name for options.
 */
function needsLink(path: string): boolean {
  return hasRawBytes(path) || path.endsWith(']')
}

/** A path that any program takes as it is. `release` it when no program needs it any more. */
export interface SafePath {
  readonly path: string
  release(): Promise<void>
}

/**
 * An absolute path for a program. For the few names that need it this is a symbolic link in a fresh temporary folder; the
 * file itself is never copied.
 */
export async function makeSafePath(path: string): Promise<SafePath> {
  const absolute = resolve(path)
  if (!needsLink(absolute)) return { path: absolute, release: () => Promise.resolve() }
  const folder = await mkdtemp(join(tmpdir(), 'longlens-link-'))
  const link = join(folder, 'media')
  const release = () => rm(folder, { recursive: true, force: true })
  try {
    await symlink(toFsPath(absolute), link)
  } catch (thrown) {
    await release()
    throw thrown
  }
  return { path: link, release }
}

/** Runs `use` with a safe path and releases it. */
export async function withSafePath<T>(path: string, use: (safePath: string) => Promise<T>): Promise<T> {
  const safe = await makeSafePath(path)
  try {
    return await use(safe.path)
  } finally {
    await safe.release()
  }
}
