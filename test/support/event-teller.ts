/** A teller of events over real tokens and two exchanges, with device keys that can be read. */
import { NetworkRate } from '../../src/feedback/network-rate.ts'
import { PriceForms } from '../../src/feedback/price-forms.ts'
import { issuedAtMs, newTokens } from '../../src/feedback/test-tokens.ts'
import { EventTeller } from '../../src/feedback/told-event.ts'
import { TrafficCheck } from '../../src/feedback/traffic-check.ts'
import { testExchange } from '../../src/http/test-bids.ts'
import { type Clock, ManualClock } from '../../src/lib/clock.ts'

/** A moment within the life of the tokens. */
export const nowMs = issuedAtMs + 60_000

const exchanges = [testExchange('acme'), testExchange('each', { priceUnit: 'perImpression' })]

/**
 * What reads notices and events. Three clicks and four exposures of a network in a minute are
 * believed; campaign `shoes-autumn` is of advertiser `shoes`; ids of types `oaid` and `openid` have
 * the key `length : 7`, but the empty one is doubtful.
 */
export function newTeller(clock: Clock = new ManualClock(nowMs)) {
  const { tokens, clock: tokenClock } = newTokens()
  const limits = { clicksPerMinuteMax: 3, exposuresPerMinuteMax: 4 }
  const traffic = new TrafficCheck(new NetworkRate(limits, clock))
  const prices = new PriceForms(new Map(), () => exchanges)
  const teller = new EventTeller({
    tokens,
    prices,
    traffic,
    devices: {
      keyOf: ({ type, value }) => {
        if (type !== 'oaid' && type !== 'openid') return 'unknown'
        return value === '' ? null : { type: 3, high: value.length, low: 7 }
      },
    },
    advertiserOf: (campaign) => (campaign === 'shoes-autumn' ? 'shoes' : null),
  })
  return { teller, tokens, tokenClock, prices, traffic }
}
