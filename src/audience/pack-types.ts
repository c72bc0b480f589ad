/** Packs as the admin API writes and reads them. */

/** One upload, streamed. */
export interface UploadInput {
  readonly packId: string
  /** A name of `idTypes`. */
  readonly idType: string
  /** CAID version or appid of a scoped type; '' otherwise. */
  readonly scope: string
  readonly mode: 'replace' | 'add' | 'remove'
  /** Plain bytes, already inflated. If it throws, nothing is activated. */
  readonly body: AsyncIterable<Uint8Array>
  /** Skips the shrink guard. */
  readonly force: boolean
  /** Seconds from activation after which the pack matches nobody; null keeps what the pack has. */
  readonly ttlSeconds: number | null
  /** Share of rejected lines (0-1) up to which the upload is activated. */
  readonly rejectShareMax: number
}

/** A line that was not taken. Never holds the id itself. */
export interface LineError {
  /** Line of the file, from 1. */
  readonly line: number
  readonly reason: string
}

/** Lines of one upload: each one that is not blank is accepted, a duplicate, or rejected. */
export interface UploadCounts {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly firstErrors: readonly LineError[]
}

/** A refusal of the pack service; `code` is `SLUICE_AUDIENCE_…`. Nothing was changed. */
export interface PackRefusal {
  readonly ok: false
  readonly code: string
  readonly message: string
}

/** How an upload ended: active, or refused with its counts so far. */
export type UploadOutcome =
  | ({ readonly ok: true; readonly version: number; readonly devices: number } & UploadCounts)
  | (PackRefusal & Partial<UploadCounts>)

/**
 * How a rollback or removal ended. `version` and `devices` are the pack's current ones after it.
 */
export type PackOutcome =
  | { readonly ok: true; readonly version: number; readonly devices: number }
  | PackRefusal

/** A pack as the API shows it. */
export interface PackStatus {
  readonly id: string
  /** 0 when nothing is active. */
  readonly version: number
  readonly devices: number
  readonly layers: number
  readonly activatedAtMs: number | null
  readonly expiresAtMs: number | null
  /** The version kept for rollback, or null. */
  readonly previousVersion: number | null
  readonly previousDevices: number | null
}

/** A job that runs or has just ended. */
export interface JobProgress {
  readonly id: string
  /** `upload`, `fold` or `sweep`. */
  readonly kind: string
  /** '' for work on no particular pack. */
  readonly packId: string
  /** `reading`, `writing`, `waiting`, `done`, `refused` or `failed`. */
  readonly stage: string
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly bytesRead: number
  readonly lines: number
  readonly accepted: number
  readonly rejected: number
  /** Share of the present stage that is done, 0-1, or null when unknown. */
  readonly share: number | null
}

/** Packs as the admin API writes and reads them. */
export interface PackService {
  /**
   * Streams one upload; resolves when active or refused, rejects when the body or the store fails.
   */
  upload(input: UploadInput): Promise<UploadOutcome>
  rollback(packId: string): Promise<PackOutcome>
  remove(packId: string): Promise<PackOutcome>
  list(): readonly PackStatus[]
  get(packId: string): PackStatus | null
  progress(): readonly JobProgress[]
}
