// Runs in the page's own world, before its scripts: the far side of contextBridge.exposeInMainWorld. A function that
// the page calls is run in the preload's world, and only copies of values cross.
window.addEventListener('stand-in:expose', ({ detail: { key, names } }) => {
  const call =
    (name) =>
    (...args) => {
      let answer
      const id = crypto.randomUUID()
      const listen = ({ detail }) => {
        answer = detail
      }
      window.addEventListener(`stand-in:answer:${id}`, listen, { once: true })
      // Events are dispatched at once, in both worlds: when this returns, the answer is there.
      window.dispatchEvent(new CustomEvent('stand-in:call', { detail: { id, key, name, args } }))
      if (answer.error !== undefined) throw new Error(answer.error)
      if (!answer.isPromise) return answer.value
      return new Promise((resolve, reject) => {
        const settle = ({ detail }) => {
          if (detail.error === undefined) resolve(detail.value)
          else reject(new Error(detail.error))
        }
        window.addEventListener(`stand-in:settled:${id}`, settle, { once: true })
      })
    }
  const api = Object.freeze(Object.fromEntries(names.map((name) => [name, call(name)])))
  Object.defineProperty(window, key, { value: api, configurable: false, writable: false, enumerable: true })
})
