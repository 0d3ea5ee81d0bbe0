"""Answers to ``gru``: right ones, each written on its own, and wrong ones."""

import torch
from torch import nn


def shapes(num_inputs, num_hiddens):
    """Shape of each parameter."""
    I, H = num_inputs, num_hiddens
    of_one = {"W_x{}": (I, H), "W_h{}": (H, H), "b_{}": (H,)}
    return {name.format(part): shape for part in "zrh" for name, shape in of_one.items()}


class GRU(nn.Module):
    """Names of the interface, a loop over time, states stacked at the end."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        for part in "zrh":
            for name, shape in (
                (f"W_x{part}", (num_inputs, num_hiddens)),
                (f"W_h{part}", (num_hiddens, num_hiddens)),
            ):
                setattr(self, name, nn.Parameter(torch.randn(shape) * 0.01))
            setattr(self, f"b_{part}", nn.Parameter(torch.zeros(num_hiddens)))

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        C = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
        return Z * H + (1 - Z) * C

    def forward(self, inputs, state):
        H = state.squeeze(0)
        seen = []
        for t in range(inputs.shape[1]):
            H = self.update(inputs[:, t, :], H)
            seen.append(H)
        return torch.stack(seen, dim=1), H.unsqueeze(0)


class Uniform(nn.Module):
    """Parameters as (1, H) biases, drawn uniformly; state kept with its axis of layers."""

    def __init__(self, n_in, n_hid):
        super().__init__()
        k = n_hid**-0.5

        def p(*shape):
            return nn.Parameter(torch.empty(*shape).uniform_(-k, k))

        self.W_xz, self.W_hz, self.b_z = p(n_in, n_hid), p(n_hid, n_hid), p(1, n_hid)
        self.W_xr, self.W_hr, self.b_r = p(n_in, n_hid), p(n_hid, n_hid), p(1, n_hid)
        self.W_xh, self.W_hh, self.b_h = p(n_in, n_hid), p(n_hid, n_hid), p(1, n_hid)

    def forward(self, x, h):
        out = []
        for xt in x.transpose(0, 1):  # (B, I)
            gate = torch.sigmoid(xt @ self.W_xz + h @ self.W_hz + self.b_z)
            reset = torch.sigmoid(xt @ self.W_xr + h @ self.W_hr + self.b_r)
            new = torch.tanh(xt @ self.W_xh + (reset * h) @ self.W_hh + self.b_h)
            h = h + (1 - gate) * (new - h)
            out.append(h)
        return torch.cat(out).transpose(0, 1), h


class Double(nn.Module):
    """float64, the input's part of all three sums before the loop, results written in place."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        for name, shape in shapes(num_inputs, num_hiddens).items():
            weight = 0.1 * torch.randn(shape, dtype=torch.float64)
            self.register_parameter(name, nn.Parameter(weight))
        self.num_hiddens = num_hiddens

    def forward(self, inputs, state):
        W_x = torch.cat([self.W_xz, self.W_xr, self.W_xh], 1)
        b = torch.cat([self.b_z, self.b_r, self.b_h])
        W_h = torch.cat([self.W_hz, self.W_hr], 1)
        parts = inputs @ W_x + b  # (B, S, 3H)
        n, H = self.num_hiddens, state[0]
        outputs = torch.zeros(*inputs.shape[:2], n, dtype=state.dtype)
        for t in range(inputs.shape[1]):
            gates = torch.sigmoid(parts[:, t, : 2 * n] + H @ W_h)
            Z, R = gates[:, :n], gates[:, n:]
            H_tilde = torch.tanh(parts[:, t, 2 * n :] + (H * R) @ self.W_hh)
            H = torch.lerp(H_tilde, H, Z)
            outputs[:, t] = H
        return outputs, outputs[:, -1].unsqueeze(0).clone()


class OneSampleAtATime(nn.Module):
    """Parameters from a dictionary, loops over samples and steps, result as a list of lists."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        sizes = {"x": num_inputs, "h": num_hiddens}
        for gate in ("z", "r", "h"):
            for source, rows in sizes.items():
                weight = nn.init.xavier_uniform_(torch.empty(rows, num_hiddens))
                setattr(self, f"W_{source}{gate}", nn.Parameter(weight))
            setattr(self, f"b_{gate}", nn.Parameter(torch.zeros(num_hiddens)))

    def total(self, x, h, gate):
        W_x, W_h = getattr(self, f"W_x{gate}"), getattr(self, f"W_h{gate}")
        return x @ W_x + h @ W_h + getattr(self, f"b_{gate}")

    def forward(self, inputs, state):
        rows, last = [], []
        for sequence, h in zip(inputs, state[0]):
            steps = []
            for x in sequence:
                z = self.total(x, h, "z").sigmoid()
                r = self.total(x, h, "r").sigmoid()
                h = z * h + (1 - z) * self.total(x, r * h, "h").tanh()
                steps.append(h)
            rows.append(torch.stack(steps))
            last.append(h)
        return torch.stack(rows), torch.stack(last)[None]


class WithLists(GRU):
    """Returns a list; clones its state first and changes the clone's place."""

    def forward(self, inputs, state):
        state = state.clone()
        outputs = []
        for X in inputs.unbind(dim=1):
            state = self.update(X, state[0]).reshape(1, len(X), -1)
            outputs.append(state)
        return [torch.cat(outputs, dim=0).permute(1, 0, 2), state]


class UpdateGateReversed(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(torch.matmul(X, self.W_xz) + torch.matmul(H, self.W_hz) + self.b_z)
        R = torch.sigmoid(torch.matmul(X, self.W_xr) + torch.matmul(H, self.W_hr) + self.b_r)
        H_tilde = torch.tanh(torch.matmul(X, self.W_xh) + torch.matmul(R * H, self.W_hh) + self.b_h)
        return (1 - Z) * H + Z * H_tilde


class OldStateStored(GRU):
    def forward(self, inputs, state):
        H, outputs = state[0], []
        for t in range(inputs.size(1)):
            H_new = self.update(inputs[:, t], H)
            outputs.append(H)
        return torch.stack(outputs, 1), H_new.unsqueeze(0)


class StoredTooEarly(GRU):
    def forward(self, inputs, state):
        H, outputs = state[0], []
        for t in range(inputs.size(1)):
            outputs.append(H)
            H = self.update(inputs[:, t], H)
        return torch.stack(outputs, 1), H[None]


class NeverFedBack(GRU):
    def forward(self, inputs, state):
        H, outputs = state.squeeze(0), []
        for t in range(inputs.size(1)):
            H_new = self.update(inputs[:, t], H)
            outputs.append(H_new)
        return torch.stack(outputs, 1), H_new[None]


class AlongTheBatch(GRU):
    def forward(self, inputs, state):
        H, outputs = state.squeeze(0), []
        for X in inputs:
            H = self.update(X, H)
            outputs.append(H)
        return torch.stack(outputs, dim=1), H.unsqueeze(0)


class SampleForStep(GRU):
    def forward(self, inputs, state):
        H, outputs = state[0], []
        for t in range(inputs.shape[1]):
            H = self.update(inputs[t], H)
            outputs.append(H)
        return torch.stack(outputs, dim=1), H[None]


class LikeTorch(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        N = torch.tanh(X @ self.W_xh + self.b_h + R * (H @ self.W_hh))
        return Z * H + (1 - Z) * N


class NotTransposed(GRU):
    def forward(self, inputs, state):
        (H,), outputs = state, []
        for X in inputs.permute(1, 0, 2):
            H = self.update(X, H)
            outputs.append(H)
        return torch.stack(outputs), H.unsqueeze(0)


class Viewed(GRU):
    def forward(self, inputs, state):
        (H,), outputs = state, []
        for X in inputs.permute(1, 0, 2):
            H = self.update(X, H)
            outputs.append(H)
        B, S, _ = inputs.shape
        return torch.cat(outputs).view(B, S, -1), H.unsqueeze(0)


class FromZeros(GRU):
    def forward(self, inputs, state):
        return super().forward(inputs, torch.zeros_like(state))


class FirstState(GRU):
    def forward(self, inputs, state):
        outputs, _ = super().forward(inputs, state)
        return outputs, outputs[:, 0].unsqueeze(0)


class SameGate(GRU):
    def update(self, X, H):
        gate = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        H_tilde = torch.tanh(X @ self.W_xh + (gate * H) @ self.W_hh + self.b_h)
        return gate * H + (1 - gate) * H_tilde


class NoBias(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr)
        return Z * H + (1 - Z) * torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh)


class SampleByState(GRU):
    def forward(self, inputs, state):
        H = state.permute(1, 0, 2)
        outputs = []
        for t in range(inputs.shape[1]):
            H = self.update(inputs[:, t], H)
            outputs.append(H)
        return torch.cat(outputs, dim=0).transpose(0, 1), H


class Plain(GRU):
    def __init__(self, num_inputs, num_hiddens):
        nn.Module.__init__(self)
        for name, shape in shapes(num_inputs, num_hiddens).items():
            setattr(self, name, torch.randn(shape, requires_grad=True))


class Detached(GRU):
    def update(self, X, H):
        return super().update(X, H.detach())


class InPlace(GRU):
    def forward(self, inputs, state):
        H, outputs = state[0].clone(), []
        for X in inputs.unbind(1):
            Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
            R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
            C = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
            H *= Z
            H += (1 - Z) * C
            outputs.append(H.clone())
        return torch.stack(outputs, 1), H[None]


class Remembers(GRU):
    H = None

    def forward(self, inputs, state):
        outputs, self.H = super().forward(inputs, state if self.H is None else self.H)
        return outputs, self.H


class LinearHabit(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz.T + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr.T + self.b_r)
        C = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh.T + self.b_h)
        return Z * H + (1 - Z) * C


class OnlyOutputs(GRU):
    def forward(self, inputs, state):
        return super().forward(inputs, state)[0]


class FlatState(GRU):
    def forward(self, inputs, state):
        outputs, state = super().forward(inputs, state)
        return outputs, state[0]


class OneNameForTheState(GRU):
    """H is a share of itself before the candidate reads it."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        H = Z * H
        H_tilde = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
        H = H + (1 - Z) * H_tilde
        return H


class CandidateUnderTheSameName(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        H = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
        return Z * H + (1 - Z) * H


class ResetInPlace(GRU):
    """The reset comes first, and the update gate reads what it has left."""

    def update(self, X, H):
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        H = R * H
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        return Z * H + (1 - Z) * torch.tanh(X @ self.W_xh + H @ self.W_hh + self.b_h)


class KeptFirst(GRU):
    """One gate after the other, each used at once."""

    def forward(self, inputs, state):
        H, outputs = state.squeeze(0), []
        for X in inputs.unbind(1):
            Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
            H = H * Z
            R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
            H = H + torch.tanh(X @ self.W_xh + H * R @ self.W_hh + self.b_h) * (1 - Z)
            outputs.append(H)
        return torch.stack(outputs, 1), H.unsqueeze(0)


class WithoutUnderscores(nn.Module):
    """The names of the parameters as one hears them."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()

        def weight(*shape):
            return nn.Parameter(torch.randn(*shape) * 0.01)

        self.Wxz, self.Whz = weight(num_inputs, num_hiddens), weight(num_hiddens, num_hiddens)
        self.Wxr, self.Whr = weight(num_inputs, num_hiddens), weight(num_hiddens, num_hiddens)
        self.Wxh, self.Whh = weight(num_inputs, num_hiddens), weight(num_hiddens, num_hiddens)
        self.bz, self.br = weight(num_hiddens), weight(num_hiddens)
        self.bh = weight(num_hiddens)

    def forward(self, inputs, state):
        H, outputs = state[0], []
        for X in inputs.transpose(0, 1):
            Z = torch.sigmoid(X @ self.Wxz + H @ self.Whz + self.bz)
            R = torch.sigmoid(X @ self.Wxr + H @ self.Whr + self.br)
            H_tilde = torch.tanh(X @ self.Wxh + (R * H) @ self.Whh + self.bh)
            H = Z * H + (1 - Z) * H_tilde
            outputs.append(H)
        return torch.stack(outputs, 1), H.unsqueeze(0)


class StateAsItCame(GRU):
    """`H = state`: every state is (1, B, H), and the stack of them has four axes."""

    def forward(self, inputs, state):
        H, outputs = state, []
        for t in range(inputs.shape[1]):
            H = self.update(inputs[:, t], H)
            outputs.append(H)
        return torch.stack(outputs, dim=1), H


class ReversedAndNotTransposed(UpdateGateReversed, NotTransposed):
    two = True


class BothConventions(GRU):
    """The update gate as in other books, the reset gate as in nn.GRU: two changes of one line."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        N = torch.tanh(X @ self.W_xh + R * (H @ self.W_hh) + self.b_h)
        return (1 - Z) * H + Z * N


class BothConventionsWithBias(GRU):
    """The bias inside of the reset: not the first form of that mistake."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        N = torch.tanh(X @ self.W_xh + R * (H @ self.W_hh + self.b_h))
        return (1 - Z) * H + Z * N


class NeverFedBackLikeTorch(LikeTorch, NeverFedBack):
    two = True


class OneGateWithoutTheState(GRU):
    """Neither mistake in its first form, and both inside of the step."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        return Z * H + (1 - Z) * torch.relu(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)


class NoBiasFirstState(NoBias, FirstState):
    two = True


class WithALayer(GRU):
    """The product of the reset state in a layer of the library, with the task's own weight."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        product = nn.Linear(H.shape[1], H.shape[1], bias=False)
        del product.weight
        product.weight = self.W_hh.T
        C = torch.tanh(X @ self.W_xh + product(R * H) + self.b_h)
        return Z * H + (1 - Z) * C


class FromZero(GRU):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        with torch.no_grad():
            for p in self.parameters():
                p.zero_()


class FromLarge(GRU):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        with torch.no_grad():
            for p in self.parameters():
                p.mul_(100)


class FromPositive(GRU):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        with torch.no_grad():
            for p in self.parameters():
                p.abs_()


RIGHT = [GRU, Uniform, Double, OneSampleAtATime, WithLists]
WHOLE = [GRU, Uniform, WithLists]  # float32 and fast: with these the whole lab runs

WRONG = {
    "GRU-34": [WithoutUnderscores],
    "GRU-35": [StateAsItCame],
    "GRU-36": [WithALayer],
    "GRU-37": [FromZero, FromLarge, FromPositive],
    "LAB6-01": [UpdateGateReversed],
    "LAB6-M1": [OldStateStored],
    "LAB6-M1-1": [StoredTooEarly],
    "LAB6-M1-2": [NeverFedBack],
    "LAB6-M1-3": [AlongTheBatch, SampleForStep],
    "LAB6-02": [LikeTorch],
    "LAB6-06": [NotTransposed],
    "LAB6-07": [Viewed],
    "LAB6-09": [FromZeros],
    "LAB6-11": [FirstState],
    "LAB6-12": [SameGate],
    "LAB6-14": [NoBias],
    "LAB6-16": [SampleByState],
    "GRU-11": [LinearHabit],
    "GRU-23": [FlatState],
    "GRU-24": [OnlyOutputs],
    "GRU-30": [Remembers],
    "GRU-31": [Plain],
    "GRU-32": [Detached, InPlace],
    "GRU-33": [OneNameForTheState, CandidateUnderTheSameName, ResetInPlace, KeptFirst],
    ("LAB6-01", "LAB6-06"): [ReversedAndNotTransposed],
    ("LAB6-11", "LAB6-14"): [NoBiasFirstState],
    ("LAB6-01", "LAB6-02"): [BothConventions, BothConventionsWithBias],
    ("LAB6-02", "LAB6-M1-2"): [NeverFedBackLikeTorch],
    ("GRU-06", "GRU-12"): [OneGateWithoutTheState],
}

NUMBERS = "M1 M1-1 M1-2 M1-3 01 02 04 06 07 09 11 12 14 16"
COURSE = {f"LAB6-{number}" for number in NUMBERS.split()}
CODE = ("Z * H +", "(R * H) @", "1 - Z", "stack(", "return_sequences")
