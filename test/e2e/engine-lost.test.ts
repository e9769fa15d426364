import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import { whyNoBrowser } from '../helpers/browser'
import { openWorld } from './world'

// The real engine killed in the middle of its words. The bundled model says all of them in a moment: its process is
// let run for a moment at a time until the first ones are on the screen.
const world = openWorld()

beforeAll(async () => {
  if (whyNoBrowser !== '') return
  await world.window.open(await world.program.url())
  await world.window.openSample()
  await world.window.ask('Is there a fox?')
  await world.window.answered(0)
})

/** Lets a halted engine run for a moment at a time until something can be seen; it is left halted. */
async function stepUntil(engine: number, isSeen: () => Promise<boolean>): Promise<void> {
  for (let step = 0; step < 2000; step += 1) {
    process.kill(engine, 'SIGCONT')
    await setTimeout(1)
    process.kill(engine, 'SIGSTOP')
    // What it has said by then is on the way to the page.
    await setTimeout(40)
    if (await isSeen()) return
  }
  throw new Error('expected the engine to get that far')
}

it('its words so far stay, the answer goes on from them, and the next question is answered', async () => {
  const turn = world.window.turn(1)
  const said = turn.locator('p:not([role])')
  const [engine = 0] = await world.program.engineProcesses()
  expect(engine).toBeGreaterThan(0)
  process.kill(engine, 'SIGSTOP')
  await world.window.ask('Summarize the video.')
  await stepUntil(engine, async () => (await said.allInnerTexts()).join('').length >= 8)
  const kept = (await said.allInnerTexts()).join(' ')
  expect(await world.window.button('Stop').isVisible()).toBe(true)
  process.kill(engine, 'SIGKILL')

  await turn.getByText('This answer was interrupted. What came before is kept.').waitFor()
  expect((await said.first().innerText()).startsWith(kept)).toBe(true)
  await turn.getByRole('button', { name: 'Go on' }).click()
  await turn.getByText('This answer was interrupted.').waitFor({ state: 'detached' })
  await world.window.answered(1)
  const whole = await said.first().innerText()
  expect(whole.startsWith(kept)).toBe(true)
  expect(whole.length).toBeGreaterThan(kept.length)

  await world.window.ask('Is there a fox?')
  const next = await world.window.answered(2)
  expect(await next.getByRole('alert').count()).toBe(0)
  expect((await next.locator('p').allInnerTexts()).join('')).not.toBe('')
})

it('the program killed: the window says so, loses nothing, and goes on once it is back', async () => {
  await world.window.question.fill('Half a question')
  // Longer than a draft may wait to be saved.
  await world.page.waitForTimeout(1000)
  const before = await world.window.log.innerText()
  await world.program.kill()
  await world.page.getByText('The connection to Longlens was lost. Trying again…').waitFor()
  // When it stays away, it may have been started again, with another address.
  await world.page.getByText('If Longlens was started again, open the address that it printed.').waitFor()
  expect(await world.window.log.innerText()).toBe(before)
  expect(world.faults.filter((fault) => !fault.includes('ERR_CONNECTION_REFUSED'))).toEqual([])

  await world.reopen()
  await world.window.turn(2).waitFor()
  expect(await world.window.log.innerText()).toBe(before)
  expect(await world.window.question.inputValue()).toBe('Half a question')
})

it('nothing went wrong in the page meanwhile', () => {
  expect(world.faults.filter((fault) => !fault.includes('ERR_CONNECTION_REFUSED'))).toEqual([])
})
