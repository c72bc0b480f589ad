/** Whether a creative may be shown in a slot: every rule of an impression, each with its reason. */
import type { Imp } from '../bid-request.ts'
import type { CreativeShape } from '../creative-shape.ts'
import { Drop } from '../drop-reason.ts'
import { Format } from '../format.ts'
import { bannerDrop } from './banner-fit.ts'
import { mediaDrop } from './media-fit.ts'
import { nativeDrop } from './native-fit.ts'

/**
 * `Drop.None` when a creative of this shape fits the impression as `format`, else the first rule
 * it breaks: format, secure, attributes, API frameworks, then the rules of the format (see
 * `bannerDrop`, `mediaDrop`, `nativeDrop`). Hot path: allocates nothing.
 */
export function fitSlot(shape: CreativeShape, imp: Imp, format: Format): Drop {
  if (shape.format !== format) return Drop.Format
  if (imp.isSecure && !shape.isSecure) return Drop.Secure
  switch (format) {
    case Format.Banner:
      return bannerFit(shape, imp)
    case Format.Video:
      return mediaFit(shape, imp.video)
    case Format.Audio:
      return mediaFit(shape, imp.audio)
    case Format.Native:
      return nativeFit(shape, imp)
  }
}

/** What slots of every format say. */
interface CommonRules {
  readonly blockedAttributes: readonly number[]
  readonly apis: readonly number[]
}

function bannerFit(shape: CreativeShape, imp: Imp): Drop {
  if (imp.banner === null) return Drop.Format
  const common = commonDrop(shape, imp.banner)
  if (common !== Drop.None) return common
  return shape.banner === null ? Drop.Unfit : bannerDrop(shape.banner, imp.banner)
}

function mediaFit(shape: CreativeShape, slot: Imp['video']): Drop {
  if (slot === null) return Drop.Format
  const common = commonDrop(shape, slot)
  if (common !== Drop.None) return common
  return shape.media === null ? Drop.Unfit : mediaDrop(shape.media, slot)
}

function nativeFit(shape: CreativeShape, imp: Imp): Drop {
  if (imp.native === null) return Drop.Format
  const common = commonDrop(shape, imp.native)
  if (common !== Drop.None) return common
  return shape.native === null ? Drop.Unfit : nativeDrop(shape.native, imp.native)
}

/** A framework that the slot does not list is not supported there. */
function commonDrop(shape: CreativeShape, rules: CommonRules): Drop {
  for (const attribute of shape.attributes) {
    if (rules.blockedAttributes.includes(attribute)) return Drop.Attribute
  }
  for (const api of shape.apis) if (!rules.apis.includes(api)) return Drop.Api
  return Drop.None
}
