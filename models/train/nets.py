"""The networks, fine (DCN-V2, two tasks) and coarse (two towers), as they learn and serve."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

CTR, CVR = 0, 1
TASKS = 2


class Linear(nn.Linear):
    """
    `nn.Linear` as a convolution of one point while training: Debian's torch multiplies matrices by
    the reference BLAS, but convolves by oneDNN, five times as fast. Equal but for rounding.
    """

    def forward(self, x):
        if torch.onnx.is_in_onnx_export() or not self.training or len(x) == 0:
            return F.linear(x, self.weight, self.bias)
        return F.conv2d(x[:, :, None, None], self.weight[:, :, None, None], self.bias).flatten(1)


class BagSum(torch.autograd.Function):
    """
    `embedding_bag` with a faster way back: the gradient of a slot is itself a weighted sum, of the
    gradients of the bags it is in, so the kernel that goes forward computes it too.
    """

    @staticmethod
    def forward(ctx, table, bags):
        ctx.bags, ctx.slot_count = bags, len(table)
        return F.embedding_bag(
            bags.index, table, bags.starts, mode="sum", per_sample_weights=bags.value
        )

    @staticmethod
    def backward(ctx, gradient):
        rows, starts, value = ctx.bags.by_slot(ctx.slot_count)
        return (
            F.embedding_bag(
                rows, gradient.contiguous(), starts, mode="sum", per_sample_weights=value
            ),
            None,
        )


class Shape:
    """Sizes of the fine network, and the places of each part in a slot's embedding."""

    def __init__(self, vector=16, factors=12, tastes=4, own=6, kinds=0, crosses=2, deep=(32, 16)):
        self.vector = vector
        self.factors = factors
        self.tastes = tastes
        self.own = own
        self.kinds = kinds
        self.crosses = crosses
        self.deep = tuple(deep)
        ends = np.cumsum([TASKS, vector, factors, factors, own, own, tastes, kinds]).tolist()
        self.wide = slice(0, ends[0])
        self.plain = slice(ends[0], ends[1])
        self.first = slice(ends[1], ends[2])
        self.second = slice(ends[2], ends[3])
        self.left = slice(ends[3], ends[4])
        self.right = slice(ends[4], ends[5])
        self.taste = slice(ends[5], ends[6])
        self.kind = slice(ends[6], ends[7])
        self.direct = slice(ends[5], ends[7])
        self.width = ends[7]
        self.mixed = 2 * vector + 2 * factors

    def with_kinds(self, kinds):
        """The same with so many kinds of ads."""
        sizes = self.vector, self.factors, self.tastes, self.own
        return Shape(*sizes, kinds, self.crosses, self.deep)


class Fine(nn.Module):
    """
    DCN-V2 for CTR and CVR over one table of embeddings.

    A side's embedding is the sum of value x embedding of its columns: what concatenating the fields
    and projecting them would give, with the projection multiplied in. Its parts: `wide` (a weight
    for each task: additive effects), `plain` (enters the crosses as it is), `first` and `second`.
    The products first(ask) x first(ad) and first(ask) x second(ask) x first(ad) enter the crosses
    beside both plain parts: user x ad, and user x ad x place, need not be found by two full layers.
    An ad has one vector for both: what it is about does not depend on where it stands.

    Effects too faint for layers to find go straight to the log odds of a click, as the wide part's
    crosses: `left` x `right` of the ask alone; `taste` of the ask x that of the ad; and `kind`,
    which is on the ask side a weight for every kind of ad (`kinds` of them, 0 = none), and on the
    ad side a one in the place of its kind.
    """

    def __init__(self, slot_count, shape):
        super().__init__()
        self.shape = shape
        table = torch.empty(slot_count, shape.width)
        nn.init.normal_(table, std=0.03)
        table[:, shape.wide] = 0
        table[:, shape.taste] *= 3
        table[:, shape.left] *= 3
        table[:, shape.right] *= 3
        table[0] = 0
        self.table = nn.Parameter(table)
        self.crosses = nn.ModuleList(Linear(shape.mixed, shape.mixed) for _ in range(shape.crosses))
        widths = [shape.mixed, *shape.deep]
        self.deep = nn.ModuleList(Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.heads = Linear(shape.mixed + widths[-1], TASKS)
        for cross in self.crosses:
            nn.init.normal_(cross.weight, std=0.02)
            nn.init.zeros_(cross.bias)
        nn.init.normal_(self.heads.weight, std=0.02)
        nn.init.zeros_(self.heads.bias)

    def hurry(self, weight):
        """
        Lets products reach the log odds at once, by `weight`. Otherwise they begin as next to
        nothing behind layers of next to nothing: a small log's priors pull them to zero unheard.
        """
        shape = self.shape
        with torch.no_grad():
            self.table[:, shape.first] *= 3
            self.table[:, shape.second] *= 3
            self.heads.weight[:, 2 * shape.vector : shape.mixed] = weight

    def embed(self, bags):
        """Sums of value x embedding: [rows, width]."""
        return BagSum.apply(self.table, bags)

    def embed_pair(self, bags):
        """Pair features have their additive effect only: [rows, tasks]."""
        return BagSum.apply(self.table[:, self.shape.wide].contiguous(), bags)

    def ask_parts(self, ask):
        """What is computed once an ask: (wide, plain, factors, direct)."""
        s = self.shape
        first = ask[:, s.first]
        factors = torch.cat([first, first * ask[:, s.second]], 1)
        wide = ask[:, s.wide] + of_clicks(ask[:, s.left] * ask[:, s.right])
        return wide, ask[:, s.plain], factors, ask[:, s.direct]

    def ad_parts(self, ad):
        """As `ask_parts`."""
        s = self.shape
        first = ad[:, s.first]
        return ad[:, s.wide], ad[:, s.plain], torch.cat([first, first], 1), ad[:, s.direct]

    def mix(self, ask, ad):
        """Log odds of both tasks [rows, tasks], of parts that stand row by row."""
        ask_wide, ask_plain, ask_factors, ask_direct = ask
        ad_wide, ad_plain, ad_factors, ad_direct = ad
        start = torch.cat([ask_plain, ad_plain, ask_factors * ad_factors], 1)
        crossed = start
        for layer in self.crosses:
            crossed = start * layer(crossed) + crossed
        deep = crossed
        for layer in self.deep:
            deep = torch.relu(layer(deep))
        odds = self.heads(torch.cat([crossed, deep], 1)) + ask_wide + ad_wide
        return odds + of_clicks(ask_direct * ad_direct)

    def forward(self, ask_bags, ad_bags, pair_bags=None):
        """Log odds of logged rows: an ask and an ad each."""
        odds = self.mix(self.ask_parts(self.embed(ask_bags)), self.ad_parts(self.embed(ad_bags)))
        return odds if pair_bags is None else odds + self.embed_pair(pair_bags)


def of_clicks(products):
    """Their sums as log odds of a click alone: conversions are too few for so many weights."""
    return F.pad(products.sum(1, keepdim=True), (CTR, TASKS - 1 - CTR))


def padded_sum(table, index, value):
    """[rows, width] of padded rows: the form of `embedding_bag` that a graph can hold."""
    return torch.matmul(value.unsqueeze(1), F.embedding(index, table)).squeeze(1)


class ServingFine(nn.Module):
    """The graph of a `rank` model (src/scoring/manifest.ts)."""

    def __init__(self, fine):
        super().__init__()
        self.fine = fine

    def forward(self, ask_index, ask_value, ad_index, ad_value, ask_of, *pair):
        """`pair`: index and value, where the layout has pair features."""
        fine = self.fine
        asks = fine.ask_parts(padded_sum(fine.table, ask_index, ask_value))
        ask = tuple(part.index_select(0, ask_of) for part in asks)
        odds = fine.mix(ask, fine.ad_parts(padded_sum(fine.table, ad_index, ad_value)))
        if pair:
            odds = odds + padded_sum(fine.table[:, fine.shape.wide].contiguous(), *pair)
        rates = torch.sigmoid(odds)
        return rates[:, CTR], rates[:, CVR]


class CoarseShape:
    """Sizes of the coarse network: places of the vectors by task, and the towers' hidden layers."""

    def __init__(self, ctr=32, cvr=16, hidden=96):
        self.ctr = ctr
        self.cvr = cvr
        self.hidden = hidden


class Coarse(nn.Module):
    """
    Two towers whose vectors' product is log odds. The first places of each task's part hold the
    additive effects: (1, ask's own) on the ask side against (ad's own, 1) on the ad side. It begins
    with the embeddings of the fine model, whose parts the towers read.
    """

    def __init__(self, fine, shape):
        super().__init__()
        self.shape = shape
        self.parts = fine.shape
        self.width = shape.ctr + shape.cvr
        self.spans = ((0, shape.ctr), (shape.ctr, self.width))
        self.table = nn.Parameter(fine.table.detach().clone())
        self.base = nn.Parameter(fine.heads.bias.detach().clone())
        free, read = self.width - 2 * TASKS, fine.shape.width - TASKS
        # The ask's product of its own factors: user x place, before it meets any ad.
        self.ask_tower = Tower(read + fine.shape.factors, shape.hidden, free)
        self.ad_tower = Tower(read, shape.hidden, free)

    def embed(self, bags):
        """Sums of value x embedding: [rows, width of the table]."""
        return BagSum.apply(self.table, bags)

    def ask_vectors(self, embedded):
        """[asks, width], of embedded asks."""
        p = self.parts
        own = embedded[:, p.wide] + of_clicks(embedded[:, p.left] * embedded[:, p.right])
        product = embedded[:, p.first] * embedded[:, p.second]
        free = self.ask_tower(torch.cat([embedded[:, TASKS:], product], 1))
        one = torch.ones_like(own[:, :1])
        return self.placed(free, (one, own[:, :1]), (one, own[:, 1:]))

    def ad_vectors(self, embedded):
        """[ads, width], of embedded ads."""
        own, rest = embedded[:, :TASKS] + self.base, embedded[:, TASKS:]
        one = torch.ones_like(own[:, :1])
        return self.placed(self.ad_tower(rest), (own[:, :1], one), (own[:, 1:], one))

    def placed(self, free, ctr, cvr):
        """Both tasks' parts, one after the other."""
        cut = self.shape.ctr - 2
        return torch.cat([*ctr, free[:, :cut], *cvr, free[:, cut:]], 1)


class Tower(nn.Module):
    """One hidden layer beside a straight way."""

    def __init__(self, width, hidden, out):
        super().__init__()
        self.hidden = Linear(width, hidden)
        self.bent = Linear(hidden, out)
        self.straight = Linear(width, out)

    def forward(self, x):
        return self.bent(torch.relu(self.hidden(x))) + self.straight(x)


class ServingCoarseAsk(nn.Module):
    """The ask graph of a `split` model (src/scoring/manifest.ts)."""

    def __init__(self, coarse):
        super().__init__()
        self.coarse = coarse

    def forward(self, ask_index, ask_value):
        return self.coarse.ask_vectors(padded_sum(self.coarse.table, ask_index, ask_value))


class ServingCoarseAd(nn.Module):
    """Its ad graph."""

    def __init__(self, coarse):
        super().__init__()
        self.coarse = coarse

    def forward(self, ad_index, ad_value):
        return self.coarse.ad_vectors(padded_sum(self.coarse.table, ad_index, ad_value))
