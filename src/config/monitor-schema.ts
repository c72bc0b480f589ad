/**
 * The `monitor` part of a described medium: its monitoring links, in the form of the built-in ones.
 */
import { z } from 'zod'
import {
  isMonitorMeaning,
  type MonitorDescription,
  monitorNames,
  monitorWords,
} from '../domain/monitor.ts'
import { isMacroText } from '../domain/notice-links.ts'

/** Parameters of one link; the longest built-in list has eighteen. */
const paramsMax = 50
const noteCharsMax = 500
const notesMax = 20
/** What a request line may have at most (uWebSockets.js reads heads of a few KiB). */
const linkCharsMost = 10_000

const ours: readonly string[] = Object.values(monitorNames)

const param = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,31}$/, 'is no name of a parameter')
    .refine((name) => !ours.includes(name), `is one of ours (${ours.join(', ')})`),
  macro: z.string().min(1).refine(isMacroText, 'could not stand in a link unescaped'),
  meaning: z
    .string()
    .refine(
      isMonitorMeaning,
      `is neither an id type without scope nor one of ${monitorWords.join(', ')}`,
    ),
})

const params = z
  .array(param)
  .min(1)
  .max(paramsMax)
  .superRefine((list, context) => {
    const seen = new Set<string>()
    for (const [index, { name }] of list.entries()) {
      if (seen.has(name)) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'stands twice' })
      }
      seen.add(name)
    }
  })
const paramsOrNull = params.nullable().default(null)

/** Its output is a `MonitorDescription` without the name, which is the medium's. */
export const monitorSchema = z
  .strictObject({
    timeUnit: z.enum(['s', 'ms']).default('ms'),
    valueUnit: z.enum(['fen', 'yuan']).nullable().default(null),
    sender: z.enum(['medium', 'device']).default('medium'),
    keeps: z.enum(['clickId', 'callback']).default('clickId'),
    imp: paramsOrNull,
    click: paramsOrNull,
    conv: paramsOrNull,
    suffix: z
      .string()
      .max(200)
      .regex(/^[\w.~=&-]*$/, 'is no part of a query')
      .default(''),
    linkCharsMax: z.int().min(200).max(linkCharsMost).default(linkCharsMost),
    needsDomain: z.boolean().default(false),
    needsHttps: z.boolean().default(false),
    notes: z.array(z.string().max(noteCharsMax)).max(notesMax).default([]),
  })
  .transform(({ imp, click, conv, ...rest }): Omit<MonitorDescription, 'name'> => {
    return { ...rest, links: { imp, click, conv } }
  })
