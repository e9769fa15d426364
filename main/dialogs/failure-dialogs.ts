import { app, dialog } from 'electron'
import process from 'node:process'
import type { AddEvent } from '../../app/contract/library'
import { describe, toAppError } from '../../app/contract/errors'

const MOST_LINES = 10

/** Says what happened and what to do, then ends the program: for failures without which there is no window. */
export function tellAndExit(thrown: unknown): void {
  const { title, body, remedy } = describe(toAppError(thrown))
  dialog.showErrorBox(title, `${body}\n\n${remedy}`)
  app.exit(1)
}

/** A mistake of the program itself is told in words instead of Electron's box with a stack. */
export function setupFailureDialogs(): void {
  process.on('uncaughtException', tellAndExit)
}

type Refusal = Extract<AddEvent, { kind: 'refused' }>

/** Text for files that were handed over from outside and could not be added. */
export function refusalText(refused: readonly Refusal[]): { message: string; detail: string } {
  const [first] = refused
  const one = refused.length === 1 && first !== undefined
  const lines = refused.slice(0, MOST_LINES).map(({ failure }) => failure.body)
  const more = refused.length - lines.length
  return {
    message: one ? first.failure.title : `${refused.length} files could not be added`,
    detail: [
      ...lines,
      ...(more > 0 ? [`And ${more} more.`] : []),
      ...(one ? [first.failure.remedy] : []),
    ].join('\n'),
  }
}
