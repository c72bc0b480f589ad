#!/usr/bin/python3
"""Checks the trainer on a made-up market: `python3 models/train/check.py`, under a minute."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch

from coarse import CoarseSettings, Creatives, survivors, train_coarse
from dataset import Bags, Dataset
from export import PARITY_FILE, export_coarse, export_fine
from fine import Settings, evaluate, figures_of, train_fine
from metrics import auc, calibration, logloss
from nets import CTR, CVR, BagSum, Fine, Linear, Shape
from synthetic import write_synthetic

DRAFT = {"name": "checked", "version": "1", "trainedBy": "check.py", "trainedOn": "made up"}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Trained(unittest.TestCase):
    """One small market, both models trained on it once."""

    @classmethod
    def setUpClass(cls):
        torch.set_num_threads(1)
        cls.room = tempfile.TemporaryDirectory()
        room = Path(cls.room.name)
        cls.dataset = Dataset(write_synthetic(room / "set", rows=300_000))
        said = []
        roles = {
            "products": ("segments", "place", "advertiser"),
            "tastes": ("hour", "advertiser"),
            "left": ("segments",),
            "right": ("hour",),
            "kind_of": "advertiser",
            "by_kind": ("place",),
        }
        small = {"batch": 256, "epochs": 6, "rate": 6e-3, "dense_spread": 0.2, "hurry": 0.3}
        cls.fine = train_fine(cls.dataset, Settings(**small, **roles), said.append)
        export_fine(cls.fine, cls.dataset, room / "fine", DRAFT)
        coarse = CoarseSettings(steps=300, asks=64, ads=64)
        cls.coarse = train_coarse(cls.dataset, cls.fine, coarse, said.append)
        export_coarse(cls.coarse, cls.dataset, room / "coarse", DRAFT)
        cls.folder = room

    @classmethod
    def tearDownClass(cls):
        cls.room.cleanup()

    def outputs(self, name):
        lines = (self.folder / name / PARITY_FILE).read_text().splitlines()
        return [json.loads(line) for line in lines]

    def test_fine_learns_most_of_what_there_is_to_learn(self):
        rows = np.arange(*self.dataset.slices["test"])
        truth = figures_of(np.array(self.dataset.truth()[rows]), self.dataset, rows)
        found = evaluate(self.fine, self.dataset, "test")
        self.assertGreater(truth["ctr_auc"], 0.7)
        self.assertGreater(found["ctr_auc"], truth["ctr_auc"] - 0.05)
        self.assertLess(abs(found["ctr_ratio"] - 1), 0.1)
        self.assertLess(abs(found["cvr_ratio"] - 1), 0.15)

    def test_equal_seeds_train_equal_models(self):
        small = Dataset(write_synthetic(self.folder / "small", rows=4000))
        one, two = (
            train_fine(small, Settings(batch=512, epochs=1), lambda line: None).state_dict()
            for _ in range(2)
        )
        self.assertTrue(all(torch.equal(one[name], two[name]) for name in one))

    def test_coarse_keeps_what_fine_likes_best(self):
        creatives = Creatives(self.dataset, self.fine)
        rows = np.arange(*self.dataset.slices["test"])[:200]
        models = self.coarse, self.fine, self.dataset, creatives
        held = survivors(*models, (rows, creatives.count, 0.0), kept=40)
        self.assertGreater(held, 0.9)
        first_by_nothing = 40 / creatives.count
        self.assertLess(first_by_nothing, 0.5)

    def test_graphs_pass_the_checker_with_the_inputs_that_serving_gives(self):
        wanted = {
            "fine/model.onnx": (
                [
                    *("ask_index", "ask_value", "ad_index", "ad_value", "ask_of"),
                    *("pair_index", "pair_value"),
                ],
                {"ctr": 1, "cvr": 1},
            ),
            "coarse/model.onnx": (["ask_index", "ask_value"], {"ask_vector": 2}),
            "coarse/ad.onnx": (["ad_index", "ad_value"], {"ad_vector": 2}),
        }
        for file, (inputs, outputs) in wanted.items():
            model = onnx.load(str(self.folder / file))
            onnx.checker.check_model(model, full_check=True)
            opsets = [one.version for one in model.opset_import if one.domain == ""]
            self.assertEqual(opsets, [17])
            self.assertEqual([one.name for one in model.graph.input], inputs)
            for one in model.graph.input:
                tensor = one.type.tensor_type
                is_value = one.name.endswith("value")
                kind = onnx.TensorProto.FLOAT if is_value else onnx.TensorProto.INT32
                self.assertEqual(tensor.elem_type, kind, one.name)
                self.assertNotEqual(tensor.shape.dim[0].dim_param, "", f"{one.name}: rows are free")
            ranks = {one.name: len(one.type.tensor_type.shape.dim) for one in model.graph.output}
            self.assertEqual(ranks, outputs)

    def test_the_coarse_vectors_fit_in_64_places(self):
        draft = json.loads((self.folder / "coarse" / "draft.json").read_text())
        vector = draft["vector"]
        self.assertEqual(draft["kind"], "split")
        self.assertEqual([vector["ctr"][0], vector["ctr"][1]], [0, vector["cvr"][0]])
        self.assertEqual(vector["cvr"][1], vector["width"])
        self.assertLessEqual(vector["width"], 64)

    def test_fine_answers_what_its_definition_says(self):
        rows, answers = self.dataset.parity_rows(), self.outputs("fine")
        self.assertEqual([one["row"] for one in answers], rows.tolist())
        odds = fine_by_hand(self.fine, self.dataset, rows)
        for task, name in ((CTR, "ctr"), (CVR, "cvr")):
            given = np.array([one[name] for one in answers])
            self.assertLess(np.abs(given - sigmoid(odds[:, task])).max(), 1e-6)

    def test_coarse_answers_what_its_definition_says(self):
        rows, answers = self.dataset.parity_rows(), self.outputs("coarse")
        odds = coarse_by_hand(self.coarse, self.dataset, rows)
        for task, name in ((CTR, "ctr"), (CVR, "cvr")):
            given = np.array([one[name] for one in answers])
            self.assertLess(np.abs(given - sigmoid(odds[:, task])).max(), 1e-6)

    def test_a_part_that_a_feature_does_not_have_stays_zero(self):
        shape = self.fine.shape
        spans = {
            feature["name"]: slice(feature["offset"], feature["offset"] + feature["size"])
            for feature in self.dataset.layout
        }
        table = self.fine.table.detach()
        self.assertEqual(table[spans["hour"], shape.first].abs().sum().item(), 0)
        self.assertGreater(table[spans["place"], shape.first].abs().sum().item(), 0)
        kinds = table[spans["advertiser"], shape.kind]
        self.assertTrue(torch.equal(kinds, torch.eye(shape.kinds)))

    def test_padding_adds_nothing(self):
        index = np.array([[3, 0, 5, 0]], np.int32)
        value = np.array([[1, 0, 0.5, 0]], np.float32)
        bags = Bags.of(index, value)
        self.assertEqual(bags.index.tolist(), [3, 5])
        self.assertEqual(self.fine.table[0].abs().sum().item(), 0)


class Parts(unittest.TestCase):
    def test_auc_counts_pairs_and_halves_ties(self):
        score, label = np.array([0.1, 0.4, 0.4, 0.8]), np.array([0, 0, 1, 1])
        self.assertAlmostEqual(auc(score, label), 3.5 / 4)
        # A negative of weight 3 counts as three negatives.
        heavy = auc(score, label, np.array([1, 3, 1, 1]))
        self.assertAlmostEqual(heavy, auc(np.r_[score, 0.4, 0.4], np.r_[label, 0, 0]))

    def test_logloss_and_calibration_go_by_weight(self):
        self.assertAlmostEqual(logloss([0.25, 0.25], np.array([1, 0]), [1, 3]), 0.5623351446)
        flat, label, weight = np.array([0.25, 0.25]), np.array([1, 0]), np.array([1, 3])
        self.assertAlmostEqual(calibration(flat, label, weight), 1)

    def test_thinned_logs_are_undone_by_a_shift(self):
        with tempfile.TemporaryDirectory() as room:
            dataset = Dataset(write_synthetic(room, rows=3000, keep=0.25))
            shift, weight = dataset.sampling(np.arange(dataset.rows))
            self.assertAlmostEqual(shift, float(np.log(4)), places=5)
            self.assertTrue((weight == 1).all())
            # One odd weight among them, and weights do the work.
            dataset.weight[np.flatnonzero(dataset.click)[0]] = 2
            shift, weight = dataset.sampling(np.arange(dataset.rows))
            self.assertEqual(shift, 0)
            self.assertAlmostEqual(float(weight.mean()), 1, places=4)

    def test_rows_of_unsettled_days_have_no_part_in_cvr(self):
        with tempfile.TemporaryDirectory() as room:
            dataset = Dataset(write_synthetic(room, rows=3000))
            self.assertTrue(dataset.settled[0])
            self.assertFalse(dataset.settled[-1])
            self.assertEqual(np.count_nonzero(np.diff(dataset.settled.astype(int))), 1)

    def test_the_way_back_through_a_bag_is_that_of_a_plain_sum(self):
        draw = np.random.default_rng(3)
        index = draw.integers(50, size=(9, 6)).astype(np.int32)
        value = (draw.random((9, 6)) * (draw.random((9, 6)) < 0.6)).astype(np.float32)
        value[4] = 0
        table, wanted = torch.randn(50, 4, requires_grad=True), torch.randn(9, 4)
        bagged = BagSum.apply(table, Bags.of(index, value))
        plain = (table[torch.from_numpy(index).long()] * torch.from_numpy(value)[:, :, None]).sum(1)
        self.assertTrue(torch.allclose(bagged, plain, atol=1e-6))
        one, two = (torch.autograd.grad(sums, table, wanted)[0] for sums in (bagged, plain))
        self.assertTrue(torch.allclose(one, two, atol=1e-6))

    def test_linear_layers_are_equal_in_both_kernels(self):
        layer, x = Linear(7, 5), torch.randn(11, 7)
        trained = layer.train()(x)
        self.assertTrue(torch.allclose(trained, layer.eval()(x), atol=1e-6))

    def test_the_wide_part_is_the_whole_of_a_network_without_the_rest(self):
        fine = Fine(10, Shape(vector=4, factors=2, deep=(4,))).eval()
        with torch.no_grad():
            fine.heads.weight.zero_()
            fine.table.zero_()
            fine.table[1, CTR], fine.table[2, CTR] = 0.5, -2.0
        ask = Bags.of(np.array([[1]], np.int32), np.array([[2.0]], np.float32))
        ad = Bags.of(np.array([[2]], np.int32), np.array([[1.0]], np.float32))
        self.assertAlmostEqual(fine(ask, ad)[0, CTR].item(), 2 * 0.5 - 2.0, places=6)


def weights_of(model):
    return {name: value.numpy().astype(np.float64) for name, value in model.state_dict().items()}


def sums(table, side, rows):
    return (table[side.index[rows]] * np.asarray(side.value[rows], np.float64)[:, :, None]).sum(1)


def layer(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def fine_by_hand(fine, dataset, rows):
    """The definition of the fine network once more, in numpy and double precision."""
    w, s = weights_of(fine), fine.shape
    ask, ad = sums(w["table"], dataset.ask, rows), sums(w["table"], dataset.ad, rows)
    pair = sums(w["table"][:, s.wide], dataset.pair, rows)
    common = ask[:, s.first] * ad[:, s.first]
    start = np.concatenate([ask[:, s.plain], ad[:, s.plain], common, common * ask[:, s.second]], 1)
    crossed = start
    for i in range(s.crosses):
        crossed = start * layer(w, f"crosses.{i}", crossed) + crossed
    deep = crossed
    for i in range(len(s.deep)):
        deep = np.maximum(layer(w, f"deep.{i}", deep), 0)
    heads = layer(w, "heads", np.concatenate([crossed, deep], 1))
    own = (ask[:, s.left] * ask[:, s.right]).sum(1)
    direct = (ask[:, s.direct] * ad[:, s.direct]).sum(1)
    odds = heads + ask[:, s.wide] + ad[:, s.wide] + pair
    odds[:, CTR] += own + direct
    return odds


def coarse_by_hand(coarse, dataset, rows):
    """As `fine_by_hand`."""
    w = weights_of(coarse)
    ask, ad = sums(w["table"], dataset.ask, rows), sums(w["table"], dataset.ad, rows)
    p = coarse.parts
    product = ask[:, p.first] * ask[:, p.second]
    asked = tower(w, "ask_tower", np.concatenate([ask[:, 2:], product], 1))
    shown = tower(w, "ad_tower", ad[:, 2:])
    ask[:, CTR] += (ask[:, p.left] * ask[:, p.right]).sum(1)
    cut = coarse.shape.ctr - 2
    products = asked * shown
    free = np.stack([products[:, :cut].sum(1), products[:, cut:].sum(1)], 1)
    return free + ask[:, :2] + ad[:, :2] + w["base"]


def tower(w, name, x):
    hidden = np.maximum(layer(w, f"{name}.hidden", x), 0)
    return layer(w, f"{name}.bent", hidden) + layer(w, f"{name}.straight", x)


if __name__ == "__main__":
    unittest.main(verbosity=2)
