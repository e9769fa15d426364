// Runs in an isolated world of the page, before its scripts: the module `electron` as a sandboxed preload script has
// it. `standInSend` is a binding of this world alone. Ends with the preload script itself (see web-contents.ts).
const standIn = (() => {
  const listeners = new Map()
  const invoked = new Map()
  const ports = new Map()
  const exposed = new Map()
  let dropped = []
  let lastId = 0
  const send = (message) => globalThis.standInSend(JSON.stringify(message))
  const words = (error) => (error instanceof Error ? error.message : String(error))
  const strict = (name, object) =>
    new Proxy(object, {
      get(target, key) {
        if (!(key in target) && typeof key === 'string')
          throw new Error(`the electron stand-in does not implement ${name}.${key} in a preload script`)
        return target[key]
      },
    })

  window.addEventListener('stand-in:call', ({ detail: { id, key, name, args } }) => {
    const tell = (kind, detail) => window.dispatchEvent(new CustomEvent(`stand-in:${kind}:${id}`, { detail }))
    try {
      const value = exposed.get(key)[name](...args)
      if (!(value instanceof Promise)) return tell('answer', { value })
      tell('answer', { isPromise: true })
      value.then(
        (result) => tell('settled', { value: result }),
        (error) => tell('settled', { error: words(error) }),
      )
    } catch (error) {
      tell('answer', { error: words(error) })
    }
  })

  // What the main process's side calls.
  globalThis.standIn = {
    deliver(channel, message, portIds) {
      const ends = portIds.map((id) => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = ({ data }) => {
          if (typeof data !== 'string') throw new Error('the ports of the electron stand-in carry only text')
          send({ type: 'port', id, data })
        }
        ports.set(id, port1)
        return port2
      })
      for (const listener of listeners.get(channel) ?? []) listener({ ports: ends }, message)
    },
    portMessage: (id, data) => ports.get(id).postMessage(data),
    settle(id, answer) {
      const { resolve, reject } = invoked.get(id)
      invoked.delete(id)
      if (answer.error === undefined) resolve(answer.value)
      else reject(new Error(answer.error))
    },
    setDropped(files) {
      dropped = files
    },
  }

  return strict('electron', {
    contextBridge: strict('contextBridge', {
      exposeInMainWorld(key, api) {
        for (const [name, value] of Object.entries(api))
          if (typeof value !== 'function') throw new Error(`the stand-in exposes only functions, not ${name}`)
        exposed.set(key, api)
        const detail = { key, names: Object.keys(api) }
        window.dispatchEvent(new CustomEvent('stand-in:expose', { detail }))
      },
    }),
    ipcRenderer: strict('ipcRenderer', {
      send: (channel, ...args) => send({ type: 'send', channel, args }),
      invoke: (channel, ...args) =>
        new Promise((resolve, reject) => {
          const id = (lastId += 1)
          invoked.set(id, { resolve, reject })
          send({ type: 'invoke', id, channel, args })
        }),
      on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
    }),
    webUtils: strict('webUtils', {
      // Chromium does not tell a page where a file lies: what the person dropped is known to the stand-in, and
      // found by its name, size and time.
      getPathForFile(file) {
        if (!(file instanceof File)) throw new TypeError('getPathForFile: expected a File')
        const same = ({ name, size, lastModified }) =>
          name === file.name && size === file.size && lastModified === file.lastModified
        return dropped.find(same)?.path ?? ''
      },
    }),
  })
})()
