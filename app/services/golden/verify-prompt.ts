import type { ModelDescription } from '../../domain/model-description'
import type { EngineClient, SequenceInput } from '../../engine/engine-client-types'
import {
  TOLERANCE,
  compareTensors,
  compareTokens,
  firstDifferentRow,
  rowOf,
  type GoldenCase,
} from './compare'
import { IMAGE_MARK, type GoldenDescription } from './golden-folder'
import type { GoldenTensors } from './golden-tensors'

export interface PromptRun {
  readonly golden: GoldenDescription
  readonly tensors: GoldenTensors
  readonly engine: EngineClient
  readonly description: ModelDescription
  /** RGB bytes of every picture of the folder. */
  readonly pictures: readonly Uint8Array[]
  readonly name: string
  readonly prompt: GoldenDescription['prompts'][string]
  /** True with 32-bit keys and values and no flash attention; otherwise differences of logits are only printed. */
  readonly exact: boolean
}

const SEQUENCE = 0

/** Two experts whose router logits are closer than this may swap places within fp32 (LONGLLAVA-FORMAT section 11). */
const NARROW_ROUTING = 1e-4
/** The same with flash attention and 16-bit keys and values, whose logits stray by up to 5e-3. */
const NARROW_ROUTING_16_BIT = 5e-3

interface PromptResult {
  readonly cases: GoldenCase[]
  /** Where the first difference arises, when the logits differ and the folder has per-layer references. */
  readonly firstDifference: string | undefined
}

/** Logits at every position, the cached path step by step, and the greedy tokens of the whole chain. */
export async function verifyPrompt(run: PromptRun): Promise<PromptResult> {
  const cases: GoldenCase[] = []
  let firstDifference: string | undefined
  const logits = await verifyLogits(run)
  if (logits !== null) cases.push(logits.result)
  const jumps = logits?.jumps ?? false
  if (run.exact) cases.push(...(await verifyTokensIn(run, jumps)), ...(await verifySteps(run, jumps)))
  if (cases.some((result) => !result.passed)) firstDifference = await findFirstDifference(run)
  cases.push(await verifyChain(run))
  return { cases, firstDifference }
}

function stageName(run: PromptRun, stage: string): string {
  return run.exact ? stage : `${stage}, product settings`
}

function tolerance(run: PromptRun): number {
  return run.exact ? TOLERANCE.logits : Infinity
}

interface LogitsResult {
  readonly result: GoldenCase
  /** A position took another expert by a narrow gap: what follows it says nothing about the engine. */
  readonly jumps: boolean
}

async function verifyLogits(run: PromptRun): Promise<LogitsResult | null> {
  const { tensors, engine, name } = run
  const embeddings = tensors.float32(`${name}.inputs_embeds`)
  const expected = tensors.float32(`${name}.logits`)
  if (embeddings === null || expected === null) return null
  const { logits } = await engine.parity.evaluateAll({ kind: 'embeddings', embeddings }, [])
  const whole = compareTensors(`${name}.logits`, stageName(run, 'logits'), logits, expected, tolerance(run))
  const before = whole.passed ? null : beforeNarrowRouting(run, whole, logits, expected)
  return { result: before ?? whole, jumps: before?.passed ?? false }
}

/**
 * In a mixture of experts a position whose router hardly prefers one expert may take the other and jump, and what
 * follows it with it. That excuses a difference only if it begins at such a position: null otherwise.
 */
function beforeNarrowRouting(
  run: PromptRun,
  whole: GoldenCase,
  logits: Float32Array,
  expected: Float32Array,
): GoldenCase | null {
  const margins = run.tensors.float32(`${run.name}.router_margin`)
  const width = run.description.language.vocabularySize
  const first = firstDifferentRow(logits, expected, width, whole.tolerance)
  if (first <= 0 || (margins?.[first] ?? Infinity) >= NARROW_ROUTING) return null
  const length = first * width
  const before = compareTensors(
    whole.name,
    whole.stage,
    logits.subarray(0, length),
    expected.subarray(0, length),
    whole.tolerance,
  )
  return { ...before, stage: `${whole.stage} up to position ${first - 1} (narrow routing follows)` }
}

/** A prompt without pictures also goes in as token ids: the embedding table's lookup is llama.cpp's then. */
async function verifyTokensIn(run: PromptRun, jumps: boolean): Promise<GoldenCase[]> {
  const { tensors, engine, name, prompt } = run
  const expected = tensors.float32(`${name}.logits`)
  if (expected === null || prompt.input_ids.includes(IMAGE_MARK)) return []
  const { logits } = await engine.parity.evaluateAll(
    { kind: 'tokens', tokens: Int32Array.from(prompt.input_ids) },
    [],
  )
  return [
    compareTensors(
      `${name}.logits`,
      'logits from token ids',
      logits,
      expected,
      jumps ? Infinity : TOLERANCE.logits,
    ),
  ]
}

/** The cached path: the golden tokens one at a time after the golden prompt. */
async function verifySteps(run: PromptRun, jumps: boolean): Promise<GoldenCase[]> {
  const { tensors, engine, name, prompt, description } = run
  const embeddings = tensors.float32(`${name}.inputs_embeds`)
  const expected = tensors.float32(`${name}.step_logits`)
  if (embeddings === null || expected === null) return []
  await engine.clear(SEQUENCE)
  await engine.parity.appendRaw(SEQUENCE, [{ kind: 'embeddings', embeddings }])
  const width = description.language.vocabularySize
  const actual = new Float32Array(prompt.generated.length * width)
  for (const [step, token] of prompt.generated.entries()) {
    actual.set(await engine.parity.lastLogits(SEQUENCE), step * width)
    await engine.parity.appendRaw(SEQUENCE, [{ kind: 'tokens', tokens: Int32Array.of(token) }])
  }
  return [
    compareTensors(
      `${name}.step_logits`,
      'cached steps',
      actual,
      expected,
      jumps ? Infinity : TOLERANCE.logits,
    ),
  ]
}

/** The whole chain from picture files to greedy tokens. */
async function verifyChain(run: PromptRun): Promise<GoldenCase> {
  const { engine, name, prompt, golden, description } = run
  const endTokens = golden.generation.eos_token_id ?? description.language.endTokens
  await engine.clear(SEQUENCE)
  const inputs = await chainInputs(run)
  await engine.parity.appendRaw(SEQUENCE, inputs)
  const result = await engine.generate(SEQUENCE, {
    sampling: {
      temperature: 0,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      repetitionWindow: 0,
      seed: 0,
    },
    maxTokens: prompt.generated.length,
    minTokens: golden.generation.min_new_tokens ?? description.language.minTokens,
    endTokens: Int32Array.from(endTokens),
    stopStrings: [],
  })
  // The official `generate` returns the end token that it stopped at; the engine leaves it out.
  const last = prompt.generated.at(-1)
  const expected =
    last !== undefined && endTokens.includes(last) ? prompt.generated.slice(0, -1) : prompt.generated
  const stage = stageName(run, 'greedy tokens of the whole chain')
  const compared = compareTokens(`${name}.generated`, stage, [...result.tokens], expected)
  if (compared.passed || run.exact || !routesNarrowly(run)) return compared
  return { ...compared, stage: `${stage} (narrow routing: printed only)`, tolerance: Infinity, passed: true }
}

/**
 * Whether some position of the prompt prefers an expert by less than 16-bit keys and values may shift router logits:
 * with the product's settings it may take another one, and the answer another way.
 */
function routesNarrowly({ tensors, name }: PromptRun): boolean {
  return tensors.float32(`${name}.router_margin`)?.some((margin) => margin < NARROW_ROUTING_16_BIT) ?? false
}

async function chainInputs({ engine, prompt, pictures }: PromptRun): Promise<SequenceInput[]> {
  const inputs: SequenceInput[] = []
  let ids: number[] = []
  let picture = 0
  const flush = () => {
    if (ids.length > 0) inputs.push({ kind: 'tokens', tokens: Int32Array.from(ids) })
    ids = []
  }
  for (const id of prompt.input_ids) {
    if (id !== IMAGE_MARK) {
      ids.push(id)
      continue
    }
    flush()
    const pixels = pictures[prompt.images[picture] ?? -1]
    picture += 1
    // More marks than pictures: the surplus marks vanish (LONGLLAVA-FORMAT section 7).
    if (pixels !== undefined)
      inputs.push({ kind: 'embeddings', embeddings: await engine.parity.encode(pixels) })
  }
  flush()
  return inputs
}

/**
 * Walks the layers of the prompt that has per-layer references (the input of every layer, and what the final norm
 * gives) and names the first one whose output differs.
 */
async function findFirstDifference(run: PromptRun): Promise<string | undefined> {
  for (const name of Object.keys(run.golden.prompts)) {
    const embeddings = run.tensors.float32(`${name}.inputs_embeds`)
    const states = run.tensors.float32(`${name}.hidden_states`)
    const nLayers = run.description.language.nLayers
    if (embeddings === null || states === null || states.length !== embeddings.length * (nLayers + 1))
      continue
    const layers = Array.from({ length: nLayers - 1 }, (_, layer) => `l_out-${layer}`)
    // llama.cpp's name for what the final norm gives.
    const outputs = [...layers, 'result_norm']
    const { tensors } = await run.engine.parity.evaluateAll({ kind: 'embeddings', embeddings }, outputs)
    const first = outputs.findIndex((output, layer) => {
      const expected = rowOf(states, layer + 1, embeddings.length)
      const actual = tensors[output]?.data ?? new Float32Array()
      return !compareTensors(output, 'layer', actual, expected, TOLERANCE.logits).passed
    })
    const where = `(prompt "${name}")`
    if (first < 0) return `language model, lm_head ${where}`
    if (first === nLayers - 1) return `language model, layer ${first} or the final norm ${where}`
    return `language model, layer ${first} ${where}`
  }
  return undefined
}
