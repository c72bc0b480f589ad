/** The JSON form of `POST /events`. */
import {
  deviceCharsMax,
  devicesMax,
  type EventFault,
  emptyOutsideEvent,
  fault,
  isTextField,
  type OutsideDevice,
  type OutsideEvent,
  textCharsMax,
  textFault,
} from './outside-event.ts'

/** Events of a body, unread; null = the body is no JSON object, or `events` is no list. */
export function eventsOfJson(body: Uint8Array): readonly unknown[] | null {
  const json = parsed(body)
  if (!isObject(json)) return null
  if (!Object.hasOwn(json, 'events')) return [json]
  const { events } = json as { readonly events: unknown }
  return Array.isArray(events) && Object.keys(json).length === 1 ? events : null
}

/**
 * One event. A field that nobody knows is a fault: a misspelt `orderId` would lose the order in
 * silence. `null` is as good as not sent.
 */
export function eventOfJson(json: unknown): OutsideEvent | EventFault {
  if (!isObject(json)) return fault('SLUICE_EVENT_FIELD', 'an event is a JSON object')
  const event = emptyOutsideEvent()
  for (const [name, value] of Object.entries(json)) {
    if (value === null) continue
    const wrong = setField(event, name, value)
    if (wrong !== null) return wrong
  }
  return event
}

function setField(event: OutsideEvent, name: string, value: unknown): EventFault | null {
  if (isTextField(name)) {
    if (typeof value !== 'string') return fault('SLUICE_EVENT_FIELD', `${name} is a text`)
    event[name] = value
    return textFault(name, value, textCharsMax[name])
  }
  if (name === 'eventTimeMs' || name === 'lossReason') {
    if (!isWhole(value)) return fault('SLUICE_EVENT_FIELD', `${name} is a whole number`)
    event[name] = value
    return null
  }
  if (name === 'test') {
    event.isTest = value === true
    return typeof value === 'boolean' ? null : fault('SLUICE_EVENT_FIELD', 'test is true or false')
  }
  return name === 'devices'
    ? setDevices(event, value)
    : fault('SLUICE_EVENT_FIELD', `there is no field ${shown(name)}`)
}

function setDevices(event: OutsideEvent, value: unknown): EventFault | null {
  if (!Array.isArray(value) || value.length > devicesMax) {
    return fault('SLUICE_EVENT_DEVICE', `devices is a list of at most ${devicesMax}`)
  }
  for (const one of value) {
    const device = deviceOf(one)
    if (device === null) {
      return fault('SLUICE_EVENT_DEVICE', 'a device is {"type":…,"value":…,"scope":…}, all texts')
    }
    event.devices.push(device)
  }
  return null
}

function deviceOf(json: unknown): OutsideDevice | null {
  if (!isObject(json)) return null
  const { type, value, scope = '' } = json as Readonly<Record<keyof OutsideDevice, unknown>>
  if (typeof type !== 'string' || typeof value !== 'string' || typeof scope !== 'string')
    return null
  const fits =
    type.length <= deviceCharsMax.type &&
    value.length <= deviceCharsMax.value &&
    scope.length <= deviceCharsMax.scope
  return fits ? { type, value, scope } : null
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())
  } catch {
    return null
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 32))
}
