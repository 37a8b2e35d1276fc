"""Norms of gradients, against finite differences, against autograd by hand and in a plain training loop."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit import gradients
from coursekit.gradients import GradientNorms, gradient_norm, jacobian_norm, layer_gradient_norms
from coursekit.models import mlp
from coursekit.training import fit, seeded

STEP = 1e-6

shapes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


def differences(f, tensors: list[Tensor]) -> list[Tensor]:
    """Central differences of every number that `f` returns, by every number that goes in: one row each."""
    rows = []
    for which, tensor in enumerate(tensors):
        for i in range(tensor.numel()):
            step = torch.zeros_like(tensor).flatten()
            step[i] = STEP
            step = step.view(tensor.shape)
            ahead = [t + step if k == which else t for k, t in enumerate(tensors)]
            behind = [t - step if k == which else t for k, t in enumerate(tensors)]
            rows.append((f(*ahead) - f(*behind)).flatten() / (2 * STEP))
    return rows


def drawn(*sizes: tuple[int, ...], seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(size, generator=generator, dtype=torch.float64) for size in sizes]


@given(st.lists(shapes, min_size=1, max_size=3), st.integers(0, 5))
def test_gradient_norm_by_finite_differences(sizes, seed) -> None:
    tensors = drawn(*sizes, seed=seed)

    def f(*ts: Tensor) -> Tensor:
        return torch.stack([(k + 2) * t.sin().sum() for k, t in enumerate(ts)]).prod() + ts[0].exp().sum()

    expected = torch.linalg.vector_norm(torch.cat(differences(f, tensors)))
    torch.testing.assert_close(gradient_norm(f, tensors), expected, rtol=1e-6, atol=1e-7)


@given(st.lists(shapes, min_size=1, max_size=3), st.integers(0, 5))
def test_gradient_norm_by_autograd(sizes, seed) -> None:
    tensors = drawn(*sizes, seed=seed)

    def f(*ts: Tensor) -> Tensor:
        return torch.stack([t.tanh().pow(2).sum() for t in ts]).logsumexp(dim=0)

    leaves = [t.clone().requires_grad_() for t in tensors]
    f(*leaves).backward()
    squares = [float((leaf.grad**2).sum()) for leaf in leaves]
    assert gradient_norm(f, tensors).item() == pytest.approx(sum(squares) ** 0.5, rel=1e-12)


def test_gradient_norm_leaves_grad_alone() -> None:
    x = torch.ones(3, requires_grad=True)
    gradient_norm(lambda t: (5 * t).sum(), [x])
    assert x.grad is None
    x.grad = held = torch.full((3,), 7.0)
    norm = gradient_norm(lambda t: (5 * t).sum(), [x])
    assert x.grad is held and held.tolist() == [7, 7, 7]
    assert norm.shape == () and not norm.requires_grad
    torch.testing.assert_close(norm, torch.tensor(75.0).sqrt())


def test_a_function_that_ignores_a_tensor_has_no_gradient_there() -> None:
    assert gradient_norm(lambda x, y: (3 * x).sum(), [torch.ones(1), torch.ones(5)]) == 3
    assert gradient_norm(lambda x: torch.ones(1, 1), [torch.ones(2)]) == 0


def test_one_number_may_have_any_shape() -> None:
    assert gradient_norm(lambda x: (4 * x).view(1, 1), [torch.ones(1)]) == 4


def test_gradient_norm_of_the_weights_of_a_network() -> None:
    torch.manual_seed(0)
    model = mlp((5,), in_features=4, classes=3)
    x, y = torch.rand(6, 4), torch.arange(6) % 3
    F.nll_loss(model(x), y).backward()
    expected = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
    names = [name for name, _ in model.named_parameters()]

    def loss(*weights: Tensor) -> Tensor:
        given = dict(zip(names, weights, strict=True))
        return F.nll_loss(torch.func.functional_call(model, given, (x,)), y)

    torch.testing.assert_close(gradient_norm(loss, list(model.parameters())), expected)


@given(st.integers(1, 5), st.integers(1, 5), shapes, st.integers(0, 5))
def test_jacobian_norm_by_finite_differences(rows, columns, extra, seed) -> None:
    matrix, x = drawn((rows, columns), (columns, *extra), seed=seed)

    def f(t: Tensor) -> Tensor:
        return torch.tensordot(matrix, t.sin(), dims=1) ** 2

    expected = torch.linalg.vector_norm(torch.cat(differences(f, [x])))
    torch.testing.assert_close(jacobian_norm(f, x), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("outputs", "way"), [(5, "jacfwd"), (4, "jacrev"), (2, "jacrev")])
def test_jacobian_norm_goes_the_cheaper_way(monkeypatch: pytest.MonkeyPatch, outputs: int, way: str) -> None:
    (matrix,), (x,) = drawn((outputs, 4)), drawn((4,), seed=1)
    used = []
    for name in ("jacfwd", "jacrev"):
        original = getattr(gradients, name)
        monkeypatch.setattr(gradients, name, lambda f, n=name, o=original: (used.append(n), o(f))[1])
    torch.testing.assert_close(jacobian_norm(lambda t: matrix @ t, x), (matrix**2).sum().sqrt())
    assert used == [way]


def test_jacobian_norm_of_a_network_by_autograd() -> None:
    torch.manual_seed(0)
    model = mlp((7, 7), in_features=6, classes=3).double()
    x = torch.randn(1, 6, dtype=torch.float64, requires_grad=True)
    squares = 0.0
    for output in model(x)[0]:
        (row,) = torch.autograd.grad(output, x, retain_graph=True)
        squares += float((row**2).sum())
    found = jacobian_norm(model, x)
    assert found.item() == pytest.approx(squares**0.5, rel=1e-12)
    assert x.grad is None and all(p.grad is None for p in model.parameters()) and not found.requires_grad


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gradient_norm(torch.sum, []), "tensors is empty; a gradient is taken with respect to at l"),
        (
            lambda: gradient_norm(lambda x: 2 * x, [torch.ones(2, 3)]),
            r"f returns the shape \(2, 3\); a gradient needs one number, so sum or index it, or ask for the",
        ),
        (lambda: gradient_norm(lambda x: x[:0], [torch.ones(2)]), r"f returns the shape \(0,\)"),
        (
            lambda: jacobian_norm(torch.sin, torch.ones(0, 3)),
            r"x has the shape \(0, 3\) and holds nothing; pass at least one number",
        ),
        (
            lambda: GradientNorms(nn.Linear(1, 1), every=0),
            r"every is 0; record every step \(1\) or every few",
        ),
        (lambda: GradientNorms(nn.Linear(1, 1), every=-3), "every is -3; record every step"),
    ],
)
def test_mistakes_get_one_sentence(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


class Nested(nn.Module):
    """A weight of its own, a nested layer, a frozen one and one that is not used."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor([2.0, 3.0]))
        self.body = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
        self.frozen = nn.Linear(2, 2).requires_grad_(False)
        self.unused = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.frozen(self.body(x * self.scale)).log_softmax(dim=1)


def test_layers_are_named_by_their_owner_and_without_a_gradient_left_out() -> None:
    torch.manual_seed(0)
    model = Nested()
    assert layer_gradient_norms(model) == {}
    F.nll_loss(model(torch.rand(4, 2)), torch.tensor([0, 1, 1, 0])).backward()
    norms = layer_gradient_norms(model)
    assert list(norms) == ["", "body.0", "body.2"]
    for name, expected in {
        "": [model.scale],
        "body.0": [model.body[0].weight, model.body[0].bias],
        "body.2": [model.body[2].weight, model.body[2].bias],
    }.items():
        squares = sum(float((p.grad.double() ** 2).sum()) for p in expected)
        assert norms[name] == pytest.approx(squares**0.5, rel=1e-6)
    whole = sum(float((p.grad.double() ** 2).sum()) for p in model.parameters() if p.grad is not None)
    assert sum(norm**2 for norm in norms.values()) == pytest.approx(whole, rel=1e-6)


def test_a_shared_layer_counts_once() -> None:
    layer = nn.Linear(2, 2)
    model = nn.Sequential(layer, layer)
    model(torch.ones(1, 2)).sum().backward()
    assert list(layer_gradient_norms(model)) == ["0"]


def by_hand(model: nn.Module, batches, *, rate: float) -> list[list[float]]:
    """Gradient descent without an optimiser; norms of the linear layers, step by step."""
    rows = []
    for x, y in batches:
        parameters = list(model.parameters())
        grads = torch.autograd.grad(F.nll_loss(model(x), y), parameters)
        held = dict(zip(map(id, parameters), grads, strict=True))
        linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
        rows.append(
            [float((held[id(m.weight)] ** 2).sum() + (held[id(m.bias)] ** 2).sum()) ** 0.5 for m in linear]
        )
        with torch.no_grad():
            for parameter, gradient in zip(parameters, grads, strict=True):
                parameter -= rate * gradient
    return rows


def batches(n: int) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(3)
    return [(torch.rand(5, 4, generator=generator), torch.arange(5) % 3) for _ in range(n)]


@pytest.mark.parametrize("every", [1, 3, 50])
def test_the_watcher_records_what_a_plain_loop_computes(every: int) -> None:
    def model() -> nn.Sequential:
        with seeded(0):
            return mlp((6, 6), residual=True, in_features=4, classes=3)

    expected = torch.tensor(by_hand(model(), batches(7), rate=0.5))[::every]
    watched = model()
    norms = GradientNorms(watched, every=every)
    assert norms.table().shape == (0, 3) and norms.total().shape == (0,) and norms.steps == []
    optimizer = norms.watch(partial(torch.optim.SGD, lr=0.5))(watched.parameters())
    for x, y in batches(7):
        optimizer.zero_grad()
        F.nll_loss(watched(x), y).backward()
        optimizer.step()
    assert norms.layers == ("hidden1.linear", "hidden2.body.linear", "linear")
    assert norms.steps == list(range(1, 8, every))
    torch.testing.assert_close(norms.table(), expected, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(norms.total(), (expected**2).sum(dim=1).sqrt(), rtol=1e-4, atol=1e-6)


def test_the_watcher_counts_layers_without_a_gradient_as_zero() -> None:
    torch.manual_seed(0)
    model = Nested()
    norms = GradientNorms(model)
    optimizer = norms.watch(partial(torch.optim.SGD, lr=0.1))(model.parameters())
    F.nll_loss(model(torch.rand(4, 2)), torch.tensor([0, 1, 1, 0])).backward()
    expected = layer_gradient_norms(model)
    held = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    optimizer.step()
    assert norms.layers == ("", "body.0", "body.2", "frozen", "unused")
    row = dict(zip(norms.layers, norms.table()[0].tolist(), strict=True))
    assert row == expected | {"frozen": 0.0, "unused": 0.0}
    for parameter, before in zip(model.parameters(), held, strict=True):
        assert (parameter.grad is None) if before is None else torch.equal(parameter.grad, before)


@pytest.mark.parametrize("optimizer", [partial(torch.optim.Adam, lr=0.01, fused=True), torch.optim.Adagrad])
def test_watching_changes_nothing(optimizer) -> None:
    data = torch.rand(30, 4, generator=torch.Generator().manual_seed(0)), torch.arange(30) % 3

    def trained(watch: bool) -> tuple[nn.Module, GradientNorms]:
        with seeded(1):
            model = mlp((8, 8), normalisation="batch", dropout=0.3, in_features=4, classes=3)
        norms = GradientNorms(model, every=2)
        factory = norms.watch(optimizer) if watch else optimizer
        fit(model, data, epochs=3, batch_size=7, optimizer=factory, seed=2, progress=False)
        return model, norms

    (plain, nothing), (watched, norms) = trained(False), trained(True)
    assert nothing.steps == [] and norms.steps == list(range(1, 16, 2))
    assert norms.layers == (
        "hidden1.linear", "hidden1.norm", "hidden2.linear", "hidden2.norm", "linear",
    )  # fmt: skip
    assert (norms.total() > 0).all()
    for (name, ours), theirs in zip(plain.state_dict().items(), watched.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name
