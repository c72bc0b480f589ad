/** The data plane's listener: routes, health, the sweep, and the drain on SIGTERM. */
import uWS from 'uWebSockets.js'
import type { MediumSettings } from '../domain/medium-settings.ts'
import type { MediumAdapter } from '../media/adapter.ts'
import type { ModelState } from '../telemetry/model-meter.ts'
import { Admission, InFlightLimit } from './admission.ts'
import type { BidDeps, BidDoor } from './bid-call.ts'
import { BidRoute } from './bid-route.ts'
import { CallPool, callsPerScratch } from './call-pool.ts'
import { answerAtOnce, BodyBudget, Outbox } from './exchange.ts'
import type { FeedbackDeps } from './feedback-door.ts'
import { FeedbackRoutes } from './feedback-routes.ts'
import { type HealthReport, healthRoutes } from './health.ts'
import type { RtaDoor } from './rta-call.ts'
import { RtaRoute } from './rta-route.ts'
import { statusLine } from './status-line.ts'
import { TurnClock } from './turn-clock.ts'

/** What the data plane is built from. */
export interface DataPlaneDeps
  extends Omit<
    RtaDoor,
    'turn' | 'load' | 'admission' | 'calls' | 'budget' | 'outbox' | 'isDraining'
  > {
  readonly media: readonly { readonly adapter: MediumAdapter; readonly settings: MediumSettings }[]
  /** The bidder; without it there is no `/openrtb2`. */
  readonly bids?: BidDeps
  /** Intake of events; without it there is no `/n`, `/t`, `/m` and `/events`. */
  readonly feedback?: FeedbackDeps
  /** Why the process is not ready; empty when it is. */
  readonly notReady: () => readonly string[]
  /** Which models decide, for `/readyz`; without a bidder there are none. */
  readonly models?: () => readonly ModelState[] | null
}

/** The running data plane. */
export interface DataPlane {
  /**
   * Listens, sharing the port with other processes; resolves to the port (0 asks for a free one).
   */
  listen(host: string, port: number): Promise<number>
  /** True from the first call of `drain` on. */
  readonly isDraining: boolean
  /**
   * Stops listening, lets what is in flight end and connections hear `Connection: close`, then
   * closes. Takes at most `limitMs`.
   */
  drain(limitMs: number): Promise<void>
  /** Closes everything at once. */
  close(): void
}

/** A port that cannot be listened on; the operator must act. */
export class ListenError extends Error {
  readonly code = 'SLUICE_HTTP_LISTEN'
}

/** Sweep of slow bodies and lost decisions; also how stale the turn clock's books may be. */
const sweepEveryMs = 25

/**
 * While draining: connections without a request for so long are taken to be idle and closed. A
 * medium's busy connection carries a request every few milliseconds.
 */
const quietMs = 1_000

const drainStepMs = 25

/** Builds the data plane; it does not listen yet. */
export function createDataPlane(deps: DataPlaneDeps): DataPlane {
  silenceServerHeader()
  return new UwsDataPlane(deps)
}

class UwsDataPlane implements DataPlane {
  readonly #deps: DataPlaneDeps
  readonly #app = uWS.App()
  readonly #door: RtaDoor
  readonly #bids: BidDoor | null
  readonly #feedback: FeedbackRoutes | null
  readonly #sweeper: NodeJS.Timeout
  #listener: uWS.us_listen_socket | null = null
  #lastRequestAtMs = 0
  #isClosed = false

  constructor(deps: DataPlaneDeps) {
    this.#deps = deps
    const load = new InFlightLimit(Math.max(deps.scratches.size, deps.bids?.scratches.size ?? 0))
    this.#door = {
      ...deps,
      turn: new TurnClock(deps.clock),
      load,
      admission: new Admission(load),
      calls: new CallPool(deps.scratches.size * callsPerScratch),
      budget: new BodyBudget(),
      outbox: new Outbox(),
      isDraining: false,
    }
    this.#bids = deps.bids === undefined ? null : bidDoorOf(deps.bids, this.#door)
    const { feedback } = deps
    this.#feedback = feedback === undefined ? null : new FeedbackRoutes(feedback, this.#door)
    this.#routes()
    this.#sweeper = setInterval(() => this.#sweep(), sweepEveryMs)
    this.#sweeper.unref()
  }

  get isDraining(): boolean {
    return this.#door.isDraining
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#app.listen(host, port, (listener) => {
        if (listener === false) {
          reject(new ListenError(`cannot listen on ${host}:${port}: is the port taken?`))
          return
        }
        this.#listener = listener
        resolve(uWS.us_socket_local_port(listener as unknown as uWS.us_socket))
      })
    })
  }

  async drain(limitMs: number): Promise<void> {
    const { clock } = this.#deps
    const endMs = clock.monotonicMs() + limitMs
    this.#door.isDraining = true
    this.#lastRequestAtMs = clock.monotonicMs()
    this.#stopListening()
    while (clock.monotonicMs() < endMs && !this.#isQuiet()) await step()
    this.#door.calls.forEachOpen((call) => call.abandon())
    this.#bids?.calls.forEachOpen((call) => call.abandon())
    this.#feedback?.abandon()
    // `app.close` resets connections: what was just written must have left before.
    await step()
    this.close()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#sweeper)
    this.#stopListening()
    this.#app.close()
  }

  #isQuiet(): boolean {
    const quietSinceMs = this.#deps.clock.monotonicMs() - this.#lastRequestAtMs
    const bidCount = this.#bids?.calls.openCount ?? 0
    const openCount = this.#door.calls.openCount + bidCount + (this.#feedback?.openCount ?? 0)
    return openCount === 0 && quietSinceMs > quietMs
  }

  #stopListening(): void {
    if (this.#listener !== null) uWS.us_listen_socket_close(this.#listener)
    this.#listener = null
  }

  #routes(): void {
    for (const [number, { adapter, settings }] of this.#deps.media.entries()) {
      const route = new RtaRoute(this.#door, adapter, settings, number)
      this.#post(`/rta/${adapter.name}`, route)
    }
    if (this.#bids !== null) this.#post('/openrtb2/:exchange', new BidRoute(this.#bids))
    this.#feedback?.register(this.#app, () => this.#onCall())
    healthRoutes(this.#app, () => this.#health())
    this.#app.any('/*', (response) => {
      answerAtOnce(response, notFound, this.#door.isDraining)
    })
  }

  #post(path: string, route: Pick<RtaRoute | BidRoute, 'take'>): void {
    this.#app.post(path, (response, request) => {
      this.#onCall()
      route.take(response, request)
    })
    this.#app.any(path, (response) => {
      response.writeStatus(methodNotAllowed).writeHeader('allow', 'POST')
      response.end('', this.#door.isDraining)
    })
  }

  #onCall(): void {
    if (this.#door.isDraining) this.#lastRequestAtMs = this.#deps.clock.monotonicMs()
  }

  #health(): HealthReport {
    const draining = this.#door.isDraining
    const reasons = this.#deps.notReady()
    return {
      isDraining: draining,
      notReady: draining ? ['draining', ...reasons] : reasons,
      models: this.#deps.models?.() ?? null,
    }
  }

  #sweep(): void {
    const now = this.#deps.clock.monotonicMs()
    this.#door.turn.mark()
    this.#deps.meter.reading = this.#door.calls.openCount - this.#deps.meter.inFlight
    this.#door.calls.forEachOpen((call) => call.sweep(now))
    this.#feedback?.sweep(now)
    if (this.#bids === null) return
    const { calls, meter } = this.#bids
    meter.reading = calls.openCount - meter.inFlight
    calls.forEachOpen((call) => call.sweep(now))
  }
}

/** The bidder's door beside that of RTA: one listener, one limit of what is in flight. */
function bidDoorOf(bids: BidDeps, edge: RtaDoor): BidDoor {
  return {
    ...bids,
    edge,
    admission: new Admission(edge.load),
    calls: new CallPool(bids.scratches.size * callsPerScratch),
  }
}

const methodNotAllowed = '405 Method Not Allowed'
const notFound = { status: statusLine(404), contentType: null, body: new Uint8Array(0) }

function step(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, drainStepMs)
  })
}

/**
 * Drops the `uWebSockets` response header; `_cfg` is real but missing from the typings (stack.md
 * §3).
 */
function silenceServerHeader(): void {
  const configurable: unknown = uWS
  ;(configurable as { _cfg: (option: string) => void })._cfg('silent')
}
