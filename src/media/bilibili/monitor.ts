/** Monitoring links of Bilibili (哔哩哔哩): rta-media.md §4, §4.1. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { conversionParams, monitorParams, usualMonitor } from '../monitor-params.ts'

const both = monitorParams({
  ck: ['__TRACKID__', 'clickId'],
  cb: ['__CALLBACKURL__', 'callback'],
  ts: ['__TS__', 'time'],
  ac: ['__ACCOUNTID__', 'account'],
  ag: ['__UNITID__', 'adgroup'],
  cr: ['__CREATIVEID__', 'creative'],
  im: ['__IMEI__', 'imei_md5'],
  ia: ['__IDFA__', 'idfa'],
  oa: ['__OAID__', 'oaid'],
  an: ['__ANDROIDID__', 'android_id_md5'],
  mc: ['__MAC1__', 'mac_md5'],
  ca: ['__CAID__', 'caid'],
})

export const bilibiliMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'bilibili',
  links: { imp: both, click: both, conv: conversionParams },
  notes: [
    'The medium wants HTTP 200 for a click report; it leaves a macro as it is where it has no value.',
    '__MAC1__ is the md5 of the upper-case address with colons; up to two CAIDs come as version_value.',
    'The track id is kept: post-backs are made by it.',
  ],
}
