import { describe, expect, test } from 'vitest'
import { type ExampleBatch, Ftrl, type FtrlSettings } from './ftrl.ts'

const settings: FtrlSettings = { alpha: 0.1, beta: 1, l1: 0.5, l2: 0.1 }

/** Rows of one slot of four, with value 1, and one of 5 to 1 004 at random. */
function batchOf(count: number, rateOf: (slot: number) => number): ExampleBatch {
  let state = 12_345
  const random = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  const index = new Int32Array(count * 2)
  const label = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const slot = 1 + Math.floor(random() * 4)
    index[2 * i] = slot
    index[2 * i + 1] = 5 + Math.floor(random() * 1_000)
    label[i] = random() < rateOf(slot) ? 1 : 0
  }
  return {
    sides: [{ width: 2, index, value: new Float32Array(count * 2).fill(1) }],
    count,
    row: Uint32Array.from({ length: count }, (_, i) => i),
    label,
    weight: new Float32Array(count).fill(1),
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

describe('Ftrl', () => {
  test('learns the rate of each slot', () => {
    const rates = [0, 0.1, 0.2, 0.4, 0.6]
    const ftrl = new Ftrl(1_005, 2, { ...settings, l1: 5 }, 0.3)
    const batch = batchOf(40_000, (slot) => rates[slot]!)
    for (let epoch = 0; epoch < 5; epoch++) ftrl.learn(batch)
    const { weight, bias } = ftrl.weights()
    for (let slot = 1; slot <= 4; slot++) {
      expect(sigmoid(bias + weight[slot]!)).toBeCloseTo(rates[slot]!, 1)
    }
  })

  test('L1 leaves slots that tell nothing at exactly 0; slot 0 weighs nothing', () => {
    const batch = batchOf(10_000, () => 0.3)
    const zeros = (l1: number): number => {
      const ftrl = new Ftrl(1_005, 2, { ...settings, l1 }, 0.3)
      ftrl.learn(batch)
      return ftrl.weights().weight.filter((weight) => weight === 0).length
    }
    expect(zeros(0)).toBe(1)
    expect(zeros(5)).toBeGreaterThan(900)
  })

  test('the first step is that of the paper', () => {
    const ftrl = new Ftrl(3, 1, { alpha: 0.1, beta: 1, l1: 0.1, l2: 2 }, 0.5)
    const sides = [{ width: 1, index: Int32Array.of(2), value: Float32Array.of(2) }]
    const row = Uint32Array.of(0)
    const weight = Float32Array.of(3)
    ftrl.learn({ sides, count: 1, row, label: Uint8Array.of(1), weight })
    // Gradient of the slot: weight 3 × (0.5 - 1) × value 2 = -3; its root of squares is 3.
    expect(ftrl.weights().weight[2]).toBeCloseTo((3 - 0.1) / ((1 + 3) / 0.1 + 2), 6)
    // The bias is held back by neither L1 nor L2.
    expect(ftrl.weights().bias).toBeCloseTo(1.5 / ((1 + 1.5) / 0.1), 6)
  })

  test('a row that stands for three moves the weight as one gradient three times as long', () => {
    const rate = 0.4
    const ftrl = new Ftrl(3, 1, settings, rate)
    const empty = [{ width: 1, index: Int32Array.of(0), value: Float32Array.of(0) }]
    const one = { sides: empty, count: 1, row: Uint32Array.of(0), label: Uint8Array.of(1) }
    const { loss, weight } = ftrl.learn({ ...one, weight: Float32Array.of(3) })
    expect(loss).toBeCloseTo(3 * -Math.log(rate), 6)
    expect(weight).toBe(3)
  })

  test('progressive loss is told before learning: it falls with what was learned', () => {
    const batch = batchOf(5_000, (slot) => slot / 5)
    const ftrl = new Ftrl(1_005, 2, settings, 0.5)
    const before = ftrl.loss(batch)
    const first = ftrl.learn(batch)
    const after = ftrl.loss(batch)
    expect(before.loss / before.weight).toBeCloseTo(Math.LN2, 6)
    expect(first.loss).toBeLessThan(before.loss)
    expect(after.loss).toBeLessThan(first.loss)
  })

  test('restore goes back to what was saved', () => {
    const ftrl = new Ftrl(1_005, 2, settings, 0.5)
    ftrl.learn(batchOf(500, (slot) => slot / 5))
    const saved = ftrl.save()
    const weights = ftrl.weights()
    ftrl.learn(batchOf(2_000, () => 0.9))
    expect(ftrl.weights()).not.toEqual(weights)
    ftrl.restore(saved)
    expect(ftrl.weights()).toEqual(weights)
  })
})
