/** The options of `sluice try`, as commander reads them. */
import type { Command } from 'commander'
import type { TryOptions } from './try.ts'

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
  ['--url <url>', 'base of the server'],
  ['--header <name:value>', 'secret header of the medium'],
]

/** Adds the command; what it runs is loaded only when it is run. */
export function addTryCommand(program: Command): void {
  const command = program
    .command('try <medium>')
    .description('send one real request to a running server and print its answer')
  for (const [flag, help] of options) command.option(flag, help)
  command.action(async (medium: string, given: TryOptions) => {
    const { runTry } = await import('./try.ts')
    process.exitCode = await runTry(medium, given)
  })
}
