"""The encoder without packed sequences against the one that packs: values, gradients, random numbers."""

from copy import deepcopy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.models import Translator
from coursekit.models.seq2seq import Encoder
from coursekit.models.unpacked import UnpackedEncoder, unpacked
from coursekit.training import seeded


def sentences(lengths: list[int], room: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    source = torch.randint(1, 9, (len(lengths), max(lengths) + room), generator=generator)
    for row, length in zip(source, lengths, strict=True):
        row[length:] = 0
    return source


def gradients(encoder, source) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """All that an encoder puts out, and the gradients of a sum with random weights of it."""
    outputs, mask, state = encoder(source)
    generator = torch.Generator().manual_seed(5)
    total = sum(
        (value * torch.randn(value.shape, generator=generator, dtype=value.dtype)).sum()
        for value in (outputs, *state)
    )
    return [outputs, mask, *state], list(torch.autograd.grad(total, list(encoder.parameters())))


@given(
    lengths=st.lists(st.integers(0, 6), min_size=1, max_size=6),
    room=st.integers(1, 3),
    seed=st.integers(0, 99),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_it_computes_what_packing_computes(lengths, room, seed, dtype) -> None:
    with seeded(seed):
        encoder = Encoder(9, 6, dropout=0.0).to(dtype)
    source = sentences(lengths, room, seed)
    packed = gradients(encoder, source)
    ours = gradients(UnpackedEncoder(encoder), source)
    tolerance = {"rtol": 1e-4, "atol": 1e-5} if dtype == torch.float32 else {"rtol": 1e-9, "atol": 1e-12}
    torch.testing.assert_close(ours, packed, **tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_stands_behind_a_sentence_does_not_reach_it(dtype) -> None:
    encoder = UnpackedEncoder(Encoder(9, 6, dropout=0.0).to(dtype))
    short = torch.tensor([[3, 4, 0]])
    alone = encoder(short)
    beside = encoder(torch.cat([sentences([40], 0), torch.nn.functional.pad(short, (0, 37))]))
    torch.testing.assert_close(beside[0][1:, :3], alone[0])
    for long, own in zip(beside[2], alone[2], strict=True):
        torch.testing.assert_close(long[1:], own)


def test_dropout_drops_the_same_components() -> None:
    encoder = Encoder(9, 8, dropout=0.5).double()
    source = sentences([3, 5, 1], 2)
    with seeded(3):
        packed, *_ = encoder(source)
    with seeded(3):
        ours, *_ = UnpackedEncoder(encoder)(source)
    assert (packed == 0).float().mean() > 0.4
    torch.testing.assert_close(ours, packed)


def test_the_view_of_a_translator_shares_its_parameters_and_leaves_it_alone() -> None:
    model = Translator(9, 9, hidden=8, attention=True, dropout=0.0).eval()
    before = deepcopy(model.state_dict())
    view = unpacked(model)
    assert type(model.encoder) is Encoder
    assert type(view.encoder) is UnpackedEncoder
    assert {id(p) for p in view.parameters()} == {id(p) for p in model.parameters()}
    inputs = torch.stack([sentences([3, 1], 1), sentences([2, 3], 1, seed=1)[:, :4]], dim=1)
    torch.testing.assert_close(view(inputs), model(inputs))
    torch.testing.assert_close(model.state_dict(), before)
    assert not model.training
