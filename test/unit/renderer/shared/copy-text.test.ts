import { afterEach, expect, it, vi } from 'vitest'
import { copyText } from '../../../../renderer/shared/copy-text'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** A page; `isAllowed`: whether what is selected on it may be copied. Returns the texts that were. */
function page(isAllowed: boolean): string[] {
  const copied: string[] = []
  let shown: { value: string; isSelected: boolean } | null = null
  const createElement = () => {
    const area = { value: '', className: '', style: {}, isSelected: false }
    return Object.assign(area, {
      select: () => (area.isSelected = true),
      remove: () => (shown = null),
    })
  }
  const body = { append: (area: { value: string; isSelected: boolean }) => (shown = area) }
  const execCommand = () => {
    if (isAllowed && shown?.isSelected === true) copied.push(shown.value)
    return isAllowed
  }
  vi.stubGlobal('HTMLElement', EventTarget)
  vi.stubGlobal('document', { activeElement: null, body, createElement, execCommand })
  return copied
}

it('copies with the clipboard of the browser', async () => {
  const writeText = vi.fn(() => Promise.resolve())
  vi.stubGlobal('navigator', { clipboard: { writeText } })
  expect(await copyText('a fox')).toBe(true)
  expect(writeText).toHaveBeenCalledExactlyOnceWith('a fox')
})

it('copies what it selects where there is no clipboard, as over plain HTTP', async () => {
  vi.stubGlobal('navigator', {})
  const copied = page(true)
  expect(await copyText('a fox')).toBe(true)
  expect(copied).toEqual(['a fox'])
})

it('says so when it is not allowed at all', async () => {
  vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('refused')) } })
  page(false)
  expect(await copyText('a fox')).toBe(false)
})
