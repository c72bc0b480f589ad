/** The file section `media`: operating values of one medium, each with its range and default. */
import { z } from 'zod'
import type { MediumSettings, UnknownProfilePolicy } from '../domain/medium-settings.ts'

/**
 * Longest time any medium gives for an answer is 80 ms; allowances beyond a second are mistakes.
 */
const allowanceMsMax = 1_000
/** Longest cache any medium is known to keep: 7 days (rta-media.md §1.10). */
const cacheSecondsMax = 604_800
const qpsMaxMax = 10_000_000

const allowanceMs = z.number().min(0).max(allowanceMsMax)
const cacheSeconds = z.int().min(1).max(cacheSecondsMax).nullable()
const strategyIds = z.array(z.string().min(1).max(128)).max(1_000)

/** Every key is optional in the file; `mediumSettings` fills in the defaults. */
export const mediumSettingsSchema = z
  .strictObject({
    enabled: z.boolean(),
    networkAllowanceMs: allowanceMs,
    sendAllowanceMs: allowanceMs,
    qpsMax: z.int().min(0).max(qpsMaxMax),
    secretHeader: z
      .strictObject({
        name: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'a header name'),
        values: z.array(z.string().min(8).max(256)).min(1).max(2),
      })
      .nullable(),
    unknownProfile: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('refuse') }),
      z.strictObject({ kind: z.literal('strategies'), strategyIds: strategyIds.min(1) }),
    ]),
    cacheAcceptSeconds: cacheSeconds,
    cacheRefuseSeconds: cacheSeconds,
    exchangeLogRate: z.number().min(0).max(1),
    exchangeLogStrategies: strategyIds,
  })
  .partial()

const refuseUnknown: UnknownProfilePolicy = { kind: 'refuse' }

/** Settings of medium `name`: what was set, over the defaults. */
export function mediumSettings(
  name: string,
  set: z.output<typeof mediumSettingsSchema>,
): MediumSettings {
  return Object.freeze({
    name,
    enabled: set.enabled ?? true,
    // The slowest domestic round trip between regions is 27-43 ms; within one 1-5 (rta-media.md
    // §1.1).
    networkAllowanceMs: set.networkAllowanceMs ?? 30,
    sendAllowanceMs: set.sendAllowanceMs ?? 2,
    qpsMax: set.qpsMax ?? 0,
    secretHeader: set.secretHeader ?? null,
    unknownProfile: set.unknownProfile ?? refuseUnknown,
    cacheAcceptSeconds: set.cacheAcceptSeconds ?? null,
    cacheRefuseSeconds: set.cacheRefuseSeconds ?? null,
    exchangeLogRate: set.exchangeLogRate ?? 0.001,
    exchangeLogStrategies: set.exchangeLogStrategies ?? [],
  })
}
