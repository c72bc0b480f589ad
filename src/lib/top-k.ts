/** The best k of many, without sorting them: a heap whose root is the worst that is kept. */

/**
 * Keeps the `k` highest scores with their items. Entries stand unordered in the first `count`
 * places of `items` and `scores`. While fewer than k came, offering is one append; the heap is
 * made when the (k+1)th comes, so that a descending stream never pays for it.
 */
export class TopK {
  count = 0
  readonly items: Int32Array
  readonly scores: Float64Array
  #max: number
  #isHeap = false

  /** Room for at most `capacity`. */
  constructor(capacity: number) {
    this.items = new Int32Array(capacity)
    this.scores = new Float64Array(capacity)
    this.#max = capacity
  }

  /** Empties it; `k` is cut to the capacity. */
  reset(k: number): void {
    this.count = 0
    this.#max = Math.min(k, this.items.length)
    this.#isHeap = false
  }

  /** True when a score of `bound` or less cannot enter any more. */
  excludes(bound: number): boolean {
    if (this.count < this.#max) return false
    if (this.#max === 0) return true
    this.#heapify()
    return bound <= this.scores[0]!
  }

  /** Takes an item if it is among the best so far; answers how many were left out by it, 0 or 1. */
  offer(item: number, score: number): number {
    if (this.count < this.#max) {
      this.items[this.count] = item
      this.scores[this.count++] = score
      return 0
    }
    if (this.excludes(score)) return 1
    this.items[0] = item
    this.scores[0] = score
    this.#sink(0)
    return 1
  }

  #heapify(): void {
    if (this.#isHeap) return
    this.#isHeap = true
    for (let at = (this.count >>> 1) - 1; at >= 0; at--) this.#sink(at)
  }

  #sink(start: number): void {
    const { items, scores, count } = this
    const item = items[start]!
    const score = scores[start]!
    let at = start
    for (;;) {
      let child = at * 2 + 1
      if (child >= count) break
      if (child + 1 < count && scores[child + 1]! < scores[child]!) child++
      if (scores[child]! >= score) break
      items[at] = items[child]!
      scores[at] = scores[child]!
      at = child
    }
    items[at] = item
    scores[at] = score
  }
}
