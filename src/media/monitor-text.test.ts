import { describe, expect, test } from 'vitest'
import { caidsOf, isUnreplaced, microsOf, timeMsOf, told } from './monitor-text.ts'

const nowMs = 1_795_305_600_000

test.each([
  ...['__OAID__', '__CALLBACK_PARAM__', '{oaid}', '{imei_MD5}', '{{PLAN_ID}}', '${X}', '$im$'],
  ...['%%X%%', '[OAID]', '<OAID>', '%7Boaid%7D', '%7boaid%7d', '%5F%5FOAID%5F%5F'],
])('%s was not replaced', (text) => expect(isUnreplaced(text)).toBe(true))

test.each([
  ...['_OAID_', 'oaid', '__', '{"a":"b"}', '[{"caid":"x"}]', '1_imp_2', '$5', 'a__B__c', '{a b}'],
])('%s is a value', (text) => expect(isUnreplaced(text)).toBe(false))

test.each(['null', 'NULL', 'undefined', '0', '-', 'None', 'a\nb', 'a\u0000', 'x'.repeat(11)])(
  '%j tells nothing',
  (text) => expect(told(text, 10)).toBe(''),
)

describe('times', () => {
  test.each<[string, 's' | 'ms', number]>([
    ['1795305500', 's', 1_795_305_500_000],
    ['1795305500123', 'ms', 1_795_305_500_123],
    // The other unit is taken where only that makes sense.
    ['1795305500', 'ms', 1_795_305_500_000],
    ['1795305500123', 's', 1_795_305_500_123],
    ['', 'ms', 0],
    ['0', 's', 0],
    ['-1795305500', 's', 0],
    ['1795305500.5', 's', 0],
    ['1e12', 'ms', 0],
    ['99999999999999', 'ms', 0],
    // Older than 31 days, and more than a day ahead.
    [String(nowMs / 1_000 - 32 * 86_400), 's', 0],
    [String(nowMs / 1_000 + 2 * 86_400), 's', 0],
    [String(nowMs / 1_000 + 600), 's', nowMs + 600_000],
  ])('%s in %s is %i', (text, unit, expected) => expect(timeMsOf(text, unit, nowMs)).toBe(expected))
})

describe('amounts', () => {
  test.each<[string, 'fen' | 'yuan', number]>([
    ['1999', 'fen', 19_990_000],
    ['1999', 'yuan', 1_999_000_000],
    ['19.99', 'yuan', 19_990_000],
    ['0.1', 'yuan', 100_000],
    ['19.9999999', 'yuan', 19_999_999],
    ['1.5', 'fen', 15_000],
    ['', 'yuan', 0],
    ['-5', 'yuan', 0],
    ['1,000', 'yuan', 0],
    ['1e3', 'fen', 0],
    ['99999999999', 'yuan', 0],
    ['9999999999', 'yuan', 0],
  ])('%s %s are %i micros', (text, unit, expected) => expect(microsOf(text, unit)).toBe(expected))
})

describe('CAIDs', () => {
  const one = { value: '0f1e', version: '20230330', isMd5: false }
  test.each<[string, unknown]>([
    ['0f1e', [{ ...one, version: '' }]],
    ['20230330_0f1e', [one]],
    ['0f1e_20230330', [one]],
    ['20230330_0f1e,20220111_aa', [one, { value: 'aa', version: '20220111', isMd5: false }]],
    ['20230330_0f1e%2C20220111_aa', [one, { value: 'aa', version: '20220111', isMd5: false }]],
    ['[{"caid":"0f1e","version":"20230330"}]', [one]],
    ['[{"version":20230330,"CAID":"0f1e"}]', [one]],
    ['{"qaid":"0f1e","origin_version":"20230330"}', [one]],
    [
      '[{"kenyId":"0f1e","kenyId_MD5":"ff","version":"20230330"}]',
      [one, { ...one, value: 'ff', isMd5: true }],
    ],
    ['[{"caid_md5":"ff","version":"20230330"}]', [{ ...one, value: 'ff', isMd5: true }]],
    ['%5B%7B%22caid%22%3A%220f1e%22%2C%22version%22%3A%2220230330%22%7D%5D', [one]],
    ['["20230330_0f1e"]', [one]],
    ['[{"caid":"0f1e"', []],
    ['[null,1,[],{"caid":{}}]', []],
    ['', []],
    [`[${'{"caid":"a"},'.repeat(100)}1]`, []],
  ])('%s', (text, expected) => expect(caidsOf(text)).toEqual(expected))

  test('no more than four count', () => {
    expect(caidsOf('1,2,3,4,5,6')).toHaveLength(4)
    expect(caidsOf(JSON.stringify(['1', '2', '3', '4', '5']))).toHaveLength(4)
  })
})
