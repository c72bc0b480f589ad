/**
 * What a user agent text gives away: whether a program sent it, and, for requests that do not say
 * it themselves, the system and the kind of device. Not a device database, and not meant as one.
 */
import { Os } from './ad-request.ts'

/** AdCOM's device types, as far as a user agent tells them. */
export const DeviceType = {
  Unknown: 0,
  /** A phone or a tablet, the text does not say which. */
  Mobile: 1,
  Computer: 2,
  Television: 3,
  Phone: 4,
  Tablet: 5,
  /** A game console. */
  Connected: 6,
  SetTopBox: 7,
} as const
export type DeviceType = (typeof DeviceType)[keyof typeof DeviceType]

/**
 * Characters that are looked at: real texts have 80 to 300, the telling part is in front, and a
 * longer one must not cost more.
 */
const charsMax = 512

/**
 * Programs that are not people: crawlers, link previews, monitors, automated browsers, HTTP tools.
 * `bot` counts only where a word ends with it, and not in Cubot (phones) or iRobot (an app), nor in
 * BOTIM (a messenger); `spider` not where a name goes on (Spider Solitaire). Libraries that real
 * apps send ad requests with (okhttp, CFNetwork, Dalvik, Darwin) are people. The lower-case form is
 * searched: matching without case costs twice as much.
 */
const crawlers = new RegExp(
  [
    // `bot` looks behind itself: a pattern that begins with the word costs four times less.
    String.raw`bot(?<!cubot|irobot)(?:s?(?![a-z]))`,
    String.raw`spider(?=[/;,)\-+]|$)`,
    ...['crawl', 'slurp', 'scrap(?:y|er)\\b', 'fetcher', 'ia_archiver', 'barkrowler', 'httrack'],
    ...['headless', 'phantomjs', 'puppeteer', 'playwright', 'selenium', 'webdriver', 'cypress/'],
    ...['curl/', 'wget/', 'python-', 'python/', 'aiohttp', 'httpx/', 'libwww', 'lwp::', 'perl/'],
    ...['go-http-client', 'apache-httpclient', '^java/', 'node-fetch', 'axios/', 'undici'],
    ...['guzzlehttp', 'postmanruntime', 'insomnia/', 'httpie/', 'php/', '^ruby', 'winhttp'],
    ...['facebookexternal', 'meta-external', 'mediapartners', 'google-inspection', 'googleother'],
    ...['apis-google', 'feedburner', 'bingpreview', 'embedly', 'skypeuripreview', 'whatsapp/'],
    ...['chatgpt-user', 'anthropic-ai', 'perplexity-user', 'cohere-ai', 'quora link preview'],
    ...[
      'chrome-lighthouse',
      'page ?speed',
      'gtmetrix',
      'ptst/',
      'pingdom',
      'statuscake',
      'datadog',
    ],
    ...['site24x7', 'uptime', 'catchpoint', 'nagios', 'zgrab', 'masscan', 'nmap', 'sqlmap'],
    ...['validator', 'admantx', 'grapeshot', 'proximic', 'nutch', 'heritrix', 'screaming frog'],
  ].join('|'),
)

/** True for known crawlers and tools; false for an empty text, which real apps send too. */
export function isCrawler(userAgent: string): boolean {
  return crawlers.test(looked(userAgent).toLowerCase())
}

/** Systems in the order in which they are looked for: later ones are named by earlier ones too. */
const systems: readonly (readonly [pattern: RegExp, os: Os])[] = [
  // HarmonyOS 2 to 4 also says Android; the medium's own field would say HarmonyOS.
  [/HarmonyOS/i, Os.Harmony],
  // Windows Phone and Tizen name Android and iPhone for the sake of old pages.
  [/Windows Phone|Tizen|Web0S|webOS|Roku|AppleTV|tvOS|PlayStation|Xbox|Nintendo|KAIOS/, Os.Other],
  [/Android|\bAdr\b|\bAFT[A-Z]/, Os.Android],
  [/iPhone|iPad|iPod|\biOS\b/, Os.Ios],
  // An iPad that asks for desktop pages still says Mobile in an app's web view.
  [/Macintosh.*Mobile\//, Os.Ios],
  [/Windows/, Os.Windows],
  [/Macintosh|Mac OS X|macOS/, Os.Mac],
  // A bare app: CFNetwork on Darwin is an iPhone's far more often than a Mac's.
  [/CFNetwork/, Os.Ios],
  [/Linux|X11|CrOS|BSD|SMART-TV|SmartTV|HbbTV|BlackBerry|Symbian/, Os.Other],
]

/** The operating system; `Os.Unknown` where the text does not tell. */
export function osOf(userAgent: string): Os {
  const text = looked(userAgent)
  for (const [pattern, os] of systems) if (pattern.test(text)) return os
  return Os.Unknown
}

/** Where the version stands, by system; its number is the first group. */
const versions: ReadonlyMap<Os, RegExp> = new Map([
  [Os.Android, /(?:Android|Adr)[ /-]?v?(\d+(?:\.\d+)*)/],
  [Os.Ios, /(?:\bOS|iOS)[ /](\d+(?:[._]\d+)*)/],
  [Os.Windows, /Windows NT (\d+(?:\.\d+)*)/],
  [Os.Mac, /(?:Mac OS X|macOS)[ /](\d+(?:[._]\d+)*)/],
  [Os.Harmony, /HarmonyOS[ /](\d+(?:\.\d+)*)/i],
  [Os.Other, /(?:Windows Phone|Tizen|tvOS|Roku\/DVP-|CrOS \w+)[ /]?(\d+(?:\.\d+)*)/],
])

/** The version of a system that `osOf` told, with dots; '' where the text does not tell. */
export function osVersionOf(userAgent: string, os: Os): string {
  const found = versions.get(os)?.exec(looked(userAgent))?.[1] ?? ''
  return found.replaceAll('_', '.')
}

const televisions =
  /AppleTV|tvOS|SMART-?TV|SmartTV|HbbTV|BRAVIA|GoogleTV|Android ?TV|AFT[A-Z]|Web0S|NetCast|Roku|CrKey|VIDAA|\bTV\b/i
const consoles = /PlayStation|Xbox|Nintendo/
const setTopBoxes = /\bSTB\b|set-?top/i
const tablets =
  /iPad|Macintosh.*Mobile\/|Tablet|\bSM-[TX]\d|\bKF[A-Z]{2,5}\b|Lenovo TB|\bMediaPad|\bMatePad/
const phones = /iPhone|iPod|Windows Phone|BlackBerry|KAIOS|Mobile|Phone/

/** The kind of device; `DeviceType.Unknown` where the text does not tell. */
export function deviceTypeOf(userAgent: string): DeviceType {
  const text = looked(userAgent)
  if (setTopBoxes.test(text)) return DeviceType.SetTopBox
  if (consoles.test(text)) return DeviceType.Connected
  if (televisions.test(text)) return DeviceType.Television
  if (tablets.test(text)) return DeviceType.Tablet
  if (phones.test(text)) return DeviceType.Phone
  return deviceTypeBySystem(text)
}

function deviceTypeBySystem(text: string): DeviceType {
  switch (osOf(text)) {
    case Os.Android:
      // Browsers on Android say Mobile on phones alone; apps (Dalvik) never say it.
      return text.startsWith('Mozilla/') ? DeviceType.Tablet : DeviceType.Mobile
    case Os.Ios:
    case Os.Harmony:
      return DeviceType.Mobile
    case Os.Windows:
    case Os.Mac:
      return DeviceType.Computer
    default:
      return /X11|CrOS/.test(text) ? DeviceType.Computer : DeviceType.Unknown
  }
}

function looked(userAgent: string): string {
  return userAgent.length > charsMax ? userAgent.slice(0, charsMax) : userAgent
}
