import { expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import type { MediumAdapter } from '../../src/media/adapter.ts'
import { decodeStorm } from './decode-storm.ts'
import { hostileBodies, hostileBytesMax } from './mutate.ts'
import { storms } from './seeds.ts'
import { storm } from './storm.ts'

const bodies = 3_000

test.each(storms().map((storm) => [storm.name, storm] as const))(
  '%s reads hostile bodies without an exception and refuses them in valid bytes',
  (name, { adapter, seeds, contentType, isDescribed }) => {
    const report = decodeStorm(adapter, hostileBodies(seeds, 1), bodies, contentType)
    expect(report.thrown).toEqual([])
    expect(report.badAnswers).toBe(0)
    expect(report.bodies).toBe(bodies)
    // Mutations that never leave a readable request would test the first branch only; a described
    // medium may have a signature, which no mutation leaves right.
    if (!isDescribed || name.endsWith('not checked'))
      expect(report.decoded).toBeGreaterThan(bodies / 100)
  },
)

test('a decoder that throws is found, with the body that did it', () => {
  const adapter = storms()[0]!.adapter
  const broken: MediumAdapter = {
    ...adapter,
    name: adapter.name,
    rules: adapter.rules,
    wantedHeaders: [],
    decode: (wire) => {
      if (wire.body.length % 2 === 1) throw new Error('odd')
      return 100
    },
    encode: () => new Uint8Array(),
    describeAnswer: () => ({ valid: false, accepted: false, targetIds: [], message: null }),
  }
  const report = decodeStorm(broken, hostileBodies([Uint8Array.of(1, 2, 3)], 2), 500, '')
  expect(report.thrown.length).toBeGreaterThan(0)
  expect(report.thrown[0]!.error).toBe('Error: odd')
  expect(report.badAnswers).toBeGreaterThan(0)
})

test('hostile bodies repeat with the seed and stay below the limit of the data plane', () => {
  const { seeds } = storms()[0]!
  const [first, second] = [hostileBodies(seeds, 5), hostileBodies(seeds, 5)]
  const lengths = new Set<number>()
  for (let i = 0; i < 2_000; i++) {
    const body = first()
    expect(Buffer.compare(body, second())).toBe(0)
    expect(body.length).toBeLessThanOrEqual(hostileBytesMax)
    lengths.add(body.length)
  }
  expect(lengths.size).toBeGreaterThan(100)
})

test('a body that is slow whenever it comes is found, one that was slow once is not', () => {
  const burn = (ms: number): void => {
    const untilMs = systemClock.monotonicMs() + ms
    while (systemClock.monotonicMs() < untilMs);
  }
  let runs = 0
  const target = {
    run: (body: Uint8Array) => {
      runs++
      if (body[0] === 1 || (body[0] === 2 && runs < 12)) burn(2)
      return true
    },
    answer: () => true,
  }
  const kinds = [2, 1, 0]
  const report = storm(target, () => Uint8Array.of(kinds.shift() ?? 0), { count: 3, slowMs: 1 })
  expect(report.slow.map(({ bodyBase64 }) => bodyBase64)).toEqual(['AQ=='])
})
