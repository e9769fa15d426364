/**
 * Appends the words of the drawn world that have no place yet to training/tokenizer/words.txt, from which
 * build_tokenizer.py makes tokenizer.model.
 *
 *   node build/training/write-vocabulary.mjs training/tokenizer/words.txt
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { extendWordList, vocabularyWords } from './vocabulary'

/** Words that fit the vocabulary of build_tokenizer.py: 2,048 less 418 other pieces. */
const ROOM = 1630

function main(): void {
  const file = process.argv[2]
  if (file === undefined) throw new RangeError('expected the path of words.txt')
  const present = readFileSync(file, { encoding: 'utf8', flag: 'a+' })
    .split('\n')
    .filter((line) => line !== '')
  const list = extendWordList(present, vocabularyWords(), ROOM)
  writeFileSync(file, list.join('\n') + '\n')
  process.stdout.write(`${list.length} words, ${list.length - present.length} of them new\n`)
}

main()
