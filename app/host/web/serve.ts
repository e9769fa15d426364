import { randomBytes } from 'node:crypto'
import { createServices, type ServiceParts } from '../create-services'
import { startWebServer } from './web-server'

export interface ServeOptions extends ServiceParts {
  readonly rendererFolder: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
}

/** The whole program behind a web address. `close` ends the server, then the services; the engine is the caller's. */
export async function serve(options: ServeOptions): Promise<{ url: string; close: () => Promise<void> }> {
  const services = createServices(options)
  try {
    const server = await startWebServer({
      services,
      rendererFolder: options.rendererFolder,
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      token: randomBytes(24).toString('base64url'),
    })
    return {
      url: server.url,
      close: async () => {
        await server.close()
        await services.close()
      },
    }
  } catch (error) {
    await services.close()
    throw error
  }
}
