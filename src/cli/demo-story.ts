/** The story of the demo: a shoe shop, its two audiences, its four strategies and who asks. */
import { md5Hex, type RequestOptions } from './request-options.ts'

/** One upload of the demo: ids of one kind for one pack. */
export interface DemoUpload {
  readonly pack: string
  readonly query: Readonly<Record<string, string>>
  readonly ids: number
  readonly body: () => Iterable<Uint8Array>
}

/** A pack in the marketer's words. */
export interface DemoPack {
  readonly id: string
  readonly devices: number
  readonly meaning: string
}

/** A strategy as the admin API takes it, and in the marketer's words. */
export interface DemoStrategy {
  readonly id: string
  readonly mediumTitle: string
  readonly meaning: string
  readonly body: Readonly<Record<string, unknown>>
}

/** One request and what is to come of it. */
export interface DemoCase {
  readonly medium: 'tencent' | 'oceanengine'
  readonly who: string
  readonly request: RequestOptions
  /** Target ids that must take part; empty = refused. */
  readonly expected: readonly string[]
  readonly why: string
}

/** Version that the demo's CAIDs were made by; an id of another version is another id. */
const caidVersion = '20230330'

const androidVisitors = 60_000
const appleVisitors = 10_000
const firstCustomer = 50_000
const customers = 30_000

/** Ids of one chunk of an upload. */
const chunkIds = 5_000

/** Made-up raw OAID of Android phone `number`, as an app reads it. */
function oaid(number: number): string {
  return md5Hex(`demo phone ${number}`).slice(0, 16)
}

/** Made-up CAID of iPhone `number`. */
function caid(number: number): string {
  return md5Hex(`demo iphone ${number}`)
}

function* lines(from: number, count: number, idOf: (number: number) => string): Generator<Buffer> {
  for (let start = from; start < from + count; start += chunkIds) {
    const end = Math.min(start + chunkIds, from + count)
    let text = ''
    for (let number = start; number < end; number++) text += `${idOf(number)}\n`
    yield Buffer.from(text, 'latin1')
  }
}

const oaidMd5 = (number: number): string => md5Hex(oaid(number))

/** 100 000 ids in two packs; visitors are known by two kinds of id. */
export const demoUploads: readonly DemoUpload[] = [
  {
    pack: 'visitors',
    query: { idType: 'oaid_md5' },
    ids: androidVisitors,
    body: () => lines(0, androidVisitors, oaidMd5),
  },
  {
    pack: 'visitors',
    query: { idType: 'caid', scope: caidVersion, mode: 'add' },
    ids: appleVisitors,
    body: () => lines(0, appleVisitors, caid),
  },
  {
    pack: 'customers',
    query: { idType: 'oaid_md5' },
    ids: customers,
    body: () => lines(firstCustomer, customers, oaidMd5),
  },
]

/** The packs as a marketer speaks of them. */
export const demoPacks: readonly DemoPack[] = [
  {
    id: 'visitors',
    devices: androidVisitors + appleVisitors,
    meaning: 'looked at running shoes in the last 30 days',
  },
  { id: 'customers', devices: customers, meaning: 'bought a pair in the last 90 days' },
]

const notYetCustomers = { all: ['visitors'], none: ['customers'] }

/** Two strategies a medium: win visitors who have not bought, and sell socks to those who have. */
export const demoStrategies: readonly DemoStrategy[] = [
  {
    id: 'tencent-shoes',
    mediumTitle: 'Tencent',
    meaning: 'visitors who have not bought yet: bid 1.5 times as much',
    body: {
      name: 'Running shoes for visitors',
      medium: 'tencent',
      targetId: 'running_shoes',
      registered: true,
      priority: 10,
      audience: notYetCustomers,
      action: { bid: { kind: 'factor', factor: 1.5 } },
    },
  },
  {
    id: 'tencent-socks',
    mediumTitle: 'Tencent',
    meaning: 'customers: at the normal bid',
    body: {
      name: 'Socks for customers',
      medium: 'tencent',
      targetId: 'running_socks',
      registered: true,
      audience: { all: ['customers'] },
    },
  },
  {
    id: 'oceanengine-shoes',
    mediumTitle: 'Ocean Engine',
    meaning: 'visitors who have not bought yet: bid 1.2 times as much',
    body: {
      name: 'Running shoes for visitors',
      medium: 'oceanengine',
      targetId: '9007199254740993',
      registered: true,
      audience: notYetCustomers,
      action: { bid: { kind: 'factor', factor: 1.2 } },
    },
  },
  {
    id: 'oceanengine-socks',
    mediumTitle: 'Ocean Engine',
    meaning: 'customers: at the normal bid',
    body: {
      name: 'Socks for customers',
      medium: 'oceanengine',
      targetId: '880002',
      registered: true,
      audience: { all: ['customers'] },
    },
  },
]

/** What each target id sells, for the printed verdicts. */
export const demoTargets: ReadonlyMap<string, string> = new Map([
  ['running_shoes', 'running shoes'],
  ['running_socks', 'socks'],
  ['9007199254740993', 'running shoes'],
  ['880002', 'socks'],
])

const bothAsked = ['9007199254740993', '880002']

/** Who asks. Phones below 50 000 only looked; 50 000 to 60 000 looked and bought. */
export const demoCases: readonly DemoCase[] = [
  {
    medium: 'tencent',
    who: 'a visitor with an Android phone',
    request: { oaid: oaid(42), os: 'android' },
    expected: ['running_shoes'],
    why: 'Looked and has not bought: worth more than the average user.',
  },
  {
    medium: 'tencent',
    who: 'a visitor with an iPhone, known by CAID',
    request: { caid: [`${caidVersion}:${caid(7)}`, `20250325:${md5Hex('newer')}`], os: 'ios' },
    expected: ['running_shoes'],
    why: 'One of the two CAID versions sent is in the pack; that is enough.',
  },
  {
    medium: 'tencent',
    who: 'a visitor who bought last week',
    request: { oaid: oaid(55_000), os: 'android' },
    expected: ['running_socks'],
    why: 'No money for shoes that are bought already; socks are another matter.',
  },
  {
    medium: 'tencent',
    who: 'a stranger',
    request: { oaid: oaid(5_000_000), os: 'android' },
    expected: [],
    why: 'In no pack, so the shop leaves this one to others.',
  },
  {
    medium: 'tencent',
    who: 'a phone whose id is all zeros',
    request: { oaid: '00000000-0000-0000-0000-000000000000', os: 'android' },
    expected: [],
    why: 'Such an id belongs to thousands of phones; it is never looked up.',
  },
  {
    medium: 'oceanengine',
    who: 'the same Android visitor',
    request: { oaid: oaid(42), os: 'android', rtaId: bothAsked },
    expected: ['9007199254740993'],
    why: 'This medium sends the raw id, the pack holds md5: they meet all the same.',
  },
  {
    medium: 'oceanengine',
    who: 'a customer',
    request: { oaid: oaid(70_000), os: 'android', rtaId: bothAsked },
    expected: ['880002'],
    why: 'Two strategies were asked about; each got its own yes or no.',
  },
  {
    medium: 'oceanengine',
    who: 'a stranger',
    request: { oaid: oaid(5_000_001), os: 'android', rtaId: bothAsked },
    expected: [],
    why: 'Again nobody the shop knows.',
  },
]
