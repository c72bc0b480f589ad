import { expect, test } from 'vitest'
import { builtInMonitors } from '../media/registry.ts'
import { LinkSignatures } from './link-signature.ts'
import { type LinkOwner, MonitorLinks } from './monitor-links.ts'
import { firstKey, salt } from './test-tokens.ts'

const owner: LinkOwner = {
  advertiserId: 'acme',
  campaignId: 'spring',
  creativeId: '',
  strategyId: '',
}
const media = new Map(builtInMonitors.map((one) => [one.name, one]))
const signatures = new LinkSignatures([firstKey], salt)

function built(medium: string, publicUrl = 'https://ads.example.com', over = {}) {
  const links = new MonitorLinks(publicUrl, signatures, media)
  return links.of(media.get(medium)!, { ...owner, ...over })
}

test('a link is the fixed part, its signature, and the macros as the medium spells them', () => {
  const { links } = built('huawei', 'https://ads.example.com/x', {
    creativeId: 'b',
    strategyId: 'r',
  })
  const kind = 'click'
  const name = { ...owner, medium: 'huawei', kind, creativeId: 'b', strategyId: 'r' } as const
  expect(links.click).toBe(
    'https://ads.example.com/x/m/huawei/click?aid=acme&cid=spring&crid=b&sid=r&' +
      `s=${signatures.sign(name)}&cb={callback}&ag={campaign_id}&cr={content_id}&oa={oaid}`,
  )
})

test("Tencent's impression link has the impression's own macros", () => {
  const { links } = built('tencent')
  expect(links.imp).toContain('ts=__IMPRESSION_TIME__')
  expect(links.imp).not.toContain('__CLICK')
  expect(links.click).toContain('ck=__CLICK_ID__')
  expect(links.click).toContain('tg=__RTA_OUT_TARGET_ID__')
})

test("Zhihu's links end as the medium wants them", () => {
  expect(built('zhihu').links.click).toMatch(/&zhs2s=1$/)
})

test('Kuaishou gets macros of its list only, with its spelling', () => {
  // rta-media.md §4 and §4.1; one more makes the medium refuse the link.
  const known = new Set(
    (
      '__LLSID__ __ACCOUNTID__ __DID__ __AID__ __CID__ __CSITE__ __IMEI2__ __IMEI4__ __IDFA2__ ' +
      '__ANDROIDID2__ __OAID__ __OAID2__ __KENYID_CAA__ __IP__ __UA__ __TS__ __MODEL__ ' +
      '__CALLBACK__ __ADVERTISIINGID2__'
    ).split(' '),
  )
  const { links } = built('kuaishou')
  for (const [macro] of `${links.imp}${links.click}`.matchAll(/__\w+?__(?=&|$|h)/g)) {
    expect(known).toContain(macro)
  }
})

test.each(builtInMonitors)('links of $name may be pasted', ({ name, linkCharsMax, links }) => {
  const { links: all } = built(name, 'https://ads.example.com', {
    ...{ advertiserId: 'a'.repeat(64), campaignId: 'c'.repeat(64) },
    ...{ creativeId: 'r'.repeat(64), strategyId: 's'.repeat(64) },
  })
  for (const [kind, link] of Object.entries(all)) {
    if (link === null) continue
    expect(link.length).toBeLessThan(linkCharsMax)
    expect(link).not.toMatch(/[#\s%"'<>]/)
    expect(new URL(link).pathname).toBe(`/m/${name}/${kind}`)
    for (const { macro } of links[kind as 'imp'] ?? []) expect(link).toContain(`=${macro}`)
  }
})

test('what the medium would refuse of our address is told first', () => {
  const [first] = built('tencent', 'https://203.0.113.7:8443').notes
  expect(first).toContain('WARNING: the medium wants a public domain, not 203.0.113.7')
  expect(built('tencent', 'https://localhost:8080').notes[0]).toContain('not localhost')
  expect(built('kuaishou', 'http://ads.example.com').notes[0]).toContain(
    'WARNING: the medium takes https',
  )
  expect(built('tencent').notes.join(' ')).not.toContain('WARNING')
})

test('every parameter of the links is explained once', () => {
  const { params } = built('tencent')
  const clicks = params.filter(({ macro }) => macro === '__CLICK_ID__')
  expect(clicks).toEqual([{ name: 'ck', macro: '__CLICK_ID__', meaning: 'clickId' }])
})
