/** Where an address is, from a MaxMind DB file that may change while we run. */
import { clearGeoAnswer, type GeoAnswer, type GeoSource } from '../domain/geo-port.ts'
import { IpAddress } from '../lib/ip-address.ts'
import { type MmdbFile, readMmdb, stampOf } from './mmdb-file.ts'

/** How often the file is looked at: operators renew it weekly, nobody waits for the minute. */
const lookEveryMs = 60_000

/** What a source needs of its process. */
export interface MmdbSourceDeps {
  readonly path: string
  /** Calls `run` every `ms` milliseconds until the function that it returns is called. */
  readonly every: (ms: number, run: () => void) => () => void
  /** A new file is in force. */
  readonly onLoaded: (file: MmdbFile) => void
  /** The file on disk cannot be used and the one before stays; told once for each such file. */
  readonly onProblem: (sentence: string) => void
}

/** Reads the file; rejects with `GeoFileError` (`SLUICE_GEO_FILE`) when it cannot be used. */
export async function openMmdbSource(deps: MmdbSourceDeps): Promise<MmdbSource> {
  const file = await readMmdb(deps.path)
  deps.onLoaded(file)
  return new MmdbSource(deps, file)
}

/** One copy of a file in memory, and whatever replaces it. */
export class MmdbSource implements GeoSource {
  readonly #deps: MmdbSourceDeps
  readonly #address = new IpAddress()
  readonly #stopLooking: () => void
  #file: MmdbFile
  /** What was last refused: a stamp, or why there was none. */
  #refused = ''
  #isLooking = false

  constructor(deps: MmdbSourceDeps, file: MmdbFile) {
    this.#deps = deps
    this.#file = file
    this.#stopLooking = deps.every(lookEveryMs, () => void this.look())
  }

  lookup(ip: string, into: GeoAnswer): boolean {
    const address = this.#address
    const isPublic = address.parse(ip) && !address.isReserved()
    const place = isPublic ? this.#placeOf(address) : null
    if (place === null) {
      clearGeoAnswer(into)
      return false
    }
    into.country = place.country
    into.region = place.region
    into.city = place.city
    into.metro = place.metro
    into.latitude = place.latitude
    into.longitude = place.longitude
    into.timeZone = place.timeZone
    return into.country !== '' || into.city !== '' || !Number.isNaN(into.latitude)
  }

  /** Takes a changed file over. A broken one is refused whole: the one in force stays. */
  async look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    let stamp = ''
    try {
      stamp = await stampOf(this.#deps.path)
      if (stamp !== this.#file.stamp && stamp !== this.#refused) {
        this.#file = await readMmdb(this.#deps.path)
        this.#refused = ''
        this.#deps.onLoaded(this.#file)
      }
    } catch (error) {
      this.#refuse(stamp, error)
    } finally {
      this.#isLooking = false
    }
  }

  /** Looks no more; lookups go on. */
  stop(): void {
    this.#stopLooking()
  }

  /** A record that does not decode (the check of the file is a sample) is as good as none. */
  #placeOf(address: IpAddress): Readonly<GeoAnswer> | null {
    try {
      return this.#file.placeOf(address)
    } catch {
      return null
    }
  }

  #refuse(stamp: string, error: unknown): void {
    const sentence = error instanceof Error ? error.message : String(error)
    const refused = stamp === '' ? sentence : stamp
    if (refused === this.#refused) return
    this.#refused = refused
    this.#deps.onProblem(sentence)
  }
}
