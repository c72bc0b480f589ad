/** Monitoring links of Baidu (百度营销): rta-media.md §4, §4.1. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { monitorParams, paidConversionParams, usualMonitor } from '../monitor-params.ts'

const both = monitorParams({
  ck: ['__CLICK_ID__', 'clickId'],
  cb: ['__CALLBACK_URL__', 'callback'],
  ts: ['__TS__', 'time'],
  ac: ['__USER_ID__', 'account'],
  ag: ['__UNIT_ID__', 'adgroup'],
  cr: ['__IDEA_ID__', 'creative'],
  // Raw or md5: these two types tell the forms apart by length.
  im: ['__IMEI__', 'imei'],
  an: ['__ANDROIDID__', 'android_id'],
  oa: ['__OAID__', 'oaid'],
  om: ['__OAID_MD5__', 'oaid_md5'],
  ia: ['__IDFA__', 'idfa'],
  ca: ['__CAID__', 'caid'],
})

export const baiduMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'baidu',
  valueUnit: 'fen',
  keeps: 'callback',
  links: { imp: both, click: both, conv: paidConversionParams },
  notes: [
    'Landing-page wildcards are another family ({planid} in search, {{PLAN_ID}} in feed): do not paste them here.',
    'The callback URL is kept: post-backs are signed over it, the order of its parameters included.',
    '__EXT_INFO__ (up to 3 KB) and __SIGN__ are not asked for.',
  ],
}
