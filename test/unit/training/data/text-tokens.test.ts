import { describe, expect, it } from 'vitest'
import { loadPromptContext } from '../../../../training/data/prompt-context'
import { nameForms, textTokens } from '../../../../training/data/text-tokens'
import { tokenLookup } from '../../../../training/data/token-lookup'

const { tokenizer } = await loadPromptContext('training/tokenizer/tokenizer.model')
const tokenOf = tokenLookup(tokenizer)
const id = (text: string): number => tokenOf(text) ?? NaN

describe('the forms of names', () => {
  const forms = new Map(nameForms(tokenOf).map((one) => [one.form, one]))

  it('lead from every way a word is written to what cells call it', () => {
    for (const word of [' dog', ' dogs', ' Dog', ' Dogs']) {
      expect(forms.get(id(word))).toEqual({ form: id(word), name: id(' dog'), isThing: true })
    }
    expect(forms.get(id(' butterflies'))?.name).toBe(id(' butterfly'))
  })

  it('tell things, which may be absent, from colours and words of captions', () => {
    expect(forms.get(id(' Red'))).toMatchObject({ name: id(' red'), isThing: false })
    expect(forms.get(id(' NEWS'))).toMatchObject({ name: id(' NEWS'), isThing: false })
    expect(forms.get(id(' text'))).toMatchObject({ name: id(' text'), isThing: true })
    expect(forms.get(id(' unreadable'))).toMatchObject({ isThing: false })
    expect(forms.has(id(' the'))).toBe(false)
  })
})

describe('the tokens with a meaning', () => {
  it('are one token each, in order', () => {
    const tokens = textTokens(tokenOf)
    expect(tokenizer.decode(tokens.digits)).toBe('0123456789')
    expect(tokenizer.decode(tokens.seconds.slice(7, 9))).toBe(':07:08')
    expect(tokens.seconds).toHaveLength(60)
    expect(tokens.row).toEqual([id(' row'), id(' Row')])
    expect(tokens.caption_words).toContain(id(' NEWS'))
    expect(tokens.caption_words).not.toContain(id(' red'))
  })

  it('are refused when a vocabulary does not have them', () => {
    expect(() => textTokens(() => undefined)).toThrow(/expected one token for/)
  })
})
