/** Monitoring links of vivo: rta-media.md §4; what is not there is our own choice. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { conversionParams, monitorParams, usualMonitor } from '../monitor-params.ts'

const both = monitorParams({
  rq: ['__REQUESTID__', 'requestId'],
  cr: ['__CREATIVEID__', 'creative'],
  im: ['__IMEI__', 'imei'],
  oa: ['__OAID__', 'oaid_any'],
})

export const vivoMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'vivo',
  links: { imp: both, click: both, conv: conversionParams },
  notes: [
    'Macros as an agency lists them for deep links: compare them with the page in your account.',
    'Digests and plain ids are told apart by length (our choice). __IP__ is a md5 there and is not asked for.',
    'The tool for click monitoring of whole apps posts lists of clicks instead of calling a link: send those by POST /events.',
    'No macro of a time was found: the time of arrival counts.',
  ],
}
