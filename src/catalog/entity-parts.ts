/** Parts that stored entities of several kinds have in common. */
import type { AudienceRule, ScheduleWindow } from '../domain/strategy.ts'
import type { JsonShape } from './json-shape.ts'

/** The id inside must be the id it is stored under: two names for one thing hide mistakes. */
export function ownId(shape: JsonShape, id: string): string {
  return shape.text('id') === id ? id : shape.fail('id', 'differs from the id it is stored under')
}

/** `{all, any, none}` of pack ids. */
export function audienceOf(shape: JsonShape): AudienceRule {
  return { all: shape.texts('all'), any: shape.texts('any'), none: shape.texts('none') }
}

/** One window of a weekly schedule. */
export function windowOf(shape: JsonShape): ScheduleWindow {
  return {
    days: shape.integers('days', 1, 7),
    fromMinute: shape.integer('fromMinute', 0, 1_440),
    toMinute: shape.integer('toMinute', 0, 1_440),
  }
}
