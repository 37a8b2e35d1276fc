"""The LSTM in mixed precision: torch's where the processor can, else in the precision of its weights."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.testing import assert_close

from coursekit.models import Translator, recurrent
from coursekit.models.recurrent import LSTM
from coursekit.models.unpacked import unpacked

WORDS = torch.rand(3, 5, 4)
STATE = torch.rand(1, 3, 6), torch.rand(1, 3, 6)


@pytest.fixture
def unable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurrent, "computes_in_bfloat16", lambda device: False)


def lstm() -> LSTM:
    torch.manual_seed(0)
    return LSTM(4, 6, batch_first=True)


def outcome(module: nn.Module, *arguments, mixed: bool) -> list[Tensor]:
    """Outputs, last state and the gradients of all weights."""
    module.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        outputs, state = module(*arguments)
    if not torch.is_tensor(outputs):
        outputs, _ = pad_packed_sequence(outputs, batch_first=True)
    (outputs.sum() + sum(part.sum() for part in state)).backward()
    return [outputs, *state, *(weight.grad.clone() for weight in module.parameters())]


@pytest.mark.parametrize("kind", ["words", "words and a state", "packed", "unbatched"])
@pytest.mark.usefixtures("unable")
def test_without_instructions_it_is_the_one_in_full_precision(kind: str) -> None:
    arguments = {
        "words": (WORDS,),
        "words and a state": (WORDS, STATE),
        "packed": (pack_padded_sequence(WORDS, torch.tensor([5, 3, 1]), batch_first=True),),
        "unbatched": (WORDS[0],),
    }[kind]
    torch_s = nn.LSTM(4, 6, batch_first=True)
    torch_s.load_state_dict(lstm().state_dict())
    expected = outcome(torch_s, *arguments, mixed=False)
    for ours, theirs in zip(outcome(lstm(), *arguments, mixed=True), expected, strict=True):
        assert ours.dtype == torch.float32 and torch.equal(ours, theirs)


@pytest.mark.usefixtures("unable")
def test_rounded_words_and_states_are_taken() -> None:
    rounded = WORDS.bfloat16(), tuple(part.bfloat16() for part in STATE)
    exact = rounded[0].float(), tuple(part.float() for part in rounded[1])
    for ours, theirs in zip(
        outcome(lstm(), *rounded, mixed=True), outcome(lstm(), *exact, mixed=False), strict=True
    ):
        assert torch.equal(ours, theirs)


@pytest.mark.usefixtures("unable")
def test_weights_of_64_bits_stay() -> None:
    outputs, *_ = outcome(lstm().double(), WORDS.double(), mixed=True)
    assert outputs.dtype == torch.float64


@pytest.mark.parametrize("able", [True, False])
@pytest.mark.parametrize("mixed", [True, False])
def test_mixed_precision_is_left_to_torch_where_it_can(monkeypatch, able: bool, mixed: bool) -> None:
    monkeypatch.setattr(recurrent, "computes_in_bfloat16", lambda device: able)
    seen = []
    monkeypatch.setattr(nn.LSTM, "forward", lambda *_: seen.append(torch.is_autocast_enabled("cpu")))
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        lstm()(WORDS)
        assert torch.is_autocast_enabled("cpu") == mixed
    assert seen == [mixed and able]


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.usefixtures("unable")
def test_a_translator_in_mixed_precision(attention: bool) -> None:
    torch.manual_seed(0)
    model = Translator(10, 12, hidden=8, attention=attention).eval()
    source, target = torch.tensor([[5, 7, 9], [4, 0, 0], [0, 0, 0]]), torch.randint(1, 12, (3, 4))
    plain = model.decode(target, *model.encode(source)).logits
    for view in (model, unpacked(model)):
        with torch.autocast("cpu", torch.bfloat16):
            states, mask, state = view.encode(source)
            mixed = view.decode(target, states, mask, state).logits
            step, _ = view.step(target[:, :1], *view.start(source))
        assert states.dtype == torch.float32
        assert_close(states, model.encode(source)[0])
        assert_close(mixed.float(), plain, atol=0.03, rtol=0.03)
        assert_close(step[:, 0].float(), plain[:, 0].log_softmax(dim=1), atol=0.03, rtol=0.03)
