import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pacote from 'pacote'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { installPackages, isInstalledPackage } from '../../../scripts/lib/engine-packages.mjs'

let folder: string
let root: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-packages-'))
  root = join(folder, 'libraries')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A package as the registry would send it, with these files. */
function makeTarball(files: Record<string, string>): { path: string; integrity: string } {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, 'package', name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
  }
  const path = join(folder, 'package.tgz')
  execFileSync('tar', ['-czf', path, '-C', folder, 'package'])
  return { path, integrity: `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}` }
}

const libraryFiles = {
  'package.json': '{"name":"@x/linux-x64","version":"1.0.0"}',
  LICENSE: 'MIT',
  'bins/linux-x64/libggml-base.so': 'base',
  'bins/linux-x64/libllama.v1.so': 'llama',
  'bins/linux-x64/libllama-common.so': 'not needed',
  'bins/linux-x64/llama-addon.node': 'not ours',
}

const wantedWith = (integrity: string | null) => ({
  package: { name: '@x/linux-x64', version: '1.0.0', integrity },
  kind: 'libraries' as const,
  folder: 'linux-x64@1.0.0',
})

/** pacote itself, reading a file instead of asking the registry: the check of the hash is the same code. */
const extractFrom = (path: string) => async (pinned: { integrity: string | null }, target: string) => {
  await pacote.extract(`file:${path}`, target, {
    integrity: pinned.integrity ?? '',
    cache: join(folder, 'cache'),
  })
}

function failWith(code: string) {
  return () => Promise.reject(Object.assign(new Error(`${code} while fetching`), { code }))
}

it('keeps the libraries and the licence of a package, and remembers where they came from', async () => {
  const { path, integrity } = makeTarball(libraryFiles)
  const wanted = wantedWith(integrity)

  await installPackages(root, [wanted], extractFrom(path))

  expect(readdirSync(root)).toEqual(['linux-x64@1.0.0'])
  expect(readdirSync(join(root, wanted.folder)).sort()).toEqual([
    'LICENSE',
    'libggml-base.so',
    'libllama.v1.so',
    'source.json',
  ])
  expect(isInstalledPackage(root, wanted)).toBe(true)
})

it('fetches nothing when everything is there, so that it works without network', async () => {
  const { path, integrity } = makeTarball(libraryFiles)
  await installPackages(root, [wantedWith(integrity)], extractFrom(path))

  await expect(installPackages(root, [wantedWith(integrity)], failWith('ENOTFOUND'))).resolves.toBeUndefined()
})

it('refuses a package whose hash differs and leaves nothing of it', async () => {
  const { path } = makeTarball(libraryFiles)
  const other = `sha512-${createHash('sha512').update('another file').digest('base64')}`

  await expect(installPackages(root, [wantedWith(other)], extractFrom(path))).rejects.toThrow(
    'The package @x/linux-x64 1.0.0 is not the one that was pinned: its hash differs. It was not used.',
  )

  expect(readdirSync(root)).toEqual([])
})

it('refuses a package without a recorded hash before fetching it', async () => {
  await expect(installPackages(root, [wantedWith(null)], failWith('EUNEXPECTED'))).rejects.toThrow(
    'The hash of @x/linux-x64 1.0.0 is not recorded in engine-libraries.lock.json',
  )
})

it('fetches again when the recorded hash has changed', async () => {
  const { path, integrity } = makeTarball(libraryFiles)
  await installPackages(root, [wantedWith(integrity)], extractFrom(path))

  const changed = makeTarball({ ...libraryFiles, LICENSE: 'MIT, new' })
  await installPackages(root, [wantedWith(changed.integrity)], extractFrom(changed.path))

  expect(readFileSync(join(root, 'linux-x64@1.0.0', 'LICENSE'), 'utf8')).toBe('MIT, new')
})

it('removes what an interrupted run left and folders of other versions, and nothing else', async () => {
  for (const name of ['.part-77-linux-x64@1.0.0', 'linux-x64@0.9.0', 'linux-x64-vulkan@0.9.0']) {
    mkdirSync(join(root, name), { recursive: true })
    writeFileSync(join(root, name, 'half'), 'of a file')
  }
  const { path, integrity } = makeTarball(libraryFiles)

  await installPackages(root, [wantedWith(integrity)], extractFrom(path))

  expect(readdirSync(root).sort()).toEqual(['linux-x64-vulkan@0.9.0', 'linux-x64@1.0.0'])
})

it.each(['ENOTFOUND', 'ECONNREFUSED', 'ENOTCACHED'])(
  'says what to do when the network is away (%s)',
  async (code) => {
    await expect(installPackages(root, [wantedWith('sha512-x')], failWith(code))).rejects.toThrow(
      `The package @x/linux-x64 1.0.0 could not be fetched: the registry cannot be reached (${code}).\n` +
        'Connect to the network and run the same command again; it starts clean.',
    )
    expect(readdirSync(root)).toEqual([])
  },
)

it('says that the disk is full', async () => {
  await expect(installPackages(root, [wantedWith('sha512-x')], failWith('ENOSPC'))).rejects.toThrow(
    'There is no room on the disk for @x/linux-x64 1.0.0.',
  )
})

it('takes the headers out of the git bundle, and only those', async () => {
  const source = join(folder, 'source')
  const files = [
    'include/llama.h',
    'ggml/include/ggml.h',
    'ggml/src/ggml-impl.h',
    'ggml/src/ggml.c',
    'LICENSE',
    'README.md',
  ]
  for (const file of files) {
    mkdirSync(join(source, file, '..'), { recursive: true })
    writeFileSync(join(source, file), file)
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', source, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      stdio: 'pipe',
    })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'source')
  mkdirSync(join(folder, 'package', 'llama'), { recursive: true })
  git('bundle', 'create', '--quiet', join(folder, 'package', 'llama', 'gitRelease.bundle'), 'HEAD')
  const { path, integrity } = makeTarball({ 'package.json': '{"name":"headers","version":"1.0.0"}' })
  const wanted = {
    package: { name: 'headers', version: '1.0.0', integrity },
    kind: 'headers' as const,
    folder: 'llama-headers@1.0.0',
  }

  await installPackages(root, [wanted], extractFrom(path))

  const found = readdirSync(join(root, wanted.folder), { recursive: true, encoding: 'utf8' })
  expect(found.filter((file) => /\.\w+$|LICENSE/.test(file)).sort()).toEqual([
    'LICENSE',
    'ggml/include/ggml.h',
    'ggml/src/ggml-impl.h',
    'include/llama.h',
    'source.json',
  ])
})
