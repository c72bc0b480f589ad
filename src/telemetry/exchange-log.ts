/**
 * What we were asked and what we answered, by trace id, so that a dispute with a medium can be
 * settled (the media keep nothing). Ids stand as device keys; the raw body only as size and hash.
 */
import type { AdRequest } from '../domain/ad-request.ts'
import type { RtaDecision } from '../domain/decision.ts'
import { idTypeOf } from '../domain/id-type.ts'
import { refusalNames } from '../domain/refusal.ts'
import type { Clock } from '../lib/clock.ts'
import { truncateIp } from '../lib/truncate-ip.ts'
import type { RotatingFile } from './rotating-file.ts'

/** The parts of an exchange that are bytes. */
export interface ExchangeBytes {
  readonly bodyBytes: number
  /**
   * Hex; '' when it was not computed. A medium can prove with it what it sent, we cannot undo it.
   */
  readonly bodySha256: string
  readonly answer: Uint8Array
}

/** One line of the log. */
export interface ExchangeRecord {
  readonly traceId: string
  readonly atMs: number
  readonly medium: string
  readonly request: Readonly<Record<string, unknown>>
  readonly body: { readonly bytes: number; readonly sha256: string }
  readonly decision: RtaDecision & { readonly reason: string }
  readonly answerBase64: string
  /** The answer as the medium reads it, plain JSON. */
  readonly answer: unknown
}

/** What the log works with. */
export interface ExchangeLogDeps {
  readonly file: RotatingFile
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** The answer of a medium as plain JSON (`MediumAdapter.describeAnswer`). */
  readonly describe: (medium: string, answer: Uint8Array) => unknown
  /** Counts lines that the full ring dropped. */
  readonly onDropped: (count: number) => void
}

/** Folder of the exchange logs inside the data folder. */
export const exchangeLogFolder = 'exchange'

/** Records waiting for the file: at 2 KiB each 2 MiB; the oldest go first when the disk is slow. */
export const recordsWaitingMax = 1_024

/** Samples, formats and hands lines to the file without ever waiting for it. */
export class ExchangeLog {
  readonly #deps: ExchangeLogDeps
  readonly #waiting: (string | null)[] = new Array<string | null>(recordsWaitingMax).fill(null)
  #head = 0
  #count = 0
  #writing: Promise<void> | null = null

  constructor(deps: ExchangeLogDeps) {
    this.#deps = deps
  }

  /** Throws the dice for one exchange. */
  samples(rate: number): boolean {
    return rate > 0 && this.#deps.random() < rate
  }

  /** Takes one exchange; everything needed of the request is copied before this returns. */
  write(request: AdRequest, decision: RtaDecision, bytes: ExchangeBytes): void {
    const record: ExchangeRecord = {
      traceId: request.requestId,
      atMs: this.#deps.clock.wallMs(),
      medium: request.medium,
      request: plainRequest(request),
      body: { bytes: bytes.bodyBytes, sha256: bytes.bodySha256 },
      decision: { ...decision, reason: refusalNames.get(decision.refusal) ?? '' },
      answerBase64: Buffer.from(bytes.answer).toString('base64'),
      answer: this.#deps.describe(request.medium, bytes.answer),
    }
    this.#push(`${JSON.stringify(record)}\n`)
    this.#writing ??= this.#drain()
  }

  /** Resolves when everything taken so far is written. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing
  }

  /** Writes what waits, then closes the file. */
  async close(): Promise<void> {
    await this.flush()
    await this.#deps.file.close()
  }

  #push(line: string): void {
    const at = (this.#head + this.#count) % recordsWaitingMax
    this.#waiting[at] = line
    if (this.#count < recordsWaitingMax) {
      this.#count++
      return
    }
    this.#head = (this.#head + 1) % recordsWaitingMax
    this.#deps.onDropped(1)
  }

  async #drain(): Promise<void> {
    // Not in the caller's turn: the answer's latency must not contain a file system call.
    await Promise.resolve()
    while (this.#count > 0) {
      const lines = this.#takeAll()
      const written = await this.#deps.file.append(lines.join(''))
      if (!written) this.#deps.onDropped(lines.length)
    }
    this.#writing = null
  }

  #takeAll(): string[] {
    const lines: string[] = []
    while (this.#count > 0) {
      lines.push(this.#waiting[this.#head] ?? '')
      this.#waiting[this.#head] = null
      this.#head = (this.#head + 1) % recordsWaitingMax
      this.#count--
    }
    return lines
  }
}

/** A request with keys for ids, and an address that names a network, not a person. */
function plainRequest(request: AdRequest): Record<string, unknown> {
  const { devices, geo } = request
  const keys = Array.from({ length: devices.count }, (_, i) => ({
    type: idTypeOf(devices.type[i] ?? 0).name,
    key: devices.hex(i),
  }))
  return {
    kind: request.kind,
    isTest: request.isTest,
    receivedAtMs: request.receivedAtMs,
    deadlineMs: request.deadlineMs,
    devices: keys,
    cachedBy: devices.cachedBy,
    idsDoubtful: devices.doubtful,
    idsOverflow: devices.overflow,
    os: request.os,
    osVersion: request.osVersion,
    experimentIds: request.experimentIds,
    asked: request.asked,
    geo: {
      ...geo,
      latitude: coarse(geo.latitude),
      longitude: coarse(geo.longitude),
    },
    network: truncateIp(request.ip),
    slotId: request.slotId,
    ads: request.ads,
    isJson: request.isJson,
  }
}

/** A tenth of a degree is about 11 km: a town, not a home. */
function coarse(degrees: number): number | null {
  return Number.isNaN(degrees) ? null : Math.round(degrees * 10) / 10
}
