/** What is known of one exchange between requests: its rate, its secret, its number. */
import type { HttpRequest } from 'uWebSockets.js'
import type { Exchange } from '../domain/exchange.ts'
import { Refusal } from '../domain/refusal.ts'
import { SecretValues } from './secret.ts'
import { TokenBucket } from './token-bucket.ts'

/**
 * Gates kept at once: ten times the exchanges there are. One that falls out is made again and its
 * rate starts anew.
 */
const gatesMax = 1_000

/** One exchange of the catalog, as the entry in force says. */
export class BidGate {
  readonly name: string
  /** Number of the exchange in the meter. */
  readonly number: number
  #exchange: Exchange
  #qps: TokenBucket
  #secret: SecretValues | null
  #secretName = ''

  constructor(exchange: Exchange, number: number) {
    this.name = exchange.id
    this.number = number
    this.#exchange = exchange
    this.#qps = new TokenBucket(exchange.qpsMax)
    this.#secret = this.#readSecret(exchange)
  }

  /** The catalog's entry. */
  get exchange(): Exchange {
    return this.#exchange
  }

  /** Takes the entry of a new catalog; an unchanged rate keeps its saved tokens. */
  use(exchange: Exchange): void {
    if (exchange === this.#exchange) return
    if (exchange.qpsMax !== this.#exchange.qpsMax) this.#qps = new TokenBucket(exchange.qpsMax)
    this.#secret = this.#readSecret(exchange)
    this.#exchange = exchange
  }

  /** Whether the head alone says no; `nowMs` is monotonic. */
  refusedByHead(request: HttpRequest, nowMs: number): Refusal {
    // The secret first: a stranger must not learn which exchanges are on.
    if (this.#secret !== null && !this.#secret.accepts(request.getHeader(this.#secretName))) {
      return Refusal.Forbidden
    }
    if (!this.#exchange.enabled) return Refusal.ExchangeOff
    return this.#qps.take(nowMs) ? Refusal.None : Refusal.QpsCap
  }

  #readSecret({ secretHeader }: Exchange): SecretValues | null {
    this.#secretName = secretHeader?.name.toLowerCase() ?? ''
    return secretHeader && new SecretValues(secretHeader.values)
  }
}

/** The gates by name. */
export class BidGates {
  readonly #numberOf: (exchange: string) => number
  readonly #gates = new Map<string, BidGate>()

  /** `numberOf`: the number of an exchange in the meter. */
  constructor(numberOf: (exchange: string) => number) {
    this.#numberOf = numberOf
  }

  /** The gate of an exchange, by the entry given. */
  of(exchange: Exchange): BidGate {
    const known = this.#gates.get(exchange.id)
    if (known !== undefined) {
      known.use(exchange)
      return known
    }
    if (this.#gates.size === gatesMax) this.#dropOldest()
    const gate = new BidGate(exchange, this.#numberOf(exchange.id))
    this.#gates.set(exchange.id, gate)
    return gate
  }

  #dropOldest(): void {
    for (const name of this.#gates.keys()) {
      this.#gates.delete(name)
      return
    }
  }
}

/**
 * Milliseconds from the arrival to the answer's last moment: `tmax` (0 = not said) as far as it is
 * believed, without the parts that are not ours. May be below 0: there never was time.
 */
export function timeMsOf(exchange: Exchange, tmaxMs: number): number {
  const wholeMs = tmaxMs > 0 ? tmaxMs : exchange.tmaxDefaultMs
  const allowanceMs = exchange.networkAllowanceMs + exchange.sendAllowanceMs
  return Math.min(wholeMs, exchange.tmaxMaxMs) - allowanceMs
}
