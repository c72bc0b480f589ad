/** Rules of video and audio slots, and the choices of the markup that follow from them. */
import type { MediaSlot } from '../bid-request.ts'

import type { MediaFileShape, MediaShape } from '../creative-shape.ts'
import { Drop } from '../drop-reason.ts'
import { allowsMime } from './mime.ts'

/** Aspect ratios that differ by less are equal: 854 × 480 stands for 16:9. */
const aspectTolerance = 0.01

/** VAST 4.3 as inline and wrapper: chosen only where it is asked for by name. */
const newestProtocols: readonly number[] = [15, 16]

/**
 * The first rule that a creative breaks, in this order: linearity, duration, skipping, protocol,
 * then of the media files MIME type, delivery, bitrate, aspect ratio: one file has to pass all
 * four, and the reason is that of the file that came furthest. Of a wrapper only the first four
 * can be checked.
 */
export function mediaDrop(shape: MediaShape, slot: MediaSlot): Drop {
  if (slot.linearity !== 0 && slot.linearity !== shape.linearity) return Drop.Linearity
  if (!durationFits(shape, slot)) return Drop.Duration
  if (!skippingFits(shape, slot)) return Drop.Skippable
  if (chooseProtocol(shape, slot) === 0) return Drop.Protocol
  return shape.isWrapper ? Drop.None : bestFileDrop(shape.files, slot)
}

/**
 * `Video.protocols` number of the markup, 0 = none: the newest VAST version that both sides know.
 * Where the request names none it is 4.2, or the newest below that the creative allows.
 */
export function chooseProtocol(shape: MediaShape, slot: MediaSlot): number {
  if (slot.protocols.length > 0) {
    for (const protocol of shape.protocols) if (slot.protocols.includes(protocol)) return protocol
    return 0
  }
  for (const protocol of shape.protocols) if (!newestProtocols.includes(protocol)) return protocol
  return shape.protocols[0] ?? 0
}

/** Files of a creative that the slot takes, in the creative's order. */
export function chooseFiles<File extends MediaFileShape>(
  files: readonly File[],
  slot: MediaSlot,
): File[] {
  return files.filter((file) => fileDrop(file, slot) === Drop.None)
}

/**
 * True when the markup itself offers to skip. Where the player does (`skip` = 1) a second button
 * would be in its way (implementation notes 7.4).
 */
export function offersSkip(shape: MediaShape, slot: MediaSlot): boolean {
  return shape.isSkippable && (slot.skip !== true || shape.isWrapper)
}

function durationFits(shape: MediaShape, slot: MediaSlot): boolean {
  const seconds = shape.durationSec
  // An overlay without a duration of its own is shown as long as the player likes.
  if (seconds === 0 && shape.linearity === 2) return slot.requiredSec.length === 0
  const isInPod = slot.pod === null || slot.pod.durationSec === 0 || seconds <= slot.pod.durationSec
  if (slot.requiredSec.length > 0) return isInPod && slot.requiredSec.includes(seconds)
  return isInPod && seconds >= slot.minSec && seconds <= slot.maxSec
}

function skippingFits(shape: MediaShape, slot: MediaSlot): boolean {
  if (!shape.isSkippable) return true
  return slot.skip !== false && (slot.skipMinSec <= 0 || shape.durationSec > slot.skipMinSec)
}

/** Rules that a file breaks, by how late they are asked; a file that breaks none comes last. */
const fileRules: readonly Drop[] = [
  Drop.Mime,
  Drop.Delivery,
  Drop.Bitrate,
  Drop.AspectRatio,
  Drop.None,
]

function bestFileDrop(files: readonly MediaFileShape[], slot: MediaSlot): Drop {
  let best = -1
  for (const file of files) best = Math.max(best, fileRules.indexOf(fileDrop(file, slot)))
  return fileRules[best] ?? Drop.Unfit
}

function fileDrop(file: MediaFileShape, slot: MediaSlot): Drop {
  if (!allowsMime(slot.mimes, file.mime)) return Drop.Mime
  if (!deliveryFits(file, slot)) return Drop.Delivery
  if (!bitrateFits(file, slot)) return Drop.Bitrate
  return aspectFits(file, slot) ? Drop.None : Drop.AspectRatio
}

/** A progressive file (2) is also what a player downloads before it plays (3). */
function deliveryFits(file: MediaFileShape, slot: MediaSlot): boolean {
  if (slot.deliveries.length === 0 || slot.deliveries.includes(file.delivery)) return true
  return file.delivery === 2 && slot.deliveries.includes(3)
}

/** A file of unknown bitrate (0) cannot show that it keeps a limit. */
function bitrateFits(file: MediaFileShape, slot: MediaSlot): boolean {
  const kbps = file.bitrateKbps
  if (kbps === 0) return slot.minBitrateKbps === 0 && slot.maxBitrateKbps === Infinity
  return kbps >= slot.minBitrateKbps && kbps <= slot.maxBitrateKbps
}

function aspectFits(file: MediaFileShape, slot: MediaSlot): boolean {
  if (slot.boxingAllowed || slot.widthPx === 0 || slot.heightPx === 0) return true
  const wanted = slot.widthPx * file.h
  return Math.abs(file.w * slot.heightPx - wanted) <= wanted * aspectTolerance && wanted > 0
}
