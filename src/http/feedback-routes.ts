/** Registers the routes that bring events, and keeps their open calls. */
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js'
import type { NoticeName } from '../feedback/notice-event.ts'
import { CallPool } from './call-pool.ts'
import type { Edge } from './edge.ts'
import { EventsRoute } from './events-route.ts'
import {
  eventCallsMax,
  type FeedbackDeps,
  type FeedbackDoor,
  feedbackCallsMax,
} from './feedback-door.ts'
import { MonitorRoute } from './monitor-route.ts'
import { NoticeRoute } from './notice-route.ts'

/** What a route is to the listener. */
type Take = (response: HttpResponse, request: HttpRequest) => void
type Method = 'GET' | 'POST'

const monitorPath = '/m/:medium/:kind'
const eventsPath = '/events'
const noticeNames: readonly NoticeName[] = ['Win', 'Bill', 'Loss', 'Impression', 'Click']

/** Intake of one process, as its listener sees it. */
export class FeedbackRoutes {
  readonly #door: FeedbackDoor

  constructor(deps: FeedbackDeps, edge: Edge) {
    this.#door = {
      ...deps,
      edge,
      links: new CallPool(deps.callsMax ?? feedbackCallsMax),
      batches: new CallPool(eventCallsMax),
    }
  }

  /** Calls that are neither answered nor aborted, or whose event the log still holds. */
  get openCount(): number {
    return this.#door.links.openCount + this.#door.batches.openCount
  }

  /** Adds the routes; `onCall` hears of every call before it is taken. */
  register(app: TemplatedApp, onCall: () => void): void {
    const door = this.#door
    const add = (path: string, methods: readonly Method[], take: Take): void => {
      const heard: Take = (response, request) => {
        onCall()
        take(response, request)
      }
      if (methods.includes('GET')) app.get(path, heard)
      if (methods.includes('POST')) app.post(path, heard)
      app.any(path, (response) => {
        response.writeStatus(methodNotAllowed).writeHeader('allow', methods.join(', '))
        response.end('', door.edge.isDraining)
      })
    }
    for (const name of noticeNames) {
      const path = door.notices.paths[name]
      const route = new NoticeRoute(door, name)
      // OpenRTB 2.6 §4.2: exchanges may POST their notices; browsers get pixels and pages.
      const methods: readonly Method[] = path.startsWith('/n/') ? ['GET', 'POST'] : ['GET']
      add(path, methods, (response, request) => route.take(response, request))
    }
    const monitor = new MonitorRoute(door)
    add(monitorPath, ['GET'], (response, request) => monitor.take(response, request))
    const events = new EventsRoute(door)
    add(eventsPath, ['POST'], (response, request) => events.take(response, request))
  }

  /** Gives up what has taken too long. */
  sweep(nowMs: number): void {
    this.#door.links.forEachOpen((call) => call.sweep(nowMs))
    this.#door.batches.forEachOpen((call) => call.sweep(nowMs))
  }

  /** Ends all open calls, because the process ends. */
  abandon(): void {
    this.#door.links.forEachOpen((call) => call.abandon())
    this.#door.batches.forEachOpen((call) => call.abandon())
  }
}

const methodNotAllowed = '405 Method Not Allowed'
