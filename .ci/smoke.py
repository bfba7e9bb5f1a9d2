#!/usr/bin/env python3
"""What must hold wherever litoptim is installed, with nothing else than it needs; with torch, more.

    python .ci/smoke.py

All rules on all array types that are there, all optimizers by the compiled loop, in NumPy's blocks and by the
rule alone, their state from one to the next, the minimizers, and the program `litoptim`. With torch: each
optimizer beside the one that it replaces. The last line is `N passed, N failed`."""
import importlib.util, inspect, os, pickle, subprocess, sys, traceback, warnings

import numpy as np
import litoptim
from litoptim.ops import signature_of
from litoptim.testing import check, rules, test_same

ENGINES = dict(llvm="by llvm", blocks="by numpy blocks", eager="eagerly")
WHOLE = "CG", "BFGS", "LBFGS", "NewtonCG", "TrustNCG"
OTHERS = "Optimizer", "Mixed", "SparseAdam", *WHOLE
OPTIMIZERS = [n for n in litoptim.__all__ if inspect.isclass(cls := getattr(litoptim, n))
              and issubclass(cls, litoptim.Optimizer) and n not in OTHERS]


def by_rule(cls):
    "Does its rule see whole matrices, so that no loop is made of it?"
    opt = cls([np.ones((2, 2))])
    return "p" in signature_of(opt.rule_of(opt.param_groups[0])).whole


def for_matrices(cls): return "matrices" in inspect.signature(cls).parameters

HAS_TORCH = importlib.util.find_spec("torch") is not None
CHANGES = dict(
    SGD=dict(lr=.1, momentum=.9, nesterov=True),
    Adam=dict(lr=.1, amsgrad=True, weight_decay=.1),
    RMSprop=dict(centered=True, momentum=.9))


def test_rules():
    for rule in rules().values(): check(rule)


# Optimizers over arrays

def walked(name, dtype, engine):
    "Parameters and moments after eight steps; in the middle another optimizer goes on from the state dict."
    rng = np.random.default_rng(0)
    ps = [np.array(rng.standard_normal(shape), dtype) for shape in ((3, 4), (5, 2))]
    cls, options = getattr(litoptim, name), CHANGES.get(name, {})
    opt = cls(ps, **options)
    before = os.environ.get("LITOPTIM_ENGINE")
    os.environ["LITOPTIM_ENGINE"] = engine
    try:
        for t in range(8):
            if t == 4:
                saved = pickle.loads(pickle.dumps(opt.state_dict()))
                opt = cls(ps, **options)
                opt.load_state_dict(saved)
            opt.step(grads=[np.array(rng.standard_normal(p.shape), dtype) for p in ps], loss=1.)
    finally:
        del os.environ["LITOPTIM_ENGINE"]
        if before is not None: os.environ["LITOPTIM_ENGINE"] = before
    if not by_rule(cls):
        assert ENGINES[engine] in opt.engine, f"{name} ran {opt.engine}, not {ENGINES[engine]}"
    return [*ps, *(v for p in ps for v in opt.state[p].values() if isinstance(v, np.ndarray))]


def test_optimizers():
    "Each engine against the rule alone; Adadelta magnifies the rounding of its first steps."
    for name in OPTIMIZERS:
        for dtype, rtol in ("float64", 1e-9), ("float32", 1e-3):
            wanted = walked(name, dtype, "eager")
            assert all(np.isfinite(a).all() for a in wanted), name
            for engine in ENGINES:
                found = walked(name, dtype, engine)
                for got, want in zip(found, wanted, strict=True): test_same(got, want, rtol)


# Minimizers

def quadratic(x): return float(((x - 3)**2).sum()), 2*(x - 3)

def rosenbrock(x):
    a, b = x
    return 100*(b - a*a)**2 + (1 - a)**2, np.array([-400*a*(b - a*a) - 2*(1 - a), 200*(b - a*a)])


def test_minimize():
    for method in "lbfgs", "bfgs", "cg":
        for fun, start in (quadratic, np.zeros(5)), (rosenbrock, np.array([-1.2, 1.])):
            result = litoptim.minimize(fun, start, jac=True, method=method)
            lowest = 1 if fun is rosenbrock else 3
            assert result.success and abs(result.x - lowest).max() < 1e-3, (method, fun.__name__, result)
    for name in WHOLE:
        x = np.array([-1.2, 1.])
        opt = getattr(litoptim, name)([x], **dict(line_search_fn="strong_wolfe") if name == "LBFGS" else {})
        def closure():
            f, g = rosenbrock(x)
            return f, [g]
        for _ in range(30): opt.step(closure)
        assert abs(x - 1).max() < 1e-3, (name, x)


# Around it

def test_program():
    "`litoptim list`, and each rule printed in each language."
    program = "from litoptim.cli import main; main()"
    def said(*words):
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-c", program, *words]
        done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return done.stdout
    assert "AdamW" in said("list")
    for language in "python", "latex", "llvm", "triton":
        assert len(said("show", "adam", "--as", language)) > 100, language


def test_import():
    "Nothing heavy is loaded by `import litoptim`."
    program = "import sys, litoptim; print(sorted({'torch', 'llvmlite', 'matplotlib'} & set(sys.modules)))"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]", loaded


# Over tensors

def side_by_side(name, ours, theirs):
    "Eight steps of both; in the middle each goes on from the other's state dict."
    import torch
    rng = np.random.default_rng(0)
    start = [torch.tensor(rng.standard_normal(shape)) for shape in ((3, 4), (5, 2), ())]
    options = CHANGES.get(name, {})
    def fresh(cls, params=start):
        params = [p.detach().clone().requires_grad_() for p in params]
        return cls(params, **options), params
    runs = [fresh(cls) for cls in (ours, theirs)]
    for t in range(8):
        if t == 4:
            (a, ps), (b, qs) = runs
            runs = [fresh(ours, qs), fresh(theirs, ps)]
            for (opt, _), file in zip(runs, (b, a)): opt.load_state_dict(file.state_dict())
        grads = [rng.standard_normal(p.shape) for p in start]
        for opt, params in runs:
            for p, g in zip(params, grads): p.grad = torch.tensor(g)
            opt.step()
    (a, ps), (b, qs) = runs
    for p, q in zip(ps, qs):
        test_same(p.detach(), q.detach(), 1e-9)
        assert a.state[p].keys() == b.state[q].keys(), name


def test_torch():
    """Each optimizer over tensors beside the one of torch that it replaces.

    (Which options a group has differs between versions of torch, and isn't compared here.)"""
    import torch
    assert isinstance(litoptim.SGD([torch.ones(2, requires_grad=True)]), torch.optim.Optimizer)
    for name in OPTIMIZERS:
        theirs = getattr(torch.optim, name, None)
        if theirs and not by_rule(getattr(litoptim, name)): side_by_side(name, getattr(litoptim, name), theirs)


def test_torch_training():
    import torch
    X, y = torch.randn(64, 3, generator=torch.Generator().manual_seed(0)), torch.ones(64, 1)
    for name in [*OPTIMIZERS, "LBFGS"]:
        torch.manual_seed(0)
        model = torch.nn.Linear(3, 1)
        params = [p for p in model.parameters() if not for_matrices(getattr(litoptim, name)) or p.ndim == 2]
        opt = getattr(litoptim, name)(params)
        def closure():
            opt.zero_grad()
            loss = ((model(X) - y)**2).mean()
            loss.backward()
            return loss
        first = float(opt.step(closure))
        for _ in range(10): last = float(opt.step(closure))
        assert last < first, (name, first, last)


def passes(test):
    "Run a test; what went wrong is printed."
    try: test()
    except Exception:
        traceback.print_exc(file=sys.stdout)
        return False
    return True


def main():
    warnings.simplefilter("ignore")
    tests = {k: f for k, f in globals().items() if k.startswith("test_") and f.__module__ == __name__}
    tests = {k: f for k, f in tests.items() if HAS_TORCH or "torch" not in k}
    results = {k: passes(f) for k, f in tests.items()}
    for k, passed in results.items(): print(f"{k}: {'passed' if passed else 'FAILED'}")
    print(f"{sum(results.values())} passed, {len(results) - sum(results.values())} failed")
    sys.exit(not all(results.values()))


if __name__ == "__main__": main()
