import type { Command } from 'commander'
import { formatBytes } from '../../../domain/format-bytes'
import { modelFacts, type ModelFact } from '../../../domain/model-facts'
import { describe, toAppError } from '../../../contract/errors'
import { readModelCard } from '../../../services/models/model-card'
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
  models
    .command('card')
    .description('Print the model card: what a model can do, its limits, where it comes from.')
    .argument('[folder]', 'model folder, or a name in the models folder (default: the bundled model)')
    .option('--json', 'print one JSON object')
    .action(async (folder: string | undefined, flags: { json?: true }) => {
      await showCard(await findModelFolder(folder, context), flags.json === true, context)
    })
}

/** The model card as it is written; without one, what the model's description says. */
async function showCard(folder: string, json: boolean, { output }: CommandContext): Promise<void> {
  const { description } = await readModelFolder(folder)
  const markdown = await readModelCard(folder)
  const facts = modelFacts(description)
  if (json) {
    writeJsonLine(output, {
      folder,
      name: description.name,
      about: description.about,
      facts: Object.fromEntries(facts.map(({ name, value }) => [name, value])),
      markdown,
    })
  } else if (markdown !== null) output.out.write(`${markdown.trimEnd()}\n`)
  else {
    const lines = [`# ${description.name}`, '', description.about, '', ...facts.map(factLine), '']
    output.out.write(lines.join('\n'))
  }
}

function factLine({ name, value }: ModelFact): string {
  return `- ${name}: ${value}`
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
