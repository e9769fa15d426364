/** @typedef {{ title: string, isNumber?: boolean }} Column */

/**
 * A column of numbers, which stand at its right edge.
 * @returns {Column}
 */
export function numbers(/** @type {string} */ title) {
  return { title, isNumber: true }
}

/**
 * As Prettier writes tables, so that the page passes its check.
 * @param {readonly (string | Column)[]} head - a title alone is a column of words
 * @param {readonly (readonly string[])[]} rows
 */
export function markdownTable(head, rows) {
  const columns = head.map((column) => (typeof column === 'string' ? { title: column } : column))
  const titles = columns.map(({ title }) => title)
  const widths = titles.map((title, column) =>
    Math.max(3, ...[title, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  )
  const isNumber = (/** @type {number} */ column) => columns[column]?.isNumber === true
  const line = (/** @type {readonly string[]} */ cells) => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? ''
      return isNumber(column) ? cell.padStart(width) : cell.padEnd(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rules = widths.map((width, column) =>
    isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  )
  return [line(titles), `| ${rules.join(' | ')} |`, ...rows.map(line)].join('\n')
}
