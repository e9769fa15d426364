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

/**
 * Runs `use` with an absolute path that any program takes as it is. For the few names that need it this is a symbolic
 * link in a fresh temporary folder, removed afterwards; the file itself is never copied.
 */
export async function withSafePath<T>(path: string, use: (safePath: string) => Promise<T>): Promise<T> {
  const absolute = resolve(path)
  if (!needsLink(absolute)) return await use(absolute)
  const folder = await mkdtemp(join(tmpdir(), 'longlens-link-'))
  try {
    const link = join(folder, 'media')
    await symlink(toFsPath(absolute), link)
    return await use(link)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
