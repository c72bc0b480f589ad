import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Os } from './ad-request.ts'
import { DeviceType, deviceTypeOf, isCrawler, osOf, osVersionOf } from './user-agent.ts'

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const android = (inside: string, rest = 'Chrome/120.0.0.0 Mobile Safari/537.36'): string =>
  `Mozilla/5.0 (Linux; ${inside}) ${webKit} ${rest}`
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 ' +
  '(KHTML, like Gecko) Mobile/15E148'

describe('crawlers and tools', () => {
  test.each([
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) ${webKit} Chrome/120 Mobile Safari/537.36 (compatible; AdsBot-Google-Mobile; +http://www.google.com/mobile/adsbot.html)`,
    'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
    'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
    'Mozilla/5.0 (compatible; archive.org_bot)',
    'Twitterbot/1.0',
    'Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
    'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)',
    'Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)',
    android('Android 5.0', 'Mobile Safari/537.36 (compatible; Bytespider; x@bytedance.com)'),
    'peer39_crawler/1.0',
    'Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)',
    `Mozilla/5.0 (X11; Linux x86_64) ${webKit} HeadlessChrome/120.0.0.0 Safari/537.36`,
    'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    'curl/8.4.0',
    'Wget/1.21.3',
    'python-requests/2.31.0',
    'Go-http-client/1.1',
    'Java/17.0.9',
    'Scrapy/2.11 (+https://scrapy.org)',
    'Mozilla/5.0 (compatible; YaDirectFetcher/1.0; Dyatel; +http://yandex.com/bots)',
    'Mediapartners-Google',
    'WhatsApp/2.23.20.0',
    `${android('Android 11; moto g power')} Chrome-Lighthouse`,
  ])('%s', (userAgent) => expect(isCrawler(userAgent)).toBe(true))

  test.each([
    '',
    iphone,
    android('Android 13; SM-S901B'),
    android('Android 12; CUBOT KINGKONG MINI 3'),
    android('Android 11; CUBOT_X30 Build/RP1A.200720.011'),
    'CUBOT',
    'iRobot/7.1.2 CFNetwork/1485 Darwin/23.1.0',
    'BOTIM/3.9.0 (Android 12)',
    'Abbott/2.0 (iPhone; iOS 17.1)',
    'Spider Solitaire/5.2 CFNetwork/1410.0.3 Darwin/22.6.0',
    'SpiderMan/1.0 (iPhone; iOS 16.0; Scale/3.00)',
    'Dalvik/2.1.0 (Linux; U; Android 13; Redmi Note 9 Build/TP1A.220624.014)',
    'okhttp/4.9.3',
    `${iphone} MicroMessenger/8.0.44`,
    `${android('Android 13; V2055A')} [FBAN/FB4A;FBAV/443.0;]`,
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/120.0.0.0 Safari/537.36`,
    'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 Version/6.0 TV Safari/537.36',
  ])('not %j', (userAgent) => expect(isCrawler(userAgent)).toBe(false))
})

describe('system and device', () => {
  const { Phone, Tablet, Mobile, Computer, Television, Connected, SetTopBox, Unknown } = DeviceType

  test.each([
    [iphone, Os.Ios, '17.2.1', Phone],
    [iphone.replaceAll('iPhone', 'iPad'), Os.Ios, '17.2.1', Tablet],
    [
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
      ...([Os.Ios, '16.6', Tablet] as const),
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Mobile/15E148',
      ...([Os.Ios, '', Tablet] as const),
    ],
    ['Shop/3.1 (iPhone; iOS 17.2; Scale/3.00)', Os.Ios, '17.2', Phone],
    ['Shop/3.1 CFNetwork/1485 Darwin/23.1.0', Os.Ios, '', Mobile],
    [android('Android 13; SM-S901B'), Os.Android, '13', Phone],
    [android('Android 8.1.0; Redmi 6A'), Os.Android, '8.1.0', Phone],
    [android('Android 12; SM-T870', 'Chrome/120.0.0.0 Safari/537.36'), Os.Android, '12', Tablet],
    [android('Android 9; KFTRWI', 'Silk/120.2 Safari/537.36'), Os.Android, '9', Tablet],
    ['Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A)', Os.Android, '14', Mobile],
    ['Dalvik/2.1.0 (Linux; U; Android 7.1.2; AFTMM Build/NS6265)', Os.Android, '7.1.2', Television],
    [
      android('Android 12; BRAVIA 4K UR2', 'Chrome/120 Safari/537.36'),
      Os.Android,
      '12',
      Television,
    ],
    [android('Android 10; HarmonyOS; ELS-AN00'), Os.Harmony, '', Phone],
    [
      'Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1 Mobile HarmonyOS/5.0',
      ...([Os.Harmony, '5.0', Phone] as const),
    ],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit}`, Os.Windows, '10.0', Computer],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit}`, Os.Mac, '10.15.7', Computer],
    [`Mozilla/5.0 (X11; Linux x86_64) ${webKit} Chrome/120`, Os.Other, '', Computer],
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webKit}`, Os.Other, '14541.0.0', Computer],
    [
      'Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) like iPhone Mobile',
      ...([Os.Other, '10.0', Phone] as const),
    ],
    ['Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) Version/6.0 TV', Os.Other, '6.0', Television],
    ['Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36', Os.Other, '', Television],
    ['Roku/DVP-12.0 (12.0.0.4182-88)', Os.Other, '12.0', Television],
    ['AppleTV11,1/17.2', Os.Other, '', Television],
    ['Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605', Os.Other, '', Connected],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) Edge/44', Os.Other, '', Connected],
    ['Opera/9.80 (Linux armv7l; STB Technicolor) Presto/2.12', Os.Other, '', SetTopBox],
    ['okhttp/4.9.3', Os.Unknown, '', Unknown],
    ['', Os.Unknown, '', Unknown],
  ])('%s', (userAgent, os, version, type) => {
    expect(osOf(userAgent)).toBe(os)
    expect(osVersionOf(userAgent, os)).toBe(version)
    expect(deviceTypeOf(userAgent)).toBe(type)
  })

  test('any text gives answers, and a huge one is looked at only in front', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Object.values(Os)).toContain(osOf(text))
        expect(typeof osVersionOf(text, osOf(text))).toBe('string')
        expect(Object.values(DeviceType)).toContain(deviceTypeOf(text))
        expect(typeof isCrawler(text)).toBe('boolean')
      }),
    )
    expect(isCrawler(`${'Macintosh '.repeat(100_000)} Googlebot/2.1`)).toBe(false)
    expect(osOf(`${'Macintosh '.repeat(100_000)}Mobile/15`)).toBe(Os.Mac)
  })
})
