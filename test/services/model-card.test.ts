import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { carryModelCard, readModelCard } from '../../app/services/models/model-card'

let root: string
let model: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'longlens-card-'))
  model = join(root, 'model')
  mkdirSync(model)
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

it('reads the card in the folder, without its front matter', async () => {
  writeFileSync(join(model, 'README.md'), '---\nlicense: mit\n---\n# Größe\n')
  expect(await readModelCard(model)).toBe('# Größe\n')
})

it('knows no card where there is no folder, no file, nothing in it, or only a folder of its name', async () => {
  expect(await readModelCard(join(root, 'gone'))).toBeNull()
  expect(await readModelCard(model)).toBeNull()
  writeFileSync(join(model, 'README.md'), '---\nlicense: mit\n---\n\n')
  expect(await readModelCard(model)).toBeNull()
  rmSync(join(model, 'README.md'))
  mkdirSync(join(model, 'README.md'))
  expect(await readModelCard(model)).toBeNull()
})

it.skipIf(process.platform === 'win32')('follows no link out of the folder', async () => {
  writeFileSync(join(root, 'secret.md'), 'secret')
  symlinkSync(join(root, 'secret.md'), join(model, 'README.md'))
  expect(await readModelCard(model)).toBeNull()
})

it('refuses a card of more than 256 KB, and says why', async () => {
  writeFileSync(join(model, 'README.md'), 'a'.repeat(256 * 1024))
  expect(await readModelCard(model)).toHaveLength(256 * 1024)
  writeFileSync(join(model, 'README.md'), 'a'.repeat(256 * 1024 + 1))
  await expect(readModelCard(model)).rejects.toMatchObject({
    code: 'media_unreadable',
    details: { file: 'README.md', reason: 'it is larger than 256 KB' },
  })
})

it('an import carries the checkpoint’s card, also where that is a link into a cache', async () => {
  const checkpoint = join(root, 'checkpoint')
  mkdirSync(checkpoint)
  await carryModelCard(checkpoint, model)
  expect(await readModelCard(model)).toBeNull()

  writeFileSync(join(root, 'blob'), '---\nlicense: mit\n---\n# From afar\n')
  symlinkSync(join(root, 'blob'), join(checkpoint, 'README.md'))
  await carryModelCard(checkpoint, model)
  expect(await readModelCard(model)).toBe('# From afar\n')
})

it('an import leaves a card that is too large to be shown behind', async () => {
  const checkpoint = join(root, 'checkpoint')
  mkdirSync(checkpoint)
  writeFileSync(join(checkpoint, 'README.md'), 'a'.repeat(256 * 1024 + 1))
  await carryModelCard(checkpoint, model)
  expect(await readModelCard(model)).toBeNull()
})
