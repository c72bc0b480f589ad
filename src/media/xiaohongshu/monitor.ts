/** Monitoring links of Xiaohongshu (小红书聚光): rta-media.md §4, §4.1 and the conflict of §10.4. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { conversionParams, monitorParams, usualMonitor } from '../monitor-params.ts'

/** What both sources know and the medium does not refuse by default. */
const both = monitorParams({
  ck: ['__CLICK_ID__', 'clickId'],
  oa: ['__OAID__', 'oaid'],
  om: ['__OAID_MD5__', 'oaid_md5'],
})

export const xiaohongshuMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'xiaohongshu',
  sender: 'device',
  needsDomain: true,
  links: { imp: both, click: both, conv: conversionParams },
  notes: [
    'The domain must be white-listed beforehand; only asynchronous C2S monitoring exists.',
    'Sources differ on the macros; __CONTENT__, __RED_ID__, __CAID__ and __CAID_MD5__ get a link refused by default and are left out.',
    'No macro of campaign, unit, time, address or user agent is known; build one link a creative (creative=…).',
    'Conversions must be posted back within one hour.',
  ],
}
