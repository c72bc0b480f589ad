/** `sluice seal`: makes a version of what a trainer left in its folder. */
import { openDataset } from '../training/dataset.ts'
import { reportLine } from '../training/report-text.ts'
import { sealModel } from '../training/seal.ts'

/** What the command line says. */
export interface SealOptions {
  readonly model: string
  readonly dataset: string
}

/** Seals the model; answers the exit code. */
export async function runSeal(
  { model, dataset: folder }: SealOptions,
  write: (text: string) => void,
): Promise<number> {
  const dataset = openDataset(folder)
  try {
    const report = await sealModel(model, dataset)
    for (const target of report.targets) write(`${reportLine(target)}\n`)
    write(`${model}: manifest.json, report.md\n`)
    return 0
  } finally {
    dataset.close()
  }
}
