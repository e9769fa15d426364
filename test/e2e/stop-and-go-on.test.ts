import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { whyNoBrowser } from '../helpers/browser'
import { makeNumberedVideo } from '../helpers/make-media'
import { eventually, openWorld } from './world'

// Answers that do not come to their end: stopped, interrupted, reloaded, reopened. The bundled model answers in a
// moment, so they are caught while the model reads a film of 160 frames; where that would be over too soon, the engine's
// process is held (SIGSTOP) meanwhile.
const world = openWorld()
let folder: string
let film: string

beforeAll(async () => {
  if (whyNoBrowser !== '') return
  folder = mkdtempSync(join(tmpdir(), 'longlens-media-'))
  film = join(folder, 'long.mp4')
  makeNumberedVideo(film, { frames: 480, rate: 3 })
  await world.window.open(await world.program.url())
  await world.window.addPath(film)
  await world.window.timeline.waitFor()
})

afterAll(() => {
  if (whyNoBrowser === '') rmSync(folder, { recursive: true, force: true })
})

/** Waits until the model reads frames. */
async function reading(): Promise<void> {
  await world.window.progress.filter({ hasText: /frame \d+ of 160/ }).waitFor()
}

/** Waits until the model reads frames, then holds the engine there; returns what lets it go on. */
async function holdReading(): Promise<() => void> {
  await reading()
  const [engine = 0] = await world.program.engineProcesses()
  expect(engine).toBeGreaterThan(0)
  process.kill(engine, 'SIGSTOP')
  return () => {
    process.kill(engine, 'SIGCONT')
  }
}

let letGoOn = (): void => undefined

it('says which frame is being read, and Esc stops it from the question box', async () => {
  await world.window.ask('What is there?')
  await reading()
  await world.window.question.press('Escape')

  await world.window.turn(0).getByText('Stopped.').waitFor()
  expect(await world.window.button('Stop').count()).toBe(0)
  expect(await world.window.progress.count()).toBe(0)
})

it('asking again reads anew, and the Stop button stops it', async () => {
  await world.window.turn(0).getByRole('button', { name: 'Ask again' }).click()
  await reading()
  await world.window.button('Stop').click()

  await world.window.turn(0).getByText('Stopped.').waitFor()
  expect(await world.window.question.evaluate((element) => element === document.activeElement)).toBe(true)
})

it('reloading the page in mid-answer goes on following it', async () => {
  await world.window.turn(0).getByRole('button', { name: 'Go on' }).click()
  letGoOn = await holdReading()
  await world.page.reload()

  await reading()
  expect(await world.window.turn(0).getByRole('heading').innerText()).toBe('What is there?')
})

it('a second tab sees the same answer, and can stop it', async () => {
  const other = await world.another()
  // The token of the address was traded for a cookie; another profile needs it again.
  await other.open(await world.program.url())
  await other.progress.filter({ hasText: /frame \d+ of 160/ }).waitFor()
  await other.button('Stop').click()
  letGoOn()

  await other.turn(0).getByText('Stopped.').waitFor()
  await world.window.turn(0).getByText('Stopped.').waitFor()
  await other.page.context().close()
})

it('an engine that is killed leaves the turn interrupted, with a button to go on', async () => {
  await world.window.turn(0).getByRole('button', { name: 'Ask again' }).click()
  await reading()
  const [engine] = await world.program.engineProcesses()
  expect(engine).toBeGreaterThan(0)
  process.kill(engine ?? 0, 'SIGKILL')

  const turn = world.window.turn(0)
  await turn.getByText('This answer was interrupted.').waitFor()
  expect(await turn.getByRole('button', { name: 'Go on' }).isVisible()).toBe(true)
})

it('after the crash the answer goes on, and the next question works', async () => {
  const goOn = world.window.turn(0).getByRole('button', { name: 'Go on' })
  await goOn.click()
  await goOn.waitFor({ state: 'detached' })
  await world.window.answered(0)
  expect(await world.window.turn(0).getByText('interrupted').count()).toBe(0)

  await world.window.ask('And then?')
  const next = await world.window.answered(1)
  expect(await next.getByRole('alert').count()).toBe(0)
})

it('closed and opened again, nothing is lost: answers, what is open, and the question being written', async () => {
  const before = await world.window.log.innerText()
  await world.window.question.fill('Half a question')
  // Longer than a draft may wait to be saved.
  await world.page.waitForTimeout(1000)

  await world.reopen()

  await world.window.turn(1).waitFor()
  await eventually(() => world.window.log.innerText()).toBe(before)
  expect(await world.window.question.inputValue()).toBe('Half a question')
  expect(await world.window.timeline.isVisible()).toBe(true)
})

it('two windows add and ask at the same time, and both show everything', async () => {
  await world.window.question.fill('')
  const other = await world.another()
  await other.open(await world.program.url())
  const second = join(folder, 'second.mp4')
  makeNumberedVideo(second, { frames: 50 })

  await Promise.all([other.addPath(second), world.window.ask('Is it red?')])

  await world.window.library.getByText('second.mp4').waitFor()
  await other.turn(2).getByRole('heading', { name: 'Is it red?' }).waitFor()
  await Promise.all([other.answered(2), world.window.answered(2)])
  expect(await other.turn(2).locator('p').first().innerText()).toBe(
    await world.window.turn(2).locator('p').first().innerText(),
  )
  await other.page.context().close()
})
