import { describe, expect, it } from 'vitest'
import { jsonLines, runInProcess } from '../../../../helpers/cli'

describe('longlens', () => {
  it('prints its help when it is called with nothing', async () => {
    const { code, out, err } = await runInProcess([])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const commands = out.match(/^ {2}[a-z-]+(?= )/gmu)?.map((name) => name.trim())
    expect(commands).toEqual(
      expect.arrayContaining(['ask', 'convert', 'verify-golden', 'models', 'doctor', 'serve', 'help']),
    )
  })

  it.for(['ask', 'convert', 'verify-golden', 'models', 'doctor', 'serve'])(
    'prints the same help for %s in all three ways to ask for it',
    async (command) => {
      const { code, out, err } = await runInProcess([command, '--help'])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toMatch(new RegExp(`^Usage: longlens ${command} `, 'u'))
      expect(await runInProcess([command, '-h'])).toEqual({ code, out, err })
      expect(await runInProcess(['help', command])).toEqual({ code, out, err })
    },
  )

  it('prints its version', async () => {
    const { code, out } = await runInProcess(['--version'])
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/u) as string })
  })

  it.for<[string[], string]>([
    [['frobnicate'], 'longlens: Unknown command \'frobnicate\'.\nSee "longlens --help".\n'],
    [['docter'], 'longlens: Unknown command \'docter\'\n(Did you mean doctor?)\nSee "longlens --help".\n'],
    [['--frobnicate'], "longlens: Unknown option '--frobnicate'.\n"],
    [
      ['convert', 'folder'],
      'longlens: Required option \'--out <folder>\' not specified.\nSee "longlens convert --help".\n',
    ],
    [
      ['convert', 'a', '--out', 'b', '--quantize', 'q3'],
      "longlens: Option '--quantize <type>' argument 'q3' is invalid.",
    ],
    [
      ['serve', '--port', '70000'],
      "longlens: Option '--port <n>' argument '70000' is invalid. Expected a port",
    ],
  ])('refuses %j with code 2 and a way out', async ([args, beginning]) => {
    const { code, out, err } = await runInProcess(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.slice(0, beginning.length)).toBe(beginning)
  })

  it('prints the help of a group of commands that is named alone, with code 2', async () => {
    const { code, out, err } = await runInProcess(['models'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^Usage: longlens models /u)
  })

  it('takes --json behind a lone -- for a word like any other', async () => {
    const args = ['ask', '--model', '/nonexistent', '--', '--json']
    const { code, out, err } = await runInProcess(args)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^longlens: The model file is missing: /u)
  })

  it('says wrong use in JSON to those who asked for JSON', async () => {
    const result = await runInProcess(['doctor', '--json', '--bogus'])
    expect(result.err).toBe('')
    expect(jsonLines(result)).toEqual([
      {
        type: 'error',
        code: 'invalid_input',
        message: "Unknown option '--bogus'.",
        remedy: 'See "longlens doctor --help". A file name that begins with a dash is written ./-name.',
      },
    ])
  })
})
