import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeviceKeys } from '../domain/device-keys.ts'
import type { Serial } from '../domain/serial.ts'
import { issuedAtMs, newTokens, signUsual } from './test-tokens.ts'
import { TokenKind, tokenOf } from './token.ts'
import { armsMax, type TokenFields, tokenCharsMax } from './token-body.ts'

const word = fc.integer({ min: 0, max: 0xffff_ffff })
const serial = fc.maxSafeInteger().map((n) => (Math.abs(n) % 2 ** 48) as Serial)
const rate = fc.oneof(
  fc.constant(Number.NaN),
  fc.constant(0),
  fc.double({ min: 1e-9, max: 1, noNaN: true }),
)
const kind = fc.constantFrom(...Object.values(TokenKind))

const fields: fc.Arbitrary<TokenFields> = fc.record({
  decisionId: fc
    .tuple(word, word)
    .map(([a, b]) => a.toString(16).padStart(8, '0') + b.toString(16).padStart(8, '0')),
  bidNumber: fc.integer({ min: 1, max: 65_535 }),
  issuedAtMs: fc.constant(issuedAtMs),
  lifeMinutes: fc.integer({ min: 1, max: 1_000_000 }),
  impIndex: fc.nat(10_000),
  exchange: serial,
  advertiser: serial,
  campaign: serial,
  creative: serial,
  strategy: serial,
  priceMicros: fc.maxSafeInteger().map(Math.abs),
  currency: fc.constantFrom('USD', 'EUR', 'CNY', 'JPY', ''),
  auctionType: fc.integer({ min: 0, max: 3 }),
  hasDeal: fc.boolean(),
  isTest: fc.boolean(),
  ctr: rate,
  cvr: rate,
  ctrModel: serial,
  cvrModel: serial,
  arms: fc.array(serial, { maxLength: armsMax + 3 }),
  multiplier: fc.integer({ min: 0, max: 3e10 }).map((n) => n / 1e6),
})

const devices = fc
  .tuple(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 19 }), word, word), { maxLength: 16 }),
    fc.nat(),
  )
  .map(([rows, pick]) => {
    const keys = new DeviceKeys()
    for (const [type, high, low] of rows) keys.push(type, high, low)
    keys.cachedBy = keys.count === 0 ? -1 : pick % keys.count
    return keys
  })

test('every bid makes a token of at most 200 characters that tells all but what did not fit', () => {
  fc.assert(
    fc.property(fields, devices, kind, (given, keys, wanted) => {
      const { tokens } = newTokens()
      const text = tokenOf(tokens.sign(given, keys), wanted)
      expect(text.length).toBeLessThanOrEqual(tokenCharsMax)
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
      const reading = tokens.verify(text, wanted)
      if (!reading.ok) throw new Error(`refused: ${reading.refusal}`)
      const { devices: read, ctr, cvr, ...rest } = reading.token
      const { ctr: givenCtr, cvr: givenCvr, ...givenRest } = given
      expect(rest).toEqual({ ...givenRest, arms: given.arms.slice(0, armsMax) })
      for (const [got, meant] of [
        [ctr, givenCtr],
        [cvr, givenCvr],
      ] as const) {
        if (Number.isNaN(meant)) expect(got).toBeNaN()
        else expect(Math.abs(got - meant)).toBeLessThanOrEqual(meant * 0.0002)
      }
      // At least one key always fits, and those that do are the most important ones.
      expect(read.length).toBeGreaterThanOrEqual(Math.min(1, keys.count))
      expect(read.length + tokens.devicesLeftOut).toBe(keys.count)
      if (keys.count > 0) expect(read[0]?.low).toBe(keys.low[keys.cachedBy])
    }),
    { numRuns: 500 },
  )
})

test('the last character of the body has one spelling, whatever its length', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  fc.assert(
    fc.property(fields, devices, (given, keys) => {
      const { tokens } = newTokens()
      const text = tokenOf(tokens.sign(given, keys), TokenKind.Loss)
      const at = text.length - 17
      for (const character of alphabet.split('')) {
        const touched = text.slice(0, at) + character + text.slice(at + 1)
        expect(tokens.verify(touched, TokenKind.Loss).ok).toBe(character === text[at])
      }
    }),
    { numRuns: 30 },
  )
})

test('no text makes verify throw, and none that we did not sign is taken', () => {
  const { tokens } = newTokens()
  const genuine = tokenOf(signUsual(tokens), TokenKind.Win)
  const base64 = fc
    .uint8Array({ maxLength: 160 })
    .map((bytes) => Buffer.from(bytes).toString('base64url'))
  const spliced = fc
    .tuple(fc.nat(genuine.length), base64)
    .map(([at, text]) => genuine.slice(0, at) + text)
    .filter((text) => text !== genuine)
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), base64, spliced),
      kind,
      (text, wanted) => {
        expect(tokens.verify(text, wanted).ok).toBe(false)
      },
    ),
    { numRuns: 2_000 },
  )
})
