/** The options of `sluice try`, as commander reads them. */
import type { Command } from 'commander'
import type { TryOptions } from './try.ts'
import type { TryOpenRtbOptions } from './try-openrtb.ts'

/** One option: flag, argument (none = a switch, `…` = may be repeated), and what it says. */
const options: readonly (readonly [flag: string, help: string])[] = [
  ['--oaid <id>', 'raw oaid'],
  ['--oaid-md5 <md5>', 'md5 of the oaid'],
  ['--imei <id>', 'raw imei'],
  ['--imei-md5 <md5>', 'md5 of the lower-case imei'],
  ['--idfa <id>', 'raw idfa'],
  ['--idfa-md5 <md5>', 'md5 of the upper-case idfa'],
  ['--android-id <id>', 'raw android id'],
  ['--android-id-md5 <md5>', 'md5 of the android id'],
  ['--caid <version:value...>', 'CAIDs with their versions'],
  ['--openid <appid:openid>', 'WeChat openid'],
  ['--os <name>', 'android, ios, harmony, windows or mac'],
  ['--ip <address>', 'address of the device'],
  ['--experiment <id...>', "the medium's experiment buckets"],
  ['--rta-id <id...>', 'strategies asked about (Ocean Engine, Sluice)'],
  ['--request-id <id>', 'trace id of the request'],
  ['--ping', 'only a network probe (Tencent)'],
  ['--test', 'marked as a test'],
  ['--exchange <name>', 'OpenRTB: the exchange to ask as (any)'],
  ['--file <path>', 'OpenRTB: a whole request as JSON, instead of the options'],
  ['--banner <size...>', 'OpenRTB: banner sizes such as 300x250'],
  ['--video', 'OpenRTB: an in-stream video'],
  ['--native', 'OpenRTB: a native card'],
  ['--floor <cpm>', 'OpenRTB: floor in USD'],
  ['--deal <id:floor>', 'OpenRTB: a deal on offer'],
  ['--domain <domain>', 'OpenRTB: the site'],
  ['--country <code>', 'OpenRTB: where the device is, such as DEU'],
  ['--ifa <id>', 'OpenRTB: advertising id of the device'],
  ['--protobuf', 'OpenRTB: sent as protobuf'],
  ['--gzip', 'OpenRTB: sent as gzip'],
  ['--url <url>', 'base of the server'],
  ['--header <name:value>', 'secret header of the medium or exchange'],
  ['--explain <key>', 'admin key: shows how strategies or creatives were ranked'],
  ['--control <url>', 'base of the admin API'],
]

/** Adds the command; what it runs is loaded only when it is run. */
export function addTryCommand(program: Command): void {
  const command = program
    .command('try <medium>')
    .description('send one real request to a running server (a medium, or openrtb)')
  for (const [flag, help] of options) command.option(flag, help)
  command.action(async (medium: string, given: TryOptions & TryOpenRtbOptions) => {
    const { runTry } = await import('./try.ts')
    process.exitCode = await runTry(medium, given)
  })
}
