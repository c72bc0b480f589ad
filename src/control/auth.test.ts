/** Keys and roles: who gets in, who does not, and what is kept of a key. */
import { describe, expect, test } from 'vitest'
import { fakeDeps, newHarness } from '../../test/support/control-harness.ts'
import { type ApiKey, configuredKeyId, isKey, type Role, roles } from '../domain/api-key.ts'
import { AdminKeyError, ensureAdminKey } from './admin-key.ts'
import { CatalogDesk } from './catalog-desk.ts'
import { wrongKeysPerMinuteMax } from './limits.ts'

describe('authentication', () => {
  test('refuses a request without a key, with another scheme, with an unknown or cut-off key', async () => {
    const { call, keys } = await newHarness()
    const wrong = [
      '',
      'Basic abc',
      `Bearer ${keys.viewer}x`,
      `Bearer ${keys.viewer.slice(0, -1)}`,
      `Bearer sluice_viewer_${'m'.repeat(43)}`,
      `Bearer sluice_nobody_${'v'.repeat(43)}`,
      `Bearer ${'k'.repeat(600)}`,
    ]
    for (const authorization of wrong) {
      const answer = await call('GET', '/api/v1/packs', { role: null, headers: { authorization } })
      expect(answer.status, authorization).toBe(401)
      expect(answer.body['code']).toBe('SLUICE_CONTROL_UNAUTHENTICATED')
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="sluice"')
      expect(answer.headers['connection']).toBe('close')
    }
  })

  test('refuses an address after too many wrong keys, even its right one, until a minute is over', async () => {
    const { call, clock } = await newHarness()
    const headers = { authorization: `Bearer sluice_viewer_${'x'.repeat(43)}` }
    const address = '10.0.0.9'
    for (let i = 0; i < wrongKeysPerMinuteMax; i++) {
      expect((await call('GET', '/api/v1/packs', { role: null, headers, address })).status).toBe(
        401,
      )
    }
    const blocked = await call('GET', '/api/v1/packs', { address })
    expect(blocked.status).toBe(429)
    expect(blocked.body['code']).toBe('SLUICE_CONTROL_TOO_MANY_ATTEMPTS')
    expect(blocked.headers['retry-after']).toBe('60')
    expect((await call('GET', '/api/v1/packs', { address: '10.0.0.8' })).status).toBe(200)
    clock.advance(60_000)
    expect((await call('GET', '/api/v1/packs', { address })).status).toBe(200)
  })

  test('gives each role what it may do and 403 beyond it', async () => {
    const { call } = await newHarness()
    const routes = [
      ['GET', '/api/v1/strategies', 'viewer'],
      ['GET', '/api/v1/audit', 'viewer'],
      ['GET', '/api/v1/jobs', 'viewer'],
      ['POST', '/api/v1/explain', 'viewer'],
      ['PUT', '/api/v1/packs/p?idType=oaid', 'marketer'],
      ['POST', '/api/v1/packs/p/rollback', 'marketer'],
      ['DELETE', '/api/v1/packs/p', 'marketer'],
      ['PUT', '/api/v1/strategies/s', 'marketer'],
      ['POST', '/api/v1/strategies', 'marketer'],
      ['DELETE', '/api/v1/strategies/s', 'marketer'],
      ['PUT', '/api/v1/experiments/e', 'marketer'],
      ['GET', '/api/v1/keys', 'admin'],
      ['POST', '/api/v1/keys', 'admin'],
      ['DELETE', '/api/v1/keys/k', 'admin'],
    ] as const
    const allowed: Record<Role, readonly Role[]> = {
      sender: ['sender', 'marketer', 'admin'],
      viewer: ['viewer', 'marketer', 'admin'],
      marketer: ['marketer', 'admin'],
      admin: ['admin'],
    }
    for (const [method, url, needed] of routes) {
      for (const role of roles) {
        const answer = await call(method, url, { role })
        if (allowed[needed].includes(role))
          expect([401, 403], `${role} ${url}`).not.toContain(answer.status)
        else expect(answer.body['code'], `${role} ${url}`).toBe('SLUICE_CONTROL_FORBIDDEN')
      }
    }
  })

  test('lets the keys last seen open what needs no store while the store is down', async () => {
    const { call, catalog } = await newHarness()
    expect((await call('GET', '/api/v1/packs')).status).toBe(200)
    catalog.failure = new Error('down')
    expect((await call('GET', '/api/v1/packs')).status).toBe(200)
    const refused = await call('GET', '/api/v1/strategies')
    expect(refused.status).toBe(503)
    expect(refused.body['code']).toBe('SLUICE_CONTROL_STORE_UNAVAILABLE')
    expect(refused.headers['retry-after']).toBe('1')
  })
})

describe('the first admin key', () => {
  test('is made once in the life of a store and stored as a hash only', async () => {
    const { deps, catalog } = fakeDeps()
    const made = await ensureAdminKey(new CatalogDesk(catalog, deps.clock), deps.clock, null)
    expect(made).toMatch(/^sluice_first-admin_[\w-]{43}$/)
    const again = await ensureAdminKey(new CatalogDesk(catalog, deps.clock), deps.clock, null)
    expect(again).toBeNull()
    const { entities } = await catalog.load()
    const key = entities.find((entity) => entity.kind === 'key')!
    expect(isKey(JSON.parse(key.json) as ApiKey, made!)).toBe(true)
    const secret = made!.slice('sluice_first-admin_'.length)
    expect(JSON.stringify(entities)).not.toContain(secret)
  })

  test('is made by one of two processes that start at once', async () => {
    const { deps, catalog } = fakeDeps()
    const starts = [1, 2].map(() =>
      ensureAdminKey(new CatalogDesk(catalog, deps.clock), deps.clock, null),
    )
    const made = await Promise.all(starts)
    expect(made.filter((key) => key !== null)).toHaveLength(1)
  })

  test('comes from the configuration, where a new one replaces the old', async () => {
    const { deps, catalog } = fakeDeps()
    const desk = new CatalogDesk(catalog, deps.clock)
    const [first, second] = ['f'.repeat(32), 's'.repeat(32)]
    expect(await ensureAdminKey(desk, deps.clock, first)).toBeNull()
    const before = (await desk.view()).revision
    await ensureAdminKey(desk, deps.clock, first)
    expect((await desk.view()).revision).toBe(before)
    await ensureAdminKey(desk, deps.clock, second)
    const key = JSON.parse((await desk.view()).get('key', configuredKeyId)!.json) as ApiKey
    expect([isKey(key, first), isKey(key, second)]).toEqual([false, true])
  })

  test('is refused when it is too short or not plain text', async () => {
    const { deps, catalog } = fakeDeps()
    const desk = new CatalogDesk(catalog, deps.clock)
    for (const key of ['short', `${'x'.repeat(30)} y`, '密'.repeat(30), 'x'.repeat(600)]) {
      await expect(ensureAdminKey(desk, deps.clock, key), key).rejects.toThrow(AdminKeyError)
    }
  })
})

describe('/api/v1/keys', () => {
  test('makes a key that works, shows it once, and revokes it at once', async () => {
    const { call } = await newHarness()
    const body = { name: 'nightly upload', role: 'marketer' }
    const made = await call('POST', '/api/v1/keys', { role: 'admin', body })
    expect(made.status).toBe(201)
    const headers = { authorization: `Bearer ${String(made.body['key'])}` }
    expect((await call('GET', '/api/v1/strategies', { role: null, headers })).status).toBe(200)
    const list = await call('GET', '/api/v1/keys', { role: 'admin' })
    expect(list.text).not.toContain(String(made.body['key']).slice(-43))
    expect(list.text).not.toMatch(/salt|hash/)
    expect(list.body['items']).toContainEqual(
      expect.objectContaining({ id: made.body['id'], ...body, createdBy: 'admin' }),
    )
    const url = `/api/v1/keys/${String(made.body['id'])}`
    expect((await call('DELETE', url, { role: 'admin' })).status).toBe(204)
    expect((await call('GET', '/api/v1/strategies', { role: null, headers })).status).toBe(401)
    expect((await call('DELETE', url, { role: 'admin' })).status).toBe(404)
  })

  test('keeps the last admin key', async () => {
    const { call } = await newHarness()
    const refused = await call('DELETE', '/api/v1/keys/admin', { role: 'admin' })
    expect([refused.status, refused.body['code']]).toEqual([409, 'SLUICE_CONTROL_LAST_ADMIN'])
  })

  test('names each bad field', async () => {
    const { call } = await newHarness()
    const body = { name: '', role: 'root', extra: 1 }
    const refused = await call('POST', '/api/v1/keys', { role: 'admin', body })
    expect(refused.status).toBe(400)
    const paths = (refused.body['errors'] as { path: string }[]).map((error) => error.path)
    expect(paths.sort()).toEqual(['extra', 'name', 'role'])
  })
})
