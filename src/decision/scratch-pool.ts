/** The fixed pool that the memory of requests in flight comes from. */

/** What a pool needs of what it holds. */
export interface Poolable {
  /** Grows with each `take`: an answer that comes back to another generation is too late. */
  generation: number
  /** True between `take` and `give`. */
  isTaken: boolean
  /** True while a store may still write into it. */
  isReading: boolean
  /** Ready for the next request; no reference into a snapshot stays behind. */
  clear(): void
}

/** A fixed number of scratches. Empty means too much is in flight: shed, do not grow. */
export class ScratchPool<Scratch extends Poolable> {
  readonly size: number
  readonly #create: () => Scratch
  readonly #free: Scratch[]

  constructor(create: () => Scratch, size: number) {
    this.size = size
    this.#create = create
    this.#free = Array.from({ length: size }, create)
  }

  /** Scratches not in use. */
  get free(): number {
    return this.#free.length
  }

  /** A cleared scratch of a new generation, or null: refuse with `Refusal.Overload`. */
  take(): Scratch | null {
    const scratch = this.#free.pop()
    if (scratch === undefined) return null
    scratch.isTaken = true
    scratch.generation++
    return scratch
  }

  /**
   * Takes a scratch back. One that a slow store may still write into is let go instead and a new
   * one stands in for it, so that late bytes never reach another device's request.
   * Throws when it was given back before: two requests would share it.
   */
  give(scratch: Scratch): void {
    if (!scratch.isTaken) throw new Error('a scratch was given back twice')
    scratch.isTaken = false
    scratch.generation++
    if (scratch.isReading) {
      this.#free.push(this.#create())
      return
    }
    scratch.clear()
    this.#free.push(scratch)
  }
}

/**
 * Waits for something that writes into a scratch. False: it was given back meanwhile, its caller
 * has answered, and what is in it belongs to nobody.
 */
export async function isStillAsked(waiting: Promise<unknown>, scratch: Poolable): Promise<boolean> {
  const { generation } = scratch
  scratch.isReading = true
  await waiting
  if (scratch.generation !== generation) return false
  scratch.isReading = false
  return true
}
