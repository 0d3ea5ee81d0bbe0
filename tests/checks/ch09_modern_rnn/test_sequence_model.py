"""What is special about ``sequence_model``; the rest is tested in ``test_tasks``."""

import pytest
import torch
from torch import nn

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from tests.checks.ch09_modern_rnn.sequence_model import GRU, Linears, SequenceModel, Uniform
from tests.kit import task_tests

pytestmark = pytest.mark.catalogue

GRU_TASK, MODEL_TASK = load("gru"), load("sequence_model")


class StateAsItCame(GRU):
    """`H = state`: every state is (1, B, H), and the stack of them has four axes."""

    def forward(self, inputs, state):
        H, outputs = state, []
        for t in range(inputs.shape[1]):
            H = self.update(inputs[:, t], H)
            outputs.append(H)
        return torch.stack(outputs, dim=1), H


def around(gru):
    """A model with this class of GRU."""

    class Model(SequenceModel):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.gru = gru(sizes[1], sizes[3])

    return Model


def test_the_model_is_not_lost_with_a_state_that_keeps_its_axis():
    for answer in (StateAsItCame, Uniform):
        task_tests.assert_accepted(MODEL_TASK, around(answer))


def message(task, answer):
    report = checks.check(task, answer)
    assert report.status == "raised", str(report)
    return report.message


def test_models_without_a_layer_are_told_which():
    class Lstm(Linears):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.rnn = nn.LSTM(sizes[1], sizes[3], batch_first=True)

    assert "holds an nn.LSTM; the task asks for a GRU" in message("sequence_model", Lstm)

    class NoEmbedding(Linears):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            del self.emb

    assert "no nn.Embedding was found" in message("sequence_model", NoEmbedding)

    class TwoLayers(Linears):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.rnn = nn.GRU(sizes[1], sizes[3], num_layers=2, batch_first=True)

    assert "more than one layer" in message("sequence_model", TwoLayers)

    class Extra(SequenceModel):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.more = nn.Linear(sizes[3], sizes[3])

    assert "does not ask for: more.weight" in message("sequence_model", Extra)

    class Sizes(SequenceModel):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.gru = GRU(sizes[0], sizes[3])

    assert "W_xz of the GRU has shape (6, 3)" in message("sequence_model", Sizes)


def test_torchs_gru_is_right_on_each_probe():
    for probe in MODEL_TASK.asked:
        p = probe.inputs[2]
        assert not p["W_xr"].any() and not p["W_hr"].any() and (p["b_r"] == 50).all()
