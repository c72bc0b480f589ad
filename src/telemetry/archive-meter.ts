/** What the archive of events counts; `ArchiveMeter` of control/archive has this shape. */
import { type MetricJson, metric } from './metric-json.ts'

/** Plain counters, incremented in place. */
export class ArchiveMeter {
  #rows = 0
  #files = 0
  #merged = 0
  #trimmed = 0
  #failed = 0
  /** Epoch milliseconds of the end of the last round that went well; 0 = none did. */
  #doneAtMs = 0

  /** Rows that were written, and the files they are in. */
  wrote(rows: number, files: number): void {
    this.#rows += rows
    this.#files += files
  }

  /** Files that another one took the place of. */
  merged(files: number): void {
    this.#merged += files
  }

  /** Records that left the log. */
  trimmed(records: number): void {
    this.#trimmed += records
  }

  /** A round failed and is tried again. */
  failed(): void {
    this.#failed++
  }

  /** A round went well. */
  done(atMs: number): void {
    this.#doneAtMs = atMs
  }

  /** Everything as Prometheus JSON. */
  snapshot(worker: number): readonly MetricJson[] {
    const one = (value: number) => [{ labels: { worker }, value }]
    return [
      metric('sluice_archive_rows_total', 'Events written to the archive', one(this.#rows)),
      metric('sluice_archive_files_total', 'Files written to the archive', one(this.#files)),
      metric(
        'sluice_archive_merged_files_total',
        'Files of the archive that were merged into another',
        one(this.#merged),
      ),
      metric(
        'sluice_archive_trimmed_total',
        'Records of the log that were archived and left it',
        one(this.#trimmed),
      ),
      metric(
        'sluice_archive_failures_total',
        'Rounds of the archive that failed and are tried again',
        one(this.#failed),
      ),
      metric(
        'sluice_archive_done_seconds',
        'Time of the last round that went well, since 1970; 0 = none did',
        one(this.#doneAtMs / 1_000),
        'gauge',
      ),
    ]
  }
}
