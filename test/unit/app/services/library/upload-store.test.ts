import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UploadStore } from '../../../../../app/services/library/upload-store'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-uploads-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function* bytes(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk))
}

const store = (): UploadStore => new UploadStore(folder, { maxBytes: 100 })

describe('UploadStore', () => {
  it('writes the chunks in order and never replaces a file', async () => {
    expect(await store().save('film.mp4', 6, bytes('abc', 'def'))).toBe(join(folder, 'film.mp4'))
    expect(await store().save('film.mp4', null, bytes('second'))).toBe(join(folder, 'film (2).mp4'))
    expect(readFileSync(join(folder, 'film.mp4'), 'utf8')).toBe('abcdef')
    expect(readdirSync(folder).sort()).toEqual(['film (2).mp4', 'film.mp4'])
  })

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\films\\a.mp4', 'a.mp4'],
    ['.hidden.png', 'hidden.png'],
    ['a\u0000b\n.png', 'a_b_.png'],
    [`${'ü'.repeat(300)}.mp4`, `${'ü'.repeat(98)}.mp4`],
  ])('makes %j a file name', async (name, expected) => {
    expect(await store().save(name, null, bytes('x'))).toBe(join(folder, expected))
  })

  it('keeps the files of a folder together, and two folders of one name apart', async () => {
    const send = (sending: string, inner: string, name: string) =>
      store().saveInFolder({ sending, folder: inner }, name, null, bytes('x'))

    expect(await send('aaaaaaaa', 'scans', '1.png')).toBe(join(folder, 'aaaaaaaa', 'scans'))
    expect(await send('aaaaaaaa', 'scans/old', '2.png')).toBe(join(folder, 'aaaaaaaa', 'scans'))
    expect(await send('bbbbbbbb', 'scans', '1.png')).toBe(join(folder, 'bbbbbbbb', 'scans'))
    expect(existsSync(join(folder, 'aaaaaaaa', 'scans', 'old', '2.png'))).toBe(true)
    expect(readdirSync(join(folder, 'bbbbbbbb', 'scans'))).toEqual(['1.png'])
  })

  it.each([
    ['../../etc', 'aaaaaaaa'],
    ['scans/../..', 'aaaaaaaa'],
    ['', 'aaaaaaaa'],
    ['scans', '../aaaaaa'],
    ['scans', ''],
    [Array.from({ length: 40 }, () => 'a').join('/'), 'aaaaaaaa'],
  ])('refuses to place a file in %j of sending %j', async (inner, sending) => {
    const place = { sending, folder: inner }
    await expect(store().saveInFolder(place, 'a.png', null, bytes('x'))).rejects.toMatchObject({
      code: 'invalid_input',
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it.each(['', '/', '..', '\\'])('refuses %j as a name', async (name) => {
    await expect(store().save(name, null, bytes('x'))).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('refuses more than the cap, announced or not, and leaves nothing', async () => {
    await expect(store().save('a.mp4', 101, bytes('x'))).rejects.toMatchObject({ code: 'upload_too_large' })
    await expect(store().save('a.mp4', null, bytes('x'.repeat(60), 'x'.repeat(41)))).rejects.toMatchObject({
      code: 'upload_too_large',
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it('refuses what the disk has no room for', async () => {
    const full = new UploadStore(folder, { maxBytes: 2 ** 40, freeBytes: () => Promise.resolve(2 ** 30) })
    await expect(full.save('a.mp4', 2 ** 30, bytes('x'))).rejects.toMatchObject({
      code: 'disk_full',
      details: { need: '1.3 GB', free: '1.0 GB' },
    })
  })

  it('leaves nothing when the sender stops or sends less than announced', async () => {
    const stop = new AbortController()
    async function* stopping(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half')
      stop.abort()
      yield await Promise.resolve(Buffer.from('more'))
    }
    await expect(store().save('a.mp4', null, stopping(), stop.signal)).rejects.toMatchObject({
      code: 'cancelled',
    })
    await expect(store().save('a.mp4', 50, bytes('short'))).rejects.toMatchObject({ code: 'invalid_input' })
    expect(existsSync(join(folder, 'a.mp4'))).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })
})
