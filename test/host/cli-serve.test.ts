import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runInProcess } from '../helpers/cli'

it('serve says in words that its port is taken', async () => {
  const home = mkdtempSync(join(tmpdir(), 'longlens-serve-'))
  const other = createServer().listen(0, '127.0.0.1')
  try {
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, err } = await runInProcess(['serve', '--port', String(port)], {
      env: { ...process.env, LONGLENS_HOME: home },
    })
    expect(code).toBe(1)
    expect(err).toContain(`Port ${port} of 127.0.0.1 is in use by another program.`)
    expect(err).not.toContain('EADDRINUSE')
  } finally {
    other.close()
    rmSync(home, { recursive: true, force: true })
  }
})
