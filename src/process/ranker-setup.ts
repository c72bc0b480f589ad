/** What runs the models of one process. */
import type { Clock } from '../lib/clock.ts'
import { Batcher } from '../scoring/batcher.ts'
import type { ModelRoom } from '../scoring/model-room.ts'
import type { Ranker } from '../scoring/ranking.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { RankMeter } from '../telemetry/rank-meter.ts'
import { limited } from './limited.ts'

/** What a ranker shares with the rest of its process. */
export interface RankerParts {
  readonly room: ModelRoom
  readonly clock: Clock
  readonly meter: RankMeter
  readonly log: Logger
}

/** Runs the models of a room, for the requests of one turn of the loop together. */
export function newRanker({ room, clock, meter, log }: RankerParts): Ranker {
  return new Batcher({
    room,
    clock,
    meter,
    later: (run) => setImmediate(run),
    onFailure: limited(clock, (error) => log.error({ err: error }, 'a model broke while it ran')),
  })
}
