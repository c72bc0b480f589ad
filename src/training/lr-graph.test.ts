import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { type LinearHead, linearGraph } from './lr-graph.ts'

const ctr: LinearHead = {
  target: 'ctr',
  weight: Float32Array.of(0, 0.5, -1, 2, 0, 0.25),
  bias: -3,
}
const cvr: LinearHead = { target: 'cvr', weight: Float32Array.of(0, 1, 1, 1, 1, 1), bias: 0.5 }

/** Two asks of two columns, three rows of one column. */
const feeds = {
  ask_index: new Tensor('int32', Int32Array.of(1, 2, 3, 0), [2, 2]),
  ask_value: new Tensor('float32', Float32Array.of(1, 0.5, 1, 0), [2, 2]),
  ad_index: new Tensor('int32', Int32Array.of(5, 4, 3), [3, 1]),
  ad_value: new Tensor('float32', Float32Array.of(1, 1, 2), [3, 1]),
  ask_of: new Tensor('int32', Int32Array.of(0, 1, 1), [3]),
}
const pairs = {
  pair_index: new Tensor('int32', Int32Array.of(1, 1, 0), [3, 1]),
  pair_value: new Tensor('float32', Float32Array.of(4, 2, 0), [3, 1]),
}

async function run(
  bytes: Uint8Array,
  inputs: Record<string, Tensor>,
): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(bytes)
  const outputs = await session.run(inputs)
  await session.release()
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, [...(tensor.data as Float32Array)]]),
  )
}

function sigmoids(odds: readonly number[]): unknown[] {
  return odds.map((x) => expect.closeTo(1 / (1 + Math.exp(-x)), 6))
}

describe('linearGraph', () => {
  test('adds bias, the ask of each row, its ad and its pairs, for each target', async () => {
    const bytes = linearGraph([ctr, cvr], { askWidth: 2, adWidth: 1, pairWidth: 1 })
    const answer = await run(bytes, { ...feeds, ...pairs })
    expect(answer['ctr']).toEqual(sigmoids([-3 + 0 + 0.25 + 2, -3 + 2 + 0 + 1, -3 + 2 + 4]))
    expect(answer['cvr']).toEqual(sigmoids([0.5 + 1.5 + 1 + 4, 0.5 + 1 + 1 + 2, 0.5 + 1 + 2]))
  })

  test('has no pair inputs and no second head where there are none', async () => {
    const bytes = linearGraph([ctr], { askWidth: 2, adWidth: 1, pairWidth: 0 })
    const answer = await run(bytes, feeds)
    expect(answer).toEqual({ ctr: sigmoids([-2.75, -1, 3]) })
    const session = await InferenceSession.create(bytes)
    expect(session.inputNames).toEqual(Object.keys(feeds))
    expect(session.outputNames).toEqual(['ctr'])
  })

  test('declares the widths: rows of another are refused by the runtime', async () => {
    const bytes = linearGraph([ctr], { askWidth: 3, adWidth: 1, pairWidth: 0 })
    await expect(run(bytes, feeds)).rejects.toThrow(/ask_index/)
  })

  test('tables of more bytes than a nested message of the writer may have are written', async () => {
    const weight = new Float32Array(1_000_000)
    weight[999_999] = 1.5
    const bytes = linearGraph([{ target: 'ctr', weight, bias: 0 }], {
      askWidth: 2,
      adWidth: 1,
      pairWidth: 0,
    })
    const ad = new Tensor('int32', Int32Array.of(999_999, 999_998, 0), [3, 1])
    const answer = await run(bytes, { ...feeds, ad_index: ad })
    expect(answer['ctr']).toEqual(sigmoids([1.5, 0, 0]))
  })
})
