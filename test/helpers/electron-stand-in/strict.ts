import { EventEmitter } from 'node:events'

/** Names that JavaScript itself looks up on anything. */
const ORDINARY = new Set(['then', 'toJSON', 'constructor', 'prototype'])

/** The same object; touching anything that it does not have throws, so that no call is taken for answered. */
export function strict<T extends object>(name: string, object: T): T {
  return new Proxy(object, {
    get(target, key) {
      if (!(key in target) && typeof key === 'string' && !ORDINARY.has(key)) throw missing(`${name}.${key}`)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' && !isClass(value) ? (value as () => unknown).bind(target) : value
    },
    set(target, key, value) {
      if (!(key in target)) throw missing(`${name}.${String(key)} =`)
      return Reflect.set(target, key, value, target)
    },
  })
}

function isClass(value: object): boolean {
  return Function.prototype.toString.call(value).startsWith('class')
}

export function missing(what: string): Error {
  return new Error(`the electron stand-in does not implement ${what}`)
}

/** Throws for options that would be ignored. */
export function onlyKeys(name: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) if (!known.includes(key)) throw missing(`${name}({ ${key} })`)
}

/** An emitter that knows its events: listening to one that never comes would look like success. */
export class StandInEmitter extends EventEmitter {
  readonly #name: string
  readonly #events: readonly string[]

  constructor(name: string, events: readonly string[]) {
    super()
    this.#name = name
    this.#events = events
  }

  override on(event: string, listener: (...args: never[]) => void): this {
    this.#check(event)
    return super.on(event, listener as (...args: unknown[]) => void)
  }

  override once(event: string, listener: (...args: never[]) => void): this {
    this.#check(event)
    return super.once(event, listener as (...args: unknown[]) => void)
  }

  #check(event: string): void {
    if (!this.#events.includes(event)) throw missing(`the event "${event}" of ${this.#name}`)
  }
}

/** What listeners can prevent. */
export class StandInEvent {
  defaultPrevented = false

  constructor(fields: object = {}) {
    Object.assign(this, fields)
  }

  preventDefault(): void {
    this.defaultPrevented = true
  }
}
