#!/usr/bin/python3
"""From a log to two models: makes the dataset, trains fine, distils coarse, seals both."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import torch

from coarse import CoarseSettings, train_coarse
from dataset import Dataset
from export import export_coarse, export_fine
from fine import Settings, train_fine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def main():
    options = parsed_options()
    torch.set_num_threads(options.threads)
    folder = options.dataset or made_dataset(options)
    dataset = Dataset(folder)
    clicks, conversions = dataset.click.sum(), dataset.conversion.sum()
    say(f"{dataset.rows} rows, {clicks} clicks, {conversions} conversions")
    settings = settings_for(dataset, options)
    fine = train_fine(dataset, settings, say)
    fine_folder = options.models / options.fine / options.version
    export_fine(fine, dataset, fine_folder, draft_of(options.fine, options, dataset))
    seal(options, fine_folder, folder)
    if dataset.of_clicks:
        say("rows are clicks: a coarse model ranks by CTR, so there is none of this log")
        return
    settings = CoarseSettings(seed=options.seed, steps=options.steps)
    coarse = train_coarse(dataset, fine, settings, say)
    coarse_folder = options.models / options.coarse / options.version
    export_coarse(coarse, dataset, coarse_folder, draft_of(options.coarse, options, dataset))
    seal(options, coarse_folder, folder)


# Below it a log is small: its products need a start (`Settings.hurry`).
SMALL_LOG_CLICKS = 100_000
# Of an epoch, at the least: a step teaches little, however many rows it sees.
STEPS_MIN = 200


def settings_for(dataset, options):
    """The defaults, but for what a small log wants."""
    first, end = dataset.slices["train"]
    settings = Settings(seed=options.seed, epochs=options.epochs)
    settings.batch = max(64, min(settings.batch, (end - first) // STEPS_MIN))
    if dataset.click.sum() < SMALL_LOG_CLICKS:
        settings.hurry = 0.3
    return settings


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--world", type=Path, help="folder of `sluice world`")
    source.add_argument("--log", type=Path, help="decision records, with --events")
    source.add_argument("--dataset", type=Path, help="folder of `sluice dataset`, made already")
    parser.add_argument("--events", type=Path, help="events of --log")
    parser.add_argument("--catalog", type=Path, help="catalog of --log, as for an import")
    both = {"choices": ["both", "cvr"], "default": "both"}
    parser.add_argument("--target", **both, help="cvr: rows are clicks")
    work = ROOT / "data" / "train"
    parser.add_argument("--work", type=Path, default=work, help="where the dataset is made")
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder of models")
    parser.add_argument("--fine", default="fine", help="name of the fine model")
    parser.add_argument("--coarse", default="coarse", help="name of the coarse model")
    parser.add_argument("--version", required=True, help="version of both")
    parser.add_argument("--epochs", type=int, default=Settings().epochs, help="of fine, at most")
    parser.add_argument("--steps", type=int, default=CoarseSettings().steps, help="of coarse")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, choices=[1, 2], default=1)
    parser.add_argument("--no-seal", action="store_true", help="leave drafts to be sealed by hand")
    parser.add_argument(
        "--sluice",
        nargs="+",
        default=["node", str(ROOT / "dist" / "src" / "main.js")],
        help="command line of sluice (default: the build of this checkout)",
    )
    options = parser.parse_args()
    if options.log is not None and options.events is None:
        parser.error("--log needs --events")
    return options


def made_dataset(options):
    """Makes the dataset by the TypeScript that also encodes for serving. Answers its folder."""
    folder = options.work / "dataset"
    if options.world is not None:
        world = options.world
        sources = {
            "--log": world / "log.ndjson.gz",
            "--events": world / "events.ndjson.gz",
            "--catalog": world / "catalog.ndjson",
            # For the report of `seal`: nothing here fits to it.
            "--truth": world / "truth.bin",
        }
    else:
        sources = {"--log": options.log, "--events": options.events, "--catalog": options.catalog}
    flags = [str(word) for pair in sources.items() if pair[1] is not None for word in pair]
    sluice(options, "dataset", *flags, "--target", options.target, "--out", str(folder))
    return folder


def seal(options, folder, dataset):
    """Manifest, golden vectors, calibration and report: all by the TypeScript that serves."""
    if options.no_seal:
        say(f"{folder} is a draft: sluice seal --model {folder} --dataset {dataset}")
    else:
        sluice(options, "seal", "--model", str(folder), "--dataset", str(dataset))


def sluice(options, *words):
    command = [*options.sluice, *words]
    say(" ".join(command))
    if subprocess.run(command, check=False).returncode != 0:
        raise SystemExit(f"sluice {words[0]} failed")


def draft_of(name, options, dataset):
    """Facts for the manifest. No paths of this machine in what ships."""
    facts = dataset.facts
    first, end = dataset.slices["train"]
    begin = moment(facts["startMs"])
    return {
        "name": name,
        "version": options.version,
        "featuresHash": facts["featuresHash"],
        "trainedBy": f"models/train, torch {torch.__version__}, seed {options.seed}",
        "trainedOn": f"{facts['log']}: {end - first} {facts['rowsAre']} from {begin} on",
    }


def moment(epoch_ms):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch_ms / 1000))


def say(line):
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
