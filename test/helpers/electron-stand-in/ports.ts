import { StandInEmitter } from './strict'

/** What carries one port's messages to the page and back. */
export interface PortCarrier {
  send(data: unknown): void
}

/** One end of a channel in the main process. Messages wait until `start`, as they do in Electron. */
export class MessagePortMain extends StandInEmitter {
  other: MessagePortMain | undefined
  #carrier: PortCarrier | undefined
  #isStarted = false
  #waiting: unknown[] = []

  constructor() {
    super('MessagePortMain', ['message', 'close'])
  }

  postMessage(data: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) throw new Error('the electron stand-in carries no ports over ports')
    const { other } = this
    if (other === undefined) throw new Error('this port was transferred')
    if (other.#carrier === undefined) other.receive(structuredClone(data))
    else other.#carrier.send(data)
  }

  start(): void {
    this.#isStarted = true
    for (const data of this.#waiting.splice(0)) this.emit('message', { data, ports: [] })
  }

  receive(data: unknown): void {
    if (this.#isStarted) this.emit('message', { data, ports: [] })
    else this.#waiting.push(data)
  }

  /** This end moves to a page; what is sent to it goes there. Returns the end that stays. */
  moveTo(carrier: PortCarrier): MessagePortMain {
    if (this.other === undefined) throw new Error('expected a port with another end')
    this.#carrier = carrier
    return this.other
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain()
  readonly port2 = new MessagePortMain()

  constructor() {
    this.port1.other = this.port2
    this.port2.other = this.port1
  }
}
