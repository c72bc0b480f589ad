"""Trains the fine model: CTR on all impressions, CVR through CTCVR = CTR x CVR on all of them (ESMM)."""

import math
import time

import numpy as np
import torch
import torch.nn.functional as F

from metrics import auc, calibration, logloss
from nets import CTR, CVR, Fine, Shape


class Settings:
    """What a run of training may choose; defaults are those of the models that ship."""

    def __init__(self, **given):
        self.seed = 1
        self.epochs = 6
        self.patience = 2
        self.batch = 4096
        self.rate = 3e-3
        self.table_rate = 0.0
        self.words_max = 500
        self.only = []
        self.only_plain = []
        # Standard deviations of the normal priors on embeddings: what few clicks say is believed little.
        self.wide_spread = 0.3
        self.plain_spread = 0.05
        self.factor_spread = 0.2
        # Of the dense layers' weights.
        self.dense_spread = 0.2
        # Steps before the first update of the priors, and between two.
        self.learn_from = 400
        self.learn_each = 50
        self.shape = Shape()
        unknown = set(given) - set(vars(self))
        if unknown:
            raise ValueError(f"no such settings: {sorted(unknown)}")
        vars(self).update(given)


def train_fine(dataset, settings, say):
    """Answers the model as it was after its best epoch: least log loss of later rows."""
    torch.manual_seed(settings.seed)
    order = np.random.default_rng(settings.seed)
    first, end = dataset.slices["train"]
    train = np.arange(first, end)
    shift, weight = dataset.sampling(train)
    fine = Fine(dataset.slot_count, settings.shape)
    with torch.no_grad():
        fine.heads.bias.copy_(base_odds(dataset, train))
        if dataset.of_clicks:
            fine.heads.weight[CTR] = 0
    prior = Prior(fine, dataset, settings)
    optimizer = optimizer_of(fine, settings)
    steps = settings.epochs * math.ceil(len(train) / settings.batch)
    best, best_loss, since, step = None, math.inf, 0, 0
    for epoch in range(1, settings.epochs + 1):
        started = time.monotonic()
        fine.train()
        for rows in batches(train, settings.batch, order):
            optimizer.zero_grad()
            odds = odds_of_rows(fine, dataset, rows)
            loss = esmm_loss(odds, dataset, rows, (shift, weight[rows - first]))
            loss.backward()
            prior.add_gradients()
            optimizer.step(decayed(step, steps))
            step += 1
            if step >= settings.learn_from and step % settings.learn_each == 0:
                prior.learn(optimizer)
        took = time.monotonic() - started
        figures = evaluate(fine, dataset, "calibrate")
        say(f"fine epoch {epoch}: {took:.0f} s, {words(figures)}" + (f"\n{prior.words()}" if epoch >= 4 else ""))
        if figures["loss"] < best_loss:
            best, best_loss, since = copied(fine), figures["loss"], 0
        else:
            since += 1
        if since >= settings.patience:
            break
    fine.load_state_dict(best)
    say(f"fine on test: {words(evaluate(fine, dataset, 'test'))}")
    return fine.eval()


def optimizer_of(fine, settings):
    dense = [weight for name, weight in fine.named_parameters() if name != "table"]
    if settings.table_rate == 0:
        return Both(torch.optim.Adam(fine.parameters(), lr=settings.rate, betas=(0.9, 0.999)))
    return Both(torch.optim.Adam(dense, lr=settings.rate, betas=(0.9, 0.999)), torch.optim.Adagrad([fine.table], lr=settings.table_rate, eps=1e-8))


class Both:
    def __init__(self, *ones):
        self.ones = ones
        self.base = [o.param_groups[0]["lr"] for o in ones]

    def zero_grad(self):
        for o in self.ones:
            o.zero_grad(set_to_none=True)

    def step(self, factor):
        for o, b in zip(self.ones, self.base):
            o.param_groups[0]["lr"] = b * factor
            o.step()

    def information(self, weight):
        for o in self.ones:
            st = o.state.get(weight)
            if not st:
                continue
            if "sum" in st:
                return st["sum"] / st["step"]
            return st["exp_avg_sq"]


def base_odds(dataset, rows):
    """Log odds of a model that knows nothing: the layers need not climb there."""
    weight, click = dataset.weight[rows], dataset.click[rows]
    ctr = np.average(click, weights=weight)
    clicks = click & dataset.settled[rows]
    cvr = (dataset.conversion[rows] & clicks).sum() / max(1, clicks.sum())
    rates = np.clip([ctr, cvr], 1e-6, 1 - 1e-6)
    return torch.tensor(np.log(rates / (1 - rates)), dtype=torch.float32)


def decayed(step, steps):
    """A short climb, then half a cosine down to nothing: the end of training settles."""
    climb = min(1.0, (step + 1) / 100)
    return climb * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))


def batches(rows, size, order):
    """All rows once in random order; each batch ascends, so that the files are read forward."""
    mixed = order.permutation(rows)
    for start in range(0, len(mixed), size):
        yield np.sort(mixed[start : start + size])


def odds_of_rows(fine, dataset, rows):
    """Log odds [rows, tasks] of logged rows."""
    pair = dataset.pair.bags(rows) if dataset.pair.width > 0 else None
    return fine(dataset.ask.bags(rows), dataset.ad.bags(rows), pair)


def esmm_loss(odds, dataset, rows, sampling):
    """Cross entropy of clicks, plus that of conversions of impressions where they are settled."""
    shift, weight = sampling
    weight = torch.from_numpy(weight)
    if dataset.of_clicks:
        return cvr_loss(odds[:, CVR], dataset, rows, weight)
    click = torch.from_numpy(dataset.click[rows].astype(np.float32))
    seen = odds[:, CTR] + shift
    click_loss = F.binary_cross_entropy_with_logits(seen, click, weight)
    converted = torch.from_numpy(dataset.conversion[rows].astype(np.float32))
    settled = torch.from_numpy(dataset.settled[rows].astype(np.float32))
    log_p = F.logsigmoid(seen) + F.logsigmoid(odds[:, CVR])
    log_not = torch.log1p(-torch.exp(log_p).clamp(max=1 - 1e-6))
    conversion_loss = -(converted * log_p + (1 - converted) * log_not) * settled * weight
    return click_loss + conversion_loss.mean()


def cvr_loss(odds, dataset, rows, weight):
    """Where every row is a click there is nothing to reach CVR through."""
    converted = torch.from_numpy(dataset.conversion[rows].astype(np.float32))
    settled = torch.from_numpy(dataset.settled[rows].astype(np.float32))
    return F.binary_cross_entropy_with_logits(odds, converted, weight * settled)


class Prior:
    """
    Normal priors of mean 0 on the embeddings, a spread for each part of each feature, and on the dense
    layers, a spread each. Their pull is added to the gradients of a batch's mean loss.

    The spreads are learned as well (MacKay's evidence update): a feature that has nothing to say in
    some part - a creative in the products, where its advertiser has said it all - loses that part,
    and one that says much is hardly held back. The information that data has on a weight, which the
    update needs, is in Adam's running mean of squared gradients: rows x batch x that.
    """

    def __init__(self, fine, dataset, settings):
        first, end = dataset.slices["train"]
        self.rows = end - first
        self.batch = settings.batch
        s = fine.shape
        self.parts = {
            "ctr": (slice(0, 1), settings.wide_spread),
            "cvr": (slice(1, 2), settings.wide_spread),
            "plain": (s.plain, settings.plain_spread),
            "first": (s.first, settings.factor_spread),
            "second": (s.second, settings.factor_spread),
        }
        self.features = [(f["name"], slice(f["offset"], f["offset"] + f["size"])) for f in dataset.layout]
        self.table = fine.table
        self.spread = torch.empty(fine.table.shape)
        for columns, spread in self.parts.values():
            self.spread[:, columns] = spread
        for f in dataset.layout:
            if f["size"] > settings.words_max or (settings.only and f["name"] not in settings.only):
                slots = slice(f["offset"], f["offset"] + f["size"])
                self.spread[slots, 2:] = SPREAD_MIN
                if settings.only_plain and f["name"] in settings.only_plain:
                    self.spread[slots, s.plain] = settings.plain_spread
        with torch.no_grad():
            self.table[self.spread == SPREAD_MIN] *= 0.1
        layers = [*fine.crosses, *fine.deep, fine.heads]
        self.dense = [(layer.weight, [settings.dense_spread]) for layer in layers]

    def add_gradients(self):
        """After `backward`, before the step."""
        with torch.no_grad():
            self.table.grad.add_(self.table / (self.rows * self.spread**2))
            for weight, spread in self.dense:
                weight.grad.add_(weight, alpha=1 / (self.rows * spread[0] ** 2))

    def learn(self, optimizer):
        """Moves every spread halfway to what its weights tell now."""
        seen = self._information(optimizer, self.table)
        for _, slots in self.features:
            for columns, _ in self.parts.values():
                spread = self.spread[slots, columns]
                if spread.numel() > 0:
                    told = evidence(self.table[slots, columns], seen[slots, columns], spread[0, 0].item())
                    self.spread[slots, columns] = told
        for weight, spread in self.dense:
            spread[0] = evidence(weight, self._information(optimizer, weight), spread[0])

    def _information(self, optimizer, weight):
        return optimizer.information(weight) * (self.rows * self.batch)

    def words(self):
        """The spreads, a line a feature."""
        lines = []
        for name, slots in self.features:
            spreads = [f"{part} {self.spread[slots, at][0, 0]:.3f}" for part, (at, _) in self.parts.items()]
            lines.append(f"  {name}: {', '.join(spreads)}")
        return "\n".join([*lines, f"  layers: {', '.join(f'{spread[0]:.3f}' for _, spread in self.dense)}"])


# No spread leaves these bounds: below the first a part is gone, above the second it is free.
SPREAD_MIN, SPREAD_MAX = 0.005, 1.0


def evidence(weight, information, spread):
    """Spread of a group: squares of its weights over the number of them that data has determined."""
    with torch.no_grad():
        determined = (information / (information + spread**-2)).sum().item()
        squares = (weight**2).sum().item()
    told = math.sqrt(squares / max(determined, 1e-9))
    return min(SPREAD_MAX, max(SPREAD_MIN, math.sqrt(told * spread)))


def odds_of_slice(fine, dataset, rows, size=16384):
    """Log odds of many rows as numpy, float64."""
    # `train` mode only chooses the faster kernels (nets.Linear): nothing here drops out or averages.
    fine.train()
    with torch.no_grad():
        parts = [
            odds_of_rows(fine, dataset, rows[start : start + size]).numpy()
            for start in range(0, len(rows), size)
        ]
    fine.eval()
    return np.concatenate(parts).astype(np.float64)


def evaluate(fine, dataset, slice_name):
    """Progress on a slice: log loss, AUC and calibration of CTR, and of CVR among settled clicks."""
    rows = np.arange(*dataset.slices[slice_name])
    rates = 1 / (1 + np.exp(-odds_of_slice(fine, dataset, rows)))
    return figures_of(rates, dataset, rows)


def figures_of(rates, dataset, rows):
    """`evaluate`, of given rates [rows, tasks]."""
    click, weight = dataset.click[rows], dataset.weight[rows]
    ctr = rates[:, CTR]
    figures = {
        "ctr_loss": logloss(ctr, click, weight),
        "ctr_auc": auc(ctr, click, weight),
        "ctr_ratio": calibration(ctr, click, weight),
    }
    settled = click & dataset.settled[rows]
    cvr_loss = 0.0
    if settled.any():
        cvr, converted = rates[settled, CVR], dataset.conversion[rows][settled]
        figures["cvr_loss"] = logloss(cvr, converted)
        figures["cvr_auc"] = auc(cvr, converted)
        figures["cvr_ratio"] = calibration(cvr, converted)
        cvr_loss = figures["cvr_loss"] * settled.sum() / weight.sum()
    # Of both tasks, by impression: the likelihood of what was seen.
    figures["loss"] = figures["ctr_loss"] + cvr_loss
    return figures


def words(figures):
    """One line of figures."""
    return ", ".join(f"{name} {value:.5f}" for name, value in figures.items())


def copied(model):
    """The weights of now."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}
