"""Reads a folder of `sluice dataset`: its rows were encoded by the TypeScript that serves."""

import json
from pathlib import Path

import numpy as np
import torch

CLICKED = 1
CONVERTED = 2
FINAL = 4


class Side:
    """Slots and values of one side of all rows, mapped from their files."""

    def __init__(self, folder, name, rows, width):
        self.width = width
        shape = (rows, width)
        if width == 0:
            self.index = np.zeros(shape, np.int32)
            self.value = np.zeros(shape, np.float32)
        else:
            self.index = np.memmap(folder / f"{name}_index.i32", "<i4", "r", shape=shape)
            self.value = np.memmap(folder / f"{name}_value.f32", "<f4", "r", shape=shape)

    def bags(self, rows):
        """The columns that hold something, of `rows`: what a padded column would add is zero."""
        return Bags.of(self.index[rows], self.value[rows])


class Bags:
    """Rows of unequal length: slots and values one after the other, and where each row begins."""

    def __init__(self, index, value, starts):
        self.index = index
        self.value = value
        self.starts = starts

    @staticmethod
    def of(index, value):
        there = value != 0
        lengths = there.sum(1)
        starts = np.zeros(len(lengths), np.int64)
        np.cumsum(lengths[:-1], out=starts[1:])
        return Bags(
            torch.from_numpy(index[there].astype(np.int64)),
            torch.from_numpy(value[there]),
            torch.from_numpy(starts),
        )


    def by_slot(self, slot_count):
        """The same turned round: rows and values of each slot, and where each slot begins."""
        slots = self.index.numpy()
        rows = np.repeat(np.arange(len(self.starts)), self.lengths())
        # Sixteen bits sort by counting, which is several times as fast.
        narrow = slots.astype(np.uint16) if slot_count <= 65536 else slots
        order = np.argsort(narrow, kind="stable")
        starts = np.zeros(slot_count, np.int64)
        np.cumsum(np.bincount(slots, minlength=slot_count)[:-1], out=starts[1:])
        return torch.from_numpy(rows[order]), torch.from_numpy(starts), self.value[order]

    def lengths(self):
        """Columns of each row."""
        return np.diff(self.starts.numpy(), append=len(self.index))


class Dataset:
    """A dataset folder. Slices are (from, to) in row numbers; rows are in the order of time."""

    def __init__(self, folder):
        self.folder = Path(folder)
        facts = json.loads((self.folder / "dataset.json").read_text())
        if facts.get("datasetVersion") != 1:
            raise SystemExit(f"{self.folder}: this trainer reads datasetVersion 1")
        self.facts = facts
        self.rows = facts["rows"]
        # A log of clicks teaches CVR alone.
        self.of_clicks = facts.get("rowsAre") == "clicks"
        self.slot_count = facts["slotCount"]
        self.layout = facts["layout"]
        self.slices = {name: tuple(span) for name, span in facts["slices"].items()}
        self.ask = Side(self.folder, "ask", self.rows, facts["askWidth"])
        self.ad = Side(self.folder, "ad", self.rows, facts["adWidth"])
        self.pair = Side(self.folder, "pair", self.rows, facts["pairWidth"])
        label = np.fromfile(self.folder / "label.u8", np.uint8)
        self.click = (label & CLICKED) != 0
        self.conversion = (label & CONVERTED) != 0
        self.weight = np.fromfile(self.folder / "weight.f32", "<f4")
        self.at = np.fromfile(self.folder / "at.f64", "<f8")
        self.settled = self.at <= self._settled_until(label)

    def _settled_until(self, label):
        """
        Rows later than this have no part in CVR, clicked or not: leaving out only the clicks that
        may still convert would make those days look as if nobody had clicked.
        """
        young = self.at[self.click & ((label & FINAL) == 0)]
        return np.inf if len(young) == 0 else np.nextafter(young.min(), -np.inf)

    def parity_rows(self):
        """Row numbers of the golden vectors."""
        with open(self.folder / "parity-rows.ndjson", encoding="utf-8") as lines:
            return np.array([json.loads(line)["row"] for line in lines], np.int64)

    def truth(self):
        """True (ctr, cvr) of each row where the world told it, else None. For figures only."""
        file = self.folder / "truth.f64"
        return np.memmap(file, "<f8", "r", shape=(self.rows, 2)) if file.exists() else None

    def sampling(self, rows):
        """
        How the log was thinned: (shift, weights). Where clicks and other rows have one weight each,
        the model is fitted to the log as it is, its log odds raised by `shift` while it learns (the
        correction of Facebook 2014, turned round): that is kinder to the clicks than weights.
        Otherwise shift 0, and weights.
        """
        weight, click = self.weight[rows], self.click[rows]
        clicked, others = weight[click], weight[~click]
        if len(clicked) and len(others) and np.ptp(clicked) == 0 and np.ptp(others) == 0:
            return float(np.log(others[0] / clicked[0])), np.ones(len(weight), np.float32)
        return 0.0, weight / weight.mean()
