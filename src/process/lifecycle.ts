/** What every child process does: tell the supervisor, end once, end when the supervisor died. */

/** What a child tells its supervisor. */
export type ChildMessage =
  | { readonly kind: 'listening'; readonly host: string; readonly port: number }
  /** It works, and listens to nobody. */
  | { readonly kind: 'running' }
  | { readonly kind: 'firstKey'; readonly key: string }

/** Sends to the supervisor; false when the process runs on its own. */
export function tellSupervisor(message: ChildMessage): boolean {
  if (process.send === undefined || !process.connected) return false
  process.send(message)
  return true
}

/** Time left for closing the store and the logs, out of the drain seconds. */
export const closeReserveMs = 1_500

/**
 * Runs `stop` once, on SIGTERM, SIGINT or the supervisor's death, then exits with 0. After
 * `limitMs` it exits all the same, with 1: the supervisor must not have to kill us.
 */
export function stopOnSignal(stop: () => Promise<void>, limitMs: number): void {
  let isStopping = false
  const begin = (): void => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), limitMs).unref()
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', begin)
  process.on('SIGINT', begin)
  process.on('disconnect', begin)
}
