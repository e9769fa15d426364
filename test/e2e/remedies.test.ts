import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoBrowser } from '../helpers/browser'
import { repositoryRoot } from '../helpers/engine-libraries'
import { makeNumberedVideo } from '../helpers/make-media'
import { faultsFoundByAxe, hasFocus } from './window'
import { eventually, openWorld } from './world'

// The button under a failure does what the words above it say: for what only a person can put right.
const folder = mkdtempSync(join(tmpdir(), 'longlens-remedies-'))
const tools = join(folder, 'tools')

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Where the system has a program. */
function whereIs(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.map((one) => join(one, name)).find((path) => existsSync(path))
  if (found === undefined) throw new Error(`expected ${name} in PATH`)
  return found
}

describe('ffmpeg that is not there', () => {
  const world = openWorld({}, { LONGLENS_FFMPEG: tools })
  const film = join(folder, 'film.mp4')

  it('is told in words where the film would be, and everything else goes on working', async () => {
    makeNumberedVideo(film, { frames: 50 })
    await world.window.open(await world.program.url())
    await world.window.addPath(film)

    const notice = world.page.getByRole('alert').filter({ hasText: 'ffmpeg was not found' })
    await notice
      .getByText(`LONGLENS_FFMPEG is set to "${tools}", which is not an ffmpeg that runs.`)
      .waitFor()
    await notice.getByText('Install ffmpeg, or set LONGLENS_FFMPEG to its path.').waitFor()
    expect(await faultsFoundByAxe(world.page)).toEqual([])
    expect(await world.window.question.isEditable()).toBe(true)
  })

  it('is found by "Try again" once it was installed', async () => {
    mkdirSync(tools)
    for (const name of ['ffmpeg', 'ffprobe']) symlinkSync(whereIs(name), join(tools, name))
    const notice = world.page.getByRole('alert').filter({ hasText: 'ffmpeg was not found' })
    await notice.getByRole('button', { name: 'Try again' }).click()

    await world.window.library.getByText('film.mp4').waitFor()
    await world.window.timeline.waitFor()
    expect(await notice.count()).toBe(0)
  })
})

describe('a model that went away', () => {
  const world = openWorld()
  let copy: string

  beforeAll(async () => {
    if (whyNoBrowser !== '') return
    await world.window.open(await world.program.url())
    copy = join(world.program.home, 'models', 'other')
    await world.window.openSample()
    await useModelThatGoesAway()
  })

  async function useModelThatGoesAway(): Promise<void> {
    cpSync(join(repositoryRoot, 'models', 'longlens-tiny'), copy, { recursive: true })
    await world.page.getByRole('button', { name: /^Longlens-Tiny|^Models/ }).click()
    const row = world.page.getByRole('listitem').filter({ hasText: 'MB', hasNotText: 'bundled' })
    await row.getByRole('button', { name: 'Use Longlens-Tiny' }).click()
    await row.getByRole('button', { name: 'Longlens-Tiny is in use' }).waitFor()
    await world.page.keyboard.press('Escape')
    rmSync(copy, { recursive: true })
  }

  async function chooseAnother(turn: Locator): Promise<void> {
    await turn.getByRole('button', { name: 'Choose a model' }).click()
    const dialog = world.page.getByRole('dialog', { name: 'Models' })
    await dialog.getByRole('button', { name: 'Use Longlens-Tiny' }).click()
    await dialog.getByRole('button', { name: 'Longlens-Tiny is in use' }).waitFor()
    await world.page.keyboard.press('Escape')
  }

  it('is told in words where the answer would be', async () => {
    await world.window.ask('Is there a fox?')
    const notice = world.window.turn(0).getByRole('alert').filter({ hasText: 'The model file is missing' })
    await notice.getByText('Choose another model, or import this one again.').waitFor()
    expect(await faultsFoundByAxe(world.page)).toEqual([])
  })

  it('is replaced by "Choose a model", and the question is answered', async () => {
    const turn = world.window.turn(0)
    await chooseAnother(turn)

    await turn.getByRole('alert').getByRole('button', { name: 'Ask again' }).click()
    await turn.getByRole('button', { name: 'Copy the answer' }).waitFor()
    expect(await turn.getByRole('alert').count()).toBe(0)
  })

  it('takes neither the answer before from an edited question, nor the edited words', async () => {
    await useModelThatGoesAway()
    const turn = world.window.turn(0)
    const editor = world.page.getByRole('textbox', { name: 'Edit question' })
    await turn.getByRole('button', { name: 'Edit the question' }).click()
    await editor.fill('Is there a dog?')
    await editor.press('Enter')
    await turn.getByRole('alert').filter({ hasText: 'The model file is missing' }).waitFor()
    await turn.getByRole('heading', { name: 'Is there a fox?' }).waitFor()
    expect(await turn.getByRole('button', { name: 'Copy the answer' }).count()).toBe(1)
    await turn.getByRole('button', { name: 'Edit the question' }).click()
    expect(await editor.inputValue()).toBe('Is there a dog?')
    await editor.press('Escape')

    await chooseAnother(turn)
    await turn.getByRole('alert').getByRole('button', { name: 'Ask again' }).click()
    await turn.getByRole('heading', { name: 'Is there a dog?' }).waitFor()
    await turn.getByRole('button', { name: 'Copy the answer' }).waitFor()
    expect(await turn.getByRole('alert').count()).toBe(0)
  })

  it('put back and then deleted in the window, it is asked about first, and the focus stays in the list', async () => {
    cpSync(join(repositoryRoot, 'models', 'longlens-tiny'), copy, { recursive: true })
    await world.page.getByRole('button', { name: /^Longlens-Tiny|^Models/ }).click()
    const dialog = world.page.getByRole('dialog', { name: 'Models' })
    const remove = dialog.getByRole('button', { name: 'Delete Longlens-Tiny from this machine' })
    await remove.press('Enter')
    await dialog.getByRole('button', { name: 'Keep' }).press('Enter')
    expect(await hasFocus(remove)).toBe(true)

    await remove.press('Enter')
    await dialog.getByRole('button', { name: /^Delete \d/ }).press('Enter')
    await remove.waitFor({ state: 'detached' })
    await eventually(() => hasFocus(dialog.getByRole('list', { name: 'Models' }))).toBe(true)
  })
})
