import { linkSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often the holder shows that it is alive, and how long a silent one is believed. */
const HEARTBEAT_MS = 2_000
const SILENCE_MS = 30_000
const POLL_MS = 200

/**
 * One set-up at a time: a file with the holder's process id. A lock whose process is gone, or whose file was not
 * touched for half a minute of our own watching, is taken over.
 * @param {string} file
 * @param {{ onWait?: (pid: number) => void, silenceMs?: number }} [options]
 * @returns {Promise<() => void>} gives the lock back
 */
export async function acquireSetupLock(file, { onWait, silenceMs = SILENCE_MS } = {}) {
  mkdirSync(dirname(file), { recursive: true })
  let seen = ''
  let unchangedSince = Date.now()
  let told = false
  while (!tryCreate(file)) {
    const holder = readHolder(file)
    if (holder === undefined) continue // given back between the two calls
    const look = `${holder.pid} ${holder.touchedMs}`
    if (look !== seen) {
      seen = look
      unchangedSince = Date.now()
    }
    if (!isAlive(holder.pid) || Date.now() - unchangedSince > silenceMs) {
      await takeOver(file, look)
      continue
    }
    if (!told) onWait?.(holder.pid)
    told = true
    await sleep(POLL_MS)
  }
  return holdWithHeartbeat(file)
}

/** `link` fails when the name exists, and the file has its content from the first moment. */
function tryCreate(/** @type {string} */ file) {
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    linkSync(mine, file)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(mine, { force: true })
  }
}

function readHolder(/** @type {string} */ file) {
  try {
    return { pid: Number(readFileSync(file, 'utf8')), touchedMs: statSync(file).mtimeMs }
  } catch {
    return undefined
  }
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * Removes a dead holder's file. Guarded by a second lock, because between two waiters' looking and removing one of
 * them may already have made a new, living lock. Who dies inside the guard leaves it behind for SILENCE_MS.
 */
async function takeOver(/** @type {string} */ file, /** @type {string} */ look) {
  const guard = `${file}.takeover`
  if (!tryCreate(guard)) {
    const held = readHolder(guard)
    if (held !== undefined && Date.now() - held.touchedMs > SILENCE_MS) rmSync(guard, { force: true })
    await sleep(POLL_MS)
    return
  }
  try {
    const holder = readHolder(file)
    if (holder !== undefined && `${holder.pid} ${holder.touchedMs}` === look) rmSync(file, { force: true })
  } finally {
    rmSync(guard, { force: true })
  }
}

function holdWithHeartbeat(/** @type {string} */ file) {
  const heartbeat = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(file, now, now)
    } catch {
      // Taken over after a long sleep of the machine: the steps themselves finish by renaming, so nothing breaks.
    }
  }, HEARTBEAT_MS)
  heartbeat.unref()
  const release = () => {
    clearInterval(heartbeat)
    process.removeListener('exit', release)
    if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true })
  }
  process.on('exit', release)
  return release
}
