/** What is in an LMDB store after a process was killed, and while its disk is full. */
import { type ChildProcess, execFileSync, fork, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FeedbackStore } from '../../src/store/feedback-ports.ts'
import { userGeneration } from '../../src/store/user-space.ts'
import { type CompiledChild, compileChild } from '../support/compile-child.ts'
import {
  committedKeys,
  numberedRecord,
  type Obeyed,
  type Order,
} from '../support/feedback-child.ts'
import { openTestFeedback, readAll, textsOf } from '../support/feedback-stores.ts'
import { openTestStore } from '../support/stores.ts'
import { addressIn, until } from '../support/values.ts'

let program: CompiledChild
let folder: string
let reader: FeedbackStore
const children = new Set<ChildProcess>()

beforeAll(() => {
  program = compileChild('test/support/feedback-child.ts')
})

afterAll(() => program.remove())

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-log-'))
  reader = await openTestFeedback(`lmdb:${folder}`, null)
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await reader.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A child that writes lines. */
interface Running {
  readonly child: ChildProcess
  /** The whole lines so far. */
  readonly lines: () => string[]
  /** Resolves when it is gone. */
  readonly gone: Promise<unknown>
}

function start(words: readonly string[], onLines: () => void = () => undefined): Running {
  // lmdb-js prints some lines about each commit that fails.
  const child = spawn(process.execPath, [program.file, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.add(child)
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
    onLines()
  })
  const gone = new Promise((resolve) => child.once('close', resolve))
  return { child, gone, lines: () => printed.split('\n').slice(0, -1) }
}

/** Runs a child until it has written so many lines, kills it, and answers all that it had. */
async function runUntilKilled(
  words: readonly string[],
  linesMin: number,
  onLines: (lines: readonly string[]) => void = () => undefined,
): Promise<string[]> {
  const { child, gone, lines } = start(words, () => {
    onLines(lines())
    if (lines().length >= linesMin) child.kill('SIGKILL')
  })
  await gone
  expect(child.signalCode).toBe('SIGKILL')
  return lines()
}

/** The number that all values of `commit` have; fails when they are not of one commit. */
async function committedNumber(): Promise<number> {
  const values = await reader.state.load(committedKeys)
  const [place = ''] = await reader.state.positions(['w0'], 'project')
  const texts = new Set(values.map((value) => Buffer.from(value ?? []).toString()))
  expect([...texts]).toEqual([place])
  return Number(place)
}

describe('a worker killed while it writes', () => {
  test('twenty times: what was acknowledged is there, all of it once and in order', async () => {
    const texts: string[] = []
    let place = ''
    for (let round = 0; round < 20; round++) {
      // The first commits of a process, and some later moment.
      const told = await runUntilKilled(['pour', folder, `${round}.`], 1 + round * 97)
      expect(told.length).toBeGreaterThan(round * 97)
      const records = await readAll(reader, 'w0', place)
      place = records.at(-1)?.at ?? place
      texts.push(...textsOf(records))
      const there = new Set(texts)
      expect(told.filter((text) => !there.has(text))).toEqual([])
    }
    // The last commit of a round may not have been acknowledged, and be seen when the next begins:
    // whole, in its place, and not twice.
    const expected = Array.from({ length: 20 }, (_, round) => {
      const count = texts.filter((text) => text.startsWith(`${round}.`)).length
      return Array.from({ length: count }, (__, n) => `${round}.${n}`)
    })
    expect(texts).toEqual(expected.flat())
  }, 60_000)
})

describe('a projector killed while it commits', () => {
  test('twenty times: values and place are of one commit, and decisions see each at once', async () => {
    const decide = await openTestStore(`lmdb:${folder}`)
    const [first] = committedKeys
    const address = { ...addressIn(first?.shard ?? 0, 0), generation: userGeneration, fieldLow: 0 }
    const sink = {
      read: 0,
      value: (_: number, bytes: Uint8Array, start: number, end: number) => {
        sink.read = Number(Buffer.from(bytes.subarray(start, end)).toString())
      },
    }
    for (let round = 0; round < 20; round++) {
      const lines = await runUntilKilled(['commit', folder], 1 + round * 3, (told) => {
        expect(decide.buckets.reader.read([address], 1, sink, 0)).toBe(true)
        expect(sink.read).toBeGreaterThanOrEqual(Number(told.at(-1)))
      })
      expect(await committedNumber()).toBeGreaterThanOrEqual(Number(lines.at(-1)))
    }
    await decide.close()
  }, 60_000)
})

const canLimit = spawnSync('prlimit', ['--version']).status === 0

describe.skipIf(!canLimit)('a full disk', () => {
  const dataFile = (): string => join(folder, 'events', 'w0', 'data.mdb')

  async function ask(child: ChildProcess, order: Order): Promise<Obeyed> {
    const answer = new Promise<Obeyed>((resolve) => child.once('message', resolve))
    child.send(order)
    return await answer
  }

  /** No file of the process may grow beyond this: writes then fail as on a full disk. */
  function limit(child: ChildProcess, bytes: number | 'unlimited'): void {
    execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:unlimited`])
  }

  test('appends are refused, nothing is torn, and it goes on without a restart when there is space', async () => {
    const child = fork(program.file, ['obey', folder], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    children.add(child)
    const done: number[] = []
    let next = 0
    const append = async (count: number): Promise<Obeyed> => {
      const answer = await ask(child, { first: next, count, bytes: 1_000 })
      next += count
      done.push(...answer.done)
      return answer
    }
    expect(await append(500)).toMatchObject({ codes: [], problem: null })
    for (let round = 0; round < 3; round++) {
      limit(child, statSync(dataFile()).size + 300_000)
      await until(async () => (await append(200)).codes.length > 0)
      const refused = await append(200)
      expect(refused.done).toEqual([])
      expect(refused.codes).toEqual(['SLUICE_STORE_LOG_FULL'])
      expect(refused.problem).toContain('SLUICE_STORE_LOG_FULL')
      // It stays full for as long as it is full, however often it is asked.
      await until(async () => {
        const answer = await append(200)
        expect(answer.codes).toEqual(['SLUICE_STORE_LOG_FULL'])
        return next % 3_000 < 200
      })
      limit(child, 'unlimited')
      // Without one append: `problem` finds it out, so that a node taken out of service comes back.
      await until(async () => (await ask(child, { first: 0, count: 0, bytes: 0 })).problem === null)
      expect(await append(200)).toMatchObject({ codes: [], problem: null })
    }
    child.kill('SIGKILL')
    const records = await readAll(reader, 'w0')
    const numbers = records.map(({ bytes }) =>
      new DataView(bytes.buffer, bytes.byteOffset).getUint32(0),
    )
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    const there = new Set(numbers)
    expect(done.filter((number) => !there.has(number))).toEqual([])
    for (const [n, { bytes }] of records.entries()) {
      expect(Buffer.from(bytes).equals(numberedRecord(numbers[n] ?? 0, 1_000))).toBe(true)
    }
  }, 60_000)

  test('a projector stands still, and goes on without a restart when there is space', async () => {
    const { child, gone, lines } = start(['commit', folder])
    for (let round = 0; round < 3; round++) {
      const before = lines().length
      await until(() => lines().length > before + 3)
      limit(child, 8_192)
      await until(() => lines().at(-1) === 'SLUICE_STORE_STATE_FULL')
      const stoodAt = await committedNumber()
      const failedAt = lines().length
      await until(() => lines().length > failedAt + 3)
      expect(new Set(lines().slice(failedAt))).toEqual(new Set(['SLUICE_STORE_STATE_FULL']))
      expect(await committedNumber()).toBe(stoodAt)
      limit(child, 'unlimited')
      await until(() => Number(lines().at(-1)) > stoodAt + 1)
    }
    child.kill('SIGKILL')
    await gone
    await committedNumber()
  })
})
