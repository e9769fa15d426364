import { expect, it } from 'vitest'
import { addResults, closingLine, failedReport, skippedReport } from '../../../scripts/lib/test-results.mjs'

const skipped = [
  { title: 'reads a film', reason: 'ffmpeg is missing' },
  { title: 'matches golden', reason: '../shared is missing' },
  { title: 'reads a GIF', reason: 'ffmpeg is missing' },
]

it('closes with what passed and failed', () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: [] })).toBe('12 passed, 0 failed')
})

it('closes with the number of skipped tests when there are any', () => {
  expect(closingLine({ passed: 12, failed: 1, skipped })).toBe('12 passed, 1 failed, 3 skipped')
})

it('adds up checks and runs', () => {
  const sum = addResults([
    { passed: 4, failed: 0, skipped: [] },
    { passed: 10, failed: 2, skipped },
  ])
  expect(closingLine(sum)).toBe('14 passed, 2 failed, 3 skipped')
})

it('names what failed in every run', () => {
  const sum = addResults([
    { passed: 3, failed: 1, failures: ['lint'], skipped: [] },
    { passed: 10, failed: 1, failures: ['test/a.test.ts > adds'], skipped: [] },
  ])
  expect(failedReport(sum)).toEqual(['failed:', '  lint', '  test/a.test.ts > adds'])
  expect(failedReport({ passed: 1, failed: 0, skipped: [] })).toEqual([])
})

it('tells each reason for skipping once, with its tests', () => {
  expect(skippedReport({ passed: 0, failed: 0, skipped })).toEqual([
    'skipped, ffmpeg is missing:',
    '  reads a film',
    '  reads a GIF',
    'skipped, ../shared is missing:',
    '  matches golden',
  ])
})
