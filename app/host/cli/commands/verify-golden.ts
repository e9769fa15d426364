import { resolve } from 'node:path'
import type { Command } from 'commander'
import { finite, type GoldenCase } from '../../../services/golden/compare'
import { withServices } from '../cli-services'
import { EXIT } from '../exit-codes'
import { writeJsonLine } from '../output'
import type { CommandContext } from '../run-cli'

const NOTES = `
The checkpoint is imported to a temporary folder. Each stage is compared on the reference input of that stage, then the
whole chain; first exactly (32-bit keys and values, no flash attention), then with the settings of everyday use, where
tokens must be the same and differences of numbers are printed. Exit code 1 when anything differs.
`

export function addVerifyGoldenCommand(program: Command, context: CommandContext): void {
  program
    .command('verify-golden')
    .description('Run the engine against reference tensors and print the largest differences.')
    .argument('<folder>', 'folder with a checkpoint, golden.json and golden.safetensors')
    .option('--json', 'print one JSON object')
    .addHelpText('after', NOTES)
    .action(async (folder: string, flags: { json?: true }) => {
      await verify(resolve(context.cwd, folder), flags.json === true, context)
    })
}

async function verify(folder: string, json: boolean, context: CommandContext): Promise<void> {
  const { out } = context.output
  await withServices(context, async (services) => {
    const onCase = (result: GoldenCase) => {
      if (!json) out.write(`${caseWords(result)}\n`)
    }
    const report = await services.verifyGolden(folder, context.signal, onCase)
    if (json) {
      const cases = report.cases.map(({ name, stage, maxAbsDiff, meanAbsDiff, equal }) => ({
        name,
        stage,
        maxAbsDiff: finite(maxAbsDiff),
        meanAbsDiff: finite(meanAbsDiff),
        equal,
      }))
      const { pass, firstDifference } = report
      writeJsonLine(context.output, {
        pass,
        cases,
        ...(firstDifference === undefined ? {} : { firstDifference }),
      })
    } else {
      const failed = report.cases.filter((result) => !result.passed).length
      out.write(report.pass ? `All ${report.cases.length} cases pass.\n` : `${failed} cases differ.\n`)
      if (report.firstDifference !== undefined) out.write(`First difference: ${report.firstDifference}.\n`)
    }
    if (!report.pass) context.setExitCode(EXIT.failed)
  })
}

function caseWords({ name, stage, maxAbsDiff, meanAbsDiff, equal, passed, tolerance }: GoldenCase): string {
  const verdict = !passed ? 'DIFFERS' : tolerance === Infinity ? 'printed' : 'ok'
  const figures = equal ? 'equal' : `max ${maxAbsDiff.toExponential(2)}, mean ${meanAbsDiff.toExponential(2)}`
  return `${verdict.padEnd(8)} ${name.padEnd(22)} ${figures.padEnd(34)} ${stage}`
}
