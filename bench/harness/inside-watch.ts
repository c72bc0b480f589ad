/** What a worker says of its own loop while a run goes through its phases. */
import { samplesOf } from './metrics.ts'
import { runQueueMs } from './process-cpu.ts'
import type { SluiceServer } from './sluice-server.ts'

/** How often the inside is asked. */
const insideEveryMs = 400

/** What the inside said in one phase. */
export interface Inside {
  /** Longest event-loop delay that any report of the phase had. */
  loopMaxMs: number
  /** Time that the main thread waited for a core. */
  runQueueMs: number
}

/** Samples the worker's own figures until `end`. */
export function watchInside(
  server: SluiceServer,
  phases: number,
): { phase(phase: number): void; end(): Inside[] } {
  const inside: Inside[] = Array.from({ length: phases }, () => ({ loopMaxMs: 0, runQueueMs: 0 }))
  const pid = server.pids().decide[0] ?? -1
  let current = -1
  let waitedMs = 0
  const turnTo = (phase: number): void => {
    const now = runQueueMs(pid)
    const past = inside[current]
    if (past !== undefined) past.runQueueMs = now - waitedMs
    waitedMs = now
    current = phase
  }
  const sample = async (): Promise<void> => {
    const phase = current
    const samples = await samplesOf(server, 'sluice_loop_delay_max_seconds').catch(() => [])
    const of = inside[phase]
    if (of === undefined) return
    for (const { value } of samples) of.loopMaxMs = Math.max(of.loopMaxMs, value * 1_000)
  }
  const timer = setInterval(() => void sample(), insideEveryMs)
  return {
    phase: turnTo,
    end: () => {
      turnTo(-1)
      clearInterval(timer)
      return inside
    },
  }
}
