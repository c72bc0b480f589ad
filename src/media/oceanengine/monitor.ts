/** Monitoring links of Ocean Engine (巨量引擎): rta-media.md §4, §4.1. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { monitorParams, paidConversionParams, usualMonitor } from '../monitor-params.ts'

const both = monitorParams({
  rq: ['__REQUEST_ID__', 'requestId'],
  cb: ['__CALLBACK_PARAM__', 'callback'],
  ts: ['__TS__', 'time'],
  ac: ['__ADVERTISER_ID__', 'account'],
  ag: ['__PROMOTION_ID__', 'adgroup'],
  cr: ['__CID__', 'creative'],
  im: ['__IMEI__', 'imei_md5'],
  oa: ['__OAID__', 'oaid'],
  om: ['__OAID_MD5__', 'oaid_md5'],
  // Raw or its md5: no raw Android id has 32 digits, so both are told apart.
  an: ['__ANDROIDID__', 'android_id'],
  ia: ['__IDFA__', 'idfa'],
  ix: ['__IDFA_MD5__', 'idfa_md5'],
  ca: ['__CAID__', 'caid'],
  cx: ['__CAID_MD5__', 'caid_md5'],
  // __IP__ mixes versions 4 and 6; the first of these two that is there counts.
  ip: ['__IPV4__', 'ip'],
  v6: ['__IPV6__', 'ip'],
  ua: ['__UA__', 'userAgent'],
})

export const oceanengineMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'oceanengine',
  valueUnit: 'fen',
  keeps: 'callback',
  links: { imp: both, click: both, conv: paidConversionParams },
  notes: [
    'The domain must resolve to IPv4 and IPv6; the link may have 10 K at most.',
    'Macros are upper case. No lone "%", no space, no "//" in the path.',
    '__AID__ is the ad plan and __CID__ the creative (TikTok uses the same names one level apart).',
    'The clickid of landing pages and __CALLBACK_PARAM__ are two different things; the second one is kept.',
    'No macro for the RTA id was found in public: give strategy=… when the link is built.',
  ],
}
