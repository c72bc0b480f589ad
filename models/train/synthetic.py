"""A small made-up market as a dataset folder: for `check.py`, never for a model that ships."""

import json
from pathlib import Path

import numpy as np

SEGMENTS, PLACES, HOURS, ADVERTISERS, CREATIVES_EACH, DIMS = 12, 30, 24, 40, 4, 4


def write_synthetic(folder, rows=20000, seed=1, pair=True, keep=0.2):
    """
    Users with two segments by score, places, hours; advertisers and creatives; clicks by a
    saturating user x advertiser term, one that the place turns round, and additive ones. `keep`:
    share of rows without a click that stay. Answers the folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    made = draw_rows(draw, rows, keep)
    layout, slots, ask, ad, pairs = encode(made, pair)
    sides = {"ask": ask, "ad": ad, "pair": pairs}
    for name, (index, value) in sides.items():
        index.astype("<i4").tofile(folder / f"{name}_index.i32")
        value.astype("<f4").tofile(folder / f"{name}_value.f32")
    kept = len(made["click"])
    at = np.linspace(0, 14 * 86_400_000, kept)
    final = (at < 12 * 86_400_000) | ~made["click"] | made["converted"]
    label = made["click"] * 1 + made["converted"] * 2 + final * 4
    label.astype(np.uint8).tofile(folder / "label.u8")
    np.where(made["click"], 1, 1 / keep).astype("<f4").tofile(folder / "weight.f32")
    at.astype("<f8").tofile(folder / "at.f64")
    np.stack([made["ctr"], made["cvr"]], 1).astype("<f8").tofile(folder / "truth.f64")
    cut = [0, int(kept * 0.7), int(kept * 0.8), kept]
    facts = {
        "datasetVersion": 1,
        "rows": kept,
        "askWidth": ask[0].shape[1],
        "adWidth": ad[0].shape[1],
        "pairWidth": pairs[0].shape[1],
        "slotCount": slots,
        "featuresHash": "synthetic",
        "layout": layout,
        "slices": {
            name: [cut[i], cut[i + 1]] for i, name in enumerate(["train", "calibrate", "test"])
        },
    }
    (folder / "dataset.json").write_text(json.dumps(facts))
    parity = np.linspace(cut[2], kept - 1, 50).astype(int)
    lines = [json.dumps({"row": int(row), "atMs": at[row]}) for row in parity]
    (folder / "parity-rows.ndjson").write_text("\n".join(lines) + "\n")
    return folder


def draw_rows(draw, rows, keep):
    """Facts and outcomes of the rows that the thinned log keeps."""
    segments = draw.normal(size=(SEGMENTS, DIMS))
    wants = draw.normal(size=(ADVERTISERS, DIMS))
    turns = np.where(draw.random((PLACES, DIMS)) < 0.5, 1.0, -1.0)
    places = draw.normal(size=PLACES) * 0.3
    quality = draw.normal(size=ADVERTISERS * CREATIVES_EACH) * 0.4
    first = draw.integers(SEGMENTS, size=rows)
    second = (first + 1 + draw.integers(SEGMENTS - 1, size=rows)) % SEGMENTS
    share = draw.uniform(0.5, 1, size=rows)
    place, hour = draw.integers(PLACES, size=rows), draw.integers(HOURS, size=rows)
    creative = draw.integers(ADVERTISERS * CREATIVES_EACH, size=rows)
    user = segments[first] * share[:, None] + segments[second] * (1 - share[:, None])
    common = user * wants[creative // CREATIVES_EACH]
    odds = -2.5 + np.tanh(common.mean(1) * 2) + np.tanh((common * turns[place]).mean(1) * 2)
    ctr = 1 / (1 + np.exp(-(odds + places[place] + quality[creative])))
    cvr = 1 / (1 + np.exp(-(-1.5 + 0.8 * np.tanh(user[:, 0]))))
    click = draw.random(rows) < ctr
    converted = click & (draw.random(rows) < cvr)
    kept = click | (draw.random(rows) < keep)
    columns = {
        "first": first, "second": second, "share": share, "place": place, "hour": hour,
        "creative": creative, "click": click, "converted": converted, "ctr": ctr, "cvr": cvr,
    }  # fmt: skip
    return {name: column[kept] for name, column in columns.items()}


def encode(made, pair):
    """Layout, slot count, and (index, value) of the three sides, padded as served rows are."""
    layout, offset = [], 1
    offsets = {}
    sizes = [
        ("segments", "ask", 4, SEGMENTS), ("place", "ask", 1, PLACES), ("hour", "ask", 1, HOURS),
        ("advertiser", "ad", 1, ADVERTISERS), ("creative", "ad", 1, ADVERTISERS * CREATIVES_EACH),
    ] + ([("age", "pair", 1, 1)] if pair else [])  # fmt: skip
    column = {"ask": 0, "ad": 0, "pair": 0}
    for name, side, width, size in sizes:
        place = {"column": column[side], "width": width, "offset": offset, "size": size}
        layout.append({"name": name, "kind": "vocab", "side": side, **place})
        offsets[name] = offset
        offset += size
        column[side] += width
    count = len(made["click"])
    ask = np.zeros((count, 6), np.int32), np.zeros((count, 6), np.float32)
    ad = np.zeros((count, 2), np.int32), np.ones((count, 2), np.float32)
    pair_shape = count, column["pair"]
    pairs = np.zeros(pair_shape, np.int32), np.zeros(pair_shape, np.float32)
    ask[0][:, 0], ask[1][:, 0] = offsets["segments"] + made["first"], made["share"]
    ask[0][:, 1], ask[1][:, 1] = offsets["segments"] + made["second"], 1 - made["share"]
    ask[0][:, 4], ask[1][:, 4] = offsets["place"] + made["place"], 1
    ask[0][:, 5], ask[1][:, 5] = offsets["hour"] + made["hour"], 1
    ad[0][:, 0] = offsets["advertiser"] + made["creative"] // CREATIVES_EACH
    ad[0][:, 1] = offsets["creative"] + made["creative"]
    if pair:
        pairs[0][:, 0], pairs[1][:, 0] = offsets["age"], (made["creative"] % 7) / 7
    return layout, offset, ask, ad, pairs
