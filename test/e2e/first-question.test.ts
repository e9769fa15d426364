import type { Locator } from 'playwright-core'
import { expect, it } from 'vitest'
import { bundledSamples } from '../helpers/bundled-sample'
import { hasFocus } from './window'
import { eventually, openWorld } from './world'

// From the empty window to an answer, as somebody who never saw it: real program, real model, real browser.
const world = openWorld()

it('an empty library offers the samples and says where to drop', async () => {
  const startedMs = performance.now()
  await world.window.open(await world.program.url())
  await world.window.viewer.getByText('Drop footage here').waitFor()

  expect(await world.window.library.getByRole('listitem').count()).toBe(0)
  for (const { kind, title } of bundledSamples) {
    const offer = world.window.sample(kind)
    await offer.waitFor()
    await expectVisible(offer.getByText(title))
  }
  const paint = await world.page.evaluate(() => performance.getEntriesByName('first-paint')[0]?.startTime)
  const usableMs = performance.now() - startedMs
  console.log(
    `first paint ${Math.round(paint ?? 0)} ms, usable ${Math.round(usableMs)} ms after serve was ready`,
  )
})

it('the sample film opens with its three questions, and one click asks the first', async () => {
  await world.window.openSample()

  const questions = suggestions()
  expect(await questions.count()).toBe(3)
  const question = (await questions.first().textContent()) ?? ''
  await questions.first().click()

  await world.window.turn(0).getByRole('heading', { name: question }).waitFor()
  await world.window.progress.waitFor()
  expect(await world.window.progress.textContent()).toMatch(/ready|Loading|frame|tokens|word/)
})

it('the answer streams in, with what it took, and the status line tells the model', async () => {
  const turn = await world.window.answered(0)

  expect(await turn.innerText()).toMatch(/\d+ frames · [\d,]+ tokens · \d+\.\d s/)
  expect((await turn.locator('p').allInnerTexts()).join(' ').trim()).not.toBe('')
  expect(await world.page.getByLabel('Status').innerText()).toMatch(
    /Longlens-Tiny[\s\S]*\d+ of [\d,]+ tokens/,
  )
})

it('a follow-up question does not show the film to the model again', async () => {
  expect(await world.window.chips.count()).toBe(0)
  await world.window.ask('Is there a fox?')
  const turn = await world.window.answered(1)

  expect(await turn.getByRole('list', { name: 'Media in this question' }).count()).toBe(0)
  expect(await world.window.question.inputValue()).toBe('')
})

it('the last question can be edited and asked anew; the earlier one stays', async () => {
  const edit = world.window.turn(1).getByRole('button', { name: 'Edit the question' })
  await edit.click()
  const editor = world.page.getByRole('textbox', { name: 'Edit question' })
  await editor.press('Escape')
  await eventually(() => hasFocus(edit)).toBe(true)
  await edit.press('Enter')
  await editor.fill('Is there a dog?')
  await editor.press('Enter')
  const turn = await world.window.answered(1)

  await turn.getByRole('heading', { name: 'Is there a dog?' }).waitFor()
  expect(await world.window.log.getByRole('article').count()).toBe(2)
  expect(await world.window.turn(0).getByRole('button', { name: 'Edit the question' }).count()).toBe(0)
})

it('an answer can be copied', async () => {
  await world.window.turn(1).getByRole('button', { name: 'Copy the answer' }).click()
  await world.window.turn(1).getByText('Copied').waitFor()

  const copied = await world.page.evaluate(() => navigator.clipboard.readText())
  expect(await world.window.turn(1).innerText()).toContain(copied.trim().split(/\s+/)[0])
})

it('an answer can be copied over plain HTTP too, where a page has no clipboard', async () => {
  const clipboard = await world.page.evaluateHandle(async () => {
    const { clipboard } = navigator
    await clipboard.writeText('nothing yet')
    Reflect.deleteProperty(Navigator.prototype, 'clipboard')
    return clipboard
  })
  expect(await world.page.evaluate(() => 'clipboard' in navigator)).toBe(false)
  await world.window.turn(0).getByRole('button', { name: 'Copy the answer' }).click()
  await world.window.turn(0).getByText('Copied').waitFor()

  const copied = await clipboard.evaluate((kept) => kept.readText())
  expect(await world.window.turn(0).innerText()).toContain(copied.trim().split(/\s+/)[0])
})

it('each further sample is offered in the library, and opens with its own questions', async () => {
  for (const { kind, questions } of bundledSamples.filter((sample) => sample.kind !== 'film')) {
    await world.window.sample(kind).click()
    await eventually(() => suggestions().allTextContents()).toEqual(questions)

    expect(await world.window.chips.count()).toBe(1)
    const media = world.page.getByRole('list', { name: 'Media in this question' })
    expect((await media.innerText()).includes('tiles')).toBe(kind === 'picture')
  }
})

it('nothing went wrong in the page meanwhile', () => {
  expect(world.faults).toEqual([])
})

/** The questions that an empty conversation offers. */
function suggestions(): Locator {
  return world.page.getByText('Try one of these:').locator('..').getByRole('list').getByRole('button')
}

async function expectVisible(locator: Locator): Promise<void> {
  expect(await locator.isVisible()).toBe(true)
}
