/** `/api/v1/events/dead`: records that could not be projected. */
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import type { DeadLetter, DeadLetters } from './dead-letters.ts'
import { notFound, storeAnswer } from './problem.ts'
import type { TotalsStore } from './reports.ts'
import { entityProblems, problemResponses } from './schemas/common.ts'
import { deadPage, deadQuery, replayed, replayInput } from './schemas/report-schema.ts'

const url = '/api/v1/events/dead'
const tags = ['events']
const dayMs = 24 * 3_600_000

/** What the admin API uses of the events and what was derived from them. */
export interface EventsPort {
  readonly state: TotalsStore
  readonly dead: Pick<DeadLetters, 'list' | 'replay' | 'replayAll'>
}

/** Registers the routes. */
export function eventRoutes(app: ControlApp, { deps, desk }: ControlContext): void {
  const { dead } = deps.events
  app.get(
    url,
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Records of the event log that could not be projected, newest first',
        tags,
        querystring: deadQuery,
        response: { 200: deadPage, ...problemResponses },
      },
    },
    async ({ query }) => {
      const { letters, total } = await storeAnswer(dead.list(query.limit))
      return { total, items: letters.map(shown) }
    },
  )
  app.post(
    `${url}/replay`,
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Appends one or all of them to the log again, and forgets them',
        tags,
        body: replayInput,
        response: { 200: replayed, ...entityProblems },
      },
    },
    async (request) => {
      const { body } = request
      const name = 'name' in body ? body.name : ''
      const count = name === '' ? await storeAnswer(dead.replayAll()) : await one(name)
      try {
        const note = { kind: 'event', id: name, action: 'replay', detail: { replayed: count } }
        await desk.note(callerOf(request), note)
      } catch (error) {
        // It is done already: a failure to note it must not look like a failure to do it.
        deps.log.error({ err: error, name }, 'a replay of dead letters could not be noted')
      }
      return { replayed: count }
    },
  )

  async function one(name: string): Promise<number> {
    if (await storeAnswer(dead.replay(name))) return 1
    throw notFound('dead letter', name)
  }
}

function shown({ name, day, reason, reasonName, bytes, event }: DeadLetter) {
  const date = new Date(day * dayMs).toISOString().slice(0, 10)
  if (event === null) return { name, date, reason, reasonName, bytes, event }
  const { id, kind, source, medium, eventTimeMs, receivedAtMs, decisionId, campaign } = event
  const times = { eventTime: timeOf(eventTimeMs), receivedAt: timeOf(receivedAtMs) }
  const about = { id, kind, source, medium, ...times, decisionId, campaignSerial: `${campaign}` }
  return { name, date, reason, reasonName, bytes, event: about }
}

/** What is dead may carry any time; a number that is none of a calendar is shown as it is. */
function timeOf(epochMs: number): string {
  const date = new Date(epochMs)
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString()
}
