import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sampleFilm, sampleFilmName } from '../helpers/bundled-sample'
import { Desktop, whyNoDesktop } from '../helpers/electron-desktop'
import { isRunning } from '../helpers/process-state'

// How the built desktop program begins, is started twice, loses its page, and ends.

let folder: string
let home: string
const started: Desktop[] = []

beforeEach(({ skip }) => {
  skip(whyNoDesktop !== '', whyNoDesktop)
  folder = mkdtempSync(join(tmpdir(), 'longlens-desktop-'))
  home = join(folder, 'home')
})

afterEach(async () => {
  await Promise.all(started.splice(0).map((desktop) => desktop.kill()))
  if (whyNoDesktop === '') rmSync(folder, { recursive: true, force: true })
})

function start(files: readonly string[] = []): Desktop {
  const desktop = new Desktop(home, files)
  started.push(desktop)
  return desktop
}

function film(name: string): string {
  const path = join(folder, name)
  copyFileSync(sampleFilm, path)
  return path
}

function entry(page: Page, name: string) {
  return page.getByRole('list', { name: 'Library', exact: true }).getByText(name, { exact: true })
}

function integrity(): unknown {
  const database = new DatabaseSync(join(home, 'data', 'longlens.sqlite'), { readOnly: true })
  try {
    return database.prepare('PRAGMA integrity_check').get()
  } finally {
    database.close()
  }
}

it('adds the files of its command line', async () => {
  const page = await start([film('from-the-desktop.mp4')]).page()

  await entry(page, 'from-the-desktop.mp4').waitFor()
})

it('hands the files of a second start to the first, which shows its window', async () => {
  const first = start()
  const page = await first.page()
  const second = start([film('handed-over.mp4')])

  expect(await second.ended).toBe(0)
  await entry(page, 'handed-over.mp4').waitFor()
  const windows = await first.hand('windows')
  expect(windows).toHaveLength(1)
  expect(windows[0]?.focusCount).toBe(1)
})

it('opens where it was closed, and follows the chosen theme from the start', async () => {
  const first = start()
  const page = await first.page()
  await first.hand('placeWindow', { x: 120, y: 80, width: 1100, height: 700 })
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('combobox', { name: 'Appearance' }).selectOption('dark')
  await first.until(async () => (await first.hand('isDark')) || undefined)
  await first.hand('closeWindow')
  expect(await first.ended).toBe(0)

  const second = start()
  await second.page()

  const [window] = await second.hand('windows')
  expect(window?.options).toMatchObject({
    x: 120,
    y: 80,
    width: 1100,
    height: 700,
    backgroundColor: '#171615',
  })
})

it('ends in order when its window is closed: nothing runs on, and the database is whole', async () => {
  const desktop = start()
  const page = await desktop.page()
  await page.getByRole('button', { name: 'Sample film' }).click()
  await entry(page, sampleFilmName).waitFor()
  await desktop.hand('clickMenu', ['Developer', 'Restart the Engine'])
  const [engine = 0] = await desktop.until(async () => {
    const pids = await desktop.hand('utilityPids')
    return pids.length > 0 && pids
  })
  await desktop.hand('closeWindow')

  expect(await desktop.ended).toBe(0)
  expect(desktop.output).toBe('')
  expect(isRunning(engine)).toBe(false)
  expect(existsSync(join(home, 'data', 'longlens.sqlite-wal'))).toBe(false)
  expect(integrity()).toEqual({ integrity_check: 'ok' })
})

it('quits from the menu while it answers, and has the question when it is opened again', async () => {
  const first = start()
  const page = await first.page()
  await page.getByRole('button', { name: 'Sample film' }).click()
  await entry(page, sampleFilmName).waitFor()
  await page.getByRole('textbox', { name: 'Question' }).fill('Summarize the video.')
  await page.getByRole('button', { name: 'Ask', exact: true }).click()
  await page.getByRole('article', { name: 'Question: Summarize the video.' }).waitFor()
  await first.hand('clickMenu', ['File', 'quit'])
  expect(await first.ended).toBe(0)

  const again = await start().page()

  await again.getByRole('article', { name: 'Question: Summarize the video.' }).waitFor()
})

it('ends in order when the system asks it to', async () => {
  const desktop = start()
  await desktop.page()
  process.kill(desktop.pid, 'SIGTERM')

  expect(await desktop.ended).toBe(0)
  expect(integrity()).toEqual({ integrity_check: 'ok' })
})

it('offers to reload a window whose page crashed, and loses nothing', async () => {
  const desktop = start([film('kept.mp4')])
  const page = await desktop.page()
  await entry(page, 'kept.mp4').waitFor()
  await page.goto('chrome://crash').catch(() => undefined)
  const [shown] = await desktop.until(async () => {
    const dialogs = await desktop.hand('dialogs')
    return dialogs.length > 0 && dialogs
  })
  expect(shown).toMatchObject({
    options: { message: 'The window stopped working', buttons: ['Reload', 'Quit'] },
  })
  await desktop.hand('answerDialog', { response: 0 })

  await desktop.until(async () => (await desktop.hand('windows'))[0]?.url === 'longlens://app/')
  await entry(await desktop.page(), 'kept.mp4').waitFor()
})

it('says in words that the library is damaged, changes nothing, and ends', async () => {
  mkdirSync(join(home, 'data'), { recursive: true })
  const file = join(home, 'data', 'longlens.sqlite')
  writeFileSync(file, 'this was never a database'.repeat(100))
  const desktop = start()

  expect(await desktop.ended).toBe(1)
  expect(desktop.output).toContain('error box: The library is damaged')
  expect(desktop.output).not.toContain('    at ')
  expect(readFileSync(file, 'utf8')).toBe('this was never a database'.repeat(100))
})
