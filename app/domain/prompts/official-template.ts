import type { PromptTemplate } from '../model-description'

/**
 * The prompt of the official LongLLaVA models (LONGLLAVA-FORMAT section 7). The begin token stands before both
 * roles, a past reply is closed by a newline, and the last frame of a video loses the `>` of its `</img>`: the
 * official code strips it by accident, and the models were measured with that string.
 */
export const officialTemplate: PromptTemplate = {
  userBefore: '<|startoftext|><|User|>\n',
  userAfter: '\n',
  assistantBefore: '<|startoftext|><|Assistant|>\n',
  assistantAfter: '\n',
  replyBefore: '',
  questionBefore: '',
  image: { before: '<img>', after: '</img>', terminator: '\n' },
  video: {
    before: '<vid>',
    frameBefore: '<img>',
    frameAfter: '</img>',
    lastFrameAfter: '</img',
    separator: '<t>',
    after: '</vid>',
    label: 'none',
    labelPlace: 'after',
  },
  tiles: {
    before: '<img>',
    wholeAfter: '\n',
    tileBefore: '<img>',
    tileAfter: '</img>',
    rowSeparator: '\n',
    after: '</img>',
  },
}
