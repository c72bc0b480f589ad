/** Runs load from outside: the generator in its own pinned process, or wrk. */
import type { ChildProcess } from 'node:child_process'
import { forkPinned, generatorCore, message } from '../harness/processes.ts'
import type { LoadJob } from './generator.ts'
import type { LoadReport } from './load-record.ts'

/** A run under way. */
export interface RunningLoad {
  readonly child: ChildProcess
  /** Moves the run to phase 1 or 2 (see load-record.ts). */
  phase(phase: number): void
  readonly report: Promise<LoadReport>
}

/** What a job says unless told otherwise. */
export const jobDefaults = {
  host: '127.0.0.1',
  path: '/rta/tencent',
  contentType: 'application/x-protobuf',
  connections: 64,
  warmupSeconds: 1,
  perSecond: null,
  arrivals: 'poisson',
  seed: 1,
  answers: 'tencent',
  patienceMs: null,
} as const

/** Starts the generator as a process of its own. */
export function startLoad(job: LoadJob): RunningLoad {
  const child = forkPinned(
    new URL(`./generator-main${extension()}`, import.meta.url),
    generatorCore,
  )
  child.send({ job })
  const report = message<{ report?: LoadReport; error?: string }>(child).then((answer) => {
    if (answer.report === undefined) throw new Error(answer.error ?? 'the generator said nothing')
    return answer.report
  })
  return { child, phase: (phase) => child.send({ phase }), report }
}

/** `.ts` under a test runner, `.js` in the build. */
function extension(): string {
  return import.meta.url.endsWith('.ts') ? '.ts' : '.js'
}
