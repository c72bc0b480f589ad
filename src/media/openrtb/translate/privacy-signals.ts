/** What a request says about privacy, gathered from its three objects. */
import type { PrivacySignals } from '../../../domain/privacy.ts'
import {
  newOrtbDevice,
  newOrtbRegs,
  newOrtbUser,
  type OrtbBidRequest,
} from '../wire/openrtb.generated.ts'

/** Stand in for absent objects: all of their fields are absent. */
const noRegs = newOrtbRegs()
const noUser = newOrtbUser()
const noDevice = newOrtbDevice()

/** Places of 2.5 were already moved to those of 2.6 by the readers (`upgradePlaces`). */
export function privacySignalsOf(wire: OrtbBidRequest): PrivacySignals {
  const regs = wire.regs ?? noRegs
  const user = wire.user ?? noUser
  const device = wire.device ?? noDevice
  return {
    coppa: regs.coppa,
    gdpr: regs.gdpr,
    consent: user.consent,
    usPrivacy: regs.us_privacy,
    gpp: regs.gpp,
    gppSid: regs.gpp_sid,
    gpc: regs.ext === null ? null : regs.ext.gpc,
    lmt: device.lmt,
    dnt: device.dnt,
    atts: device.ext === null ? null : device.ext.atts,
  }
}
