import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseDescribedMedium } from './described-schema.ts'

const examples = new URL('../media/described/examples/', import.meta.url)
const minimal = {
  name: 'made-up',
  request: { ids: [{ path: 'oaid', type: 'oaid' }] },
  answer: { accept: { ok: true, ids: '$targetIds' }, refuse: { ok: false } },
}

/** Paths of the problems of a changed minimal description. */
function problemsOf(changes: object): string[] {
  const result = parseDescribedMedium({ ...minimal, ...changes })
  return result.ok ? [] : result.problems.map(({ path }) => path)
}

test.each(readdirSync(examples))('accepts the example %s', (file) => {
  const value: unknown = JSON.parse(readFileSync(new URL(file, examples), 'utf8'))
  expect(parseDescribedMedium(value)).toMatchObject({ ok: true })
})

test('fills every default of a minimal description', () => {
  const result = parseDescribedMedium(minimal)
  expect(result).toMatchObject({
    ok: true,
    medium: {
      rules: { budgetMs: 60, factorMax: 5, refusalStatus: 200, numericTargets: false },
      request: { asked: null, geo: { city: null }, ids: [{ kind: 'field', separator: '' }] },
      signature: null,
      answer: { mode: 'onlyAccepted', failure: null, cacheUnit: 's', priceUnit: 'fen' },
    },
  })
})

test('tells every problem at once, each with its path', () => {
  const { request, answer } = minimal
  const problems = problemsOf({
    name: 'Made Up',
    request: { ...request, ids: [{ path: 'a..b', type: 'oaidd' }], asked: { path: 'x[' } },
    answer: { ...answer, accept: { a: ['$targetid'] }, extra: 1 },
  })
  expect(problems).toEqual(
    expect.arrayContaining([
      'name',
      'request.ids.0.path',
      'request.ids.0.type',
      'request.asked.path',
      'answer',
    ]),
  )
})

test('names the place of a placeholder that does not exist or has no value there', () => {
  const { answer } = minimal
  const withAccept = (accept: unknown) => problemsOf({ answer: { ...answer, accept } })
  expect(withAccept({ a: ['x', '$targetid'] })).toEqual(['answer.accept.a.1'])
  expect(withAccept({ a: '$productId' })).toEqual(['answer.accept.a'])
  expect(withAccept({ a: { $strategies: { p: { $products: '$productId' } } } })).toEqual([])
  expect(withAccept({ a: { $strategies: '$targetId', b: 1 } })).toEqual(['answer.accept.a'])
  expect(withAccept({ a: '$$anything' })).toEqual([])
})

test('refuses a refuse body that cannot be told from the accept body', () => {
  const same = { code: 0 }
  expect(problemsOf({ answer: { accept: same, refuse: same } })).toEqual(['answer.refuse'])
})

test('asks everyAsked for asked strategies and their $accepted', () => {
  const answer = { ...minimal.answer, mode: 'everyAsked' }
  expect(problemsOf({ answer })).toEqual(['request.asked', 'answer.accept', 'answer.accept'])
})

test('asks for numeric targets where they are written as numbers', () => {
  const answer = { accept: ['$targetIdNumber'], refuse: [] }
  expect(problemsOf({ answer })).toEqual(['rules.numericTargets'])
  expect(problemsOf({ answer, rules: { numericTargets: true } })).toEqual([])
})

test('refuses a signature template that anybody could fill', () => {
  const place = { in: 'body', path: 'sign' }
  const signature = { algorithm: 'md5', template: '{id}{$nothing}', place, secrets: ['s'] }
  expect(problemsOf({ signature })).toEqual(['signature.template', 'signature.template'])
  const keyed = { ...signature, algorithm: 'hmac-sha256', template: '{id}' }
  expect(problemsOf({ signature: keyed })).toEqual([])
})

test('takes secrets from the environment and misses unset ones by path', () => {
  const place = { in: 'header', name: 'x-sign' }
  const secrets = ['env:TOKEN', 'env:OLD_TOKEN']
  const value = {
    ...minimal,
    signature: { algorithm: 'sha256', template: '{$body}{$secret}', place, secrets },
  }
  expect(parseDescribedMedium(value, { TOKEN: 'a' })).toMatchObject({
    ok: false,
    problems: [{ path: 'signature.secrets.1' }],
  })
  expect(parseDescribedMedium(value, { TOKEN: 'a', OLD_TOKEN: 'b' })).toMatchObject({
    ok: true,
    medium: { signature: { secrets: ['a', 'b'] } },
  })
})

test('refuses decimals finer than a micro', () => {
  const answer = { ...minimal.answer, priceUnit: 'fen', priceDecimals: 5 }
  expect(problemsOf({ answer })).toEqual(['answer.priceDecimals'])
})
