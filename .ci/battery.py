#!/usr/bin/env python3
"""Do two trees compute the same numbers, and how long do they take?

    git worktree add ../old some-commit
    .ci/battery.py against ../old               # this tree and another one, by the hashes of many runs
    .ci/battery.py against ../old Adam eager    # only runs whose names hold these words
    .ci/battery.py save before.json             # the hashes of the package on PYTHONPATH ...
    .ci/battery.py compare before.json          # ... and which of them are others now
    .ci/battery.py times ../old                 # CPU time of a step, of the other tree and this one in turns

A run is an optimizer of some class, with options, over arrays or tensors of some dtypes, by an engine; or a
minimizer on a test problem. Its value is a hash over the bytes of the last parameters and of what was told,
another one of the state dict, and what ran it or why it stopped; a refused run has the type of the error. The
order of the keys of a dict doesn't count, nor does the wording of messages. Hashes hold for one machine, so
none is kept here. Only public names are used, so that old trees can run it, too."""
import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")     # before the imports

import functools, hashlib, inspect, json, math, pickle, re, statistics, subprocess, sys, time, warnings
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
import litoptim

HERE = Path(__file__).resolve().parents[1]
RUNS = {}                                       # name -> a function without arguments that returns its value


# Hashes

def pieces(x):
    "Bytes that tell what x is: names, types, shapes and numbers."
    if isinstance(x, dict):
        for key in sorted(x, key=str):
            yield f"{key!r}:".encode()
            yield from pieces(x[key])
    elif isinstance(x, (list, tuple)):
        yield f"{type(x).__name__} of {len(x)}:".encode()
        for item in x: yield from pieces(item)
    elif isinstance(x, torch.Tensor):
        numbers = x.detach().resolve_conj().contiguous().reshape(-1)
        yield f"{x.dtype} {tuple(x.shape)}".encode()
        yield numbers.view(torch.uint8).numpy().tobytes()
    elif isinstance(x, (np.ndarray, np.generic)):
        yield f"{x.dtype.str} {x.shape}".encode()
        yield x.tobytes()
    elif isinstance(x, (bool, int, float, complex, str, type(None))):
        yield f"{type(x).__name__} {x!r}".encode()
    else:
        yield type(x).__name__.encode()


def hash_of(*things):
    digest = hashlib.blake2b(digest_size=6)
    for piece in pieces(things): digest.update(piece)
    return digest.hexdigest()


def hashes(numbers, state):
    "Of what was computed, and of the state dict: it may be seen which of them differs."
    return f"{hash_of(numbers)} {hash_of(written(state))}"


def written(state):
    "A state dict without the rows of L-BFGS's history that nobody has written to yet."
    first = state["state"].get(0, {})
    if "order" not in first: return state
    rows = 2*len(first["order"])
    held = {i: {k: v[:rows] if k == "pairs" else v for k, v in h.items()} for i, h in state["state"].items()}
    return {**state, "state": held}


def add(name, function, *args, **options):
    assert name not in RUNS, name
    RUNS[name] = functools.partial(function, *args, **options)


def value_of(run):
    "What a run comes to, or the type of the error that refuses it."
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try: return run()
        except Exception as error: return f"refused: {type(error).__name__}"


# Arrays and tensors

KINDS = {
    "numpy float64": ("numpy", ["float64"]),
    "numpy float32": ("numpy", ["float32"]),
    "torch float64": ("torch", ["float64"]),
    "torch float32": ("torch", ["float32"]),
    "torch bfloat16": ("torch", ["bfloat16"]),
}
MORE_KINDS = {
    "numpy mixed": ("numpy", ["float64", "float32", ">f8", "float16"]),
    "torch mixed": ("torch", ["float32", "bfloat16", "float64", "float16"]),
    "numpy complex128": ("numpy", ["complex128"]),
    "torch complex64": ("torch", ["complex64"]),
}
SHAPES = [                                      # and how their numbers lie in memory
    ((7,), "plain"), ((3, 5), "plain"), ((), "plain"), ((2, 3, 4), "turned"),
    ((4, 3), "gaps"), ((1, 1), "plain"), ((0,), "plain"), ((33, 31), "plain")]


def zeros(library, shape, dtype):
    if library == "numpy": return np.zeros(shape, dtype)
    return torch.zeros(shape, dtype=getattr(torch, dtype))


def array(library, values, dtype, layout="plain"):
    "Values as an array or tensor, contiguous, with reversed axes, or with gaps between the elements."
    shape = values.shape
    if layout == "turned":
        base = zeros(library, shape[::-1], dtype)
        x = base.transpose() if library == "numpy" else base.permute(*reversed(range(len(shape))))
    elif layout == "gaps":
        x = zeros(library, (*shape[:-1], 2*shape[-1]), dtype)[..., ::2]
    else:
        x = zeros(library, shape, dtype)
    x[...] = values if library == "numpy" else torch.from_numpy(np.asarray(values))
    return x


def normal(rng, shape, dtype):
    "Random numbers from N(0, 1), complex ones if the dtype is."
    values = np.asarray(rng.standard_normal(shape))
    if "complex" in dtype: values = values + 1j*rng.standard_normal(shape)
    return np.asarray(values)


# Optimizers

CLASSES = """Adadelta Adafactor Adagrad Adam AdamW Adamax ASGD Muon NAdam RAdam RMSprop Rprop SGD
SparseAdam""".split()
ENGINES = "llvm", "blocks", "eager"
BETAS = dict(betas=(.8, .95), eps=.1)
SPECIAL = dict(                                 # class -> sets of options of its own
    Adadelta=[dict(rho=.8, eps=.1)],
    Adafactor=[dict(beta2_decay=-.5, eps=(1e-3, .01), d=1.5)],
    Adagrad=[dict(lr_decay=.1, initial_accumulator_value=.5, eps=.1)],
    Adam=[dict(amsgrad=True, **BETAS), dict(decoupled_weight_decay=True, weight_decay=.2)],
    AdamW=[dict(amsgrad=True, **BETAS)],
    Adamax=[BETAS],
    ASGD=[dict(lambd=.1, alpha=.6, t0=3)],
    Muon=[dict(nesterov=False, momentum=.8, ns_steps=3, adjust_lr_fn="match_rms_adamw"),
          dict(matrices="flatten")],
    NAdam=[dict(momentum_decay=.1, decoupled_weight_decay=True, weight_decay=.2, **BETAS)],
    RAdam=[dict(decoupled_weight_decay=True, weight_decay=.2, betas=(.8, .95))],
    RMSprop=[dict(alpha=.9, eps=.1, momentum=.8, centered=True)],
    Rprop=[dict(etas=(.4, 1.3), step_sizes=(1e-3, .2))],
    SGD=[dict(momentum=.8, nesterov=True), dict(momentum=.8, dampening=.2),
         dict(momentum=.8, nesterov=True, formulation="sutskever")],
    SparseAdam=[BETAS])
COMMON = dict(weight_decay=.1, maximize=True, clip_grad_norm=2., ema=.9)
STORED = dict(
    compute=dict(compute="float64", clip_grad_norm=3.),
    state=dict(state_dtype="bfloat16", ema=.9),
    random=dict(rounding="stochastic", ema=.9))
TRIED = dict(                                   # which kinds a set of options is tried with, if not KINDS
    common=[*KINDS, *MORE_KINDS],
    compute=["numpy float32", "torch bfloat16"],
    state=["torch float32", "torch bfloat16"],
    random=["torch bfloat16"],
    special=["numpy float64", "torch float32", "torch bfloat16"])
HINTS = dict(
    capturable=dict(capturable=True),
    foreach=dict(foreach=True),
    fused=dict(fused=True))
STEPS = 10
SAVED, CHANGED = 5, 7                           # before which step another optimizer goes on; options change


def taken(name, options):
    "Those of the options that a class has."
    known = inspect.signature(getattr(litoptim, name)).parameters
    return {k: v for k, v in options.items() if k in known}


def grouped(name, params, options):
    "The parameters in two groups; Muon's first one has matrices only."
    if name == "Muon" and "matrices" not in options:
        matrices = [p for p in params if len(p.shape) == 2]
        others = [p for p in params if len(p.shape) != 2]
        return [dict(params=matrices), dict(params=others, rule="adamw", lr=.02, betas=(.7, .9))]
    if name == "SparseAdam": params = [p for p in params if len(p.shape)]
    return [dict(params=params[:4]), dict(params=params[4:], lr=.02)]


def comes(i, t):
    "Does parameter i have a gradient in step t? One has none at first; then they take turns; then all have."
    if t < 3: return i != 3
    if t < 6: return (t + i) % 4 != 3
    return True


def rows_of(rng, library, p, dtype):
    "A sparse gradient: some rows of p, one of them twice."
    n = p.shape[0]
    index = rng.integers(n, size=3) if n else np.zeros(0, int)
    values = array(library, normal(rng, (len(index), *p.shape[1:]), dtype), dtype)
    if library == "numpy": return index, values
    return torch.sparse_coo_tensor(torch.from_numpy(index)[None], values, tuple(p.shape))


def gradient(rng, name, library, p, t, layout, dtype):
    if name == "SparseAdam": return rows_of(rng, library, p, dtype)
    return array(library, normal(rng, tuple(p.shape), dtype), dtype, layout if t % 2 else "plain")


def closure_of(library, params, grads):
    "A closure with these gradients."
    def closure():
        if library == "numpy": return 1.5, grads
        for p, g in zip(params, grads): p.grad = g
        return 1.5
    return closure


def took(opt, library, params, grads, t):
    "Take step t: the gradients are given, carried by tensors, or come from a closure."
    if t == 4: return opt.step(closure_of(library, params, grads))
    if library == "numpy" or t == 6: return opt.step(grads=grads)
    for p, g in zip(params, grads): p.grad = g
    return opt.step()


def reloaded(opt, name, groups, options):
    "Another optimizer that goes on from the state dict."
    saved = pickle.loads(pickle.dumps(opt.state_dict()))
    fresh = getattr(litoptim, name)([{k: v for k, v in g.items()} for g in groups], **options)
    fresh.load_state_dict(saved)
    return fresh


def averages(opt, params):
    "The moving averages of the parameters, if there are any."
    if not any(g.get("ema") for g in opt.param_groups): return None
    with opt.averaged():
        return [p.detach().clone() if isinstance(p, torch.Tensor) else p.copy() for p in params]


def engine_of(opt):
    "What ran the last step, without the reasons, whose words may change."
    counts = {}
    for part in re.sub(r" \(.*?\)(?=,|$)", "", opt.engine).split(", "):
        number, _, name = part.partition(" ")
        counts[name] = counts.get(name, 0) + int(number)
    return ", ".join(f"{n} {name}" for name, n in sorted(counts.items()))


def optimized(name, options, kind, engine, shapes=SHAPES, scales=None):
    "A walk of STEPS steps."
    library, dtypes = {**KINDS, **MORE_KINDS}[kind]
    rng = np.random.default_rng(7)
    layouts = [(shape, layout, dtypes[i % len(dtypes)]) for i, (shape, layout) in enumerate(shapes)]
    made = [array(library, normal(rng, shape, d), d, layout) for shape, layout, d in layouts]
    if library == "torch": made = [p.requires_grad_() for p in made]
    of = {id(p): (i, layout, d) for i, (p, (_, layout, d)) in enumerate(zip(made, layouts))}
    groups = grouped(name, made, options)
    params = [p for g in groups for p in g["params"]]
    options, returned = {"lr": .05, **options}, []
    with patch.dict(os.environ, LITOPTIM_ENGINE=engine):
        opt = getattr(litoptim, name)([dict(g) for g in groups], **options)
        for t in range(STEPS):
            if t == SAVED: opt = reloaded(opt, name, groups, options)
            if t == CHANGED: changed(opt)
            if scales: scaled(opt, scales[t % len(scales)])
            grads = [gradient(rng, name, library, p, t, *of[id(p)][1:]) if comes(of[id(p)][0], t) else None
                     for p in params]
            returned.append((took(opt, library, params, grads, t), opt.grad_norm))
        told = params, returned, averages(opt, params)
        return f"{hashes(told, opt.state_dict())} {engine_of(opt)}"


def changed(opt):
    "Options in mid-run."
    for g in opt.param_groups: g["lr"] = .3*g["lr"]
    if opt.param_groups[0].get("weight_decay"): opt.param_groups[0]["weight_decay"] = .05


def scaled(opt, scale):
    "What a GradScaler leaves in an optimizer; a scale of 0: gradients that aren't finite."
    opt.grad_scale, opt.found_inf = torch.tensor(scale or 1.), torch.tensor(float(not scale))


def differentiated(name, options, by_lr=False):
    "The derivative of a walk by where it began, and perhaps by its learning rate."
    rng = np.random.default_rng(7)
    x = torch.from_numpy(normal(rng, (3, 4), "float64")).requires_grad_()
    lr = torch.tensor(.05, dtype=torch.float64, requires_grad=True) if by_lr else .05
    p = x.clone()
    opt = getattr(litoptim, name)([p], lr=lr, differentiable=True, **options)
    for _ in range(3):
        noise = torch.from_numpy(normal(rng, (3, 4), "float64"))
        opt.step(grads=[p.clone().sin() + noise])
    found = torch.autograd.grad((p**3).sum(), (x, lr) if by_lr else x, allow_unused=True)
    return f"{hashes((p, found), opt.state_dict())} {engine_of(opt)}"


def add_optimizers():
    for name in CLASSES:
        sets = {"plain": {}, "common": taken(name, COMMON), **STORED}
        sets |= {f"special {i}": options for i, options in enumerate(SPECIAL[name])}
        for called, options in sets.items():
            for kind in TRIED.get(called.split()[0], KINDS):
                for engine in ENGINES:
                    add(f"{name}, {called}, {kind}, {engine}", optimized, name, options, kind, engine)
        add_special(name)


LARGE = [((20_011,), "plain"), ((150, 201), "turned"), ((3, 5), "plain")]


def add_special(name):
    "What isn't tried with everything."
    def single(called, options, kind="torch float32", engine="llvm", **more):
        add(f"{name}, {called}, {kind}, {engine}", optimized, name, options, kind, engine, **more)
    both = {**taken(name, COMMON), **SPECIAL[name][-1]}
    for kind in TRIED["special"]: single("large", both, kind, shapes=LARGE)
    for called, options in HINTS.items():
        if taken(name, options): single(called, options)
    for called in "state", "random": single(called, STORED[called], "numpy float64")
    for engine in ENGINES:
        single("lr a tensor", dict(lr=torch.tensor(.04)), engine=engine)
        if not taken(name, HINTS["fused"]): continue
        single("scaled", dict(fused=True, clip_grad_norm=2.), engine=engine, scales=[4., 2., 0])
    if not taken(name, dict(differentiable=True)): return
    for i, options in enumerate([{}, *SPECIAL[name]]):
        add(f"{name}, differentiable {i}, torch float64", differentiated, name, options)
    add(f"{name}, differentiable by lr, torch float64", differentiated, name, {}, by_lr=True)


# Minimizers: each test function returns (f, gradient), over arrays and tensors

def rosenbrock(x):
    a, b = x[:-1], x[1:]
    r, q = b - a*a, 1 - a
    g = 0*x
    g[:-1] += -400*a*r - 2*q
    g[1:] += 200*r
    return 100*(r*r).sum() + (q*q).sum(), g


def weights(x):
    "1 to 1e4, in the dtype of x."
    w = np.logspace(0, 4, len(x))
    return w.astype(x.dtype) if isinstance(x, np.ndarray) else torch.from_numpy(w).to(x.dtype)


def quadratic(x):
    w = weights(x)
    return (w*(x - 1)**2).sum()/2, w*(x - 1)


def quartic(x):
    "A flat bottom."
    w = weights(x)**.5
    return (w*x**4).sum() + (x.sum() - 1)**2, 4*w*x**3 + 2*(x.sum() - 1)


def curved(x):
    "Convex and far from quadratic: sum of sqrt(1 + w*x^2), with a slope."
    w = weights(x)
    root = (1 + w*x*x)**.5
    return root.sum() + .3*x.sum(), w*x/root + .3


def wall(x):
    "Infinite beyond a wall, with the minimum before it."
    if float((x*x).sum()) > 30: return x.sum()*math.inf, x*math.nan
    return ((x - .5)**4).sum() + (x*x).sum()/10, 4*(x - .5)**3 + x/5


def sloping(x):
    "Without a minimum."
    root = (1 + x*x)**.5
    return (x - root/2).sum(), 1 - x/root/2


PROBLEMS = {f.__name__: f for f in (rosenbrock, quadratic, quartic, curved, wall, sloping)}
STARTS = "numpy float64", "torch float64", "numpy float32", "torch float32"


def start(kind, n=12):
    library, [dtype] = KINDS[kind]
    return array(library, np.where(np.arange(n) % 2, 1., -1.2), dtype)


def joined(x, parts):
    "The parameters as one array."
    library = np if isinstance(x, np.ndarray) else torch
    return library.concatenate([p.reshape(-1) for p in parts])


def problem_closure(problem, params, sign=1):
    "A problem over one or several parameters."
    tensors = isinstance(params[0], torch.Tensor)
    def closure():
        with torch.no_grad():
            f, g = problem(joined(params[0], params))
        grads, at = [], 0
        for p in params:
            n = math.prod(p.shape)
            grads.append(sign*g[at:at + n].reshape(p.shape))
            at += n
        if not tensors: return sign*f, grads
        for p, g in zip(params, grads): p.grad = g
        return sign*f
    return closure


def solved(name, problem, kind, options, calls=3, iterations=12):
    "Some calls of step, before the last one from a state dict."
    x = start(kind)
    if kind.startswith("torch"):
        params = [part.detach().clone().requires_grad_() for part in (x[:5], x[5:].reshape(1, 7))]
    else:
        params = [part.copy() for part in (x[:5], x[5:].reshape(1, 7))]
    cls, told = getattr(litoptim, name), []
    options = dict(max_iter=iterations, **options)
    closure = problem_closure(PROBLEMS[problem], params, -1 if options.get("maximize") else 1)
    opt = cls(params, **options)
    for call in range(calls):
        if call == calls - 1:
            saved = pickle.loads(pickle.dumps(opt.state_dict()))
            opt = cls(params, **options)
            opt.load_state_dict(saved)
        told.append((float(opt.step(closure)), opt.status, opt.evaluations, opt.iterations))
    evaluations = sum(t[2] for t in told)
    return f"{hashes((params, told), opt.state_dict())} {opt.status} after {evaluations} evaluations"


def halved(grads):
    "A preconditioner."
    return [g/(1 + i) for i, g in enumerate(grads)]


def ended(result, *told):
    "The value of what minimize returned."
    counts = {k: result[k] for k in ("nit", "nfev", "njev", "status", "success")}
    told = hash_of(result.x, float(result.fun), result.jac, counts, *told)
    return f"{told} {result.status} after {result.nfev} evaluations"


def minimized(method, problem, kind, options):
    losses = []
    def callback(intermediate_result): losses.append(float(intermediate_result.fun))
    def fun(x): return PROBLEMS[problem](x.detach() if isinstance(x, torch.Tensor) else x)
    more = dict(method=method, options=options, callback=callback)
    return ended(litoptim.minimize(fun, start(kind), jac=True, **more), losses)


def autograd(method):
    "Over tensors, without jac."
    def fun(x): return (100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2).sum()
    return ended(litoptim.minimize(fun, start("torch float64"), method=method, options=dict(max_iter=40)))


def complex_solved(name, kind, options):
    "|z^2 - c|^2, over complex parameters."
    library, [dtype] = MORE_KINDS[kind]
    rng = np.random.default_rng(3)
    c, z = normal(rng, (4,), dtype), array(library, normal(rng, (4,), dtype), dtype)
    c = array(library, c, dtype)
    opt = getattr(litoptim, name)([z], max_iter=25, **options)
    def closure():
        r = z*z - c
        f, g = float((r*r.conj()).real.sum()), 4*r*z.conj()
        if library == "numpy": return f, [g]
        z.grad = g
        return f
    loss = float(opt.step(closure))
    return f"{hashes((z, loss), opt.state_dict())} {opt.status} after {opt.evaluations} evaluations"


SEARCHES = "hager_zhang", "more_thuente"


def solver_options():
    "(class, what it is called, options)"
    for beta in "hz", "pr+", "hs", "dy", "fr", "dk":
        for search in "predicted", *SEARCHES:
            yield "CG", f"{beta} {search}", dict(beta=beta, line_search=search)
    for restart in "powell", 4, None: yield "CG", f"restart {restart}", dict(restart=restart)
    yield "CG", "preconditioner", dict(preconditioner=halved)
    yield "CG", "maximize", dict(maximize=True, tolerance_change=1e-6)
    for search in None, "strong_wolfe", *SEARCHES: yield "LBFGS", f"{search}", dict(line_search_fn=search)
    for search in None, "strong_wolfe", "hager_zhang":
        yield "LBFGS", f"short {search}", dict(line_search_fn=search, history_size=3, lr=.5, max_eval=17)
    yield "LBFGS", "damping", dict(line_search_fn="hager_zhang", damping=True, history_size=5)
    yield "LBFGS", "maximize", dict(line_search_fn="hager_zhang", maximize=True)
    for search in SEARCHES: yield "BFGS", search, dict(line_search_fn=search)


def add_minimizers():
    for name, called, options in solver_options():
        for problem in PROBLEMS:
            kinds = STARTS if problem in ("rosenbrock", "curved") else STARTS[:2]
            for kind in kinds:
                add(f"{name}, {called}, {problem}, {kind}", solved, name, problem, kind, options)
    for name in "CG", "BFGS", "LBFGS":
        for kind in "numpy complex128", "torch complex64":
            options = dict(line_search_fn="hager_zhang") if name != "CG" else {}
            add(f"{name}, complex, {kind}", complex_solved, name, kind, options)
    for method in "lbfgs", "bfgs", "cg", "adam", "rprop":
        for problem in PROBLEMS:
            for kind in STARTS:
                options = dict(max_iter=40)
                add(f"minimize, {method}, {problem}, {kind}", minimized, method, problem, kind, options)
        add(f"minimize, {method}, autograd", autograd, method)


# Saving and comparing

def values(words):
    "name -> value of all runs whose names hold these words."
    add_optimizers()
    n = len(RUNS)
    add_minimizers()
    print(f"{n} runs of optimizers, {len(RUNS) - n} of minimizers: {litoptim.__file__}", file=sys.stderr)
    torch.set_num_threads(1)
    chosen = [name for name in RUNS if all(w.lower() in name.lower() for w in words)]
    return {name: value_of(RUNS[name]) for name in chosen}


def save(file, *words): Path(file).write_text(json.dumps(values(words), indent=1) + "\n")


def differences(old, new):
    "Print the runs that differ; how many there are."
    names = [n for n in {**old, **new} if old.get(n) != new.get(n)]
    for n in names: print(f"{n}\n    {old.get(n, 'not there')}\n    {new.get(n, 'not there')}")
    print(f"{len(names)} of {len({**old, **new})} runs differ")
    return len(names)


def compare(file, *words):
    new, old = values(words), json.loads(Path(file).read_text())
    if words: old = {n: v for n, v in old.items() if n in new}
    return differences(old, new)


def command(tree, *words):
    "This script with the package of another tree: arguments of Popen."
    environment = {**os.environ, "PYTHONPATH": str(Path(tree).resolve())}
    return dict(args=[sys.executable, __file__, *words], env=environment, stdout=subprocess.PIPE, text=True)


def against(tree, *words):
    running = [subprocess.Popen(**command(t, "save", "/dev/stdout", *words)) for t in (tree, HERE)]
    told = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running): sys.exit("a battery didn't end")
    return differences(*map(json.loads, told))


# Times

def stepper(count, size, dtype="float32", library="torch", engine="llvm"):
    "A function that takes a step of Adam over so many parameters."
    rng = np.random.default_rng(0)
    params = [array(library, normal(rng, (size,), dtype), dtype) for _ in range(count)]
    grads = [array(library, normal(rng, (size,), dtype), dtype) for _ in range(count)]
    os.environ["LITOPTIM_ENGINE"] = engine
    opt = litoptim.Adam(params, lr=1e-4)
    if library == "numpy": return lambda: opt.step(grads=grads)
    for p, g in zip(params, grads): p.grad = g
    return opt.step


def solver(name, **options):
    "A function that takes 20 iterations along Rosenbrock's valley."
    x = array("numpy", np.where(np.arange(100) % 2, 1., -1.2), "float64")
    begin, closure = x.copy(), problem_closure(rosenbrock, [x])
    def run():
        x[...] = begin
        getattr(litoptim, name)([x], **options).step(closure)
    return run


TIMED = {                                       # name -> makes a function; and how often it runs in a turn
    "Adam, 6 tensors of 1,000": (lambda: stepper(6, 1000), 200),
    "Adam, 100 tensors of 1,000": (lambda: stepper(100, 1000), 50),
    "Adam, 300 tensors of 1,000": (lambda: stepper(300, 1000), 20),
    "Adam, one array of 1,000": (lambda: stepper(1, 1000, library="numpy"), 200),
    "Adam, 30 bfloat16 tensors of 1,000": (lambda: stepper(30, 1000, "bfloat16"), 50),
    "Adam, 30 bfloat16 tensors of 1,000, eager": (lambda: stepper(30, 1000, "bfloat16", engine="eager"), 4),
    "CG, 20 iterations": (lambda: solver("CG"), 4),
    "LBFGS, 20 iterations": (lambda: solver("LBFGS", line_search_fn="hager_zhang"), 4),
    "LBFGS as torch's, 20 iterations": (lambda: solver("LBFGS", line_search_fn="strong_wolfe"), 4),
}
FIRST = {                                       # timed in processes of their own
    "first step, 3 arrays": dict(count=3, size=100, library="numpy"),
    "first step, 3 tensors": dict(count=3, size=100),
    "first step, 30 tensors": dict(count=30, size=100),
}
TURNS, PROCESSES = 25, 7


def turn(run, times):
    "CPU times of some runs, in microseconds."
    told = []
    for _ in range(times):
        begin = time.thread_time_ns()
        run()
        told.append((time.thread_time_ns() - begin)/1000)
    return told


def worker(_):
    "Time what is named on a line of stdin, for as long as there are lines."
    torch.set_num_threads(1)
    made = {}
    for line in sys.stdin:
        make, times = TIMED[name := line.strip()]
        if name not in made:
            made[name] = make()
            turn(made[name], 3)
        print(json.dumps(turn(made[name], times)), flush=True)


def first(name):
    "Time the first step in this process, after one by torch, whose own first one loads a thousand modules."
    torch.set_num_threads(1)
    p = torch.ones(3)
    p.grad = torch.ones(3)
    torch.optim.SGD([p], lr=.1).step()
    begin = time.process_time_ns()
    stepper(**FIRST[name])()
    print((time.process_time_ns() - begin)/1000)


def asked(process, name):
    process.stdin.write(name + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def told(name, old, new): print(f"{name:45}{old:12.1f}{new:12.1f}{new/old:8.2f}", flush=True)


def times(tree):
    "Print the times of the other tree and of this one, in microseconds of CPU time, and their ratios."
    trees = tree, HERE
    print(f"{'microseconds':45}{'old':>12}{'new':>12}{'ratio':>8}")
    workers = [subprocess.Popen(**command(t, "worker", "-"), stdin=subprocess.PIPE) for t in trees]
    for name in TIMED:
        samples = [], []
        for _ in range(TURNS):
            for process, some in zip(workers, samples): some.extend(asked(process, name))
        told(name, *(np.percentile(some, 10) for some in samples))
    for process in workers: process.communicate()
    for name in FIRST:
        samples = [], []
        for _ in range(PROCESSES):
            for t, some in zip(trees, samples):
                done = subprocess.run(**command(t, "first", name), check=True)
                some.append(float(done.stdout))
        told(name, *map(statistics.median, samples))


MODES = dict(save=save, compare=compare, against=against, times=times, worker=worker, first=first)

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in MODES: sys.exit(__doc__)
    sys.exit(1 if MODES[sys.argv[1]](*sys.argv[2:]) else 0)
