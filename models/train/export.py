"""Writes what `sluice seal` takes: graphs, draft.json, our answers to the golden vectors."""

import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch

from nets import CTR, CVR, ServingCoarseAd, ServingCoarseAsk, ServingFine

OPSET = 17
PARITY_FILE = "parity-outputs.ndjson"


def export_fine(fine, dataset, folder, draft):
    """Writes a `rank` model's folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    serving = ServingFine(fine).eval()
    rows = dataset.parity_rows()
    asks, ads = raw(dataset.ask, rows), raw(dataset.ad, rows)
    ask_of = torch.arange(len(rows), dtype=torch.int32)
    inputs = {
        "ask_index": (asks[0], "asks"),
        "ask_value": (asks[1], "asks"),
        "ad_index": (ads[0], "rows"),
        "ad_value": (ads[1], "rows"),
        "ask_of": (ask_of, "rows"),
    }
    if dataset.pair.width > 0:
        pairs = raw(dataset.pair, rows)
        inputs |= {"pair_index": (pairs[0], "rows"), "pair_value": (pairs[1], "rows")}
    outputs = {"ctr": "rows", "cvr": "rows"}
    write_graph(serving, folder / "model.onnx", inputs, outputs)
    with torch.no_grad():
        answers = [rate.numpy() for rate in serving(*(tensor for tensor, _ in inputs.values()))]
    write_draft(folder, draft | {"kind": "rank", "vector": None})
    write_parity(folder, rows, answers)


def export_coarse(coarse, dataset, folder, draft):
    """Writes a `split` model's folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows = dataset.parity_rows()
    ask, ad = ServingCoarseAsk(coarse).eval(), ServingCoarseAd(coarse).eval()
    asks, ads = raw(dataset.ask, rows), raw(dataset.ad, rows)
    ask_inputs = {"ask_index": (asks[0], "asks"), "ask_value": (asks[1], "asks")}
    ad_inputs = {"ad_index": (ads[0], "rows"), "ad_value": (ads[1], "rows")}
    write_graph(ask, folder / "model.onnx", ask_inputs, {"ask_vector": "asks"})
    write_graph(ad, folder / "ad.onnx", ad_inputs, {"ad_vector": "rows"})
    with torch.no_grad():
        both = (ask(*asks) * ad(*ads)).numpy().astype(np.float64)
    spans = coarse.spans
    answers = [1 / (1 + np.exp(-both[:, span[0] : span[1]].sum(1))) for span in spans]
    vector = {"width": coarse.width, "ctr": list(spans[CTR]), "cvr": list(spans[CVR])}
    write_draft(folder, draft | {"kind": "split", "vector": vector})
    write_parity(folder, rows, answers)


def raw(side, rows):
    """Padded rows of a side, as they are served."""
    index, value = np.array(side.index[rows]), np.array(side.value[rows])
    return torch.from_numpy(index), torch.from_numpy(value)


def write_graph(module, file, inputs, outputs):
    """Exports and checks; `inputs`: name -> (example, name of its first dimension)."""
    with warnings.catch_warnings():
        # The exporter warns of what it cannot fold; checker and golden vectors judge the result.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(tensor for tensor, _ in inputs.values()),
            str(file),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: {0: axis} for name, (_, axis) in inputs.items()}
            | {name: {0: axis} for name, axis in outputs.items()},
            opset_version=OPSET,
            do_constant_folding=True,
        )
    onnx.checker.check_model(onnx.load(str(file)), full_check=True)


def write_draft(folder, draft):
    """What the manifest needs to know from the trainer."""
    full = {"opset": OPSET, "targets": ["ctr", "cvr"], **draft}
    (folder / "draft.json").write_text(json.dumps(full, indent=2) + "\n")


def write_parity(folder, rows, answers):
    """Rates of the golden vectors, before calibration; float32 survives the text."""
    ctr, cvr = (np.asarray(answer, np.float64) for answer in answers)
    with open(folder / PARITY_FILE, "w", encoding="utf-8") as out:
        for row, a, b in zip(rows.tolist(), ctr.tolist(), cvr.tolist()):
            out.write(json.dumps({"row": row, "ctr": a, "cvr": b}) + "\n")
