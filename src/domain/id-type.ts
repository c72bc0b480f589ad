/** Every kind of device id that media send or packs hold, and the family in which forms meet. */

/**
 * How an id arrives. `md5`: 32 hex digits of the md5 of the raw id, any case of the digits.
 * `raw`: the id itself; it is put in its family's case and md5-hashed, so that both forms meet.
 * `opaque`: a token that exists in one form only (openid, a medium's encrypted id).
 */
export type IdForm = 'md5' | 'raw' | 'opaque'

/** What is done to a raw id before md5 (rta-media.md §1.3, §4.1): case matters. */
export type RawCase = 'upper' | 'lower' | 'asis'

/** One kind of id: wire code, API name, family, form, raw case, and whether it needs a scope. */
export interface IdTypeInfo {
  /** Small stable number: part of logs and columns, not of the key. */
  readonly code: number
  readonly name: string
  /**
   * Ids of one family with the same normal form have the same device key. Part of the key format.
   */
  readonly family: number
  readonly form: IdForm
  readonly rawCase: RawCase
  /** True where a second word is part of the identity: CAID version, WeChat appid. */
  readonly scoped: boolean
}

/** Families are part of the key format: numbers are never reused or changed. */
export const IdFamily = {
  Imei: 1,
  Oaid: 2,
  Idfa: 3,
  AndroidId: 4,
  Mac: 5,
  Gaid: 6,
  Caid: 7,
  Openid: 8,
  Idfv: 9,
  Paid: 10,
  MediumSecure: 11,
  User: 12,
  BuyerUid: 13,
  Eid: 14,
  Ifa: 15,
} as const

/** Codes of the id types, for the `type` column of `DeviceKeys`. */
export const IdType = {
  Imei: 1,
  ImeiMd5: 2,
  Oaid: 3,
  OaidMd5: 4,
  Idfa: 5,
  IdfaMd5: 6,
  AndroidId: 7,
  AndroidIdMd5: 8,
  Mac: 9,
  MacMd5: 10,
  Gaid: 11,
  GaidMd5: 12,
  Caid: 13,
  CaidMd5: 14,
  Openid: 15,
  Idfv: 16,
  Paid: 17,
  MediumSecure: 18,
  User: 19,
  /** `user.buyeruid` of OpenRTB; scope: the exchange. */
  BuyerUid: 20,
  /** One of `user.eids` of OpenRTB; scope: its `source`. */
  Eid: 21,
  /** An advertising id that is none of the above, such as a TV's; scope: its `ifa_type`. */
  Ifa: 22,
} as const
export type IdType = (typeof IdType)[keyof typeof IdType]

function info(
  code: number,
  name: string,
  family: number,
  shape: Pick<IdTypeInfo, 'form'> & Partial<Pick<IdTypeInfo, 'rawCase' | 'scoped'>>,
): IdTypeInfo {
  const { form, rawCase = 'asis', scoped = false } = shape
  return { code, name, family, form, rawCase, scoped }
}

/**
 * The table of id types. Raw cases: imei lower, idfa upper, oaid / android id / mac as they are
 * (Tencent rta.proto, rta-media.md §1.3); gaid and TV ids lower (the canonical text form of a
 * UUID); CAID as it is.
 */
export const idTypes: readonly IdTypeInfo[] = [
  info(IdType.Imei, 'imei', IdFamily.Imei, { form: 'raw', rawCase: 'lower' }),
  info(IdType.ImeiMd5, 'imei_md5', IdFamily.Imei, { form: 'md5' }),
  info(IdType.Oaid, 'oaid', IdFamily.Oaid, { form: 'raw' }),
  info(IdType.OaidMd5, 'oaid_md5', IdFamily.Oaid, { form: 'md5' }),
  info(IdType.Idfa, 'idfa', IdFamily.Idfa, { form: 'raw', rawCase: 'upper' }),
  info(IdType.IdfaMd5, 'idfa_md5', IdFamily.Idfa, { form: 'md5' }),
  info(IdType.AndroidId, 'android_id', IdFamily.AndroidId, { form: 'raw' }),
  info(IdType.AndroidIdMd5, 'android_id_md5', IdFamily.AndroidId, { form: 'md5' }),
  info(IdType.Mac, 'mac', IdFamily.Mac, { form: 'raw' }),
  info(IdType.MacMd5, 'mac_md5', IdFamily.Mac, { form: 'md5' }),
  info(IdType.Gaid, 'gaid', IdFamily.Gaid, { form: 'raw', rawCase: 'lower' }),
  info(IdType.GaidMd5, 'gaid_md5', IdFamily.Gaid, { form: 'md5' }),
  info(IdType.Caid, 'caid', IdFamily.Caid, { form: 'raw', scoped: true }),
  info(IdType.CaidMd5, 'caid_md5', IdFamily.Caid, { form: 'md5', scoped: true }),
  info(IdType.Openid, 'openid', IdFamily.Openid, { form: 'opaque', scoped: true }),
  info(IdType.Idfv, 'idfv', IdFamily.Idfv, { form: 'raw', rawCase: 'upper' }),
  info(IdType.Paid, 'paid', IdFamily.Paid, { form: 'opaque', scoped: true }),
  info(IdType.MediumSecure, 'medium_secure', IdFamily.MediumSecure, {
    form: 'opaque',
    scoped: true,
  }),
  info(IdType.User, 'user', IdFamily.User, { form: 'opaque', scoped: true }),
  info(IdType.BuyerUid, 'buyer_uid', IdFamily.BuyerUid, { form: 'opaque', scoped: true }),
  info(IdType.Eid, 'eid', IdFamily.Eid, { form: 'opaque', scoped: true }),
  info(IdType.Ifa, 'ifa', IdFamily.Ifa, { form: 'raw', rawCase: 'lower', scoped: true }),
]

const byName = new Map(idTypes.map((type) => [type.name, type]))
const byCode: readonly (IdTypeInfo | undefined)[] = (() => {
  const table: (IdTypeInfo | undefined)[] = []
  for (const type of idTypes) table[type.code] = type
  return table
})()

/** The type of an API name such as `oaid_md5`, or null when there is none. */
export function idTypeNamed(name: string): IdTypeInfo | null {
  return byName.get(name) ?? null
}

/** The type of a code of the `type` column; throws on a code that no table row has. */
export function idTypeOf(code: number): IdTypeInfo {
  const type = byCode[code]
  if (type === undefined) throw new RangeError(`no id type has code ${code}`)
  return type
}
