import { expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  aNative,
  anAdvertiser,
  anAudio,
  aVideo,
} from '../../test/support/bid-world.ts'
import { adFactsOf } from './ad-facts-of.ts'

const advertiser = anAdvertiser({
  id: 'shop',
  domains: ['shop.example', 'other.example'],
  categories: [
    { taxonomy: 1, ids: ['IAB18', 'IAB19'] },
    { taxonomy: 7, ids: ['552', 'IAB18'] },
  ],
})

test('a creative takes from its advertiser and campaign what it does not say itself', () => {
  const history = { impressions: 1_000, clicks: 20, conversions: 3 }
  const creative = aBanner({ id: 'c', history, language: 'de', attributes: [6] })
  const campaign = aCampaign({ id: 'spring', startMs: 5, prior: { ctr: 0.01, cvr: 0.1 } })
  expect(adFactsOf(creative, campaign, advertiser)).toEqual({
    creativeId: 'c',
    campaignId: 'spring',
    advertiserId: 'shop',
    categories: ['IAB18', 'IAB19', '552'],
    domain: 'shop.example',
    bundle: '',
    language: 'de',
    format: 1,
    size: '300x250',
    durationSec: 0,
    attributes: [6],
    goal: 'cpm',
    // 20 clicks of 1 000 and 10 of the prior's 1 000; 3 of 20 and 5 of the prior's 50.
    priorCtr: 30 / 2_000,
    priorCvr: 8 / 70,
    impressions: 1_000,
    clicks: 20,
    conversions: 3,
    flightStartMs: 5,
  })
})

test('what a creative says itself counts alone', () => {
  const creative = aBanner({
    domains: ['own.example'],
    categories: [{ taxonomy: 1, ids: ['IAB1'] }],
    bundle: 'com.shop',
  })
  expect(adFactsOf(creative, aCampaign(), advertiser)).toMatchObject({
    domain: 'own.example',
    categories: ['IAB1'],
    bundle: 'com.shop',
    flightStartMs: null,
  })
})

test.each([
  [aVideo({}, { durationSec: 15 }), 2, 15],
  [anAudio({}, { durationSec: 20 }), 3, 20],
  [aNative(), 4, 0],
])('%# of another format has a duration where it has one, and no size', (creative, format, sec) => {
  expect(adFactsOf(creative, aCampaign(), advertiser)).toMatchObject({
    format,
    size: '',
    durationSec: sec,
  })
})

test('a responsive banner has no size of its own', () => {
  const creative = aBanner({}, { w: 0, h: 0 })
  expect(adFactsOf(creative, aCampaign(), advertiser).size).toBe('')
})
