/** The printed page of the demo. */
import { systemClock } from '../lib/clock.ts'
import type { BidCase } from './demo-bids-story.ts'
import { type DemoCase, demoTargets } from './demo-story.ts'
import type { Exchange } from './describe.ts'
import { type BidExchange, bidSentences } from './describe-bids.ts'

/** The bid factor somewhere in an answer, or null: Tencent's and Ocean Engine's spelling. */
export function factorIn(message: unknown): number | null {
  if (typeof message !== 'object' || message === null) return null
  for (const [name, value] of Object.entries(message)) {
    const isFactor = name === 'user_weight_factor' || name === 'quality'
    if (isFactor && typeof value === 'number') return Math.round(value * 10_000) / 10_000
    const inside = factorIn(value)
    if (inside !== null) return inside
  }
  return null
}

/** Time since a monotonic moment, in words. */
export function seconds(sinceMs: number): string {
  return `${((systemClock.monotonicMs() - sinceMs) / 1_000).toFixed(1)} s`
}

/** 100000 → `100 000`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ')
}

const mediumTitles = { tencent: 'Tencent', oceanengine: 'Ocean Engine' } as const

/** Writes the page, in colours where the terminal has some. */
export class Page {
  readonly #write: (text: string) => void
  readonly #isColoured: boolean

  constructor(write: (text: string) => void, isColoured: boolean) {
    this.#write = write
    this.#isColoured = isColoured
  }

  title(text: string): void {
    this.#write(`\n  ${this.#paint(1, text)}\n`)
  }

  step(number: number, what: string, detail: string): void {
    this.#write(`\n  ${this.#paint(36, String(number))}  ${this.#paint(1, what)}: ${detail}\n`)
  }

  row(name: string, text: string): void {
    this.#write(`       ${name.padEnd(14)}${text}\n`)
  }

  /** A line of a table. */
  line(text: string): void {
    this.#write(`       ${text}\n`)
  }

  exchange(one: DemoCase, result: Exchange, isExpected: boolean): void {
    const took = this.#paint(2, `${result.milliseconds.toFixed(1)} ms`)
    this.#write(`\n       ${mediumTitles[one.medium]} asks about ${one.who}\n`)
    this.#write(`         ${this.#verdict(result)}  ${took}\n`)
    const why = isExpected ? one.why : 'This is not what the story expects. Please report it.'
    this.#write(`         ${this.#paint(isExpected ? 2 : 31, why)}\n`)
  }

  /** A phone with what the medium is told of it; null = it does not take part. */
  ranked(phone: string, verdict: string | null): void {
    const word = verdict === null ? '✗ does not take part' : `✓ ${verdict}`
    this.#write(`       ${phone.padEnd(40)}${this.#paint(verdict === null ? 33 : 32, word)}\n`)
  }

  /** A bid request with the bids of its answer. */
  bids(one: BidCase, result: BidExchange, isExpected: boolean): void {
    const took = this.#paint(2, `${result.milliseconds.toFixed(1)} ms`)
    const wire = result.contentType.includes('protobuf') ? 'protobuf' : 'JSON'
    this.#write(`\n       The exchange asks for ${one.who} (${wire})\n`)
    for (const [index, sentence] of bidSentences(result).entries()) {
      const isBid = result.bids.length > 0
      const line = this.#paint(isBid ? 32 : 33, `${isBid ? '✓' : '✗'} ${sentence}`)
      this.#write(`         ${line}${index === 0 ? `  ${took}` : ''}\n`)
    }
    const why = isExpected ? one.why : 'This is not what the story expects. Please report it.'
    this.#write(`         ${this.#paint(isExpected ? 2 : 31, why)}\n`)
  }

  /** A rule that holds, fails, or was not looked at. */
  check(passed: boolean | null, text: string): void {
    const mark = passed === null ? '·' : passed ? '✓' : '✗'
    this.#write(`       ${this.#paint(passed === false ? 31 : 32, mark)} ${text}\n`)
  }

  closing(count: number, surprises: number): void {
    const all = `All ${count} answers were as they should be`
    const some = `${surprises} of ${count} answers were not as they should be`
    this.#write(`\n  ${this.#paint(1, surprises === 0 ? all : some)}; the server is stopped.\n`)
    this.#write(
      '  Your own: npm start, then upload a pack and write a strategy (see README.md).\n\n',
    )
  }

  #verdict({ status, answer }: Exchange): string {
    if (status !== 200 || !answer.valid) return this.#paint(31, `error (status ${status})`)
    if (answer.targetIds.length === 0) return this.#paint(33, '✗ no, does not take part')
    const what = answer.targetIds.map((id) => demoTargets.get(id) ?? id).join(' and ')
    const factor = factorIn(answer.message)
    const bid = factor === null || factor === 1 ? '' : `, bidding ${factor} times the normal price`
    return this.#paint(32, `✓ yes, for ${what}${bid}`)
  }

  #paint(code: number, text: string): string {
    return this.#isColoured ? `\u001b[${code}m${text}\u001b[0m` : text
  }
}
