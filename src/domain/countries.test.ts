import { describe, expect, test } from 'vitest'
import { countryAlpha2, countryAlpha3, countryKey } from './countries.ts'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
const pairsOfLetters = letters.flatMap((first) => letters.map((second) => first + second))

/**
 * Regions that Unicode names and ISO 3166-1 has not assigned: parts of others, unions, withdrawn
 * and made-up ones.
 */
const notCountries = new Set([
  ...['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ'],
  ...['AN', 'BU', 'CS', 'DD', 'FX', 'NT', 'QU', 'SU', 'TP', 'UK', 'YD', 'YU', 'ZR', 'DY', 'HV'],
  ...['NH', 'RH', 'VD'],
])

describe('country codes', () => {
  test('every country that Unicode names has both codes, and nothing else has', () => {
    const names = new Intl.DisplayNames('en', { type: 'region' })
    const named = pairsOfLetters.filter(
      (code) => names.of(code) !== code && !notCountries.has(code),
    )
    const ours = pairsOfLetters.filter((code) => countryAlpha3(code) !== '' && code !== 'UK')
    expect(ours).toEqual(named)
    expect(ours).toHaveLength(250)
  })

  test('the two forms lead to each other, one to one', () => {
    const ours = pairsOfLetters.filter((code) => countryAlpha2(code) === code)
    const three = ours.map((code) => countryAlpha3(code))
    expect(ours).toHaveLength(250)
    expect(new Set(three).size).toBe(250)
    expect(three.map((code) => countryAlpha2(code))).toEqual(ours)
    expect(three.every((code) => /^[A-Z]{3}$/.test(code))).toBe(true)
  })

  test.each([
    ['CN', 'CHN'],
    ['cn', 'CHN'],
    ['Chn', 'CHN'],
    ['DE', 'DEU'],
    ['uk', 'GBR'],
    ['XK', 'XKX'],
    ['', ''],
    ['ZZ', ''],
    ['China', ''],
    ['156', ''],
    ['C N', ''],
  ])('%s is %s', (code, alpha3) => expect(countryAlpha3(code)).toBe(alpha3))

  test('codes that are easily confused', () => {
    const two = ['AUT', 'AUS', 'CHE', 'CHL', 'COD', 'COG', 'PRK', 'KOR', 'SVK', 'SVN', 'IRL', 'IRN']
    expect(two.map(countryAlpha2).join(' ')).toBe('AT AU CH CL CD CG KP KR SK SI IE IR')
  })

  test('spellings of one country meet, and a medium’s own codes stay as they are', () => {
    expect(new Set(['CN', 'cn', 'CHN', 'chn'].map(countryKey))).toEqual(new Set(['chn']))
    expect(['156', 'China', '中国', ''].map(countryKey)).toEqual(['156', 'china', '中国', ''])
  })
})
