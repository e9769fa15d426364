/**
 * The option that makes ffmpeg give each decoded frame once, without repeating or dropping any to keep a rate. It was
 * renamed in 5.1 and the old name has been marked for removal. Builds from git are numbered N-<commits>.
 */
export function frameSync(version: string): string[] {
  const release = Number(/^n?(\d+)\./.exec(version)?.[1] ?? 0)
  const commits = Number(/^N-(\d+)/.exec(version)?.[1] ?? 0)
  return release >= 6 || commits >= 110_000 ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']
}
