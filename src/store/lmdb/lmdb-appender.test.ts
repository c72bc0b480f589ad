/** What an appender does when a commit does not end, fails, or finds its numbers taken. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ManualClock } from '../../lib/clock.ts'
import { freeBytesMin, LmdbAppender } from './lmdb-appender.ts'
import { type ByteDatabase, closeEnvironment, openLogPart } from './lmdb-environments.ts'
import { firstRecord, numberAsBytes } from './log-layout.ts'

const record = new Uint8Array([1, 2, 3])

afterEach(() => {
  vi.useRealTimers()
})

/** An appender over a database whose commits end as the test says. */
function withCommits() {
  const commits: { resolve: (isMine: boolean) => void; reject: (error: Error) => void }[] = []
  const errors: string[] = []
  const commit = (): Promise<boolean> =>
    new Promise((resolve, reject) => commits.push({ resolve, reject }))
  const fake = {
    getKeys: () => [],
    get: () => undefined,
    resetReadTxn: () => undefined,
    ifNoExists: commit,
    put: commit,
    remove: () => Promise.resolve(true),
  }
  const clock = new ManualClock(1_000)
  const meter = { read: () => undefined, error: (kind: string) => errors.push(kind) }
  const disk = { free: freeBytesMin }
  const deps = {
    meter,
    freeBytes: () => Promise.resolve(disk.free),
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
  }
  const appender = new LmdbAppender(fake as unknown as ByteDatabase, deps)
  /** Ends the commit that is on its way, and lets everybody know. */
  const end = async (how: (commit: (typeof commits)[number]) => void): Promise<void> => {
    await vi.waitFor(() => expect(commits.length).toBeGreaterThan(0))
    how(commits.shift() as (typeof commits)[number])
  }
  return { appender, clock, commits, disk, end, errors }
}

const full = Object.assign(new Error('No space left on device'), { code: 28 })

describe('a commit that fails', () => {
  test('is refused to all that wait, and so is what comes before it is time to try again', async () => {
    const { appender, clock, commits, end, errors } = withCommits()
    const first = appender.append(record)
    await vi.waitFor(() => expect(commits.length).toBe(1))
    const second = appender.append(record)
    void end(({ reject }) => reject(full))
    await expect(first).rejects.toMatchObject({ code: 'SLUICE_STORE_LOG_FULL' })
    await expect(second).rejects.toMatchObject({ code: 'SLUICE_STORE_LOG_FULL' })
    await appender.close()
    clock.advance(999)
    await expect(appender.append(record)).rejects.toMatchObject({ code: 'SLUICE_STORE_LOG_FULL' })
    expect(commits.length).toBe(0)
    expect(errors).toEqual(['log-append'])
    clock.advance(1)
    const third = appender.append(record)
    await end(({ resolve }) => resolve(true))
    await third
    expect(appender.problem()).toBeNull()
  })

  test('without another append is tried by who asks for the problem, at times', async () => {
    const { appender, clock, commits, end } = withCommits()
    const first = appender.append(record)
    void end(({ reject }) => reject(full))
    await expect(first).rejects.toThrow()
    await appender.close()
    expect(appender.problem()).toContain('SLUICE_STORE_LOG_FULL')
    expect(commits.length).toBe(0)
    for (const how of ['reject', 'resolve'] as const) {
      clock.advance(1_000)
      expect(appender.problem()).toContain('SLUICE_STORE_LOG_FULL')
      expect(appender.problem()).toContain('SLUICE_STORE_LOG_FULL')
      await vi.waitFor(() => expect(commits.length).toBe(1))
      await end((commit) => (how === 'reject' ? commit.reject(full) : commit.resolve(true)))
      await appender.close()
    }
    expect(appender.problem()).toBeNull()
  })

  test('for another reason than space says so', async () => {
    const { appender, end } = withCommits()
    const append = appender.append(record)
    void end(({ reject }) => reject(new Error('MDB_CORRUPTED')))
    await expect(append).rejects.toMatchObject({
      code: 'SLUICE_STORE_LOG_DOWN',
      message: 'SLUICE_STORE_LOG_DOWN: MDB_CORRUPTED',
    })
  })
})

test('a commit that does not end is given up, and nothing else begins before it has ended', async () => {
  vi.useFakeTimers()
  const { appender, clock, commits, end } = withCommits()
  const stuck = appender.append(record)
  const refused = expect(stuck).rejects.toMatchObject({ code: 'SLUICE_STORE_LOG_DOWN' })
  await vi.advanceTimersByTimeAsync(4_999)
  expect(appender.problem()).toBeNull()
  await vi.advanceTimersByTimeAsync(1)
  await refused
  clock.advance(1e9)
  expect(appender.problem()).toContain('SLUICE_STORE_LOG_DOWN')
  await expect(appender.append(record)).rejects.toMatchObject({ code: 'SLUICE_STORE_LOG_DOWN' })
  expect(commits.length).toBe(1)
  await end(({ resolve }) => resolve(true))
  await appender.close()
  expect(appender.problem()).toBeNull()
  const next = appender.append(record)
  await end(({ resolve }) => resolve(true))
  await next
})

test('with too little space nothing is begun, and it goes on by itself when there is more', async () => {
  const { appender, clock, commits, disk, end } = withCommits()
  disk.free = freeBytesMin - 1
  await expect(appender.append(record)).rejects.toThrow('SLUICE_STORE_LOG_FULL')
  clock.advance(1_000)
  await expect(appender.append(record)).rejects.toThrow('bytes of space left')
  expect(commits).toHaveLength(0)
  disk.free = freeBytesMin
  await expect(appender.append(record)).rejects.toThrow('bytes of space left')
  clock.advance(1_000)
  const next = appender.append(record)
  await end(({ resolve }) => resolve(true))
  await next
  expect(appender.problem()).toBeNull()
})

test('two processes that append to one part by mistake lose nothing and overwrite nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-append-'))
  const deps = {
    meter: { read: () => undefined, error: () => undefined },
    freeBytes: () => Promise.resolve(freeBytesMin),
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  }
  const databases = [openLogPart(folder, 'w0'), openLogPart(folder, 'w0')] as const
  const appenders = databases.map((database) => new LmdbAppender(database, deps))
  const texts: string[] = []
  for (let round = 0; round < 20; round++) {
    const [one, other] = [`${round} a`, `${round} b`]
    await appenders[0]?.append(Buffer.from(one))
    await appenders[1]?.append(Buffer.from(other))
    texts.push(one, other)
  }
  databases[0].resetReadTxn()
  const range = { start: numberAsBytes(firstRecord) }
  const found = [...databases[0].getRange(range)].map(({ value }) => value.subarray(6).toString())
  expect(found).toEqual(texts)
  for (const database of databases) await closeEnvironment(database)
  rmSync(folder, { recursive: true, force: true })
})
