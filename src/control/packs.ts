/** `/api/v1/packs` and `/api/v1/jobs`: audience packs. */
import { Readable } from 'node:stream'
import type {
  JobProgress,
  PackRefusal,
  UploadInput,
  UploadOutcome,
} from '../audience/pack-types.ts'
import { type Caller } from './api-keys.ts'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import { firstErrorsMax } from './limits.ts'
import { packRefusalStatus } from './pack-refusals.ts'
import { usersOfPack } from './pack-users.ts'
import { notFound, Problem, storeUnavailable } from './problem.ts'
import {
  entityProblems,
  idParams,
  noContent,
  problemResponses,
  writeProblems,
} from './schemas/common.ts'
import {
  jobList,
  packDeleteQuery,
  packListQuery,
  packMoved,
  packPage,
  packView,
  uploadAnswer,
  uploadQuery,
} from './schemas/pack-schema.ts'
import { compareText } from './sorted-ids.ts'
import { UploadBody } from './upload-body.ts'

const url = '/api/v1/packs'
const tags = ['packs']

/** Registers the routes. */
export async function packRoutes(app: ControlApp, context: ControlContext): Promise<void> {
  readRoutes(app, context)
  changeRoutes(app, context)
  await app.register(async (scope: ControlApp) => {
    // In this scope alone a body of any content type is the stream itself, never collected.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    uploadRoute(scope, context)
  })
}

function readRoutes(app: ControlApp, { deps }: ControlContext): void {
  const config = { access: 'viewer' } as const
  app.get(
    url,
    {
      config,
      schema: {
        summary: 'Lists packs by id',
        tags,
        querystring: packListQuery,
        response: { 200: packPage, ...problemResponses },
      },
    },
    async (request) => {
      const { limit, after } = request.query
      const sorted = [...deps.packs.list()].sort((a, b) => compareText(a.id, b.id))
      const rest = sorted.filter((pack) => pack.id > after)
      const items = rest.slice(0, limit)
      return { items, next: rest.length > limit ? (items.at(-1)?.id ?? null) : null }
    },
  )
  app.get(
    `${url}/:id`,
    {
      config,
      schema: {
        summary: 'One pack',
        tags,
        params: idParams,
        response: { 200: packView, ...entityProblems },
      },
    },
    async (request) => {
      const pack = deps.packs.get(request.params.id)
      if (pack === null) throw notFound('pack', request.params.id)
      return pack
    },
  )
  app.get(
    '/api/v1/jobs',
    {
      config,
      schema: {
        summary: 'Uploads, folds and sweeps, running and just ended',
        tags,
        response: { 200: jobList, ...problemResponses },
      },
    },
    async () => {
      const nowMs = deps.clock.wallMs()
      return { items: deps.packs.progress().map((job) => withRate(job, nowMs)) }
    },
  )
}

/** A job with its lines a second so far. */
export function withRate(
  job: JobProgress,
  nowMs: number,
): JobProgress & { linesPerSecond: number } {
  const seconds = Math.max((job.endedAtMs ?? nowMs) - job.startedAtMs, 1) / 1_000
  return { ...job, linesPerSecond: Math.round(job.lines / seconds) }
}

function changeRoutes(app: ControlApp, context: ControlContext): void {
  const { deps, desk } = context
  app.post(
    `${url}/:id/rollback`,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Goes back to the version before',
        tags,
        params: idParams,
        response: { 200: packMoved, ...writeProblems },
      },
    },
    async (request) => {
      const { id } = request.params
      if (deps.packs.get(id) === null) throw notFound('pack', id)
      const outcome = await deps.packs.rollback(id)
      if (!outcome.ok) throw refusalOf(outcome)
      const { version, devices } = outcome
      await noteChange(context, callerOf(request), { action: 'rollback', id, detail: { version } })
      return { version, devices }
    },
  )
  app.delete(
    `${url}/:id`,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Deletes a pack; 409 while strategies or experiments name it, unless forced',
        tags,
        params: idParams,
        querystring: packDeleteQuery,
        response: { 204: noContent, ...writeProblems },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      if (deps.packs.get(id) === null) throw notFound('pack', id)
      const users = usersOfPack(await desk.view(), id)
      if (users.length > 0 && request.query.force !== 'true') {
        const message = `pack '${id}' is named by ${users.slice(0, 10).join(', ')}`
        throw new Problem('SLUICE_CONTROL_PACK_IN_USE', message)
      }
      const outcome = await deps.packs.remove(id)
      if (!outcome.ok) throw refusalOf(outcome)
      const detail = { forced: users.length > 0 }
      await noteChange(context, callerOf(request), { action: 'delete', id, detail })
      return reply.code(204).send()
    },
  )
}

function uploadRoute(app: ControlApp, context: ControlContext): void {
  app.put(
    `${url}/:id`,
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Uploads ids: one a line, or "id,score" with a score of 0 to 255',
        description:
          'The body is plain text or gzip, of any length, streamed. It is activated whole when it ' +
          'ends, or not at all.',
        tags,
        consumes: ['text/plain', 'application/gzip'],
        params: idParams,
        querystring: uploadQuery,
        response: { 200: uploadAnswer, ...writeProblems },
      },
    },
    async (request) => {
      const { id } = request.params
      const { query } = request
      const stream = request.body instanceof Readable ? request.body : Readable.from([])
      const body = new UploadBody(stream, request.headers['content-encoding'])
      const input: UploadInput = {
        packId: id,
        idType: query.idType,
        scope: query.scope,
        mode: query.mode,
        body,
        force: query.force === 'true',
        ttlSeconds: query.ttlSeconds ?? null,
        rejectShareMax: query.rejectShareMax,
      }
      const outcome = await upload(context, input, body)
      if (!outcome.ok) throw refusalOf(outcome)
      const { version, accepted, duplicates, rejected, devices } = outcome
      const { mode, idType, force } = input
      const detail = { mode, idType, force, version, accepted, duplicates, rejected }
      await noteChange(context, callerOf(request), { action: 'upload', id, detail })
      const firstErrors = outcome.firstErrors.slice(0, firstErrorsMax)
      return { version, accepted, duplicates, rejected, devices, firstErrors }
    },
  )
}

/** A body that failed is the caller's doing, in whatever error the service wrapped it. */
async function upload(
  { deps }: ControlContext,
  input: UploadInput,
  body: UploadBody,
): Promise<UploadOutcome> {
  let outcome: UploadOutcome
  try {
    outcome = await deps.packs.upload(input)
  } catch (error) {
    if (body.failure !== null) throw body.failure
    throw deps.store.problem() === null ? error : storeUnavailable()
  } finally {
    // What a refusal left unread is read to nowhere, or the client could not get to its answer.
    body.drain()
  }
  if (!outcome.ok && body.failure !== null) throw body.failure
  return outcome
}

function refusalOf(refusal: PackRefusal & Partial<UploadOutcome>): Problem {
  const { ok: _, code, message, ...counts } = refusal
  return new Problem(code, message, { status: packRefusalStatus(code), fields: counts })
}

/** The change is in force already: a failure to note it must not look like a failure to make it. */
async function noteChange(
  { deps, desk }: ControlContext,
  caller: Caller,
  note: { action: string; id: string; detail: Record<string, unknown> },
): Promise<void> {
  try {
    await desk.note(caller, { ...note, kind: 'pack' })
  } catch (error) {
    deps.log.error({ err: error, ...note }, 'a pack change could not be noted in the audit log')
  }
}
