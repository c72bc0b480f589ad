/** Monitoring links of Zhihu (知乎): rta-media.md §4, §4.1. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { conversionParams, monitorParams, usualMonitor } from '../monitor-params.ts'

const both = monitorParams({
  rq: ['__SESSIONID__', 'requestId'],
  // The medium's own name for it, which landing pages must use too.
  cb: ['__CALLBACK__', 'callback'],
  ts: ['__TS__', 'time'],
  ag: ['__CAMPAIGN__', 'adgroup'],
  cr: ['__CREATIVE__', 'creative'],
  im: ['__IMEI__', 'imei_md5'],
  ix: ['__IDFA__', 'idfa_md5'],
  oa: ['__OAID__', 'oaid'],
  // A md5, but raw while links are being tested.
  an: ['__ANDROIDID__', 'android_id'],
  ip: ['__IP__', 'ip'],
  ua: ['__UA__', 'userAgent'],
})

export const zhihuMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'zhihu',
  timeUnit: 's',
  keeps: 'callback',
  suffix: 'zhs2s=1',
  links: { imp: both, click: both, conv: conversionParams },
  notes: [
    'The link must keep zhs2s=1 at its end.',
    'Times are in seconds. While a link is being tested there is no address and no user agent.',
    'A landing page must have cb=__CALLBACK__ and one "?" only.',
  ],
}
