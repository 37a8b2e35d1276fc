"""A layer's outputs against the same layers called one by one, and every mistake gets one sentence."""

import pytest
import torch
from torch import nn

from coursekit.latent import latent
from coursekit.models import ablation_cnn
from coursekit.training import seeded


class Forked(nn.Module):
    """Uses one of its two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.unused = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.used(x)


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randint(
        0, 256, (7, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


@pytest.mark.parametrize(
    ("layer", "features"), [("flatten", 2704), ("hidden_activation2", 64), ("conv1", 14_400)]
)
@pytest.mark.parametrize("batch_size", [3, 7, 100])
def test_outputs_are_those_of_the_layers_called_one_by_one(images, layer, features, batch_size) -> None:
    with seeded(0):
        model = ablation_cnn(pools=(False, False, True), batch_norm=True, dropout=0.5, hidden=(64, 64))
    found = latent(model, images, layer=layer, prepare=lambda x: x.float() / 255, batch_size=batch_size)
    model.eval()
    expected = images.float() / 255
    with torch.inference_mode():
        for name, part in model.named_children():
            expected = part(expected)
            if name == layer:
                break
    assert found.shape == (7, features) and found.dtype == torch.float32
    torch.testing.assert_close(found, expected.flatten(1))


def test_a_layer_inside_another_is_named_with_a_dot() -> None:
    model = nn.Sequential(nn.Sequential(nn.Flatten(), nn.ReLU()), nn.Linear(2, 1))
    assert latent(model, torch.tensor([[-1, 2]]), layer="0.1").tolist() == [[0.0, 2.0]]


def test_mode_and_hooks_are_as_before(images) -> None:
    model = ablation_cnn(batch_norm=True)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for training in (True, False):
        model.train(training)
        points = latent(model, images, layer="flatten")
        assert model.training is training and model.flatten.training is training
        assert not points.requires_grad
    assert not model.flatten._forward_hooks
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_hooks_are_removed_after_an_error(images) -> None:
    model = ablation_cnn()
    with pytest.raises(RuntimeError):
        latent(model, images[:, :1], layer="flatten")
    assert not model.flatten._forward_hooks and model.training


def test_half_precision_is_near_and_comes_back_single(images) -> None:
    with seeded(0):
        model = ablation_cnn()
    exact = latent(model, images, layer="flatten", prepare=lambda x: x.float() / 255)
    rough = latent(model, images, layer="flatten", prepare=lambda x: x.float() / 255, precision="bfloat16")
    assert rough.dtype == torch.float32
    assert 0 < (rough - exact).abs().max() < 0.05 * exact.abs().max()


def test_mistakes_get_one_sentence() -> None:
    x = torch.rand(2, 3)
    with pytest.raises(ValueError, match=r"the model has no layer 'latent'; choose one of used, unused$"):
        latent(Forked(), x, layer="latent")
    with pytest.raises(ValueError, match=r"the model has no layer ''; choose one of used, unused$"):
        latent(Forked(), x, layer="")
    with pytest.raises(ValueError, match=r"the layer 'unused' takes no part in what the model computes"):
        latent(Forked(), x, layer="unused")
    with pytest.raises(ValueError, match=r"there are no images; pass at least one"):
        latent(Forked(), x[:0], layer="used")
