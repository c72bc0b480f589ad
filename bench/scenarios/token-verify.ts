/** What a token costs to make and to check, and a million that are none. */
import { createHmac } from 'node:crypto'
import { loadavg } from 'node:os'
import { EventKind, noticeEventId } from '../../src/feedback/event.ts'
import { TokenKind, tokenOf } from '../../src/feedback/token.ts'
import { madeBids, signedBids } from '../data/bid-tokens.ts'
import type { Finding, ScenarioResult } from '../harness/report.ts'
import {
  type AttackReport,
  attackWith,
  openTokenHouse,
  type TokenHouse,
  tokenAttacks,
} from '../hostile/token-attacks.ts'
import { digestOf, type Stage, type StageTimes, timesOf } from '../stage/measure.ts'
import type { ScenarioContext, Size } from './scenario.ts'

interface TokenSize {
  /** Bids that are signed, and verified in each round. */
  readonly bids: number
  readonly rounds: number
  /** Tokens of each attack. */
  readonly perAttack: number
}

const tokenSizes: Readonly<Record<Size, TokenSize>> = {
  tiny: { bids: 300, rounds: 1, perAttack: 1_000 },
  small: { bids: 5_000, rounds: 3, perAttack: 10_000 },
  full: { bids: 20_000, rounds: 9, perAttack: 100_000 },
}

const seed = 5
/** Issue 5. */
const verifyUsMax = 10
/** Times that each genuine token is sent. */
const sendings = 3

/** Runs the scenario. */
export async function tokenVerify({ size, say }: ScenarioContext): Promise<ScenarioResult> {
  const { bids, rounds, perAttack } = tokenSizes[size]
  const loadBefore = loadavg()
  const house = openTokenHouse()
  say(`${bids} bids signed and verified, ${rounds} rounds`)
  const [floor, sign, verify] = await timed(tokenStages(house, bids), rounds)
  if (!floor || !sign || !verify) throw new Error('a stage is missing')
  const replayed = replays(house, bids)
  const findings = [...timeFindings(floor, sign, verify), replayFinding(replayed)]
  const attacks: Record<string, AttackReport> = {}
  for (const attack of tokenAttacks(house, Math.min(bids, perAttack), seed)) {
    say(`${perAttack} tokens: ${attack.name}`)
    const report = attackWith(attack, perAttack)
    attacks[attack.name] = report
    findings.push(attackFinding(attack.name, report))
  }
  return {
    scenario: 'token-verify',
    size,
    findings,
    notes,
    data: { loadBefore, loadAfter: loadavg(), floor, sign, verify, replayed, attacks },
  }
}

const notes = [
  'Wall time of single calls in one process, the timer included, one round of each stage after the other; p50, p99 and mean are medians over the rounds. CPU: mean of the process a call, timer and garbage collection included; on a machine that others use too the mean of wall times is mostly theirs.',
  'Floor: `createHmac("sha512", key).update(text).digest()` of node:crypto over the very texts that are signed, in the same run: a token cannot be checked without its digest. Ours is two bare hashes over prepared buffers; reading the text, unsealing the body and reading its fields come on top.',
  'Bids of one to three device keys and up to two arms. Attacks are seeded: every run sends the same.',
  'A replay is genuine and read again; what it tells of is one event by its id, which counts once (docs/records.md).',
]

/** Bare digest, signing, verifying: the same bids in the same order. */
export function tokenStages({ own }: TokenHouse, count: number): readonly Stage[] {
  const sent = madeBids(count, seed).map(({ fields, devices }, at) => {
    const kind = kinds[at % kinds.length] ?? TokenKind.Win
    const signed = own.sign(fields, devices)
    return { fields, devices, kind, stem: signed.stem, text: tokenOf(signed, kind) }
  })
  type Sent = (typeof sent)[number]
  const stage = (name: string, work: (one: Sent) => Uint8Array | object): Stage => {
    let last: Uint8Array | object = {}
    return {
      name,
      count,
      prepare: () => undefined,
      run: (call) => {
        const one = sent[call]
        if (one !== undefined) last = work(one)
      },
      digest: (hash) => hash.update(last instanceof Uint8Array ? last : JSON.stringify(last)),
    }
  }
  const key = Buffer.alloc(64, 1)
  return [
    stage('bare HMAC-SHA-512', ({ stem }) => createHmac('sha512', key).update(stem).digest()),
    stage('sign a bid for its five kinds', ({ fields, devices }) => own.sign(fields, devices)),
    stage('verify a token', ({ text, kind }) => own.verify(text, kind)),
  ]
}

const kinds = Object.values(TokenKind)

async function timed(stages: readonly Stage[], rounds: number): Promise<StageTimes[]> {
  const times: StageTimes[] = []
  for (const one of stages) times.push(await timesOf(one, rounds, await digestOf(one)))
  return times
}

/** What became of genuine tokens that came several times. */
interface ReplayReport {
  readonly tokens: number
  readonly sent: number
  readonly taken: number
  /** Distinct events that they told of. */
  readonly events: number
}

/** Sends every token of `count` bids several times. */
export function replays({ own }: TokenHouse, count: number): ReplayReport {
  const texts = signedBids(own, count, seed).map((bid) => tokenOf(bid, TokenKind.Bill))
  const events = new Set<string>()
  let taken = 0
  for (let time = 0; time < sendings; time++) {
    for (const text of texts) {
      const reading = own.verify(text, TokenKind.Bill)
      if (!reading.ok) continue
      taken++
      events.add(noticeEventId(EventKind.Bill, reading.token))
    }
  }
  return { tokens: count, sent: count * sendings, taken, events: events.size }
}

function timeFindings(floor: StageTimes, sign: StageTimes, verify: StageTimes): Finding[] {
  const words = ({ p50Us, p99Us, meanUs, cpuUs }: StageTimes): string =>
    `p50 ${p50Us} p99 ${p99Us} mean ${meanUs}, CPU ${cpuUs} µs`
  const ratio = (times: StageTimes): string => `${(times.p50Us / floor.p50Us).toFixed(2)} × floor`
  return [
    {
      line: verify.name,
      measured: `${words(verify)}; ${ratio(verify)}`,
      bar: `p50 and CPU ≤ ${verifyUsMax} µs`,
      met: verify.p50Us <= verifyUsMax && verify.cpuUs <= verifyUsMax,
    },
    { line: sign.name, measured: `${words(sign)}; ${ratio(sign)}`, bar: '', met: null },
    { line: `floor: ${floor.name}`, measured: words(floor), bar: '', met: null },
  ]
}

function replayFinding({ tokens, sent, taken, events }: ReplayReport): Finding {
  return {
    line: `genuine tokens, each sent ${sendings} times`,
    measured: `${taken} of ${sent} taken, ${events} events of ${tokens} tokens`,
    bar: 'all taken, one event a token',
    met: taken === sent && events === tokens,
  }
}

function attackFinding(name: string, { sent, taken, refused, misnamed }: AttackReport): Finding {
  const reasons = Object.entries(refused).map(([reason, count]) => `${reason} ${count}`)
  return {
    line: `${sent} tokens: ${name}`,
    measured: `${taken} taken; ${reasons.join(', ')}`,
    bar: '0 taken, each refused by its number',
    met: taken === 0 && misnamed === 0,
  }
}
