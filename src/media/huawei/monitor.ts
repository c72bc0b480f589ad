/** Monitoring links of Huawei (鲸鸿动能): rta-media.md §4; the spelling in braces is our own choice. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { conversionParams, monitorParams, usualMonitor } from '../monitor-params.ts'

const both = monitorParams({
  cb: ['{callback}', 'callback'],
  ag: ['{campaign_id}', 'adgroup'],
  cr: ['{content_id}', 'creative'],
  oa: ['{oaid}', 'oaid'],
})

export const huaweiMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'huawei',
  keeps: 'callback',
  links: { imp: both, click: both, conv: conversionParams },
  notes: [
    'The names of the parameters are known, the spelling of the macros is not: compare the link with the page in your account and change what stands right of each "=".',
    'One application has one monitoring address at the medium, whose domain must be white-listed.',
    'Post-backs have conversion_time in seconds and timestamp in milliseconds in one body.',
  ],
}
