"""Studies for the page on sequence reversal: several seeds, longer training, exchanged parts.

Encoder, decoder and training are those of the page, taken from its cells; ``first_losses`` says
so, and a test of the page compares them with the page as it is now. Takes some minutes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from tests.kit.pages import definitions

PAGE = "ch10_attention/sequence_reversal"
CONSTANTS = ("V", "NUM_HIDDENS, EMBEDDING_SIZE", "SHORTEST, LONGEST, START")
SEEDS = range(3)
FEW = range(2)  # 2,400 steps without attention
ONE = range(1)  # a look beside the others
LENGTHS = range(3, 13)
LONG = 12


def rounded(value, digits=4):
    """Numbers, tensors and lists of them as plain data that can be read."""
    if isinstance(value, torch.Tensor):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [rounded(v, digits) for v in value]
    return round(float(value), digits)


class Study:
    """The page's definitions, and what is measured with them."""

    def __init__(self) -> None:
        self.page = definitions(PAGE, CONSTANTS, progress=lambda items, what: items)

    def shares(self, encoder, decoder, lengths=LENGTHS) -> list[float]:
        """Share of words reversed without a mistake, for each length."""
        return rounded([self.page["words_right"](encoder, decoder, n) for n in lengths])

    def words(self, length, number=500, seed=None):
        """New words (number, length) and their reversals."""
        generator = torch.Generator().manual_seed(length if seed is None else seed)
        X, _, Y = self.page["batch"](number, length, generator)
        return X, Y

    def run(self, seed, Decoder="AttentionDecoder", **options):
        """One network of the page, trained."""
        Decoder = self.page[Decoder] if isinstance(Decoder, str) else Decoder
        run = self.page["train"](seed, Decoder, **options)
        told = {n: round(self.page["words_right"](*run[:2], n).item(), 3) for n in (4, 5, 8, 12)}
        print(f"  {Decoder.__name__}, seed {seed}, {options}: {told}", flush=True)
        return run

    # --- what is measured on a network with attention

    @torch.no_grad()
    def exchanged(self, encoder, decoder) -> dict:
        """Parts of the trained decoder are exchanged: looks that stay, words of 8 right."""
        page = self.page
        X, Y = self.words(8)
        before = self.words(8, seed=1)[0]
        keys = encoder(before).mean(dim=0)  # (8, H): of each place
        starts = [decoder.mlp1(encoder(self.words(n, seed=1)[0])).mean(dim=(0, 1))
                  for n in range(3, 9)]
        start = sum(starts) / len(starts)  # (H,)
        found = {}
        for name, parts in {
            "nothing": {},
            "keys": {"keys": lambda dec, h: keys.expand_as(h)},
            "query": {"query": lambda dec, s, e, h, first: s.roll(1, dims=0)},
            "start": {"start": lambda dec, h: start.repeat(len(h), 1)},
        }.items():
            changed = page["Exchanged"](decoder, **parts)
            written, maps = page["reverse"](encoder, changed, X)
            looks = maps.argmax(dim=2)
            if name == "nothing":
                own = looks
            found[name] = {
                "stay": rounded((looks == own).double().mean()),
                "right": rounded((written == Y).all(dim=1).double().mean()),
            }
            if name == "start":
                found[name]["lengths"] = self.shares(encoder, changed, range(3, 9))
                found[name]["first_look"] = rounded(self.first_look(encoder, changed))
        return found

    def first_look(self, encoder, decoder) -> float:
        """Share of words of 3 to 8 letters whose first look falls on the last letter."""
        shares = []
        for n in range(3, 9):
            X, _ = self.words(n)
            looks = self.page["reverse"](encoder, decoder, X)[1][:, 0].argmax(dim=1)
            shares.append((looks == n - 1).double().mean().item())
        return sum(shares) / len(shares)

    def twelve(self, encoder, decoder) -> dict:
        """Words of 12 letters: what is written, and where the first look falls."""
        X, Y = self.words(LONG)
        written, maps = self.page["reverse"](encoder, decoder, X)
        occurs = (written[:, :, None] == X[:, None, :]).any(dim=2)
        first = maps[:, 0].argmax(dim=1) + 1
        return {
            "occurs": rounded(occurs.double().mean()),
            "in_place": rounded((written == Y).double().mean()),
            "first_last": rounded((first == LONG).double().mean()),
            "first_beyond_8": rounded((first > 8).double().mean()),
            "by_step": rounded((written == Y).double().mean(dim=0)),
        }

    @torch.no_grad()
    def spread(self, encoder, decoder) -> dict:
        """Standard deviation of the scores over the letters of a word, by step (8 letters)."""
        X, Y = self.words(8)
        seen = []
        score = decoder.score
        decoder.score = lambda query, keys: (seen.append(score(query, keys)), seen[-1])[1]
        decoder.decode(F.pad(Y[:, :-1], (1, 0)), encoder(X), None)
        del decoder.score
        return rounded([s.std(dim=2).mean() for s in seen], 3)

    @torch.no_grad()
    def looks(self, encoder, decoder, length) -> dict:
        """After the first step: looks at the letter that is due, and one place to its right."""
        X, Y = self.words(length)
        written, maps = self.page["reverse"](encoder, decoder, X)
        offset = (maps.argmax(dim=2) - torch.arange(length).flip(0))[:, 1:]
        return {
            "right": rounded((written == Y).all(dim=1).double().mean()),
            "at": rounded((offset == 0).double().mean()),
            "beside": rounded((offset == 1).double().mean()),
        }


def make() -> dict:
    torch.set_num_threads(1)
    study = Study()
    page = study.page
    result = {"lengths": list(LENGTHS)}
    result["first_losses"] = rounded(study.run(0, num_steps=20)[2], 5)

    result["attention"], result["none"] = [], {}
    for seed in SEEDS:
        encoder, decoder, losses = study.run(seed)
        result["attention"].append({
            "right": study.shares(encoder, decoder),
            "twelve": study.twelve(encoder, decoder),
            "looks": study.looks(encoder, decoder, 8),
            "spread": study.spread(encoder, decoder),
            "exchanged": study.exchanged(encoder, decoder),
            "loss": rounded(sum(losses[-50:]) / 50),
        })
    for steps, seeds in ((600, SEEDS), (2400, FEW)):
        result["none"][str(steps)] = []
        for seed in seeds:
            encoder, decoder, losses = study.run(seed, "EvenDecoder", num_steps=steps)
            result["none"][str(steps)].append({
                "right": study.shares(encoder, decoder),
                "loss": rounded(sum(losses[-50:]) / 50),
            })

    torch.manual_seed(0)
    result["spread_untrained"] = study.spread(page["Encoder"](), page["AttentionDecoder"]())

    class ConstantStart(page["AttentionDecoder"]):
        """The first state is the same for every word: the bias of mlp1."""

        def __init__(self):
            super().__init__()
            torch.nn.init.zeros_(self.mlp1.weight)
            self.mlp1.weight.requires_grad_(False)

    def scaled(by):
        class Scaled(page["AttentionDecoder"]):
            """Scores are divided by another number, from the first step of training on."""

            def __init__(self):
                super().__init__()
                self.scale = by

        return Scaled

    result["constant_start"] = [
        study.shares(*study.run(seed, ConstantStart)[:2]) for seed in ONE
    ]
    result["scaled"] = {}
    for name, by in [
        ("divided by root", page["NUM_HIDDENS"] ** 0.5), ("times 40", 1 / 40),
    ]:
        torch.manual_seed(0)
        untrained = study.spread(page["Encoder"](), scaled(by)())
        runs = []
        for seed in ONE:
            encoder, decoder, losses = study.run(seed, scaled(by))
            runs.append({"right": study.shares(encoder, decoder),
                         "loss": rounded(sum(losses[-50:]) / 50)})
        result["scaled"][name] = {"spread_untrained": untrained, "runs": runs}

    short = {"num_steps": 400, "longest": 5}
    result["short"] = {}
    for name in ("ElsewhereDecoder", "LSTMDecoder", "ScaledDecoder", "AdditiveDecoder"):
        result["short"][name] = []
        for seed in ONE:
            page["Encoder"], kept = (
                page["LSTMEncoder"] if name == "LSTMDecoder" else page["Encoder"], page["Encoder"])
            encoder, decoder, _ = study.run(seed, name, **short)
            page["Encoder"] = kept
            result["short"][name].append({
                "right": study.shares(encoder, decoder, range(3, 6)),
                "looks": study.looks(encoder, decoder, 5),
            })
    return result
