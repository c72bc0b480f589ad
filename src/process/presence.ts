/**
 * Tells the other processes twice a second, and at each new catalog, that this one lives, and how.
 */
import type { PresenceRecord, PresenceStore } from '../store/ports.ts'

/** Thirty reports fit into `presenceTtlMs`, so that many may be lost. */
export const announceEveryMs = 500

/**
 * A new catalog revision is told this soon: writers wait for it before they drop what it replaced.
 */
const revisionEveryMs = 50

/** A running announcer. */
export interface Announcer {
  /** Resolves when the first announcement has been stored. */
  readonly announced: Promise<void>
  /** Stops and takes the record away, as far as the store answers. */
  leave(): Promise<void>
}

/**
 * Announces `record()` until told to leave, sooner when `revision()` has changed; a failing store
 * is told to `onError` and tried again.
 */
export function announcePresence(
  store: PresenceStore,
  { record, revision }: { record: () => PresenceRecord; revision: () => number },
  onError: (error: unknown) => void,
): Announcer {
  let onAnnounced: () => void = () => undefined
  const announced = new Promise<void>((resolve) => {
    onAnnounced = resolve
  })
  let id = ''
  let announcing = false
  let told = -1
  const announce = async (): Promise<void> => {
    // A slow store must not pile up announcements.
    if (announcing) return
    announcing = true
    try {
      const now = record()
      id = now.id
      told = now.revision
      await store.announce(now)
      onAnnounced()
    } catch (error) {
      onError(error)
    } finally {
      announcing = false
    }
  }
  void announce()
  const timer = setInterval(() => void announce(), announceEveryMs)
  const watch = setInterval(() => {
    if (revision() !== told) void announce()
  }, revisionEveryMs)
  return {
    announced,
    leave: async () => {
      clearInterval(timer)
      clearInterval(watch)
      await store.leave(id).catch(onError)
    },
  }
}
