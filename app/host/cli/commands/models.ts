import type { Command } from 'commander'
import { formatBytes } from '../../../domain/format-bytes'
import { describe, toAppError } from '../../../contract/errors'
import { listModelFolders, type ListedModel } from '../../../services/models/list-models'
import { readModelFolder } from '../../../services/models/model-folder'
import { resolveFolders } from '../../../services/folders'
import { bundledModelFolder } from '../../program-root'
import { EXIT } from '../exit-codes'
import { findModelFolder } from '../model-argument'
import { errorLine, writeJsonLine } from '../output'
import type { CommandContext } from '../run-cli'

export function addModelsCommand(program: Command, context: CommandContext): void {
  const models = program.command('models').description('List and check the models on this machine.')
  models
    .command('list')
    .description('List the bundled model and those in the models folder.')
    .option('--json', 'print one JSON object a line')
    .action(async (flags: { json?: true }) => {
      const listed = await listModelFolders(resolveFolders(context.env).models, bundledModelFolder())
      for (const model of listed) {
        if (flags.json === true) writeJsonLine(context.output, jsonOf(model))
        else context.output.out.write(`${wordsOf(model)}\n`)
      }
    })
  models
    .command('verify')
    .description('Check that a model folder is complete and safe to load, and print its checksum.')
    .argument('[folder]', 'model folder, or a name in the models folder (default: the bundled model)')
    .option('--json', 'print one JSON object')
    .action(async (folder: string | undefined, flags: { json?: true }) => {
      await verify(await findModelFolder(folder, context), flags.json === true, context)
    })
}

async function verify(folder: string, json: boolean, context: CommandContext): Promise<void> {
  try {
    const model = await readModelFolder(folder)
    const hash = await model.contentHash(context.signal)
    const { name } = model.description
    if (json) {
      writeJsonLine(context.output, { ok: true, folder, name, sizeBytes: model.sizeBytes, sha256: hash })
    } else {
      context.output.out.write(`${name} is sound (${formatBytes(model.sizeBytes)}).\nsha256 ${hash}\n`)
    }
  } catch (thrown) {
    if (!json || toAppError(thrown).code === 'cancelled') throw thrown
    writeJsonLine(context.output, { ok: false, folder, ...errorLine(thrown) })
    context.setExitCode(EXIT.failed)
  }
}

function jsonOf(model: ListedModel): unknown {
  const { folder, bundled, sizeBytes } = model
  if (model.kind === 'broken') return { folder, bundled, sizeBytes, error: errorLine(model.error) }
  const { name, license, abilities } = model.description
  return { folder, bundled, sizeBytes, name, license, abilities }
}

function wordsOf(model: ListedModel): string {
  if (model.kind === 'broken') {
    const { title, body } = describe(model.error)
    return `${model.folder}: ${title}: ${body}`
  }
  const origin = model.bundled ? 'bundled' : model.folder
  return `${model.description.name}, ${formatBytes(model.sizeBytes)}, ${origin}`
}
