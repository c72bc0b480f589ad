import { describe, expect, test } from 'vitest'
import { InvalidReason } from '../domain/invalid-reason.ts'
import { AgentCheck } from './agent-check.ts'

const { Crawler, DataCentreAgent } = InvalidReason
const chrome =
  'Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) ' +
  'Chrome/126.0.0.0 Mobile Safari/537.36'

describe('AgentCheck', () => {
  test.each([
    [chrome, 0],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49', 0],
    ['okhttp/4.12.0', 0],
    ['Dalvik/2.1.0 (Linux; U; Android 13; CUBOT P80)', 0],
    ['NewsApp/5.1 CFNetwork/1494.0.7 Darwin/23.4.0', 0],
    ['', 0],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', Crawler],
    ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', Crawler],
    ['Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search)', Crawler],
    ['Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)', Crawler],
    ['Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)', Crawler],
    ['Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)', Crawler],
    ['Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0.0.0 Safari/537.36', DataCentreAgent],
    ['python-requests/2.32.3', DataCentreAgent],
    ['curl/8.5.0', DataCentreAgent],
    ['Go-http-client/1.1', DataCentreAgent],
    ['Scrapy/2.11 (+https://scrapy.org)', DataCentreAgent],
  ])('%s', (agent, reason) => {
    expect(new AgentCheck().read(agent).reason).toBe(reason)
  })

  test('gives an agent one number for ever, another one another, and none 0', () => {
    const check = new AgentCheck()
    expect(check.read(chrome).hash).toBe(new AgentCheck().read(chrome).hash)
    expect(check.read(chrome).hash).not.toBe(check.read(`${chrome} `).hash)
    expect(check.read('').hash).toBe(0)
  })

  test('reads the same before and after it forgot everything', () => {
    const check = new AgentCheck()
    const first = check.read('curl/8.5.0')
    for (let i = 0; i < 5_000; i++) check.read(`app/${i}`)
    expect(check.read('curl/8.5.0')).toEqual(first)
  })
})
