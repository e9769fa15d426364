import { expect, it } from 'vitest'
import { LineSplitter } from '../../../main/engine/line-splitter'

it('hands out whole lines, however they arrive, and the last words without a line break at the end', () => {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  const bytes = Buffer.from('one\r\ntwö\n\nGGML_ASSERT failed')
  // The cut goes through the two bytes of ö.
  splitter.write(bytes.subarray(0, 8))
  splitter.write(bytes.subarray(8))
  expect(lines).toEqual(['one', 'twö', ''])

  splitter.end()
  splitter.end()
  expect(lines).toEqual(['one', 'twö', '', 'GGML_ASSERT failed'])
})
