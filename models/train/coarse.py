"""Trains the coarse model: two towers that answer for any ask and ad what the fine model would."""

import time

import numpy as np
import torch
import torch.nn.functional as F

from dataset import Bags
from fine import batches, decayed, figures_of, words
from nets import CTR, CVR, TASKS, Coarse, CoarseShape


class CoarseSettings:
    """What a run of distillation may choose; defaults are those of the models that ship."""

    def __init__(self, **given):
        self.seed = 1
        self.steps = 2000
        # Every ask of a step meets every ad of it: so many soft labels at the price of a few rows.
        self.asks = 128
        self.ads = 128
        # Half of the ads as they won, half evenly: coarse ranks the eligible, not the winners.
        self.winners = 0.5
        self.rate = 3e-3
        # Log odds are raised to about one click in five: hot pairs weigh more, cold ones still do.
        self.lift = 3.0
        self.cvr_share = 0.3
        self.report_each = 500
        self.shape = CoarseShape()
        unknown = set(given) - set(vars(self))
        if unknown:
            raise ValueError(f"no such settings: {sorted(unknown)}")
        vars(self).update(given)


class Creatives:
    """The different ad rows of the training slice, how often each won, and what pairs add to it."""

    def __init__(self, dataset, fine):
        first, end = dataset.slices["train"]
        index = np.array(dataset.ad.index[first:end])
        value = np.array(dataset.ad.value[first:end])
        keys = row_hashes(np.concatenate([index, value.view(np.int32)], 1))
        _, rows, of, counts = np.unique(keys, True, True, True)
        self.index, self.value = index[rows], value[rows]
        self.share = counts / counts.sum()
        self.count = len(rows)
        self.pair_odds = self._pair_odds(dataset, fine, of, counts, first)

    def _pair_odds(self, dataset, fine, of, counts, first):
        """
        Features of pairs need the TypeScript encoder, so a pair that was not logged has none: its
        part is what the ad's logged rows had on average.
        """
        odds = np.zeros((self.count, TASKS), np.float32)
        if dataset.pair.width > 0:
            with torch.no_grad():
                for start in range(0, len(of), 65536):
                    rows = np.arange(first + start, first + min(len(of), start + 65536))
                    told = fine.embed_pair(dataset.pair.bags(rows)).numpy()
                    np.add.at(odds, of[rows - first], told)
        return torch.from_numpy(odds / counts[:, None])

    def draw(self, order, count, winners):
        """Numbers of `count` ads."""
        won = order.choice(self.count, int(count * winners), p=self.share)
        return np.concatenate([won, order.integers(self.count, size=count - len(won))])

    def bags(self, numbers):
        """Their columns."""
        return Bags.of(self.index[numbers], self.value[numbers])


def row_hashes(rows):
    """A 64-bit number a row, equal for equal rows: sums of columns times random odd numbers."""
    odd = np.random.default_rng(64).integers(1 << 62, size=rows.shape[1], dtype=np.uint64) * 2 + 1
    mixed = rows.astype(np.uint64) * odd
    return (mixed ^ (mixed >> np.uint64(29))).sum(1, dtype=np.uint64)


def train_coarse(dataset, fine, settings, say):
    """Answers the towers after the last step; the labels of the log are not looked at."""
    torch.manual_seed(settings.seed)
    order = np.random.default_rng(settings.seed)
    train = np.arange(*dataset.slices["train"])
    creatives = Creatives(dataset, fine)
    coarse = Coarse(fine, settings.shape)
    optimizer = torch.optim.Adam(coarse.parameters(), lr=settings.rate, betas=(0.9, 0.99))
    pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda at: decayed(at, settings.steps))
    coarse.train()
    fine.train()
    started, step = time.monotonic(), 0
    while step < settings.steps:
        for rows in batches(train, settings.asks, order):
            step += 1
            asks = dataset.ask.bags(rows)
            ads = creatives.draw(order, settings.ads, settings.winners)
            with torch.no_grad():
                wanted = teach(fine, asks, creatives, ads)
            optimizer.zero_grad(set_to_none=True)
            loss, error = distance(towers(coarse, asks, creatives.bags(ads)), wanted, settings)
            loss.backward()
            optimizer.step()
            pace.step()
            if step % settings.report_each == 0:
                took = time.monotonic() - started
                errors = f"{error[CTR]:.4f} {error[CVR]:.4f}"
                say(f"coarse step {step}: {took:.0f} s, mean error of log odds {errors}")
            if step == settings.steps:
                break
    coarse.eval()
    fine.eval()
    report(coarse, fine, dataset, creatives, say)
    return coarse


def teach(fine, asks, creatives, numbers):
    """The fine model's log odds of every ask with every ad: [tasks, asks, ads]."""
    ask_parts = fine.ask_parts(fine.embed(asks))
    ad_parts = fine.ad_parts(fine.embed(creatives.bags(numbers)))
    many, each = len(asks.starts), len(numbers)
    ask = tuple(part.repeat_interleave(each, 0) for part in ask_parts)
    ad = tuple(part.repeat(many, 1) for part in ad_parts)
    odds = fine.mix(ask, ad).view(many, each, TASKS) + creatives.pair_odds[numbers]
    return odds.permute(2, 0, 1)


def towers(coarse, asks, ads):
    """As `teach`, of the towers."""
    ask = coarse.ask_vectors(coarse.embed(asks))
    ad = coarse.ad_vectors(coarse.embed(ads))
    return torch.stack([ask[:, a:b] @ ad[:, a:b].t() for a, b in coarse.spans])


def distance(odds, wanted, settings):
    """
    Loss and the mean absolute errors: cross entropy with the fine model's raised probabilities,
    which weighs pairs by their odds, and squared error, which holds the rest.
    """
    shift = torch.tensor([settings.lift, settings.lift - 1.5]).view(TASKS, 1, 1)
    soft = F.binary_cross_entropy_with_logits(
        odds + shift, torch.sigmoid(wanted + shift), reduction="none"
    ).mean((1, 2))
    squared = ((odds - wanted) ** 2).mean((1, 2))
    by_task = soft + 0.1 * squared
    errors = (odds.detach() - wanted).abs().mean((1, 2)).tolist()
    return by_task[CTR] + settings.cvr_share * by_task[CVR], errors


def report(coarse, fine, dataset, creatives, say):
    """Progress on the test slice: as a predictor, and as a sieve before the fine model."""
    rows = np.arange(*dataset.slices["test"])
    rates = rates_of_rows(coarse, dataset, rows)
    say(f"coarse on test: {words(figures_of(rates, dataset, rows))}")
    order = np.random.default_rng(7)
    asks = np.sort(order.choice(rows, min(400, len(rows)), replace=False))
    many = min(creatives.count, 1700)
    by_ctr = survivors(coarse, fine, dataset, creatives, (asks, many, 0.0))
    by_price = survivors(coarse, fine, dataset, creatives, (asks, many, 1.0))
    say(
        f"of fine's first 10 of {many} creatives, coarse's first 200 hold "
        f"{by_ctr:.4f} by CTR, {by_price:.4f} by CTR x a price drawn log-normally"
    )


def rates_of_rows(coarse, dataset, rows, size=16384):
    """Rates [rows, tasks] of logged rows."""
    parts = []
    with torch.no_grad():
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            ask = coarse.ask_vectors(coarse.embed(dataset.ask.bags(some)))
            both = ask * coarse.ad_vectors(coarse.embed(dataset.ad.bags(some)))
            odds = [both[:, a:b].sum(1) for a, b in coarse.spans]
            parts.append(torch.sigmoid(torch.stack(odds, 1)).numpy())
    return np.concatenate(parts).astype(np.float64)


def survivors(coarse, fine, dataset, creatives, trial, kept=200):
    """Mean share of the fine model's first 10 that are among coarse's first `kept`."""
    rows, many, spread = trial
    order = np.random.default_rng(8)
    shares = []
    fine.train()
    with torch.no_grad():
        for start in range(0, len(rows), 40):
            asks = dataset.ask.bags(rows[start : start + 40])
            numbers = order.choice(creatives.count, many, replace=False)
            price = torch.from_numpy(order.normal(size=many) * spread).float()
            exact = F.logsigmoid(teach(fine, asks, creatives, numbers)[CTR]) + price
            rough = F.logsigmoid(towers(coarse, asks, creatives.bags(numbers))[CTR]) + price
            first = exact.topk(min(10, many), 1).indices
            held = rough.topk(min(kept, many), 1).indices
            shares += [len(np.intersect1d(a, b)) / len(a) for a, b in zip(first.numpy(), held.numpy())]
    fine.eval()
    return float(np.mean(shares))
