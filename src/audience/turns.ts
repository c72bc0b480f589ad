/** One change at a time for each thing; others wait in the order they came. */
export class Turns {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Runs `run` when everybody before has ended, however they ended. */
  async take<T>(id: string, run: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(id) ?? Promise.resolve()
    const mine = before.then(run)
    const settled = mine.catch(() => undefined)
    this.#tails.set(id, settled)
    try {
      return await mine
    } finally {
      if (this.#tails.get(id) === settled) this.#tails.delete(id)
    }
  }
}
