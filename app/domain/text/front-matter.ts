const FRONT_MATTER = /^\uFEFF?---[ \t]*\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/u

/** Markdown without the YAML block that model cards begin with, which is for machines; one that is never closed stays. */
export function withoutFrontMatter(markdown: string): string {
  return markdown.replace(FRONT_MATTER, '').trimStart()
}
