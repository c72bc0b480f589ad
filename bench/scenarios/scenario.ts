/** What a scenario is: a function from a size to findings. */
import type { ScenarioResult } from '../harness/report.ts'

/** `tiny` runs in seconds, `small` in a minute or two, `full` is what the README quotes. */
export const sizes = ['tiny', 'small', 'full'] as const
export type Size = (typeof sizes)[number]

/** What the scenarios of the funnel may be told beside a size; null = as the size has it. */
export interface FunnelOptions {
  /** A models folder; null = `models/`, or random weights where that has none. */
  readonly models: string | null
  /** A folder that `sluice world` made; its settings are what counts. */
  readonly world: string | null
  readonly seed: number | null
  readonly days: number | null
  readonly requests: number | null
}

/** What a scenario gets. */
export interface ScenarioContext {
  readonly size: Size
  /** A folder for request files and scripts, removed afterwards. */
  readonly workFolder: string
  readonly options: FunnelOptions
  /** Says what is going on, to standard error. */
  readonly say: (sentence: string) => void
}

/** One scenario; it starts and stops its own servers. */
export type Scenario = (context: ScenarioContext) => Promise<ScenarioResult>

/** Runs `work` and then the clean-ups in reverse order, whatever happened. */
export async function withCleanup<T>(
  work: (later: (cleanup: () => Promise<void> | void) => void) => Promise<T>,
): Promise<T> {
  const cleanups: (() => Promise<void> | void)[] = []
  try {
    return await work((cleanup) => cleanups.push(cleanup))
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}
