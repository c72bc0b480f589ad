import { describe, expect, test } from 'vitest'
import {
  bannerPart,
  bannerSlot,
  bidOf,
  creativeOf,
  decisionOf,
  exchangeOf,
  impOf,
  links,
  requestOf,
} from '../../../../test/support/slot-fixtures.ts'
import type { Creative } from '../../../domain/creative.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import { bidResponse } from '../encode.ts'

function admOf(change: Partial<Creative>, exchange: Partial<Exchange> = {}): string {
  const imp = impOf({ id: 'i&1', banner: bannerSlot() })
  const request = requestOf([imp])
  const decision = decisionOf([bidOf(creativeOf('banner', change), imp)], exchangeOf(exchange))
  return bidResponse(request, decision, { links }).seatbid[0]?.bid[0]?.adm ?? ''
}

const click = 'https://b.example/t/click?t=00112233aabbccdd.1'
const pixel =
  '<img src="https://b.example/t/imp?t=00112233aabbccdd.1&amp;p=${AUCTION_PRICE}" width="1"' +
  ' height="1" alt="" style="position:absolute;left:-9999px">'

describe('an image', () => {
  test('stands inside a link, with our pixel after it', () => {
    expect(admOf({})).toBe(
      `<a href="${click}" target="_blank" rel="noopener">` +
        '<img src="https://cdn.example/a.png" width="300" height="250" alt=""' +
        ` style="border:0;display:block"></a>${pixel}`,
    )
  })

  test('fires third-party trackers on impression and click', () => {
    const adm = admOf({
      impressionTrackers: ['https://t.example/i?a=1&cb={{CACHEBUSTER}}'],
      clickTrackers: ['https://t.example/c?q=\'"</script>&cb={{cachebuster}}'],
    })
    expect(adm).toContain('src="https://t.example/i?a=1&amp;cb=00112233aabbccdd1"')
    expect(adm).toContain(
      'onclick="new Image().src=\'https://t.example/c?q=\\u0027\\u0022\\u003c/script\\u003e' +
        '\\u0026cb=00112233aabbccdd1\'"',
    )
  })

  test('puts the exchange’s click macro before our escaped link', () => {
    const macros = { price: '', click: '%%CLICK_URL_UNESC%%' }
    expect(admOf({}, { macros })).toContain(
      `href="%%CLICK_URL_UNESC%%${encodeURIComponent(click)}"`,
    )
  })

  test('cannot break out of its attribute', () => {
    const imageUrl = 'https://cdn.example/a.png?x="><script>alert(1)</script>&y=\'\u0000'
    const adm = admOf({ banner: bannerPart({ imageUrl }) })
    expect(adm).not.toContain('<script>')
    expect(adm).toContain('x=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;y=&#39;"')
  })
})

describe('own HTML', () => {
  const html = (text: string) => admOf({ banner: bannerPart({ html: text, imageUrl: '' }) })

  test('has its placeholders filled for the place they stand in', () => {
    expect(html('<a href="{{CLICK_URL}}">')).toBe(`<a href="${click}">${pixel}`)
    expect(html('https://x.example/?r={{CLICK_URL_ENC}}')).toContain(encodeURIComponent(click))
    expect(html("<script>open('{{CLICK_URL_JS}}')</script>")).toContain(`open('${click}')`)
    expect(html('{{ landing_url }}|{{LANDING_URL_ENC}}')).toContain(
      'https://shop.example/spring|https%3A%2F%2Fshop.example%2Fspring<img',
    )
    expect(
      html('{{WIDTH}}x{{HEIGHT}} {{CREATIVE_ID}} {{CAMPAIGN_ID}} {{EXCHANGE}} {{IMP_ID}}'),
    ).toContain('300x250 cr1 ca1 x i%261<img')
    expect(html('{{AUCTION_ID}} {{CACHEBUSTER}} [{{INVENTORY}}]')).toContain(
      'auction-1 00112233aabbccdd1 []<img',
    )
  })

  test('gets our pixel inside its body', () => {
    expect(html('<html><BODY>x</BODY>{{WIDTH}}</html>')).toBe(
      `<html><BODY>x${pixel}</BODY>300</html>`,
    )
  })

  test('that fires our impression link itself gets no second pixel', () => {
    const url = 'https://b.example/t/imp?t=00112233aabbccdd.1&amp;p=${AUCTION_PRICE}'
    expect(html('<img src="{{IMPRESSION_URL}}">')).toBe(`<img src="${url}">`)
  })

  test('keeps its own braces and loses unknown placeholders', () => {
    expect(html('<style>a{b{c}}</style>{{NO_SUCH}}if(a){{b()}}')).toBe(
      `<style>a{b{c}}</style>if(a){{b()}}${pixel}`,
    )
  })

  test('leaves the macros of the exchange alone', () => {
    expect(html('${AUCTION_ID} %%CACHEBUSTER%%')).toContain('${AUCTION_ID} %%CACHEBUSTER%%')
  })
})
