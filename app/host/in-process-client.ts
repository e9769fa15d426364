import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient } from '@orpc/server'
import type { Contract } from '../contract'
import { router } from './router'
import type { Services } from './services'

export type ServiceClient = ContractRouterClient<Contract>

/** The contract without a transport, for the command line: same checks, same errors (see `fromRpcError`). */
export function createInProcessClient(services: Services): ServiceClient {
  return createRouterClient(router, { context: { services } })
}
