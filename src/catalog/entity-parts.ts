/** Parts that stored entities of several kinds have in common. */
import {
  type ConvertedRule,
  capImpressionsMax,
  capMinutesMax,
  capsMax,
  convertedDaysMax,
  convertedRulesMax,
  type FrequencyCap,
} from '../domain/frequency.ts'
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

/** Frequency caps; entities that were stored before there were any have none. */
export function capsOf(entity: JsonShape): FrequencyCap[] {
  return few(entity, 'caps', capsMax).map((shape) => ({
    impressions: shape.integer('impressions', 1, capImpressionsMax),
    minutes: shape.integer('minutes', 1, capMinutesMax),
  }))
}

/** Rules on converts; likewise. */
export function convertedOf(entity: JsonShape): ConvertedRule[] {
  return few(entity, 'converted', convertedRulesMax).map((shape) => ({
    kind: shape.choice('kind', ['exclude', 'require']),
    advertiserId: shape.text('advertiserId'),
    action: shape.text('action'),
    days: shape.integer('days', 1, convertedDaysMax),
  }))
}

function few(entity: JsonShape, key: string, most: number): JsonShape[] {
  const shapes = entity.has(key) ? entity.children(key) : []
  return shapes.length > most ? entity.fail(key, `more than ${most}`) : shapes
}
