/** Monitoring links of OPPO: rta-media.md §4; what is not there is our own choice. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { conversionParams, monitorParams, usualMonitor } from '../monitor-params.ts'

const both = monitorParams({
  cr: ['__ADID__', 'creative'],
  // Raw or md5, not known which: told apart by length.
  im: ['__IMEI__', 'imei'],
  oa: ['__OAID__', 'oaid_any'],
  ts: ['__TS__', 'time'],
})

export const oppoMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'oppo',
  links: { imp: both, click: both, conv: conversionParams },
  notes: [
    'Macros from third-party code only: compare them with the page in your account.',
    'The medium waits 3 s for the answer and tries three times.',
    'No click id is known: repeats are told by device and time.',
    'An OAID of 32 hex digits is taken as a md5 (our choice).',
  ],
}
