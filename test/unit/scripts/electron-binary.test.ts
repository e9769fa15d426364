import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { downloadHost, hasDisplay, installedElectron } from '../../../scripts/lib/electron-binary.mjs'

it('finds Electron only when its program is really there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'longlens-electron-'))
  try {
    expect(installedElectron(folder)).toBeUndefined()
    writeFileSync(join(folder, 'path.txt'), 'electron')
    expect(installedElectron(folder)).toBeUndefined()
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist', 'electron'), '')
    expect(installedElectron(folder)).toBe(join(folder, 'dist', 'electron'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('needs a display on Linux, of either kind', () => {
  expect(hasDisplay('linux', {})).toBe(false)
  expect(hasDisplay('linux', { DISPLAY: '' })).toBe(false)
  expect(hasDisplay('linux', { DISPLAY: ':0' })).toBe(true)
  expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true)
  expect(hasDisplay('darwin', {})).toBe(true)
})

it('asks the download’s host first, unless a proxy or a mirror stands in between', () => {
  expect(downloadHost({})).toBe('github.com')
  expect(downloadHost({ HTTPS_PROXY: '' })).toBe('github.com')
  expect(downloadHost({ https_proxy: 'http://proxy:3128' })).toBeUndefined()
  expect(downloadHost({ ELECTRON_MIRROR: 'https://mirror.example/' })).toBeUndefined()
  expect(downloadHost({ npm_config_electron_mirror: 'https://mirror.example/' })).toBeUndefined()
})
