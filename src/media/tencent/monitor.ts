/** Monitoring links of Tencent Ads (腾讯广告): rta-media.md §4, §4.1 and §1.8 for the RTA macros. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { conversionParams, monitorParams, usualMonitor } from '../monitor-params.ts'

/** In links of both kinds. `muid` is an imei's or idfa's md5, by the system. */
const both = {
  rq: ['__REQUEST_ID__', 'requestId'],
  ac: ['__ACCOUNT_ID__', 'account'],
  ag: ['__ADGROUP_ID__', 'adgroup'],
  cr: ['__DYNAMIC_CREATIVE_ID__', 'creative'],
  os: ['__DEVICE_OS_TYPE__', 'os'],
  mu: ['__MUID__', 'muid'],
  om: ['__HASH_OAID__', 'oaid_md5'],
  an: ['__HASH_ANDROID_ID__', 'android_id_md5'],
  ca: ['__CAID__', 'caid'],
  ip: ['__IP__', 'ip'],
  ua: ['__USER_AGENT__', 'userAgent'],
  tg: ['__RTA_OUT_TARGET_ID__', 'targetId'],
} as const

export const tencentMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'tencent',
  timeUnit: 's',
  needsDomain: true,
  links: {
    imp: monitorParams({
      ii: ['__IMPRESSION_ID__', 'impressionId'],
      ts: ['__IMPRESSION_TIME__', 'time'],
      ...both,
    }),
    click: monitorParams({
      ck: ['__CLICK_ID__', 'clickId'],
      ii: ['__IMPRESSION_ID__', 'impressionId'],
      ts: ['__CLICK_TIME__', 'time'],
      cb: ['__CALLBACK__', 'callback'],
      ...both,
    }),
    conv: conversionParams,
  },
  notes: [
    'The medium takes a domain only, no IP address, and does not rely on SNI: give the domain a certificate of its own.',
    'After going live macros may be changed, the domain may not.',
    'The link must not contain a "#".',
    'Macros are for the monitoring link only; landing pages get gdt_vid (WeChat) or qz_gdt (elsewhere).',
    'Times are in seconds. In mini programs no device id, address or user agent is sent.',
    '__WECHAT_OPEN_ID__ is not asked for: without its appid an openid cannot be told apart.',
  ],
}
