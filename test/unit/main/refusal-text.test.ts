import { expect, it, vi } from 'vitest'
import { AppError } from '../../../app/contract/errors'
import { toKeptFailure } from '../../../app/contract/error-map'

vi.mock('electron', () => ({ app: {}, dialog: {} }))
const { refusalText } = await import('../../../main/dialogs/failure-dialogs')

function refused(file: string) {
  const failure = toKeptFailure(new AppError('media_empty', 'empty', { file }))
  return { kind: 'refused', path: `/${file}`, failure } as const
}

it('says of one file what happened and what to do', () => {
  expect(refusalText([refused('a.mp4')])).toEqual({
    message: 'The file is empty',
    detail: '"a.mp4" has nothing in it.\nCopy or download it again.',
  })
})

it('counts many, names the first ten, and says how many more there are', () => {
  const { message, detail } = refusalText(Array.from({ length: 12 }, (_, n) => refused(`${n}.mp4`)))

  expect(message).toBe('12 files could not be added')
  expect(detail.split('\n')).toHaveLength(11)
  expect(detail).toContain('"9.mp4" has nothing in it.\nAnd 2 more.')
})
