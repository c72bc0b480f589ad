/** Reads the calls of a medium's monitoring links by its description. */
import type { DeviceKeys } from '../domain/device-keys.ts'
import { idTypeNamed } from '../domain/id-type.ts'
import type {
  MonitorDescription,
  MonitorFacts,
  MonitorKind,
  MonitorParam,
  MonitorReader,
} from '../domain/monitor.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import { truncateIp } from '../lib/truncate-ip.ts'
import { caidsOf, isUnreplaced, microsOf, timeMsOf, told } from './monitor-text.ts'

/** Ids of media have up to 60 characters. */
const idCharsMax = 256
/** Callbacks are under 1 K (Kuaishou says so); cut, one would be worth nothing. */
const callbackCharsMax = 2_048
/** Real user agents have 80 to 300. */
const userAgentCharsMax = 512

const md5Pattern = /^[0-9a-f]{32}$/i

/** A reader that hashes ids with the house's salt. Not re-entrant, as the hasher is not. */
export function createMonitorReader(
  description: MonitorDescription,
  hasher: DeviceHasher,
): MonitorReader {
  return {
    description,
    read(kind, params, receivedAtMs, devices) {
      devices.clear()
      const call = new Call(description, kind, params)
      call.readDevices(hasher, devices)
      return call.facts(receivedAtMs)
    },
  }
}

/** One call: texts by meaning, the first that says something. */
class Call {
  readonly #description: MonitorDescription
  readonly #texts = new Map<string, string>()
  #unreplaced = 0

  constructor(
    description: MonitorDescription,
    kind: MonitorKind,
    params: ReadonlyMap<string, string>,
  ) {
    this.#description = description
    for (const param of description.links[kind] ?? []) this.#take(param, params.get(param.name))
  }

  #take({ macro, meaning }: MonitorParam, given: string | undefined): void {
    const text = given?.trim() ?? ''
    if (text === '') return
    if (text === macro || isUnreplaced(text)) this.#unreplaced++
    else if (!this.#texts.has(meaning)) this.#texts.set(meaning, text)
  }

  #text(meaning: string, charsMax = idCharsMax): string {
    return told(this.#texts.get(meaning) ?? '', charsMax)
  }

  facts(receivedAtMs: number): MonitorFacts {
    const { timeUnit, valueUnit, keeps } = this.#description
    const clickId = this.#text('clickId', callbackCharsMax)
    const callback = this.#text('callback', callbackCharsMax)
    const [first, second] = keeps === 'callback' ? [callback, clickId] : [clickId, callback]
    return {
      clickId,
      impressionId: this.#text('impressionId'),
      requestId: this.#text('requestId'),
      callback,
      kept: first === '' ? second : first,
      unit: ['account', 'adgroup', 'creative'].map((part) => this.#text(part)).join('/'),
      targetId: this.#text('targetId'),
      timeMs: timeMsOf(this.#text('time'), timeUnit, receivedAtMs),
      network: truncateIp(this.#text('ip')),
      // Encoded as a form, blanks come as pluses; no agent has one of its own that matters here.
      userAgent: this.#text('userAgent', userAgentCharsMax).replaceAll('+', ' '),
      action: this.#text('action'),
      orderId: this.#text('orderId'),
      valueMicros: valueUnit === null ? 0 : microsOf(this.#text('value'), valueUnit),
      isTrial: this.#unreplaced > 0 && this.#texts.size === 0,
    }
  }

  readDevices(hasher: DeviceHasher, devices: DeviceKeys): void {
    for (const [meaning, text] of this.#texts) {
      if (meaning === 'caid' || meaning === 'caid_md5') {
        for (const { value, version, isMd5 } of caidsOf(text)) {
          hasher.addText(devices, codeOf(isMd5 ? 'caid_md5' : meaning), value, version)
        }
        continue
      }
      for (const type of this.#typesOf(meaning, text)) {
        hasher.addText(devices, codeOf(type), text)
      }
    }
  }

  /** Id types that a text is read as; none where it is no device id. */
  #typesOf(meaning: string, text: string): readonly string[] {
    if (meaning === 'muid') return this.#muidTypes()
    if (meaning === 'oaid_any') return [md5Pattern.test(text) ? 'oaid_md5' : 'oaid']
    return idTypeNamed(meaning) === null ? [] : [meaning]
  }

  /** Where the system is not told it is taken as both: a key that nobody else has does no harm. */
  #muidTypes(): readonly string[] {
    const os = this.#text('os').toLowerCase()
    if (os === 'ios') return ['idfa_md5']
    return os === 'android' || os === 'harmony' ? ['imei_md5'] : ['imei_md5', 'idfa_md5']
  }
}

function codeOf(name: string): number {
  const type = idTypeNamed(name)
  if (type === null) throw new RangeError(`no id type is named "${name}"`)
  return type.code
}
