// Runs a made-up model in a process of its own, where the environment is not that of the tests.
// Arguments: the addon, the model, a file for the numbers, the variant's libraries as JSON, and what is not as usual:
// parameters of the session, the number of tokens.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'

const [addon, path, output, variant, unusual = '{}'] = process.argv.slice(2)
const { session: parameters, length = 150 } = JSON.parse(unusual)
const binding = createRequire(import.meta.url)(addon)
const { systemInfo } = binding.initialise(JSON.parse(variant))
const model = await binding.loadModel({ path, gpuLayers: 0, devices: [], tensorSplit: [], useMmap: true })
const session = await model.createSession({
  contextTokens: 512,
  batchTokens: 64,
  threads: 1,
  flashAttention: false,
  cacheType: 'f32',
  maxSequences: 2,
  ...parameters,
})
// The first sequence is there so that the second one's state is not the first in memory.
await session.append(0, [{ kind: 'tokens', tokens: Int32Array.of(261, 262, 263) }])
const tokens = Int32Array.from({ length }, (_, i) => 261 + ((i * 7) % 26))
await session.branch(0, 1)
await session.append(1, [{ kind: 'tokens', tokens }])
await session.append(1, [{ kind: 'tokens', tokens: tokens.slice(0, 50) }])
writeFileSync(output, new Uint8Array((await session.lastLogits(1)).buffer))
await session.dispose()
await model.dispose()
process.stdout.write(JSON.stringify({ systemInfo, devices: binding.devices(), live: binding.liveHandles() }))
