/** Text to token ids: our tokenizer beside SentencePiece compiled to WebAssembly. Needs the files of `../shared`. */
import { createTokenizer } from '../../app/domain/tokenizer/create-tokenizer'
import { sampleTexts } from '../helpers/sample-texts'
import { loadReference, readModel, sharedFile, tokenizerDataOf } from '../helpers/sentencepiece-reference'
import { medianSeconds, print, printMachine } from './measure'

const BENCH = 'tokenizer'

export async function run(): Promise<void> {
  printMachine(BENCH)
  const texts = sampleTexts(2000, 1)
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  for (const [what, file] of [
    ['BPE, 65,536 pieces', sharedFile('golden/tokenizer.model')],
    ['unigram, 778 pieces', sharedFile('pilot-model/tokenizer.model')],
  ] as const) {
    if (file.missing !== false) throw new Error(file.missing)
    const model = readModel(file.path)
    const ours = createTokenizer(tokenizerDataOf(model))
    const reference = await loadReference(model)
    for (const [variant, encode] of [
      ['ours', (text: string) => ours.encode(text)],
      ['SentencePiece in WebAssembly', (text: string) => reference.encode(text)],
    ] as const) {
      const seconds = await medianSeconds(5, () => {
        for (const text of texts) encode(text)
      })
      print({ bench: BENCH, what, variant, value: bytes / 1e6 / seconds, unit: 'MB/s', texts: texts.length })
    }
  }
}
