/** Tells the other processes twice a second that this one lives, and how it is. */
import type { PresenceRecord, PresenceStore } from '../store/ports.ts'

/** Ten reports fit into `presenceTtlMs`, so that nine may be lost. */
export const announceEveryMs = 500

/** A running announcer. */
export interface Announcer {
  /** Stops and takes the record away, as far as the store answers. */
  leave(): Promise<void>
}

/** Announces `record()` until told to leave; a failing store is told to `onError` and tried again. */
export function announcePresence(
  store: PresenceStore,
  record: () => PresenceRecord,
  onError: (error: unknown) => void,
): Announcer {
  let id = ''
  let announcing = false
  const announce = async (): Promise<void> => {
    // A slow store must not pile up announcements.
    if (announcing) return
    announcing = true
    try {
      const now = record()
      id = now.id
      await store.announce(now)
    } catch (error) {
      onError(error)
    } finally {
      announcing = false
    }
  }
  void announce()
  const timer = setInterval(() => void announce(), announceEveryMs)
  return {
    leave: async () => {
      clearInterval(timer)
      await store.leave(id).catch(onError)
    },
  }
}
