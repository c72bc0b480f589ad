/** Short forms in which the media write down their monitoring links. */
import type { MonitorDescription, MonitorParam } from '../domain/monitor.ts'

/** Our name to the medium's macro and its meaning. */
type ParamTable = Readonly<Record<string, readonly [macro: string, meaning: string]>>

/** The parameters of a link, in the order of the table. */
export function monitorParams(table: ParamTable): readonly MonitorParam[] {
  return Object.entries(table).map(([name, [macro, meaning]]) => ({ name, macro, meaning }))
}

/** What most media have in common. */
export const usualMonitor = {
  timeUnit: 'ms',
  valueUnit: null,
  sender: 'medium',
  keeps: 'clickId',
  suffix: '',
  // The two that state a limit say 10 K (Ocean Engine, Kuaishou); no other one is known.
  linkCharsMax: 10_000,
  needsDomain: false,
  needsHttps: false,
} as const satisfies Partial<MonitorDescription>

const conversion: ParamTable = {
  ck: ['{click_id}', 'clickId'],
  act: ['{action}', 'action'],
  oid: ['{order_id}', 'orderId'],
  ts: ['{time}', 'time'],
  oa: ['{oaid}', 'oaid'],
  om: ['{oaid_md5}', 'oaid_md5'],
  im: ['{imei_md5}', 'imei_md5'],
  ia: ['{idfa}', 'idfa'],
  ix: ['{idfa_md5}', 'idfa_md5'],
  an: ['{android_id_md5}', 'android_id_md5'],
  ca: ['{caid}', 'caid'],
  ip: ['{ip}', 'ip'],
  ua: ['{ua}', 'userAgent'],
}

/**
 * The conversion link: no medium is known to call one, so its names are ours, and whoever tells of
 * the conversion (the advertiser, a tracking service) fills them in.
 */
export const conversionParams = monitorParams(conversion)

/** The same with an amount, for media whose unit is known. */
export const paidConversionParams = monitorParams({ ...conversion, val: ['{value}', 'value'] })
