/** One question of a request: an impression in one of its formats. */
import type { Imp, MediaSlot } from '../../domain/bid-request.ts'
import { Format } from '../../domain/format.ts'

/** An impression taken as one format. */
export interface Slot {
  readonly imp: Imp
  readonly format: Format
  /** The video or audio slot; null for others. */
  readonly media: MediaSlot | null
}

/** The slots of an impression, one a format it offers. */
export function slotsOf(imp: Imp): Slot[] {
  const slots: Slot[] = []
  if (imp.banner !== null) slots.push({ imp, format: Format.Banner, media: null })
  if (imp.video !== null) slots.push({ imp, format: Format.Video, media: imp.video })
  if (imp.audio !== null) slots.push({ imp, format: Format.Audio, media: imp.audio })
  if (imp.native !== null) slots.push({ imp, format: Format.Native, media: null })
  return slots
}
