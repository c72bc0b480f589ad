import { expect, test } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { type ChildRole, Supervisor } from './supervisor.ts'

/** A child that dies when told to by the test. */
class FakeChild {
  readonly kills: string[] = []
  #exit: (code: number | null, signal: string | null) => void = () => undefined
  #message: (message: unknown) => void = () => undefined

  on(event: 'exit' | 'message', listener: (...args: never[]) => void): void {
    if (event === 'exit') this.#exit = listener as typeof this.exit
    else this.#message = listener as (message: unknown) => void
  }

  kill(signal: string): void {
    this.kills.push(signal)
  }

  exit(code: number | null, signal: string | null = null): void {
    this.#exit(code, signal)
  }

  say(message: unknown): void {
    this.#message(message)
  }
}

function supervised(workers = 2) {
  const clock = new ManualClock()
  const forks: { role: ChildRole; child: FakeChild }[] = []
  const timers: { ms: number; run: () => void }[] = []
  const heard: string[] = []
  const supervisor = new Supervisor({
    workers,
    clock,
    fork: (role) => {
      const child = new FakeChild()
      forks.push({ role, child })
      return child
    },
    after: (ms, run) => timers.push({ ms, run }),
    onListening: (places, key) => heard.push(`${[...places.values()].join(' ')} ${key}`),
    onNote: (note) => heard.push(note),
    drainSeconds: 10,
  })
  return { clock, forks, timers, heard, supervisor, done: supervisor.run() }
}

test('starts one control, one projector and every worker, and greets once when all listen', () => {
  const { forks, heard } = supervised()
  expect(forks.map(({ role }) => `${role.role} ${role.index}`)).toEqual([
    'control 0',
    'project 0',
    'decide 0',
    'decide 1',
  ])
  forks[0]!.child.say({ kind: 'firstKey', key: 'k1' })
  const listen = ({ role, child }: (typeof forks)[number]) =>
    child.say(
      role.role === 'project'
        ? { kind: 'running' }
        : { kind: 'listening', host: 'h', port: role.role === 'control' ? 2 : 1 },
    )
  forks.slice(0, 3).forEach(listen)
  expect(heard).toEqual([])
  for (const fork of [...forks, ...forks]) listen(fork)
  expect(heard).toEqual(['h:2 h:1 k1'])
})

test('what dies comes back with its number, ever more slowly until it has been well', () => {
  const { clock, forks, timers } = supervised()
  const delays: number[] = []
  for (let i = 0; i < 8; i++) {
    forks.at(i === 0 ? 3 : -1)!.child.exit(null, 'SIGKILL')
    const { ms, run } = timers.pop()!
    delays.push(ms)
    run()
    expect(forks.at(-1)!.role).toEqual({ role: 'decide', index: 1 })
  }
  expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
  clock.advance(10_000)
  forks.at(-1)!.child.exit(1)
  expect(timers.pop()!.ms).toBe(100)
})

test('stop drains every child, kills late ones, and ends with 0 when all have ended', async () => {
  const { forks, timers, supervisor, done } = supervised()
  supervisor.stop()
  supervisor.stop()
  for (const { child } of forks) expect(child.kills).toEqual(['SIGTERM'])
  forks[0]!.child.exit(0)
  forks[1]!.child.exit(0)
  forks[2]!.child.exit(0)
  expect(timers).toHaveLength(1)
  timers[0]!.run()
  expect(forks[3]!.child.kills).toEqual(['SIGTERM', 'SIGKILL'])
  forks[3]!.child.exit(null, 'SIGKILL')
  expect(await done).toBe(0)
  expect(forks).toHaveLength(4)
})

test('a child that cannot ever start stops the others instead of being restarted', async () => {
  const { forks, done } = supervised()
  forks[1]!.child.exit(78)
  expect(forks[0]!.child.kills).toEqual(['SIGTERM'])
  forks[0]!.child.exit(0)
  forks[2]!.child.exit(0)
  forks[3]!.child.exit(0)
  expect(await done).toBe(78)
  expect(forks).toHaveLength(4)
})

test('a restart that is due after the stop does not happen', async () => {
  const { forks, timers, supervisor, done } = supervised(1)
  forks[2]!.child.exit(1)
  supervisor.stop()
  for (const { run } of timers) run()
  expect(forks).toHaveLength(3)
  forks[0]!.child.exit(0)
  forks[1]!.child.exit(0)
  expect(await done).toBe(0)
})
