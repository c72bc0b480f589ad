/** Monitoring links of Kuaishou (快手, 磁力引擎): rta-media.md §4, §4.1. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { monitorParams, paidConversionParams, usualMonitor } from '../monitor-params.ts'

/** Only macros of the medium's own list: an unknown one makes the whole link fail validation. */
const both = monitorParams({
  rq: ['__LLSID__', 'requestId'],
  cb: ['__CALLBACK__', 'callback'],
  ts: ['__TS__', 'time'],
  ac: ['__ACCOUNTID__', 'account'],
  // __DID__ is the campaign, __AID__ the unit.
  ag: ['__AID__', 'adgroup'],
  cr: ['__CID__', 'creative'],
  im: ['__IMEI2__', 'imei_md5'],
  ix: ['__IDFA2__', 'idfa_md5'],
  an: ['__ANDROIDID2__', 'android_id_md5'],
  oa: ['__OAID__', 'oaid'],
  om: ['__OAID2__', 'oaid_md5'],
  ca: ['__KENYID_CAA__', 'caid'],
  // The medium's own spelling, with one I too many.
  ga: ['__ADVERTISIINGID2__', 'gaid_md5'],
  ip: ['__IP__', 'ip'],
  ua: ['__UA__', 'userAgent'],
})

export const kuaishouMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'kuaishou',
  valueUnit: 'yuan',
  keeps: 'callback',
  needsHttps: true,
  links: { imp: both, click: both, conv: paidConversionParams },
  notes: [
    'The medium validates macros against a white list: add none by hand, not even __OS__.',
    'https only, 10 K at most, no download link; the domain must resolve to IPv4 and IPv6.',
    '__ADVERTISIINGID2__ is spelt so by the medium.',
    'The callback is kept whole, as post-backs must send it back unchanged.',
    '__IMEI4__ is left out: how it is hashed was not found.',
  ],
}
