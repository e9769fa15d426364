import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { whyNoBrowser } from '../helpers/browser'
import { sampleFilmName } from '../helpers/bundled-sample'
import { hasFocus } from './window'
import { eventually, openWorld } from './world'

// The keys of the window, and times in answers. The bundled model says times when it likes to, so the answer with
// times is written into the database of this test's own folder, through the columns that a real answer is written to.
const world = openWorld()

beforeAll(async () => {
  if (whyNoBrowser !== '') return
  await world.window.open(await world.program.url())
  await world.window.openSample()
  await world.window.ask('What happens?')
  await world.window.answered(0)
  writeAnswer('It is blue at **00:02**, then at 00:04.')
  await world.page.reload()
  await world.window.turn(0).getByRole('button', { name: '00:02' }).waitFor()
})

function writeAnswer(answer: string): void {
  const database = new DatabaseSync(join(world.program.home, 'data', 'longlens.sqlite'))
  const item = database.prepare('SELECT id FROM items').get() as { id: string }
  const citations = ['00:02', '00:04'].map((time) => ({
    itemId: item.id,
    startSeconds: Number(time.slice(3)),
    endSeconds: Number(time.slice(3)),
    textStart: answer.indexOf(time),
    textEnd: answer.indexOf(time) + time.length,
  }))
  database.prepare('UPDATE turns SET answer = ?, citations = ?').run(answer, JSON.stringify(citations))
  database.close()
}

/** Puts the focus on nothing in particular. */
async function leaveFields(): Promise<void> {
  await world.page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  })
}

it('a time in an answer seeks its video when it is clicked', async () => {
  await world.window.turn(0).getByRole('button', { name: '00:04' }).click()
  await eventually(() => world.window.playhead()).toBe(4)
  await eventually(() =>
    world.page.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime),
  ).toBe(4)
})

it('a time shows its frame while the pointer is on it, or the focus', async () => {
  const time = world.window.turn(0).getByRole('button', { name: '00:02' })
  await time.hover()
  const preview = world.page.locator('img[popover]')
  await eventually(() => preview.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
  await world.page.mouse.move(10, 500)
  await preview.waitFor({ state: 'detached' })
  await time.focus()
  await preview.waitFor()
  await leaveFields()
})

describe('keys', () => {
  it('K and Space play and pause', async () => {
    await leaveFields()
    for (const key of ['k', ' ']) {
      await world.page.keyboard.press(key)
      await world.window.button(/^Pause/).waitFor()
      await world.page.keyboard.press(key)
      await world.window.button(/^Play/).waitFor()
    }
  })

  it.each([
    ['Home of the timeline', 'Home', 0],
    ['right arrow', 'ArrowRight', 5],
    ['Shift and left arrow', 'Shift+ArrowLeft', 4],
    ['Shift and right arrow', 'Shift+ArrowRight', 5],
    ['left arrow', 'ArrowLeft', 0],
  ])('%s seeks on the timeline', async (_, key, seconds) => {
    await world.window.timeline.focus()
    await world.page.keyboard.press(key)
    await eventually(() => world.window.playhead()).toBeCloseTo(seconds, 1)
  })

  it('End seeks to the end', async () => {
    await world.window.timeline.focus()
    await world.page.keyboard.press('End')
    await eventually(() => world.window.playhead()).toBeCloseTo(await world.window.duration(), 1)
  })

  it('arrows seek from anywhere, comma and full stop go frame by frame', async () => {
    await leaveFields()
    await world.page.keyboard.press('ArrowLeft')
    await eventually(() => world.window.playhead()).toBeCloseTo((await world.window.duration()) - 5, 1)
    const before = await world.window.playhead()
    await world.page.keyboard.press('.')
    await eventually(() => world.window.playhead()).toBeGreaterThan(before)
    const after = await world.window.playhead()
    expect(after - before).toBeLessThan(0.5)
    await world.page.keyboard.press(',')
    await eventually(() => world.window.playhead()).toBeLessThan(after)
  })

  it('I and O mark the part that is asked about, X takes the marks away', async () => {
    await world.window.timeline.focus()
    await world.page.keyboard.press('Home')
    await world.page.keyboard.press('Shift+ArrowRight')
    await world.page.keyboard.press('i')
    await world.page.keyboard.press('Shift+ArrowRight')
    await world.page.keyboard.press('Shift+ArrowRight')
    await world.page.keyboard.press('o')
    await world.window.viewer.getByText('00:01–00:03').waitFor()
    await world.window.button(`Leave out ${sampleFilmName}`).waitFor()
    await world.page.keyboard.press('x')
    await world.window.viewer.getByText('00:01–00:03').waitFor({ state: 'detached' })
    expect(await world.window.chips.count()).toBe(0)
  })

  it('letters are text while somebody types', async () => {
    const before = await world.window.playhead()
    await world.window.question.fill('')
    await world.window.question.pressSequentially('k, i. ?/x')
    expect(await world.window.question.inputValue()).toBe('k, i. ?/x')
    expect(await world.window.playhead()).toBe(before)
    expect(await world.page.getByRole('dialog').count()).toBe(0)
  })

  it('Shift+Enter breaks the line, slash goes to the question', async () => {
    await world.window.question.fill('One')
    await world.window.question.press('Shift+Enter')
    await world.window.question.pressSequentially('two')
    expect(await world.window.question.inputValue()).toBe('One\ntwo')
    await leaveFields()
    await world.page.keyboard.press('/')
    await eventually(() =>
      world.window.question.evaluate((element) => element === document.activeElement),
    ).toBe(true)
    await world.window.question.fill('')
  })

  it.each([
    ['?', 'Keys'],
    ['Control+,', 'Settings'],
    ['m', 'Models'],
  ])('%s opens %s, and Esc closes it and gives the focus back', async (key, title) => {
    await world.window.timeline.focus()
    await world.page.keyboard.press(key)
    const dialog = world.page.getByRole('dialog', { name: title })
    await dialog.waitFor()
    // Keys belong to the dialog while it is open.
    await world.page.keyboard.press('k')
    expect(await world.window.button(/^Pause/).count()).toBe(0)
    await world.page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await world.window.timeline.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  it('the list of keys names every command once', async () => {
    await leaveFields()
    await world.page.keyboard.press('?')
    const rows = await world.page.getByRole('dialog').getByRole('term').allInnerTexts()
    expect(rows).toContain('Play or pause')
    expect(rows).toContain('Ask')
    expect(new Set(rows).size).toBe(rows.length)
    await world.page.keyboard.press('Escape')
  })

  it('Ctrl+B and Ctrl+J close and open the sides', async () => {
    await world.page.keyboard.press('Control+b')
    await world.window.library.waitFor({ state: 'hidden' })
    await world.page.keyboard.press('Control+b')
    await world.window.library.waitFor()
    await world.page.keyboard.press('Control+j')
    await world.window.question.waitFor({ state: 'hidden' })
    await world.page.keyboard.press('/')
    await world.window.question.waitFor()
  })

  it('Alt+N begins a new conversation, and the old one is one choice away', async () => {
    await world.page.keyboard.press('Alt+n')
    await eventually(() => world.window.log.getByRole('article').count()).toBe(0)
    await world.page.getByRole('button', { name: 'New conversation' }).first().click()
    await world.page.getByRole('list', { name: 'Conversations' }).getByText('What happens?').click()
    await world.window.turn(0).getByRole('button', { name: '00:02' }).waitFor()
  })

  it('renaming, removing and bringing back a conversation keep the focus in the list', async () => {
    const list = world.page.getByRole('list', { name: 'Conversations' })
    await world.page.getByRole('button', { name: 'What happens?' }).first().click()
    const rename = list.getByRole('button', { name: 'Rename What happens?' })
    await rename.press('Enter')
    const name = world.page.getByRole('textbox', { name: 'Name of the conversation' })
    await name.press('Escape')
    await eventually(() => hasFocus(rename)).toBe(true)
    await rename.press('Enter')
    await name.press('Enter')
    await eventually(() => hasFocus(rename)).toBe(true)

    await list.getByRole('button', { name: 'Remove What happens?' }).press('Enter')
    const undo = world.window.button('Undo')
    await undo.waitFor()
    expect(await hasFocus(undo)).toBe(true)
    await undo.press('Enter')
    await rename.waitFor()
    expect(await hasFocus(list)).toBe(true)
    await world.page.keyboard.press('Escape')
  })

  it('Tab reaches every part, in the order of reading', async () => {
    await world.page.reload()
    await world.window.timeline.waitFor()
    const reached: string[] = []
    for (let i = 0; i < 60; i++) {
      await world.page.keyboard.press('Tab')
      const name = await world.page.evaluate(() => {
        const element = document.activeElement
        return element?.getAttribute('aria-label') ?? element?.textContent.trim() ?? ''
      })
      if (reached.includes(name) && name === reached[0]) break
      reached.push(name)
    }
    const order = ['Search the library', 'Timeline', 'Question', 'Settings'].map((name) =>
      reached.indexOf(name),
    )
    expect(order.every((place) => place >= 0)).toBe(true)
    expect([...order].sort((a, b) => a - b)).toEqual(order)
  })
})

it('the timeline follows the number of frames that the settings allow', async () => {
  const atFirst = Math.round(await world.window.duration())
  await world.window.viewer.getByText(`${atFirst} frames for the model`, { exact: true }).waitFor()
  await world.page.keyboard.press('Control+,')
  const most = world.page.getByRole('textbox', { name: 'Most frames of a video' })
  await most.fill('3')
  await most.press('Enter')
  await world.page.keyboard.press('Escape')
  await world.window.viewer.getByText('3 frames for the model').waitFor()
})

it('nothing went wrong in the page meanwhile', () => {
  expect(world.faults).toEqual([])
})
