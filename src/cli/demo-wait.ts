/** Waits of the demo: for what a server does in its own time. */
import { setTimeout as sleep } from 'node:timers/promises'

/** A catalog change is live within a second; this is the patience of a slow machine. */
const patienceMs = 20_000
const pollMs = 50

/** Asks until it is so, or patience ends; answers whether it is. */
export async function until(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
    if (await isSo()) return true
    await sleep(pollMs)
  }
  return false
}
