import { describe, expect, it } from 'vitest'
import { Access } from '../../../../../app/host/web/access'

const at = (port: number): Access => new Access({ token: 'secret', host: '127.0.0.1', port })

describe('the host that a request names', () => {
  it('has no port when it is that of http, as browsers write it', () => {
    const headers = { host: '127.0.0.1', origin: 'http://127.0.0.1' }
    expect(at(80).isOurs(headers, false)).toBe(true)
    expect(at(80).isOurs({ host: 'localhost:80' }, false)).toBe(true)
    expect(at(8080).isOurs(headers, false)).toBe(false)
  })

  it('is refused on the port of http, too, when it or the origin is another', () => {
    expect(at(80).isOurs({ host: 'evil.example' }, false)).toBe(false)
    expect(at(80).isOurs({ host: '127.0.0.1', origin: 'http://evil.example' }, false)).toBe(false)
    expect(at(80).isOurs({ host: '127.0.0.1', origin: 'http://127.0.0.1:8080' }, false)).toBe(false)
  })
})
