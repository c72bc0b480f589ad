/** Monitoring links of Weibo (微博, 超级粉丝通): rta-media.md §4, §4.1. */
import type { MonitorDescription } from '../../domain/monitor.ts'
import { monitorParams, paidConversionParams, usualMonitor } from '../monitor-params.ts'

/** Case matters: the medium's table mixes them. Digests come in upper case. */
const both = monitorParams({
  ck: ['{IMP}', 'clickId'],
  ts: ['{clicktime}', 'time'],
  ag: ['{ad_id}', 'adgroup'],
  cr: ['{creative_id}', 'creative'],
  im: ['{imei_MD5}', 'imei_md5'],
  ix: ['{idfa_MD5}', 'idfa_md5'],
  oa: ['{oaid}', 'oaid'],
  ca: ['{GX_CAID}', 'caid'],
  ip: ['{ip}', 'ip'],
  ua: ['{ua}', 'userAgent'],
})

export const weiboMonitor: MonitorDescription = {
  ...usualMonitor,
  name: 'weibo',
  valueUnit: 'yuan',
  links: { imp: both, click: both, conv: paidConversionParams },
  notes: [
    'Macros are in braces, and their case matters: {ad_id}, but {IMP} and {imei_MD5}.',
    'No macros of impression monitoring are published: the impression link has those of the click.',
    '{CAID} is dead; {GX_CAID} is used. {RY_CAID} is another company’s id and is not read.',
    '{IMP} is kept, for post-backs; mark_id of landing pages may be URL-encoded once only.',
  ],
}
