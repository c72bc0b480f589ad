import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AdRequest } from '../../domain/ad-request.ts'
import type { RtaDecision, Verdict } from '../../domain/decision.ts'
import type { AnswerTemplate, DescribedMedium } from '../../domain/described-medium.ts'
import { describedPlaceholders } from '../../domain/described-medium.ts'
import type { Micros } from '../../domain/money.ts'
import { Refusal } from '../../domain/refusal.ts'
import { DeviceHasher } from '../../identity/device-hasher.ts'
import { ManualClock } from '../../lib/clock.ts'
import { createDescribedAdapter } from './adapter.ts'
import { compileTemplate } from './template.ts'

const context = {
  ...{ hasher: new DeviceHasher(new Uint8Array(16)), clock: new ManualClock(1_700_000_000_000) },
  ...{ cacheAcceptSeconds: 60, cacheRefuseSeconds: 60, cacheFailureSeconds: 1 },
}

function example(name: string): DescribedMedium {
  const text = readFileSync(new URL(`examples/${name}.json`, import.meta.url), 'utf8')
  // The examples leave some defaults out; media may not import the schema that fills them.
  const { about: _, ...medium } = JSON.parse(text)
  const field = { kind: 'field', scope: '', scopePath: null, separator: '', scopeSeparator: '' }
  const list = { typePath: null, scopePath: null, md5: null }
  medium.request.ids = medium.request.ids.map((id: { kind?: string }) =>
    id.kind === 'list' ? { ...list, ...id } : { ...field, ...id },
  )
  const absent = { osVersion: null, experimentIds: null, ping: null, test: null }
  medium.request = { ...absent, ...medium.request }
  medium.request.asked = { separator: '', ...medium.request.asked }
  return medium
}

const signed = [example('kuaishou-style'), example('qutoutiao-style')]
const adapters = signed.map((medium) =>
  createDescribedAdapter({ ...medium, signature: null }, context),
)
const checking = signed.map((medium) => createDescribedAdapter(medium, context))
const request = new AdRequest()

/** Keys that the examples read, values of any kind: bodies that reach every reader. */
const body = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.jsonValue({ maxDepth: 0 }), fc.constantFrom('MD5', 'OAID', 'CAID', '1_2,3_4')),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom(
        ...['request_id', 'device', 'caids', 'caid', 'version', 'ids', 'type', 'value', 'secure'],
        ...['promotion_types', 'id', 'oaid', 'exp_ids', 'req', 'geo', 'lat', 'strategy_id', 'ping'],
        ...['__proto__', 'constructor', 'toString', 'os_type', 'sign', 'request_time'],
      ),
      tie('value'),
      { maxKeys: 8 },
    ),
  ),
})).value

test('never throws on any JSON of the keys it reads, nor touches a prototype', () => {
  fc.assert(
    fc.property(body, (value) => {
      const bytes = new TextEncoder().encode(JSON.stringify(value))
      for (const adapter of [...adapters, ...checking]) {
        request.clear()
        const headers = adapter.wantedHeaders.map(() => '1700000000')
        adapter.decode({ body: bytes, headers, query: '' }, request)
      }
      expect(Object.keys(Object.prototype)).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})

test('never throws on arbitrary bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, query) => {
      for (const adapter of [...adapters, ...checking]) {
        request.clear()
        const headers = adapter.wantedHeaders.map(() => query)
        expect(adapter.decode({ body: bytes, headers, query }, request)).toBeGreaterThanOrEqual(0)
      }
    }),
    { numRuns: 2_000 },
  )
})

const text = fc.string({ unit: 'binary', maxLength: 10 })
/** Numbers with what JSON cannot say as often as what it can. */
const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e300))
const verdict: fc.Arbitrary<Verdict> = fc.record({
  strategyId: text,
  targetId: fc.oneof(text, fc.bigInt().map(String), fc.constantFrom('00', '-', '1e9', '')),
  factor: number,
  cpcMicros: number.map((value) => value as Micros),
  cpaMicros: fc.nat().map((value) => value as Micros),
  pcvr: number,
  products: fc.array(
    fc.record({ libraryId: text, productId: text, priority: number, score: number }),
    { maxLength: 3 },
  ),
  advertiserIds: fc.constant([]),
  adIds: fc.constant([]),
  tag: text,
  score: fc.integer({ min: -1, max: 255 }),
})
const decision: fc.Arbitrary<RtaDecision> = fc.record({
  refusal: fc.constantFrom(...Object.values(Refusal), Refusal.None, Refusal.None),
  verdicts: fc.array(verdict, { maxLength: 4 }),
  adResults: fc.constant([]),
  cacheSeconds: fc.nat(),
  tag: text,
  revision: fc.nat(),
  ranking: fc.constant(null),
})

const placeholder = fc.constantFrom(...describedPlaceholders.keys())
const template = fc.letrec<{ value: AnswerTemplate }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    placeholder,
    fc.oneof(
      fc.boolean(),
      fc.integer(),
      fc.constant(null),
      text.map((word) => (word.startsWith('$') ? `$${word}` : word)),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 4 }),
    tie('value').map((element) => ({ $strategies: element })),
    tie('value').map((element) => ({ $products: element })),
  ),
})).value

test('writes JSON that parses, whatever the template and the values', () => {
  const units = fc.constantFrom(
    { cacheUnit: 's', priceUnit: 'yuan', priceDecimals: 2 } as const,
    { cacheUnit: 'min', priceUnit: 'fen', priceDecimals: 0 } as const,
    { cacheUnit: 'h', priceUnit: 'micros', priceDecimals: 0 } as const,
  )
  fc.assert(
    fc.property(template, units, decision, text, (value, unit, made, requestId) => {
      const render = compileTemplate(value, unit)
      const strategies = made.verdicts.map((one, index) => ({
        targetId: one.targetId,
        verdict: index % 2 === 0 ? one : null,
      }))
      const { cacheSeconds, tag, refusal } = made
      JSON.parse(render({ requestId, reason: refusal, cacheSeconds, tag, strategies }))
    }),
    { numRuns: 3_000 },
  )
})

test('answers with an instance of its templates that is an accept only of what was asked', () => {
  fc.assert(
    fc.property(decision, fc.array(text), text, (made, others, requestId) => {
      for (const adapter of adapters) {
        request.clear()
        request.requestId = requestId
        const some = made.verdicts.slice(1).map(({ targetId }) => targetId)
        request.asked = [...others, ...some]
        const bytes = adapter.encode(request, made)
        JSON.parse(new TextDecoder().decode(bytes))
        const summary = adapter.describeAnswer(bytes)
        expect(summary.valid).toBe(true)
        if (made.refusal !== Refusal.None || made.verdicts.length === 0) {
          expect(summary.accepted).toBe(false)
        }
        for (const id of summary.targetIds) {
          expect(request.asked.map((one) => wellFormed(one))).toContain(id)
        }
      }
    }),
    { numRuns: 1_000 },
  )
})

/** Lone surrogates become U+FFFD, as in any UTF-8. */
function wellFormed(value: string): string {
  return Buffer.from(value).toString()
}
