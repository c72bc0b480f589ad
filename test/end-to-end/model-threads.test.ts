/**
 * One model open in several threads of a process at once, as the compiling thread and the loop do.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenedModel, openModel } from '../../src/scoring/open-model.ts'
import { buildForTest } from '../support/build-for-test.ts'
import { smallSplit, writeModel } from '../support/small-models.ts'

let models: string
let folder: string
let openModelUrl: string
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'sluice-threads-'))
  folder = await writeModel(models, smallSplit())
  openModelUrl = pathToFileURL(join(dirname(buildForTest()), 'scoring/open-model.js')).href
}, 120_000)
afterAll(() => rm(models, { recursive: true, force: true }))

/** Opens the model, runs its ad graph again and again, and posts the vectors of each run. */
const program = `
import { parentPort, workerData } from 'node:worker_threads'
const { openModel } = await import(workerData.openModelUrl)
const model = await openModel(workerData.folder)
const { rows, index, value } = workerData
for (let run = 0; run < 200; run++) parentPort.postMessage(model.runner.runAd(index, value, rows))
if (workerData.releases) model.release()
`

const rows = 300

function startThread(releases: boolean, inputs: object): Worker {
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`)
  return new Worker(url, { workerData: { openModelUrl, folder, rows, releases, ...inputs } })
}

function inputsOf({ encoder }: OpenedModel): { index: Int32Array; value: Float32Array } {
  const { adWidth, slotCount } = encoder.layout
  const index = Int32Array.from({ length: rows * adWidth }, (_, i) => (i * 13) % slotCount)
  return { index, value: new Float32Array(rows * adWidth).fill(1) }
}

test('threads run a model while the main thread runs it too, and end without it', async () => {
  const model = await openModel(folder)
  const { index, value } = inputsOf(model)
  const expected = model.runner.runAd(index, value, rows)
  const posted: Float32Array[] = []
  // The second dies with its model open.
  const threads = [startThread(true, { index, value }), startThread(false, { index, value })]
  const exits = threads.map((thread) => {
    thread.on('message', (vectors: Float32Array) => posted.push(vectors))
    return new Promise<number>((resolve, reject) => {
      thread.on('exit', resolve)
      thread.on('error', reject)
    })
  })
  let isRunning = true
  const ended = Promise.all(exits).finally(() => {
    isRunning = false
  })
  let ownRuns = 0
  while (isRunning) {
    expect(model.runner.runAd(index, value, rows)).toEqual(expected)
    ownRuns++
    await new Promise(setImmediate)
  }
  expect(await ended).toEqual([0, 0])
  expect(posted).toHaveLength(400)
  expect(posted.every((vectors) => vectors.every((number, i) => number === expected[i]))).toBe(true)
  expect(ownRuns).toBeGreaterThan(0)
  // The main thread's model is none of theirs: it still runs.
  expect(model.runner.runAd(index, value, rows)).toEqual(expected)
  model.release()
})
