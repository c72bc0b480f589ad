/** A latency histogram in one preallocated typed array: observing allocates nothing. */

/** Sub-buckets per doubling: a quantile read back is at most 25 % above the true value. */
const perOctave = 4
/** 2^27 µs = 134 s: nothing on the data plane lives that long; beyond it the last bucket counts. */
const octaves = 27
const bucketCount = octaves * perOctave

/** Counts of durations in log-scale buckets of microseconds. */
export class Histogram {
  readonly #counts = new Float64Array(bucketCount)
  #sumMs = 0
  #total = 0

  /** Observations so far. */
  get total(): number {
    return this.#total
  }

  /** Their sum in milliseconds. */
  get sumMs(): number {
    return this.#sumMs
  }

  /** Counts one duration; a negative one (no such clock is known) counts as zero. */
  observe(ms: number): void {
    const duration = ms > 0 ? ms : 0
    const bucket = bucketOf(duration * 1000)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sumMs += duration
    this.#total++
  }

  /**
   * Observations of at most `us` microseconds, exact where `us` is a power of two (minus one unit).
   */
  countBelow(us: number): number {
    const end = bucketOf(us)
    let count = 0
    for (let bucket = 0; bucket < end; bucket++) count += this.#counts[bucket] ?? 0
    return count
  }

  /** Upper bound in microseconds of the bucket that holds quantile `share` (0-1]; 0 when empty. */
  quantileUs(share: number): number {
    if (this.#total === 0) return 0
    const rank = Math.ceil(this.#total * share)
    let seen = 0
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= rank) return upperBoundUs(bucket)
    }
    return upperBoundUs(bucketCount - 1)
  }

  /** Forgets everything; the array stays. */
  clear(): void {
    this.#counts.fill(0)
    this.#sumMs = 0
    this.#total = 0
  }
}

/** Bucket of a number of microseconds: its octave, and the two bits after the leading one. */
function bucketOf(us: number): number {
  const whole = us < 2 ** 30 ? us | 0 : 2 ** 30
  // Below 4 there are no two further bits: 0-3 have a bucket each.
  if (whole < perOctave) return whole
  const octave = 31 - Math.clz32(whole)
  const bucket = (octave - 1) * perOctave + ((whole >>> (octave - 2)) & 3)
  return bucket < bucketCount ? bucket : bucketCount - 1
}

/** The first whole number of microseconds that is beyond `bucket`. */
function upperBoundUs(bucket: number): number {
  if (bucket < perOctave) return bucket + 1
  const octave = Math.floor(bucket / perOctave) + 1
  const sub = bucket % perOctave
  return (perOctave + sub + 1) * 2 ** (octave - 2)
}
