/**
 * Orders names as people do: numbers by value (img2 before img10), letters without regard to case and accents.
 * A total order: 0 only for equal strings, so sorting gives one result on every machine, whatever its locale.
 */
export function compareNatural(a: string, b: string): number {
  return compareKeys(foldForOrder(a), foldForOrder(b)) || compareUnits(a, b)
}

/** The names in natural order, as a new array. */
export function sortNaturally(names: readonly string[]): string[]
export function sortNaturally<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[]
export function sortNaturally<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string = (item) => String(item),
): Item[] {
  const keyed = items.map((item) => {
    const name = nameOf(item)
    return { item, name, key: foldForOrder(name) }
  })
  keyed.sort((a, b) => compareKeys(a.key, b.key) || compareUnits(a.name, b.name))
  return keyed.map(({ item }) => item)
}

/** Without case, accents and width: "É" and "Ｅ" sort with "e". */
function foldForOrder(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Character by character, runs of digits as one number; of equal numbers the one with fewer leading zeros comes first. */
function compareKeys(a: string, b: string): number {
  let i = 0
  let j = 0
  let zeros = 0
  while (i < a.length && j < b.length) {
    const endOfA = endOfDigits(a, i)
    const endOfB = endOfDigits(b, j)
    if (endOfA > i && endOfB > j) {
      const order = compareNumbers(a.slice(i, endOfA), b.slice(j, endOfB))
      if (order !== 0) return order
      zeros ||= endOfA - i - (endOfB - j)
      i = endOfA
      j = endOfB
    } else {
      const order = a.charCodeAt(i) - b.charCodeAt(j)
      if (order !== 0) return order
      i += 1
      j += 1
    }
  }
  return a.length - i - (b.length - j) || zeros
}

/** By value, of any length: no number is too long to compare. */
function compareNumbers(a: string, b: string): number {
  const valueOfA = a.replace(/^0+/, '')
  const valueOfB = b.replace(/^0+/, '')
  return valueOfA.length - valueOfB.length || compareUnits(valueOfA, valueOfB)
}

function endOfDigits(text: string, start: number): number {
  let end = start
  while (end < text.length && text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end += 1
  return end
}

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
