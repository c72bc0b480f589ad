/**
 * An event of `POST /events` as its sender wrote it, in whichever form; and what is wrong with it.
 */

/** A device id as sent: it lives only until it is a device key. */
export interface OutsideDevice {
  /** `idType` of docs/identity.md, such as `oaid_md5`. */
  readonly type: string
  readonly value: string
  /** CAID version, appid and the like, for types that need one. */
  readonly scope: string
}

/** All fields, in the field's words; '' and 0 = not sent. docs/feedback.md says what each means. */
export interface OutsideEvent {
  type: string
  eventId: string
  eventTimeMs: number
  advertiserId: string
  campaignId: string
  creativeId: string
  strategyId: string
  medium: string
  token: string
  clickId: string
  orderId: string
  action: string
  value: string
  currency: string
  price: string
  lossReason: number
  userAgent: string
  ip: string
  isTest: boolean
  devices: OutsideDevice[]
}

/** Why an event, or a whole body, was rejected; each is in docs/errors.md. */
export type EventCode =
  | 'SLUICE_EVENT_BODY'
  | 'SLUICE_EVENT_COUNT'
  | 'SLUICE_EVENT_DEVICE'
  | 'SLUICE_EVENT_FIELD'
  | 'SLUICE_EVENT_ID'
  | 'SLUICE_EVENT_SUBJECT'
  | 'SLUICE_EVENT_TIME'
  | 'SLUICE_EVENT_TOKEN'
  | 'SLUICE_EVENT_TYPE'
  | 'SLUICE_EVENT_VALUE'

/** What is wrong: a code for programs, a sentence for people. */
export interface EventFault {
  readonly ok: false
  readonly code: EventCode
  readonly message: string
}

/** Makes a fault. */
export function fault(code: EventCode, message: string): EventFault {
  return { ok: false, code, message }
}

/** Most events of one body: a thousand take some ten milliseconds, in slices. */
export const eventsMax = 1_000

/** Devices of one event, as many as a request may have (`deviceIdsMax`). */
export const devicesMax = 16

/** Longest texts, in characters; ids of ours have at most 64. */
export const textCharsMax = {
  type: 16,
  eventId: 128,
  advertiserId: 64,
  campaignId: 64,
  creativeId: 64,
  strategyId: 64,
  medium: 64,
  token: 200,
  clickId: 512,
  orderId: 128,
  action: 64,
  value: 32,
  currency: 3,
  price: 128,
  userAgent: 2_048,
  ip: 64,
} as const

/** A text field of an event. */
export type TextField = keyof typeof textCharsMax

/** Longest texts of a device. */
export const deviceCharsMax = { type: 32, value: 512, scope: 64 } as const

/** An event without a field. */
export function emptyOutsideEvent(): OutsideEvent {
  return {
    type: '',
    eventId: '',
    eventTimeMs: 0,
    advertiserId: '',
    campaignId: '',
    creativeId: '',
    strategyId: '',
    medium: '',
    token: '',
    clickId: '',
    orderId: '',
    action: '',
    value: '',
    currency: '',
    price: '',
    lossReason: 0,
    userAgent: '',
    ip: '',
    isTest: false,
    devices: [],
  }
}

/** True for a name of a text field. */
export function isTextField(name: string): name is TextField {
  return Object.hasOwn(textCharsMax, name)
}

/** A text field that is too long, or has control characters, as a fault; else null. */
export function textFault(name: string, value: string, charsMax: number): EventFault | null {
  if (value.length > charsMax) {
    return fault('SLUICE_EVENT_FIELD', `${name} has over ${charsMax} characters`)
  }
  // oxlint-disable-next-line no-control-regex -- those are what is looked for
  return /[\u0000-\u001f\u007f]/.test(value)
    ? fault('SLUICE_EVENT_FIELD', `${name} has a control character`)
    : null
}
