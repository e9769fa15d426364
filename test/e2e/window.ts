import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import type { SampleKind } from '../../app/contract/library'
import { repositoryRoot } from '../helpers/engine-libraries'

const sampleNames: Readonly<Record<SampleKind, RegExp>> = {
  film: /^Sample film/,
  picture: /^Large sample picture/,
  set: /^Sample pictures/,
}

/** The window as a person meets it: by the names that it gives its parts. */
export class Window {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get question(): Locator {
    return this.page.getByRole('textbox', { name: 'Question', exact: true })
  }

  get log(): Locator {
    return this.page.getByRole('log', { name: 'Conversation', exact: true })
  }

  get library(): Locator {
    return this.page.getByRole('list', { name: 'Library', exact: true })
  }

  get viewer(): Locator {
    return this.page.getByRole('region', { name: 'Viewer', exact: true })
  }

  get timeline(): Locator {
    return this.page.getByRole('slider', { name: 'Timeline', exact: true })
  }

  get progress(): Locator {
    return this.page.getByRole('status', { name: 'Progress', exact: true })
  }

  /** Chips of the question that is being written. */
  get chips(): Locator {
    return this.page.getByRole('button', { name: /^Leave out / })
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  /** One question with its answer, from 0. */
  turn(index: number): Locator {
    return this.log.getByRole('article').nth(index)
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url)
    await this.question.waitFor()
  }

  async addPath(path: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Add', exact: true }).first().click()
    await this.page.getByRole('button', { name: /^A path on the machine/ }).click()
    await this.page.getByRole('textbox', { name: /^File or folder on the machine/ }).fill(path)
    await this.page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
  }

  /** What offers one of the bundled samples. */
  sample(kind: SampleKind): Locator {
    return this.page.getByRole('button', { name: sampleNames[kind] })
  }

  async openSample(): Promise<void> {
    await this.sample('film').click()
    await this.timeline.waitFor()
  }

  async ask(question: string): Promise<void> {
    await this.question.fill(question)
    await this.question.press('Enter')
  }

  /** Waits until a turn is no longer being answered. */
  async answered(index: number): Promise<Locator> {
    const turn = this.turn(index)
    await turn.getByRole('button', { name: 'Ask again' }).waitFor({ timeout: 100_000 })
    return turn
  }

  /** Seconds of the open video. */
  duration(): Promise<number> {
    return this.timeline.getAttribute('aria-valuemax').then(Number)
  }

  playhead(): Promise<number> {
    return this.timeline.getAttribute('aria-valuenow').then(Number)
  }

  /** Drops files on the window as the browser does: real drag events with a real DataTransfer. */
  async drop(paths: readonly string[]): Promise<void> {
    const files = paths.map((path) => ({
      name: basename(path),
      base64: readFileSync(path).toString('base64'),
    }))
    await this.page.evaluate((given) => {
      const transfer = new DataTransfer()
      const types: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg', mp4: 'video/mp4' }
      for (const { name, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
        transfer.items.add(new File([bytes], name, { type: types[name.split('.').at(-1) ?? ''] ?? '' }))
      }
      const target = document.elementFromPoint(innerWidth / 2, innerHeight / 2) ?? document.body
      for (const kind of ['dragenter', 'dragover', 'drop']) {
        target.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }))
      }
    }, files)
  }
}

/** Whether the keyboard is on it. */
export function hasFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === document.activeElement)
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

const axe = readFileSync(join(repositoryRoot, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')

/** What axe-core finds wrong in the page as it is, one line each; empty when all is well. */
export async function faultsFoundByAxe(page: Page): Promise<string[]> {
  // Evaluated through the debugger, which the page's content security policy does not bind.
  await page.evaluate(axe)
  const result = await page.evaluate<AxeResult>(
    "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  )
  return result.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  )
}
