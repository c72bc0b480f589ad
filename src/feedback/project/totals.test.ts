import { expect, test } from 'vitest'
import { FeedbackStories } from '../../../test/support/feedback-stories.ts'
import { noSerial, type Serial, serialOf } from '../../domain/serial.ts'
import {
  counterNames,
  decodeCounters,
  encodeCounters,
  noCounters,
  totalKey,
  totalNameOf,
  totalNameOfKey,
} from './totals.ts'

const [event] = new FeedbackStories({
  ...{ seed: 1, devices: 3, campaigns: 2 },
  ...{ startMs: 1_795_309_321_000, stepMs: 1 },
}).next()

test('a row is named by the hour of the decision, and the name comes back from its key', () => {
  const name = totalNameOf(event!, 'USD')
  expect(name).toEqual({
    hourMs: 1_795_309_200_000,
    campaign: event!.campaign,
    place: serialOf('exchange', 'acme'),
    currency: 'USD',
  })
  expect(totalNameOfKey(totalKey(17, name))).toEqual(name)
})

test('a medium stands where no exchange is known, and a currency that is none is none', () => {
  const told = { ...event!, exchange: noSerial, medium: 'tencent' }
  const name = totalNameOf(told, 'x1')
  expect(name).toMatchObject({ place: serialOf('medium', 'tencent'), currency: '' })
  expect(totalNameOfKey(totalKey(0, { ...name, campaign: 0 as Serial }))).toEqual({
    ...name,
    campaign: 0,
  })
})

test('counters come back from their bytes, also beyond 32 bits', () => {
  const counters = noCounters()
  for (const [i, name] of counterNames.entries()) counters[name] = i % 3 === 0 ? 0 : 7 ** i
  counters.spendCpmMicros = Number.MAX_SAFE_INTEGER
  counters.reasonDeviceRate = 127
  expect(decodeCounters(encodeCounters(counters))).toEqual(counters)
})

test('a row of an older writer has zeros where it knew nothing', () => {
  expect(decodeCounters(Uint8Array.from([5, 0x80, 1]))).toEqual({
    ...noCounters(),
    exposures: 5,
    clicks: 128,
  })
  expect(decodeCounters(null)).toEqual(noCounters())
  expect(encodeCounters(noCounters())).toEqual(new Uint8Array(0))
})
