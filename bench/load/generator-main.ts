/**
 * The generator as a process of its own: takes a job over IPC, moves phases on, sends the report.
 */
import { type LoadJob, runLoad } from './generator.ts'

/** What the parent sends: the job once, then phase changes. */
export type GeneratorOrder = { readonly job: LoadJob } | { readonly phase: number }

const phases = { current: 0 }

process.on('message', (order: GeneratorOrder) => {
  if ('phase' in order) {
    phases.current = order.phase
    return
  }
  runLoad(order.job, phases).then(
    (report) => process.send?.({ report }, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: String(error) }, () => process.disconnect()),
  )
})
