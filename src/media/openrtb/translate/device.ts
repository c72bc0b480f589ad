/** `device` to what decisions look at of it (2.6 §3.2.18, §3.2.29). */
import { Os } from '../../../domain/ad-request.ts'
import type { DeviceInfo } from '../../../domain/bid-request.ts'
import { deviceTypeOf, osOf, osVersionOf } from '../../../domain/user-agent.ts'
import type { OrtbDevice, OrtbUserAgent } from '../wire/openrtb.generated.ts'
import { countOr } from './numbers.ts'
import { languageOf, lowerOr, textOr } from './text.ts'

/** Names that stand for "not known" in `device.os`. */
const unknownNames: readonly string[] = ['', 'unknown', 'null', 'undefined', 'n/a', 'none', '0']

/**
 * How names of operating systems begin, in lower case. Fire OS is Android under another name; TV
 * systems of Apple and others are none that a phone campaign means, so they are `Other`.
 */
const osStarts: readonly (readonly [start: string, os: Os])[] = [
  ['ios', Os.Ios],
  ['iphone', Os.Ios],
  ['ipad', Os.Ios],
  ['android', Os.Android],
  ['fire', Os.Android],
  ['win', Os.Windows],
  ['mac', Os.Mac],
  ['os x', Os.Mac],
  ['osx', Os.Mac],
  ['harmony', Os.Harmony],
  ['openharmony', Os.Harmony],
  ['hmos', Os.Harmony],
]

/** Fills `device`. The user agent text comes last, where fields and client hints say nothing. */
export function fillDevice(device: DeviceInfo, wire: OrtbDevice): void {
  const { sua } = wire
  device.userAgent = wire.ua ?? ''
  fillOs(device, wire, sua)
  const type = countOr(wire.devicetype)
  device.type = type === 0 ? deviceTypeOf(device.userAgent) : type
  device.make = lowerOr(wire.make)
  const model = lowerOr(wire.model)
  device.model = model === '' && sua !== null ? lowerOr(sua.model) : model
  const language = languageOf(wire.language)
  device.language = language === '' ? languageOf(wire.langb) : language
  device.carrier = textOr(wire.carrier)
  device.mccMnc = textOr(wire.mccmnc)
  device.connectionType = countOr(wire.connectiontype)
  device.widthPx = countOr(wire.w)
  device.heightPx = countOr(wire.h)
  device.pixelRatio = wire.pxratio !== null && wire.pxratio > 0 ? wire.pxratio : 0
}

/** The operating system of a name such as `iOS` or `Windows Phone`; Unknown for no name. */
export function osNamed(name: string | null): Os {
  const lower = lowerOr(name)
  if (unknownNames.includes(lower)) return Os.Unknown
  for (const [start, os] of osStarts) if (lower.startsWith(start)) return os
  return Os.Other
}

/** The version is that of the source that named the system: two sources may mean two systems. */
function fillOs(device: DeviceInfo, wire: OrtbDevice, sua: OrtbUserAgent | null): void {
  device.os = osNamed(wire.os)
  device.osVersion = textOr(wire.osv)
  const platform = sua === null ? null : sua.platform
  const hinted = platform === null ? Os.Unknown : osNamed(platform.brand)
  if (device.os === Os.Unknown) device.os = hinted === Os.Unknown ? osOf(device.userAgent) : hinted
  if (device.osVersion !== '' || device.os === Os.Unknown) return
  if (platform !== null && hinted === device.os) device.osVersion = platform.version.join('.')
  if (device.osVersion === '') device.osVersion = osVersionOf(device.userAgent, device.os)
}
