/** URLs of the media routes that app/contract/library.ts declares. Relative to the connection's media root. */
export class MediaUrls {
  private readonly root: string

  constructor(root: string) {
    this.root = root
  }

  source(id: string): string {
    return `${this.root}${id}/source`
  }

  thumbnail(id: string, width: number, entry?: number): string {
    const of = entry === undefined ? '' : `&entry=${entry}`
    return `${this.root}${id}/thumbnail?width=${width}${of}`
  }

  /** The exact frame shown at a time. */
  frame(id: string, seconds: number, width?: number): string {
    const size = width === undefined ? '' : `&width=${width}`
    return `${this.root}${id}/frame?seconds=${seconds}${size}`
  }

  /** A page of a picture file as JPEG, never enlarged; with `entry`, of a picture in a folder. */
  page(id: string, page: number, width: number, entry?: number): string {
    const of = entry === undefined ? '' : `&entry=${entry}`
    return `${this.root}${id}/page?page=${page}&width=${width}${of}`
  }

  entrySource(id: string, entry: number): string {
    return `${this.root}${id}/entry/${entry}/source`
  }
}
