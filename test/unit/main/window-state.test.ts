import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { placeWindow, readWindowState, writeWindowState } from '../../../main/windows/window-state'

const primary = { x: 0, y: 25, width: 1920, height: 1055 }
const left = { x: -1280, y: 0, width: 1280, height: 1024 }
const kept = { x: 100, y: 60, width: 1200, height: 800, isMaximized: false }

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longlens-window-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('opens where it was', () => {
  expect(placeWindow(kept, [primary])).toEqual({ x: 100, y: 60, width: 1200, height: 800 })
})

it('opens on the second display again while that is there', () => {
  expect(placeWindow({ ...kept, x: -1200 }, [primary, left])).toMatchObject({ x: -1200, y: 60 })
})

it('lets the system choose the place when the display is gone, and keeps the size', () => {
  expect(placeWindow({ ...kept, x: -1200 }, [primary])).toEqual({ width: 1200, height: 800 })
})

it('lets the system choose when only a corner would be visible, or the title bar is above the display', () => {
  expect(placeWindow({ ...kept, x: 1900 }, [primary])).not.toHaveProperty('x')
  expect(placeWindow({ ...kept, y: -300 }, [primary])).not.toHaveProperty('x')
})

it('shrinks to a smaller display, but not below what the window needs', () => {
  const small = { x: 0, y: 0, width: 1024, height: 500 }
  expect(placeWindow(kept, [small])).toMatchObject({ width: 1024, height: 600 })
  expect(placeWindow({ ...kept, width: 300, height: 200 }, [primary])).toMatchObject({
    width: 900,
    height: 600,
  })
})

it('opens the first time at a common size, or as large as the display is', () => {
  expect(placeWindow(null, [primary])).toEqual({ width: 1440, height: 900 })
  expect(placeWindow(null, [left])).toEqual({ width: 1280, height: 900 })
  expect(placeWindow(null, [])).toEqual({ width: 1440, height: 900 })
})

it('reads what it wrote, and leaves no other file behind', () => {
  const file = join(folder, 'data', 'window.json')
  writeWindowState(file, kept)
  expect(readWindowState(file)).toEqual(kept)
  expect(readdirSync(join(folder, 'data'))).toEqual(['window.json'])
})

it.each(['', '{', '[]', '{"x":1}', '{"x":0,"y":0,"width":0,"height":5,"isMaximized":false}'])(
  'takes %j for nothing kept',
  (content) => {
    const file = join(folder, 'window.json')
    writeFileSync(file, content)
    expect(readWindowState(file)).toBeNull()
  },
)

it('does without a place that cannot be written', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(() => {
    writeWindowState(join(file, 'window.json'), kept)
  }).not.toThrow()
})
