/**
 * Brings a request to the places of 2.6: what stands only where 2.5 or Google keep it is moved, so
 * that the rest of the house looks in one place. What 2.6 says itself is preferred; then the older
 * place stays as it came.
 */
import {
  newOrtbBrandVersion,
  newOrtbUserAgent,
  type OrtbBidRequest,
  type OrtbBrandVersion,
  type OrtbDevice,
  type OrtbGoogleDeviceExtUserAgentBrandVersion,
  type OrtbImp,
  type OrtbRegs,
  type OrtbUser,
  type OrtbVideo,
  ortbNone,
} from './openrtb.generated.ts'

/** Moves values in place; doing it twice changes nothing more. Called by both readers. */
export function upgradePlaces(request: OrtbBidRequest): void {
  for (const imp of request.imp) upgradeImp(imp)
  if (request.regs !== null) upgradeRegs(request.regs)
  if (request.user !== null) upgradeUser(request.user)
  if (request.device !== null) upgradeDevice(request.device)
  const { source } = request
  if (source !== null && source.ext !== null && source.schain === null) {
    source.schain = source.ext.schain
    source.ext.schain = null
  }
}

function upgradeImp(imp: OrtbImp): void {
  if (imp.ext !== null && imp.rwdd === null) {
    imp.rwdd = imp.ext.is_rewarded_inventory
    imp.ext.is_rewarded_inventory = null
  }
  if (imp.video !== null) upgradeVideo(imp.video)
}

/** 2.x before 2.3 had one protocol; it stays, because it is a field of its own. */
function upgradeVideo(video: OrtbVideo): void {
  if (video.protocol !== null && video.protocols.length === 0) video.protocols = [video.protocol]
}

function upgradeRegs(regs: OrtbRegs): void {
  const { ext } = regs
  if (ext === null) return
  if (regs.gdpr === null) {
    regs.gdpr = ext.gdpr
    ext.gdpr = null
  }
  if (regs.us_privacy === null) {
    regs.us_privacy = ext.us_privacy
    ext.us_privacy = null
  }
}

function upgradeUser(user: OrtbUser): void {
  const { ext } = user
  if (ext === null) return
  if (user.consent === null) {
    user.consent = ext.consent
    ext.consent = null
  }
  if (user.eids.length === 0) {
    user.eids = ext.eids
    ext.eids = ortbNone
  }
}

/** Google's client hints are another message than ours. */
function upgradeDevice(device: OrtbDevice): void {
  const hints = device.ext?.user_agent_data ?? null
  if (device.ext === null || hints === null || device.sua !== null) return
  const sua = newOrtbUserAgent()
  if (hints.browser !== null) sua.browsers = [brandOf(hints.browser)]
  if (hints.platform !== null) sua.platform = brandOf(hints.platform)
  sua.mobile = hints.mobile
  sua.architecture = hints.architecture
  sua.model = hints.model
  device.sua = sua
  device.ext.user_agent_data = null
}

function brandOf(google: OrtbGoogleDeviceExtUserAgentBrandVersion): OrtbBrandVersion {
  const brand = newOrtbBrandVersion()
  brand.brand = google.brand
  brand.version = google.version
  return brand
}
