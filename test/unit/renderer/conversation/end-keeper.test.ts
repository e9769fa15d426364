import { expect, it } from 'vitest'
import { EndKeeper } from '../../../../renderer/features/conversation/end-keeper'

/** An element that scrolls as a browser's does: not past its end, and not at all while it is hidden. */
function scroller(scrollHeight: number, clientHeight: number) {
  let top = 0
  return {
    scrollHeight,
    clientHeight,
    get scrollTop(): number {
      return this.clientHeight === 0 ? 0 : top
    },
    set scrollTop(wanted: number) {
      if (this.clientHeight > 0) top = Math.max(0, Math.min(wanted, this.scrollHeight - this.clientHeight))
    },
  }
}

function keptAtEnd() {
  const element = scroller(1000, 200)
  const keeper = new EndKeeper(element)
  keeper.goToEnd()
  keeper.look(false)
  return { element, keeper }
}

it('follows the end as the content grows', () => {
  const { element, keeper } = keptAtEnd()
  element.scrollHeight = 1500
  keeper.look(false)
  expect(element.scrollTop).toBe(1300)
})

it('lets the person scroll up, and follows again from the end', () => {
  const { element, keeper } = keptAtEnd()
  element.scrollTop = 300
  keeper.look(true)
  element.scrollHeight = 1500
  keeper.look(false)
  expect([element.scrollTop, keeper.isSticking]).toEqual([300, false])
  keeper.goToEnd()
  expect([element.scrollTop, keeper.isSticking]).toEqual([1300, true])
})

it.each([
  ['kept', 300],
  ['forgot', 0],
])('hidden and shown again it is where the person left it, if the browser %s the place', (_, kept) => {
  const { element, keeper } = keptAtEnd()
  element.scrollTop = 300
  keeper.look(true)
  element.clientHeight = 0
  element.scrollHeight = 0
  keeper.look(false)
  Object.assign(element, { clientHeight: 200, scrollHeight: 1200 })
  element.scrollTop = kept
  keeper.look(true)
  expect([element.scrollTop, keeper.isSticking]).toEqual([300, false])
})

it('hidden at its end and grown meanwhile, it is shown at its end', () => {
  const { element, keeper } = keptAtEnd()
  element.clientHeight = 0
  keeper.look(false)
  Object.assign(element, { clientHeight: 200, scrollHeight: 2000 })
  element.scrollTop = 0
  // The hand that clicked the tab.
  keeper.look(true)
  expect([element.scrollTop, keeper.isSticking]).toEqual([1800, true])
})
