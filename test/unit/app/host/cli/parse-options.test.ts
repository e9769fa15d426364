import { describe, expect, it } from 'vitest'
import {
  moment,
  nonNegativeNumber,
  port,
  positiveInteger,
  positiveNumber,
  seed,
} from '../../../../../app/host/cli/parse-options'

const readers = { positiveInteger, positiveNumber, nonNegativeNumber, seed, port, moment }

describe('option values', () => {
  it.for<[keyof typeof readers, string, number]>([
    ['positiveInteger', '128', 128],
    ['positiveNumber', '0.5', 0.5],
    ['positiveNumber', '.5', 0.5],
    ['nonNegativeNumber', '0', 0],
    ['seed', '4294967295', 4294967295],
    ['port', '0', 0],
    ['moment', '90', 90],
    ['moment', '1:30', 90],
    ['moment', '1:02:03.5', 3723.5],
  ])('%s reads %s', ([reader, text, value]) => {
    expect(readers[reader](text)).toBe(value)
  })

  it.for<[keyof typeof readers, string]>([
    ['positiveInteger', '0'],
    ['positiveInteger', '-1'],
    ['positiveInteger', '1.5'],
    ['positiveInteger', '1e3'],
    ['positiveInteger', ''],
    ['positiveInteger', '99999999999999999999'],
    ['positiveNumber', '0'],
    ['positiveNumber', 'Infinity'],
    ['positiveNumber', '0x10'],
    ['nonNegativeNumber', '-0.1'],
    ['nonNegativeNumber', ' '],
    ['seed', '4294967296'],
    ['port', '65536'],
    ['moment', '1:60'],
    ['moment', 'soon'],
  ])('%s refuses %j, saying what it expects', ([reader, text]) => {
    expect(() => readers[reader](text)).toThrow(/^Expected /u)
  })
})
