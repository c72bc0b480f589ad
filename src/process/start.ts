/** `sluice start` on the real machine: forks itself by role, and greets a newcomer. */
import { fork } from 'node:child_process'
import type { Config } from '../config/config.ts'
import { systemClock } from '../lib/clock.ts'
import { resolveSalt } from './salt.ts'
import { type ChildRole, Supervisor } from './supervisor.ts'

/** Runs all roles of this machine until a signal; resolves with the exit code. */
export async function runStart(config: Config, mainFile: string): Promise<number> {
  // Made before the children race for it.
  resolveSalt(config)
  const write = (text: string): void => void process.stdout.write(text)
  const supervisor = new Supervisor({
    workers: config.workers,
    fork: ({ role, index }) =>
      fork(mainFile, [role, '--worker', String(index)], { execArgv: execArgvOf(role) }),
    clock: systemClock,
    after: (ms, run) => void setTimeout(run, Math.max(0, ms)),
    onListening: (places, firstKey) => write(banner(config, places, firstKey)),
    onNote: (note) => void process.stderr.write(`sluice: ${note}\n`),
    drainSeconds: config.drainSeconds,
  })
  const stop = (): void => supervisor.stop()
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return supervisor.run()
}

/**
 * With V8's usual room for young objects a projector on Redis spent 30 % of its busy time on
 * collecting them (bench freshness, 5 000 events/s). With 64 MiB the p99 of an exposure came from
 * 6.4 to 0.9 s, one run each. The process may grow by the room it gets.
 */
function execArgvOf(role: ChildRole['role']): string[] {
  return role === 'project' ? [...process.execArgv, '--max-semi-space-size=64'] : process.execArgv
}

/** What a person sees at the first start: where to send what, and what to try next. */
export function banner(
  config: Config,
  places: ReadonlyMap<ChildRole['role'], string>,
  firstKey: string,
): string {
  const data = `http://${places.get('decide') ?? ''}`
  const admin = `http://${places.get('control') ?? ''}`
  const workers = config.workers === 1 ? '1 worker' : `${config.workers} workers`
  const key =
    firstKey === '' ? [] : ['', `  Admin key (shown only this once, keep it):  ${firstKey}`]
  return [
    '',
    `Sluice is ready: ${workers}, store ${withoutPassword(config.store)}`,
    '',
    `  Media send requests to    ${data}/rta/<medium>`,
    `  Exchanges send them to    ${data}/openrtb2/<exchange>`,
    `  Admin API, documentation  ${admin}/api/docs`,
    `  Metrics                   ${admin}/metrics`,
    ...key,
    '',
    '  Try:   npm run sluice -- try tencent --oaid 00000000-1111-2222-3333-444444444444',
    '  Stop:  Ctrl-C',
    '',
    '',
  ].join('\n')
}

function withoutPassword(store: string): string {
  return store.replace(/\/\/[^@/]*@/, '//***@')
}
