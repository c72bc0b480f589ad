/**
 * Where JSON requests keep what 2.6 has elsewhere, and how they misspell it. These members have no
 * field in the schema: the reader puts their value where 2.6 has it, if that place is empty.
 * (Places of 2.5 that are fields of the schema are moved by `upgrade-places.ts`.)
 */

/** One such member. */
export interface JsonPlace {
  /** The message that holds it, as the schema names it. */
  readonly message: string
  readonly key: string
  /** Keys of objects between the message and the member; only the last one is `inside`. */
  readonly inside: string
  /** How many messages above `message` the path `to` starts: 1 from an `ext` to its owner. */
  readonly up: number
  /** Names from there to the field; messages on the way are made when absent. */
  readonly to: readonly string[]
}

/** All of them. Sources: OpenRTB 2.6 appendix B, facts/openrtb.md §4.4, shared/openrtb/README.md. */
export const jsonPlaces: readonly JsonPlace[] = [
  // 2.5 kept in `ext` what became a field.
  place('BidRequest.Regs.Ext', 'gpp', 1, 'gpp'),
  place('BidRequest.Regs.Ext', 'gpp_sid', 1, 'gpp_sid'),
  place('BidRequest.Imp.Ext', 'rwdd', 1, 'rwdd'),
  place('BidRequest.Imp.Ext', 'ssai', 1, 'ssai'),
  // Prebid's place of rewarded inventory before 2.6.
  { ...place('BidRequest.Imp.Ext', 'prebid', 1, 'rwdd'), inside: 'is_rewarded_inventory' },
  place('BidRequest.Video.Ext', 'rewarded', 2, 'rwdd'),
  place('BidRequest.User.Ext', 'kwarray', 1, 'kwarray'),
  place('BidRequest.Site.Ext', 'kwarray', 1, 'kwarray'),
  place('BidRequest.App.Ext', 'kwarray', 1, 'kwarray'),
  place('BidRequest.Content.Ext', 'kwarray', 1, 'kwarray'),
  place('BidRequest.Content.Ext', 'langb', 1, 'langb'),
  place('BidRequest.Device.Ext', 'sua', 1, 'sua'),
  place('BidRequest.Device.Ext', 'langb', 1, 'langb'),
  place('BidRequest.Ext', 'schain', 1, 'source.schain'),
  place('BidRequest.Ext', 'cattax', 1, 'cattax'),
  place('BidRequest.Ext', 'wlangb', 1, 'wlangb'),
  // The text of the standard has it here, its schema in `ext`.
  place('BidRequest.Data', 'cids', 0, 'ext.cids'),
  // Spellings seen, those of the standard's own DOOH samples among them.
  place('BidRequest.Dooh', 'venuetypeid', 0, 'venuetype'),
  place('BidRequest.Dooh', 'venuetax', 0, 'venuetypetax'),
  place('BidRequest.Deal', 'wseats', 0, 'wseat'),
  place('BidRequest.Geo', 'long', 0, 'lon'),
  place('BidRequest.Content', 'keyword', 0, 'keywords'),
  place('BidRequest.Site', 'sitecat', 0, 'cat'),
  place('BidRequest.Video', 'apis', 0, 'api'),
  place('BidRequest.Device', 'ifa_type', 0, 'ext.ifa_type'),
  place('BidRequest.Device', 'eids', 1, 'user.eids'),
  place('BidRequest.Device', 'flashversion', 0, 'flashver'),
  place('BidRequest.DsaRequest', 'required', 0, 'dsarequired'),
  place('Transparency', 'params', 0, 'dsaparams'),
]

function place(message: string, key: string, up: number, to: string): JsonPlace {
  return { message, key, inside: '', up, to: to.split('.') }
}
