"""The course's network and the family around it, against layers written out by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from coursekit.models import cnn, course_cnn, kuzushiji_cnn


def test_course_cnn_computes_what_the_course_describes() -> None:
    torch.manual_seed(0)
    model = course_cnn()
    images = torch.rand(4, 1, 28, 28)
    conv, linear = model.get_submodule("conv"), model.get_submodule("linear")
    maps = torch.sigmoid(F.conv2d(images, conv.weight, conv.bias, padding=1))
    pooled = maps.reshape(4, 32, 14, 2, 14, 2).amax(dim=(3, 5))
    scores = pooled.reshape(4, 32 * 14 * 14) @ linear.weight.T + linear.bias
    expected = scores - scores.logsumexp(dim=1, keepdim=True)
    torch.testing.assert_close(model(images), expected, atol=1e-5, rtol=1e-5)


def test_course_cnn_has_the_parameters_of_the_formula() -> None:
    assert sum(p.numel() for p in course_cnn().parameters()) == 32 * (3 * 3 + 1) + 10 * (32 * 14 * 14 + 1)


def test_the_family_contains_the_course_network() -> None:
    model, relative = course_cnn(), cnn((32,), activation=nn.Sigmoid)
    weights = dict(zip(relative.state_dict(), model.state_dict().values(), strict=True))
    relative.load_state_dict(weights)
    images = torch.rand(3, 1, 28, 28)
    assert torch.equal(model(images), relative(images))


@given(
    filters=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    convolutions=st.integers(1, 2),
    kernel_size=st.sampled_from([1, 3, 5]),
    batch_norm=st.booleans(),
    head=st.sampled_from(["flatten", "average"]),
    hidden=st.lists(st.integers(1, 7), max_size=2),
    channels=st.integers(1, 3),
    side=st.integers(8, 17),
    classes=st.integers(1, 4),
)
def test_shape_and_parameter_count(
    filters, convolutions, kernel_size, batch_norm, head, hidden, channels, side, classes
) -> None:
    model = cnn(
        filters,
        convolutions=convolutions,
        kernel_size=kernel_size,
        batch_norm=batch_norm,
        dropout=0.2,
        head=head,
        hidden=hidden,
        in_channels=channels,
        image_size=side,
        classes=classes,
    )
    output = model(torch.rand(2, channels, side, side))
    assert output.shape == (2, classes)
    torch.testing.assert_close(output.exp().sum(dim=1), torch.ones(2))

    expected, width = 0, channels
    for out in filters:
        for _ in range(convolutions):
            expected += kernel_size**2 * width * out + (2 * out if batch_norm else out)
            width = out
    features = width * ((side // 2 ** len(filters)) ** 2 if head == "flatten" else 1)
    for out in [*hidden, classes]:
        expected += features * out + out
        features = out
    assert sum(p.numel() for p in model.parameters()) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": ()}, r"filters is \(\); give at least one stage"),
        ({"filters": (8, 0)}, r"filters is \(8, 0\)"),
        ({"convolutions": 0}, "convolutions is 0; a stage needs at least 1"),
        ({"kernel_size": 4}, "kernel_size is 4; only an odd kernel"),
        ({"dropout": 1.0}, "dropout is 1.0; it is a probability"),
        ({"filters": (4,) * 5}, "5 stages halve an image of 28 pixels to nothing; use at most 4"),
    ],
)
def test_mistakes_get_one_sentence(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        cnn(**arguments)


def test_kuzushiji_cnn_computes_what_the_course_describes() -> None:
    torch.manual_seed(0)
    model = kuzushiji_cnn().eval()
    by_hand = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(576, 600), nn.ReLU(), nn.Linear(600, 120), nn.ReLU(), nn.Linear(120, 10),
        nn.LogSoftmax(dim=1),
    )  # fmt: skip
    names = by_hand.state_dict()
    by_hand.load_state_dict(dict(zip(names, model.state_dict().values(), strict=True)))
    images = torch.rand(4, 1, 28, 28)
    torch.testing.assert_close(model(images), by_hand(images))


def test_kuzushiji_cnn_has_the_parameters_of_the_formula() -> None:
    convolutions = 8 * (5 * 5 + 1) + 16 * (8 * 3 * 3 + 1)
    affine = 600 * (16 * 6 * 6 + 1) + 120 * (600 + 1) + 10 * (120 + 1)
    assert sum(p.numel() for p in kuzushiji_cnn().parameters()) == convolutions + affine == 420_906
    assert sum(p.numel() for p in kuzushiji_cnn(classes=3).parameters()) == 420_906 - 7 * 121


def test_kuzushiji_cnn_drops_units_of_the_first_linear_layer_alone() -> None:
    torch.manual_seed(0)
    model = kuzushiji_cnn(dropout=0.5)
    assert [name for name, layer in model.named_children() if isinstance(layer, nn.Dropout)] == ["dropout"]
    order = [name for name, _ in model.named_children()]
    assert order[order.index("dropout") - 1 : order.index("dropout") + 2] == [
        "activation3", "dropout", "affine2",
    ]  # fmt: skip
    seen: list[torch.Tensor] = []
    model.get_submodule("dropout").register_forward_hook(lambda _m, given, out: seen.extend((*given, out)))
    images = torch.rand(50, 1, 28, 28)
    model(images)
    active, after = seen
    assert after.shape == (50, 600)
    kept = after[active > 0] != 0
    assert abs(kept.float().mean() - 0.5) < 0.02
    torch.testing.assert_close(after[(active > 0) & (after != 0)], 2 * active[(active > 0) & (after != 0)])
    whole = kuzushiji_cnn(dropout=0.0)
    assert torch.equal(whole(images), whole.eval()(images))
