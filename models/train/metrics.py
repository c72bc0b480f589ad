"""Figures of progress. The figures that count are those of `sluice seal`."""

import numpy as np


def auc(score, label, weight=None):
    """Chance that a positive stands above a negative, both drawn by weight; ties count half."""
    weight = np.ones(len(score)) if weight is None else np.asarray(weight, np.float64)
    _, place = np.unique(score, return_inverse=True)
    positive = np.bincount(place, weight * label)
    negative = np.bincount(place, weight * (1 - label))
    below = np.cumsum(negative) - negative
    total = positive.sum() * negative.sum()
    return float((positive * (below + negative / 2)).sum() / total) if total > 0 else float("nan")


def logloss(probability, label, weight=None):
    """Mean negative log likelihood, in nats. `label` may be a probability itself."""
    p = np.clip(np.asarray(probability, np.float64), 1e-9, 1 - 1e-9)
    return float(np.average(-(label * np.log(p) + (1 - label) * np.log1p(-p)), weights=weight))


def calibration(probability, label, weight=None):
    """Expected over observed: 1 is right, more is too high."""
    weight = np.ones(len(label)) if weight is None else weight
    observed = float((weight * label).sum())
    return float((weight * probability).sum()) / observed if observed > 0 else float("nan")
