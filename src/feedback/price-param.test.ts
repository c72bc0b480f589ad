import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PriceState } from './event.ts'
import { type PriceForm, readPrice } from './price-param.ts'

const { None, Known, Audit, Unexpanded, Unreadable } = PriceState
const cpm: PriceForm = { unit: 'cpm', isBase64: false, keys: null }
const cpmBase64: PriceForm = { ...cpm, isBase64: true }
const google: PriceForm = {
  ...cpm,
  keys: {
    encryption: Buffer.from('sIxwz7yw62yrfoLGt12lIHKuYrK/S5kLuApI2BQe7Ac=', 'base64'),
    integrity: Buffer.from('v3fsVcMBMMHYzRhi7SpM0sdqwzvAxM6KPTu9OtVod5I=', 'base64'),
  },
}
const sealed = 'OG46wAAMCggBI0VniavN7-mNy0VTKPbB3o5CMQ=='
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('readPrice', () => {
  test.each<[string | null, PriceForm | null, number, number]>([
    [null, cpm, None, 0],
    ['', cpm, None, 0],
    ['  ', cpm, None, 0],
    ['1.5', cpm, Known, 1_500_000],
    [' 1.5 ', cpm, Known, 1_500_000],
    ['0', cpm, Known, 0],
    ['1.005', cpm, Known, 1_005_000],
    ['.25', cpm, Known, 250_000],
    ['2.', cpm, Known, 2_000_000],
    ['1.2e-3', cpm, Known, 1_200],
    ['0.0000004', cpm, Known, 0],
    ['1500000', { ...cpm, unit: 'cpmMicros' }, Known, 1_500_000],
    ['0.0015', { ...cpm, unit: 'perImpression' }, Known, 1_500_000],
    ['AUDIT', cpm, Audit, 0],
    [base64('AUDIT'), cpmBase64, Audit, 0],
    // biome-ignore format: macros as exchanges write them
    ['${AUCTION_PRICE}', cpm, Unexpanded, 0],
    ['${AUCTION_PRICE:B64}', cpmBase64, Unexpanded, 0],
    ['%%WINNING_PRICE%%', google, Unexpanded, 0],
    ['__PRICE__', cpm, Unexpanded, 0],
    ['{price}', cpm, Unexpanded, 0],
    ['[PRICE]', cpm, Unexpanded, 0],
    [base64('1.23'), cpmBase64, Known, 1_230_000],
    [base64('1.23').replace(/=+$/, ''), cpmBase64, Known, 1_230_000],
    [base64('1.23'), cpm, Known, 1_230_000],
    // Four digits are base64 of three bytes that are no number: then they are what they look like.
    ['1234', cpmBase64, Known, 1_234_000_000],
    [sealed, google, Known, 1_200_000],
    [sealed, cpm, Unreadable, 0],
    [`P${sealed.slice(1)}`, google, Unreadable, 0],
    ['-1', cpm, Unreadable, 0],
    ['1,5', cpm, Unreadable, 0],
    ['NaN', cpm, Unreadable, 0],
    ['Infinity', cpm, Unreadable, 0],
    ['0x10', cpm, Unreadable, 0],
    ['1e99', cpm, Unreadable, 0],
    ['9'.repeat(200), cpm, Unreadable, 0],
    ['1.5', null, Unreadable, 0],
    ['AUDIT', null, Audit, 0],
    ['', null, None, 0],
  ])('%s', (text, form, state, micros) => {
    expect(readPrice(text, form)).toEqual({ state, micros })
  })

  test('gives whole micros or none, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { state, micros } = readPrice(text, google)
        expect(Number.isSafeInteger(micros) && micros >= 0).toBe(true)
        if (state !== Known) expect(micros).toBe(0)
      }),
    )
  })
})
