import { expect, test } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { DeviceHasher } from '../identity/device-hasher.ts'
import { builtInMonitors } from '../media/registry.ts'
import { setUpMonitorEvents, setUpMonitorLinks } from './monitor-setup.ts'

const salt = new Uint8Array(16)
const described = {
  name: 'kuaishou',
  request: { ids: [{ path: 'oaid', type: 'oaid' }] },
  answer: { accept: { ok: true, ids: '$targetIds' }, refuse: { ok: false } },
  monitor: { click: [{ name: 'mine', macro: '{mine}', meaning: 'clickId' }] },
}

function configOf(environment: Record<string, string> = {}, file: object = {}) {
  return loadConfig({ SLUICE_CONFIG: 'x.json', ...environment }, () => JSON.stringify(file))
}

function eventsOf(config: ReturnType<typeof configOf>) {
  return setUpMonitorEvents(config, {
    ...{ hasher: new DeviceHasher(salt), salt, hasCampaign: () => true, strategyOf: () => null },
    traffic: { judge: () => ({ agent: 0, flags: [] }) },
  })
}

const owner = { advertiserId: 'a', campaignId: 'c', creativeId: '', strategyId: '' }
const call = {
  medium: 'kuaishou',
  kind: 'click',
  receivedAtMs: 1e12,
  network: '',
  agent: '',
} as const

test('what one process builds another one takes', () => {
  const links = setUpMonitorLinks(configOf(), salt)
  expect([...links.media.keys()]).toEqual(builtInMonitors.map(({ name }) => name))
  const { click } = links.of(links.media.get('kuaishou')!, owner).links
  const query = click!.slice(click!.indexOf('?') + 1)
  expect(eventsOf(configOf()).read({ ...call, query }).ok).toBe(true)
  const query2 = query.replace('cid=c', 'cid=d')
  expect(eventsOf(configOf()).read({ ...call, query: query2 })).toEqual({ ok: false, refusal: 3 })
})

test('unsigned links are taken only where the configuration says so', () => {
  const request = { ...call, query: 'aid=a&cid=c&cb=x' }
  expect(eventsOf(configOf()).read(request)).toEqual({ ok: false, refusal: 4 })
  const open = configOf({ SLUICE_UNSIGNED_LINKS: 'allow' })
  expect(eventsOf(open).read(request).ok).toBe(true)
})

test('links described by the operator take the place of built-in ones', () => {
  const links = setUpMonitorLinks(configOf({}, { described: [described] }), salt)
  expect(links.of(links.media.get('kuaishou')!, owner).links).toMatchObject({
    imp: null,
    click: expect.stringMatching(
      /^https:\/\/localhost:8080\/m\/kuaishou\/click\?.*&mine=\{mine\}$/,
    ),
  })
})
