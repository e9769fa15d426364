import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fingerprint, readStamp, writeStamp } from '../../../scripts/lib/fingerprint.mjs'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-fingerprint-'))
  mkdirSync(join(folder, 'inner'))
  writeFileSync(join(folder, 'inner', 'a.cpp'), 'int a;')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('stays the same when only times change', () => {
  const before = fingerprint([folder])
  utimesSync(join(folder, 'inner', 'a.cpp'), new Date(0), new Date(0))
  expect(fingerprint([folder])).toBe(before)
})

it('changes with the content, the name, the number of files and the extra text', () => {
  const seen = [fingerprint([folder]), fingerprint([folder], '-O3')]
  writeFileSync(join(folder, 'inner', 'a.cpp'), 'int b;')
  seen.push(fingerprint([folder]))
  renameSync(join(folder, 'inner', 'a.cpp'), join(folder, 'inner', 'b.cpp'))
  seen.push(fingerprint([folder]))
  writeFileSync(join(folder, 'c.h'), '')
  seen.push(fingerprint([folder]))

  expect(new Set(seen).size).toBe(5)
})

it('does not look at notes and at what tools make', () => {
  const before = fingerprint([folder])
  writeFileSync(join(folder, 'README.md'), 'words')
  mkdirSync(join(folder, 'build'))
  writeFileSync(join(folder, 'build', 'made.js'), '1')
  expect(fingerprint([folder])).toBe(before)
})

it('counts a path that does not exist as empty', () => {
  expect(fingerprint([join(folder, 'nothing')])).toBe(fingerprint([]))
})

it('writes a stamp that can be read back, and has none before', () => {
  const file = join(folder, 'new', 'stamp')
  expect(readStamp(file)).toBeUndefined()
  writeStamp(file, 'abc')
  expect(readStamp(file)).toBe('abc')
})
