/** `sluice models`: what lies in the models folder, whether a version can serve, which one does. */
import type { ModelDesk, ModelListing, VersionListing } from '../scoring/model-desk.ts'
import { ScoringError } from '../scoring/scoring-error.ts'
import { CliError } from './request-options.ts'

/** Prints every model with its versions, the active one marked; answers the exit code. */
export async function runModelsList(
  desk: Pick<ModelDesk, 'list'>,
  options: { readonly json?: boolean },
  write: (text: string) => void,
): Promise<number> {
  const models = await desk.list()
  if (options.json === true) {
    write(`${JSON.stringify(models, null, 2)}\n`)
    return 0
  }
  if (models.length === 0) write('no model in this folder\n')
  for (const model of models) {
    write(`${model.name}${stateOf(model)}\n`)
    for (const version of model.versions) write(`${versionLine(model, version)}\n`)
    const more = model.versionCount - model.versions.length
    if (more > 0) write(`    and ${more} more\n`)
  }
  return 0
}

/** Opens a version as a process would and says whether it can serve: exit code 0, or 1. */
export async function runModelsCheck(
  desk: Pick<ModelDesk, 'check'>,
  path: string,
  write: (text: string) => void,
): Promise<number> {
  const { name, version } = versionOf(path)
  try {
    await desk.check(name, version)
  } catch (error) {
    if (!(error instanceof ScoringError)) throw error
    write(`${name}/${version} cannot serve\n${error.message}\n`)
    return 1
  }
  write(`${name}/${version} can serve\n`)
  return 0
}

/** Checks a version and puts it in force; what cannot serve changes nothing: exit code 1. */
export async function runModelsActivate(
  desk: Pick<ModelDesk, 'activate'>,
  path: string,
  write: (text: string) => void,
): Promise<number> {
  const { name, version } = versionOf(path)
  try {
    const before = await desk.activate(name, version)
    write(`${name}/${version} is active${before === null ? '' : `, before it ${before} was`}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof ScoringError)) throw error
    write(`${name}/${version} cannot serve, nothing was changed\n${error.message}\n`)
    return 1
  }
}

function versionOf(path: string): { readonly name: string; readonly version: string } {
  const [name = '', version = '', ...rest] = path.split('/')
  if (name === '' || version === '' || rest.length > 0) {
    throw new CliError('SLUICE_CLI_OPTION', 'a version is named <model>/<version>')
  }
  return { name, version }
}

function stateOf({ active, versions, versionCount }: ModelListing): string {
  if (active === null) return ': no version is active'
  const isThere = versions.some(({ version }) => version === active)
  return isThere || versionCount > versions.length ? '' : `: ${active} is active and is not there`
}

function versionLine(
  { active }: ModelListing,
  { version, about, problem }: VersionListing,
): string {
  const mark = version === active ? '*' : ' '
  const what =
    about === null
      ? (problem ?? '')
      : `${about.kind}, ${about.targets.join(' + ')}, by ${about.trainedBy} on ${about.trainedOn}`
  return `  ${mark} ${version}  ${what}`
}
