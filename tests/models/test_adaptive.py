"""The CNN builder of the mila course, against the same networks written out in torch."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from coursekit.models import adaptive_cnn


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def assert_equal_outputs(model: nn.Module, by_hand: nn.Module, images: torch.Tensor) -> None:
    """Give the network by hand the weights of `model`, in order, and compare what both return."""
    ours, theirs = model.state_dict(), by_hand.state_dict()
    assert [w.shape for w in ours.values()] == [w.shape for w in theirs.values()]
    by_hand.load_state_dict(dict(zip(theirs, ours.values(), strict=True)))
    torch.testing.assert_close(model(images), by_hand(images))


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [({}, 270_743), ({"filters": (8, 16, 32, 64), "kernel_sizes": 1}, 333_578)],
)
def test_the_parameters_of_the_course(arguments, parameters: int) -> None:
    assert count(adaptive_cnn(**arguments)) == parameters


def test_the_course_network_layer_by_layer() -> None:
    torch.manual_seed(0)
    by_hand = nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 45, 3), nn.ReLU(), nn.AdaptiveMaxPool2d(4),
        nn.Flatten(), nn.Linear(45 * 4 * 4, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(),
        nn.Linear(256, 10), nn.LogSoftmax(dim=1),
    )  # fmt: skip
    assert_equal_outputs(adaptive_cnn(), by_hand, torch.rand(3, 1, 28, 28))


def test_one_kernel_for_each_convolution_another_activation_and_padding() -> None:
    torch.manual_seed(0)
    model = adaptive_cnn(
        (3, 5), kernel_sizes=(5, 2), padding=1, pooled=2, hidden=(7,), activation=nn.Tanh,
        in_channels=2, image_size=12, classes=4,
    )  # fmt: skip
    by_hand = nn.Sequential(
        nn.Conv2d(2, 3, 5, padding=1), nn.Tanh(), nn.MaxPool2d(2),
        nn.Conv2d(3, 5, 2, padding=1), nn.Tanh(), nn.AdaptiveMaxPool2d(2),
        nn.Flatten(), nn.Linear(5 * 2 * 2, 7), nn.Tanh(), nn.Linear(7, 4), nn.LogSoftmax(dim=1),
    )  # fmt: skip
    assert_equal_outputs(model, by_hand, torch.randn(3, 2, 12, 12))


def test_one_by_one_kernels_are_a_linear_layer_at_every_pixel() -> None:
    torch.manual_seed(0)
    model = adaptive_cnn((8,), kernel_sizes=1, image_size=4, hidden=())
    conv, linear = model.get_submodule("stage1.conv"), model.get_submodule("head.linear")
    images = torch.rand(5, 1, 4, 4)
    pixels = images.reshape(5, 16, 1) @ conv.weight.reshape(8, 1).T + conv.bias
    features = pixels.clamp(min=0).transpose(1, 2).reshape(5, 8 * 16)
    expected = (features @ linear.weight.T + linear.bias).log_softmax(dim=1)
    torch.testing.assert_close(model(images), expected)


def test_a_kernel_as_large_as_the_image_leaves_one_value_that_is_repeated() -> None:
    torch.manual_seed(0)
    model = adaptive_cnn((52,), kernel_sizes=28)
    images = torch.rand(3, 1, 28, 28)
    assert model.get_submodule("stage1.conv")(images).shape == (3, 52, 1, 1)
    maps = model.get_submodule("stage1")(images)
    assert maps.shape == (3, 52, 4, 4)
    assert torch.equal(maps, maps[:, :, :1, :1].expand(3, 52, 4, 4))
    assert count(model) == 52 * 785 + (52 * 16 + 1) * 256 + 257 * 256 + 257 * 10

    conv, head = model.get_submodule("stage1.conv"), model.get_submodule("head")
    values = (images.flatten(1) @ conv.weight.flatten(1).T + conv.bias).clamp(min=0)
    expected = head(values.repeat_interleave(16, dim=1))
    torch.testing.assert_close(model(images), expected)


def test_maps_smaller_than_what_is_pooled_to_are_repeated() -> None:
    pooled = adaptive_cnn((1,), kernel_sizes=27).get_submodule("stage1.pool")
    maps = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    doubled = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    assert pooled(maps.view(1, 1, 2, 2))[0, 0].tolist() == doubled


@given(
    filters=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    kernels=st.lists(st.integers(1, 6), min_size=3, max_size=3),
    padding=st.integers(0, 2),
    pooled=st.integers(1, 4),
    hidden=st.lists(st.integers(1, 5), max_size=2),
    channels=st.integers(1, 3),
    side=st.integers(1, 17),
    classes=st.integers(1, 4),
)
def test_shape_and_parameter_count(
    filters, kernels, padding, pooled, hidden, channels, side, classes
) -> None:
    kernels = kernels[: len(filters)]
    size, fits = side, True
    for number, kernel in enumerate(kernels, start=1):
        size = size + 2 * padding - kernel + 1
        if number < len(filters):
            size //= 2
        fits = fits and size >= 1
    options = {
        "kernel_sizes": kernels, "padding": padding, "pooled": pooled, "hidden": hidden,
        "in_channels": channels, "image_size": side, "classes": classes,
    }  # fmt: skip
    if not fits:
        with pytest.raises(ValueError, match=r"convolution \d (has a kernel|leaves maps) of "):
            adaptive_cnn(filters, **options)
        return
    model = adaptive_cnn(filters, **options)
    output = model(torch.rand(2, channels, side, side))
    assert output.shape == (2, classes)
    torch.testing.assert_close(output.exp().sum(dim=1), torch.ones(2))

    expected, width = 0, channels
    for out, kernel in zip(filters, kernels, strict=True):
        expected += (kernel**2 * width + 1) * out
        width = out
    features = width * pooled**2
    for out in [*hidden, classes]:
        expected += (features + 1) * out
        features = out
    assert count(model) == expected


@given(st.integers(1, 6), st.integers(1, 3))
def test_one_side_stands_for_all_kernels(kernel, stages) -> None:
    assume(stages == 1 or kernel <= 3)
    one = adaptive_cnn((2,) * stages, kernel_sizes=kernel)
    each = adaptive_cnn((2,) * stages, kernel_sizes=(kernel,) * stages)
    assert str(one) == str(each)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filters": ()}, r"filters is \(\); give at least one convolution, each of 1 or more channels"),
        ({"filters": (4, 0)}, r"filters is \(4, 0\); give at least one convolution"),
        ({"kernel_sizes": (3, 3)}, r"kernel_sizes is \(3, 3\) for 3 convolutions; give one side for all"),
        ({"kernel_sizes": ()}, r"kernel_sizes is \(\) for 3 convolutions; give one side for all of them"),
        ({"kernel_sizes": 0}, "kernel_sizes is 0 for 3 convolutions; .* at least 1"),
        ({"kernel_sizes": (3, 3, -1)}, r"kernel_sizes is \(3, 3, -1\) for 3 convolutions"),
        ({"padding": -1}, r"padding is -1, pooled 4 and hidden \(256, 256\); padding is at least 0"),
        (
            {"pooled": 0},
            "pooled 0 and hidden .*; padding is at least 0, pooled and every width",
        ),
        ({"hidden": (5, 0)}, r"pooled 4 and hidden \(5, 0\); padding is at least 0, .* width at least 1"),
        (
            {"filters": (2,), "kernel_sizes": 29},
            "convolution 1 has a kernel of 29 pixels for maps of 28 with padding 0; use smaller kernels",
        ),
        (
            {"kernel_sizes": (9, 3, 9)},
            "convolution 3 has a kernel of 9 pixels for maps of 4 with padding 0; use smaller kernels, more",
        ),
        (
            {"filters": (2, 2), "kernel_sizes": 28},
            "convolution 1 leaves maps of 1 pixel, too small for 2×2 pooling; use smaller kernels, more",
        ),
    ],
)
def test_mistakes_get_one_sentence(arguments, message) -> None:
    with pytest.raises(ValueError, match=message):
        adaptive_cnn(**arguments)


def test_the_largest_kernels_that_fit() -> None:
    assert adaptive_cnn((2,), kernel_sizes=30, padding=1)(torch.rand(1, 1, 28, 28)).shape == (1, 10)
    assert adaptive_cnn((2, 2), kernel_sizes=(27, 1))(torch.rand(1, 1, 28, 28)).shape == (1, 10)
