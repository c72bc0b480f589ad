"""Trains the fine model: CTR on all impressions, CVR through CTCVR = CTR x CVR (ESMM)."""

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
        self.epochs = 5
        self.patience = 2
        self.batch = 4096
        self.rate = 3e-3
        # Standard deviations of the normal priors on what is learned: what few clicks say is
        # believed little. An id's own effect is small beside what history and owner tell of it.
        self.wide_spread = 0.3
        self.id_spread = 0.08
        self.plain_spread = 0.07
        self.factor_spread = 0.3
        self.dense_spread = 0.08
        # A feature of more words than this is a list of ids, and has additive effects alone ...
        self.words_max = 1000
        # ... as have these: what they could say together with an ad, another feature says better.
        self.apart = ("place", "city", "osMajor", "connectionType", "floor", "goal", "adLanguage")
        # Features that enter the products: interests of a user, what a place is about, whose ad.
        self.products = ("packScores", "contentCategories", "advertiser", "adCategories")
        # Whose tastes meet whose; and what of an ask meets its own other side.
        self.tastes = ("model", "advertiser")
        self.taste_spread = 0.2
        self.left, self.right = ("packs",), ("localHour",)
        self.own_spread = 0.2
        # Features with a weight for each kind of ad, and the feature that tells the kind.
        self.kind_of = "adCategories"
        self.by_kind = ("contentCategories", "country", "utcWeekday")
        self.kind_spread = 0.12
        self.kinds_max = 64
        # Above 0: products reach the log odds by this weight from the start. Logs of under some
        # 100 000 clicks want 0.3; large ones learn more quietly without.
        self.hurry = 0.0
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
    fine = fine_for(dataset, settings)
    with torch.no_grad():
        fine.heads.bias.copy_(base_odds(dataset, train))
        if dataset.of_clicks:
            fine.heads.weight[CTR] = 0
        elif settings.hurry > 0:
            fine.hurry(settings.hurry)
    prior = Prior(fine, dataset, settings)
    optimizer = torch.optim.Adam(fine.parameters(), lr=settings.rate, betas=(0.9, 0.999))
    steps = settings.epochs * math.ceil(len(train) / settings.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: decayed(step, steps))
    best, best_loss, since = None, math.inf, 0
    for epoch in range(1, settings.epochs + 1):
        started = time.monotonic()
        fine.train()
        for rows in batches(train, settings.batch, order):
            optimizer.zero_grad()
            odds = odds_of_rows(fine, dataset, rows)
            loss = esmm_loss(odds, dataset, rows, (shift, weight[rows - first]))
            loss.backward()
            prior.add_gradients()
            optimizer.step()
            schedule.step()
        took = time.monotonic() - started
        figures = evaluate(fine, dataset, "calibrate")
        say(f"fine epoch {epoch}: {took:.0f} s, {words(figures)}")
        if figures["loss"] < best_loss:
            best, best_loss, since = copied(fine), figures["loss"], 0
        else:
            since += 1
        if since >= settings.patience:
            break
    fine.load_state_dict(best)
    say(f"fine on test: {words(evaluate(fine, dataset, 'test'))}")
    return fine.eval()


def fine_for(dataset, settings):
    """A fine network for the features of the set: as many kinds of ads as they know."""
    sizes = [f["size"] for f in dataset.layout if f["name"] == settings.kind_of]
    kinds = sizes[0] if sizes and sizes[0] <= settings.kinds_max else 0
    return Fine(dataset.slot_count, settings.shape.with_kinds(kinds))


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
    Normal priors of mean 0 on the embeddings, a spread for each part of each feature, and on the
    weights of the layers. Their pull is added to the gradients of a batch's mean loss. A part that
    a feature does not have is zero, and stays so.
    """

    def __init__(self, fine, dataset, settings):
        first, end = dataset.slices["train"]
        shape = fine.shape
        spread = torch.zeros_like(fine.table)
        for feature in dataset.layout:
            slots = spread[feature["offset"] : feature["offset"] + feature["size"]]
            name, is_id = feature["name"], feature["size"] > settings.words_max
            slots[:, shape.wide] = settings.id_spread if is_id else settings.wide_spread
            for part, names, width in (
                (shape.first, settings.products, settings.factor_spread),
                (shape.second, settings.products, settings.factor_spread),
                (shape.left, settings.left, settings.own_spread),
                (shape.right, settings.right, settings.own_spread),
                (shape.taste, settings.tastes, settings.taste_spread),
                (shape.kind, settings.by_kind, settings.kind_spread),
            ):
                if name in names:
                    slots[:, part] = width
            if not is_id and name not in settings.apart:
                slots[:, shape.plain] = settings.plain_spread
        self.table = fine.table
        self.there = (spread > 0).float()
        self.table_pull = self.there / ((end - first) * spread.clamp(min=1e-3) ** 2)
        self.dense = [layer.weight for layer in (*fine.crosses, *fine.deep, fine.heads)]
        self.dense_pull = 1 / ((end - first) * settings.dense_spread**2)
        with torch.no_grad():
            self.table.mul_(self.there)
            self.table[:, shape.kind] = 0
            for feature in dataset.layout:
                if feature["name"] == settings.kind_of and shape.kinds > 0:
                    slots = slice(feature["offset"], feature["offset"] + feature["size"])
                    self.table[slots, shape.kind] = torch.eye(shape.kinds)

    def add_gradients(self):
        """After `backward`, before the step."""
        with torch.no_grad():
            self.table.grad.addcmul_(self.table, self.table_pull).mul_(self.there)
            for weight in self.dense:
                weight.grad.add_(weight, alpha=self.dense_pull)


def odds_of_slice(fine, dataset, rows, size=16384):
    """Log odds of many rows as numpy, float64."""
    # `train` mode only chooses the faster kernels (nets.Linear): nothing drops out or averages.
    fine.train()
    with torch.no_grad():
        parts = [
            odds_of_rows(fine, dataset, rows[start : start + size]).numpy()
            for start in range(0, len(rows), size)
        ]
    fine.eval()
    return np.concatenate(parts).astype(np.float64)


def evaluate(fine, dataset, slice_name):
    """Progress on a slice: log loss, AUC, calibration of CTR, and of CVR among settled clicks."""
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
