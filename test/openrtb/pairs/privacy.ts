/**
 * Pairs of privacy: the fixture's device is known and gets the campaign that is for it; its twin is
 * decided without device keys, so that only the campaign for anyone is left.
 */
import { aBanner, aCampaign, anExchange } from '../../support/bid-world.ts'
import { gppString, int, tcfEuString, toBase64Url } from '../../support/consent-writer.ts'
import type { Json } from '../../support/openrtb-decode.ts'
import { buys, type Pair, pair, phone } from '../pair.ts'
import type { RoadWorld } from '../road.ts'

const vendorId = 42

const world: RoadWorld = {
  exchanges: [anExchange({ tcfVendorId: vendorId })],
  campaigns: [
    aCampaign({ id: 'known' }, { audience: { all: ['vip'], any: [], none: [] } }),
    buys(3, { id: 'anyone' }),
  ],
  creatives: [
    aBanner({ id: 'known', campaignId: 'known' }),
    aBanner({ id: 'anyone', campaignId: 'anyone' }),
  ],
  members: [{ type: 'gaid', id: String(phone['ifa']), packs: { vip: -1 } }],
}

const known = { bids: [{ crid: 'known' }] }
const limited = (privacy: string) => ({ bids: [{ crid: 'anyone' }], drop: 'audience', privacy })

/** The twin says what limits; `request` is what both say. */
function limit(title: string, source: string, request: Json, twin: Json): Pair {
  const [rule = '', reason = ''] = title.split(' = ')
  const device = { ...phone, lmt: 0 }
  return pair(rule, {
    source,
    world,
    request: { device, ...request },
    expect: known,
    twin: { request: twin },
    gone: limited(reason),
  })
}

const consent = tcfEuString({
  purposesConsent: [1, 2, 3, 4],
  vendorConsent: [7, vendorId],
  vendorLegitimate: [],
})
const noVendor = tcfEuString({ purposesConsent: [1, 2, 3, 4], vendorConsent: [7] })
const noPurpose = tcfEuString({ purposesConsent: [1, 2, 3], vendorConsent: [vendorId] })

/**
 * US national section of 2024, version 2: notices, three opt-outs, sensitive data, children, rest.
 * 0 not applicable, 1 opted out (children: no consent), 2 did not.
 */
function national(optOuts: readonly number[], children: readonly number[] = [0, 0, 0]): string {
  const fields = [1, 1, 1, 1, 1, 1, ...optOuts, ...zeros(16), ...children, 0, 2, 0, 0]
  const core = int(2, 6) + fields.map((field) => int(field, 2)).join('')
  return gppString([[7, toBase64Url(core)]])
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}

const free = national([2, 2, 2])
const gdpr = 'IAB TCF 2.3, TC String Format'
const gpp = 'Global Privacy Platform, US-National'

/** Pairs of privacy. */
export const privacyPairs: readonly Pair[] = [
  limit('coppa = coppa', '2.6 §3.2.3 Regs coppa', { regs: { coppa: 0 } }, { regs: { coppa: 1 } }),
  limit('lmt = limit-ad-tracking', '2.6 §3.2.18 Device lmt', {}, { device: { lmt: 1 } }),
  limit('dnt = do-not-track', '2.6 §3.2.18 Device dnt', {}, { device: { dnt: 1 } }),
  limit(
    'atts: denied = atts-denied',
    'AdCOM, device.ext.atts',
    {},
    { device: { ext: { atts: 2 } } },
  ),
  limit(
    'gdpr: no consent string = gdpr-no-consent-string',
    '2.6 §3.2.3 Regs gdpr, §3.2.20 User consent',
    { regs: { gdpr: 1 }, user: { consent } },
    { user: { consent: null } },
  ),
  limit(
    'gdpr: a string that cannot be read = gdpr-unreadable',
    gdpr,
    { regs: { gdpr: 1 }, user: { consent } },
    { user: { consent: consent.slice(0, 20) } },
  ),
  limit(
    'gdpr: no consent for our vendor id = gdpr-no-vendor',
    gdpr,
    { regs: { gdpr: 1 }, user: { consent } },
    { user: { consent: noVendor } },
  ),
  limit(
    'gdpr: no consent for a purpose = gdpr-purpose',
    gdpr,
    { regs: { gdpr: 1 }, user: { consent } },
    { user: { consent: noPurpose } },
  ),
  limit(
    'gdpr: read from its 2.5 places = gdpr-no-vendor',
    '2.6 Appendix B, regs.ext.gdpr, user.ext.consent',
    { regs: { ext: { gdpr: 1 } }, user: { ext: { consent } } },
    { user: { ext: { consent: noVendor } } },
  ),
  limit(
    'gdpr: the 2.6 place is preferred = gdpr-no-vendor',
    '2.6 Appendix B',
    { regs: { gdpr: 1 }, user: { consent, ext: { consent: noVendor } } },
    { user: { consent: noVendor, ext: { consent } } },
  ),
  limit(
    'gdpr: does not apply = gdpr-no-vendor',
    '2.6 §3.2.3 Regs gdpr',
    { regs: { gdpr: 0 }, user: { consent: noVendor } },
    { regs: { gdpr: 1 } },
  ),
  limit(
    'gpp: opted out of sale = gpp-opt-out',
    gpp,
    { regs: { gpp: free, gpp_sid: [7] } },
    { regs: { gpp: national([1, 2, 2]) } },
  ),
  limit(
    'gpp: opted out of targeted advertising = gpp-opt-out',
    gpp,
    { regs: { gpp: free, gpp_sid: [7] } },
    { regs: { gpp: national([2, 2, 1]) } },
  ),
  limit(
    'gpp: a known child = gpp-known-child',
    gpp,
    { regs: { gpp: free, gpp_sid: [7] } },
    { regs: { gpp: national([2, 2, 2], [1, 0, 0]) } },
  ),
  limit(
    'gpp: a section that applies and is not there = gpp-unreadable',
    gpp,
    { regs: { gpp: free, gpp_sid: [7] } },
    { regs: { gpp_sid: [8] } },
  ),
  limit(
    'gpp: read from its 2.5 place = gpp-opt-out',
    '2.6 Appendix B, regs.ext.gpp',
    { regs: { ext: { gpp: free, gpp_sid: [7] } } },
    { regs: { ext: { gpp: national([1, 2, 2]) } } },
  ),
  limit(
    'gpc: Global Privacy Control = gpc',
    'regs.ext.gpc',
    { regs: { coppa: 0 } },
    { regs: { ext: { gpc: '1' } } },
  ),
  limit(
    'us_privacy: opted out of sale = us-privacy-opt-out',
    'IAB US Privacy String 1.0',
    { regs: { us_privacy: '1YNN' } },
    { regs: { us_privacy: '1YYN' } },
  ),
  limit(
    'us_privacy: read from its 2.5 place = us-privacy-opt-out',
    '2.6 Appendix B, regs.ext.us_privacy',
    { regs: { ext: { us_privacy: '1YNN' } } },
    { regs: { ext: { us_privacy: '1YYN' } } },
  ),
]
