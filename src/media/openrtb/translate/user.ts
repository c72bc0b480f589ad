/** Features of the user (2.6 §3.2.20). Called only where personal data may be used. */
import type { BidRequest } from '../../../domain/bid-request.ts'
import type { OrtbUser } from '../wire/openrtb.generated.ts'
import { upperOr } from './text.ts'

/** Nobody alive was born before; a later year than the upper bound is a typing error. */
const yearOfBirthMin = 1900
const yearOfBirthMax = 2100

/** Letters of the specification: male, female, other. */
const genders: readonly string[] = ['M', 'F', 'O']

/** Fills year of birth and gender; both are deprecated in 2.6 and still sent. */
export function fillUser(request: BidRequest, user: OrtbUser): void {
  const { yob } = user
  if (yob !== null && yob >= yearOfBirthMin && yob <= yearOfBirthMax) request.yearOfBirth = yob
  const gender = upperOr(user.gender)
  if (genders.includes(gender)) request.gender = gender
}
