/** The token bench at a tiny size: that its attacks are what they say, and that it would notice. */
import { expect, test } from 'vitest'
import { TokenKind } from '../../src/feedback/token.ts'
import { TokenRefusal } from '../../src/feedback/token-refusal.ts'
import { signedBids } from '../data/bid-tokens.ts'
import { replays, tokenStages, tokenVerify } from '../scenarios/token-verify.ts'
import { digestOf } from '../stage/measure.ts'
import { attackWith, openTokenHouse, tokenAttacks } from './token-attacks.ts'

const house = openTokenHouse()
const attacks = tokenAttacks(house, 200, 3)

test.each(attacks.map((attack) => [attack.name, attack] as const))(
  'of tokens that are %s none is taken, and each has the number of its fault',
  (_, attack) => {
    const { sent, taken, refused, misnamed } = attackWith(attack, 1_000)
    expect([taken, misnamed]).toEqual([0, 0])
    expect(Object.values(refused).reduce((sum, count) => sum + count, 0)).toBe(sent)
  },
)

test('a verifier that takes or misnames one of them is found', () => {
  const [attack] = attacks
  if (attack === undefined) throw new Error('there is no attack')
  let calls = 0
  const first = signedBids(house.own, 1, 1)[0]
  const genuine = house.own.verify((first?.stem ?? '') + first?.tags.slice(0, 16), TokenKind.Win)
  expect(genuine.ok).toBe(true)
  const expired = { ok: false, refusal: TokenRefusal.Expired } as const
  const careless = { verify: () => (calls++ === 7 ? genuine : expired) }
  const report = attackWith({ ...attack, verifier: careless }, 100)
  expect(report).toEqual({ sent: 100, taken: 1, refused: { expired: 99 }, misnamed: 99 })
})

test('the expired are genuine, and the tokens of others are genuine at home', () => {
  const takenBy = (name: string, verifier: typeof house.own): number => {
    const attack = attacks.find((one) => one.name === name)
    if (attack === undefined) throw new Error(`no attack is called ${name}`)
    return attackWith({ ...attack, verifier }, 100).taken
  }
  expect(takenBy('expired', house.own)).toBe(100)
  expect(takenBy('a wrong key under our id', house.imitator)).toBe(100)
  expect(takenBy('a key that we do not hold', house.stranger)).toBe(100)
})

test('a replayed token is taken, and tells of the same event', () => {
  expect(replays(house, 100)).toEqual({ tokens: 100, sent: 300, taken: 300, events: 100 })
})

test('the scenario tells of the times, of the replays and of every attack', async () => {
  const said: string[] = []
  const { findings } = await tokenVerify({
    ...{ size: 'tiny', workFolder: '', say: (sentence: string) => said.push(sentence) },
    options: { models: null, world: null, seed: null, days: null, requests: null },
  })
  expect(said).toHaveLength(1 + attacks.length)
  expect(findings.slice(0, 3).map(({ measured }) => /^p50 [\d.]+ p99/.test(measured))).toEqual([
    ...[true, true, true],
  ])
  // How long it takes on a machine that runs tests says nothing.
  expect(findings.slice(3).map(({ line, met }) => [line, met])).toEqual([
    ['genuine tokens, each sent 3 times', true],
    ...attacks.map(({ name }) => [`1000 tokens: ${name}`, true]),
  ])
})

test('every stage comes to the same result twice', async () => {
  const results = async (): Promise<string[]> =>
    Promise.all(tokenStages(house, 50).map((stage) => digestOf(stage)))
  const first = await results()
  expect(new Set(first).size).toBe(3)
  expect(await results()).toEqual(first)
})
