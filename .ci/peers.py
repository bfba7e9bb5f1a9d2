#!/usr/bin/env python3
"""Who spells it how: the classes of litoptim, and other programs for the same methods, on one walk.

    pip install -e '.[peers]' && python .ci/peers.py [--json nbs/spellings.json] [--present] [METHOD...]

Each row runs a class of ours and a named program over twelve gradients in float64, with settings that make the two equal, or with those
under which they part: a default, another convention, a bug. What a row claims must hold: "same" below 1e-10, another bound, or a figure, to a
factor of two. The script fails if a claim doesn't hold, or if a program is missing; `--present` runs the rows of those that are here.
`--json` writes the table for nbs/34_spellings.ipynb. The last line is `N claims hold, N don't`.
"""
import os
os.environ.update(CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu", HF_HUB_OFFLINE="1", TORCHDYNAMO_DISABLE="1")   # before the programs are imported

import argparse, contextlib, datetime, importlib, inspect, importlib.metadata, io, json, sys, warnings
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
import torch

import litoptim

# The module that a program is imported from, and the package that pip knows.
PACKAGES = dict(torch="torch", optax="optax", pytorch_optimizer="pytorch_optimizer", timm="timm", schedulefree="schedulefree", prodigyopt="prodigyopt",
                dadaptation="dadaptation", momo="momo-opt", dog="dog-optimizer", lion_pytorch="lion-pytorch", optimi="torch-optimi",
                adam_mini="adam-mini", heavyball="heavyball", kron_torch="kron_torch")
SAME = 1e-10
FACTOR = 2              # a figure may be so many times larger or smaller


# The walk

STEPS, LATER = 12, 7    # from step LATER on, the learning rate is 0.3 of what it was, unless a row says otherwise
SHAPES = dict(W=(6, 4), b=(5,))

class Problem:
    "The start, and the gradient of step t at p, which is R[t] + 0.3 p; its loss is R[t].p + 0.15 |p|^2 + 50."
    def __init__(self, shapes, drop=.3):
        self.drop = drop
        rng = np.random.default_rng(0)
        self.start = {k: rng.standard_normal(shape) for k, shape in shapes.items()}
        self.noise = [{k: rng.standard_normal(shape) for k, shape in shapes.items()} for _ in range(STEPS)]

    def factor(self, t): return self.drop if t >= LATER else 1.

    def gradient(self, t, p): return {k: r + .3*p[k] for k, r in self.noise[t - 1].items()}

    def loss(self, t, p): return 50 + sum(float((r*p[k]).sum() + .15*(p[k]**2).sum()) for k, r in self.noise[t - 1].items())


def flat(p): return np.concatenate([np.array(x, copy=True).ravel() for x in p.values()])


def on_arrays(make, problem):
    "The points of one of our optimizers on NumPy arrays."
    p = {k: x.copy() for k, x in problem.start.items()}
    opt = make([*p.values()])
    rates, points = [g["lr"] for g in opt.param_groups], []
    for t in range(1, STEPS + 1):
        for g, lr in zip(opt.param_groups, rates): g["lr"] = lr*problem.factor(t)
        told = dict(loss=problem.loss(t, p)) if wants_loss(opt) else {}
        opt.step(grads=[*problem.gradient(t, p).values()], **told)
        points.append(flat(p))
    if modes(opt):
        opt.eval()
        points.append(flat(p))
    return points


def modes(opt): return "ScheduleFree" in type(opt).__name__

def wants_loss(opt): return any(word in type(opt).__name__ for word in ("MoMo", "Polyak"))


def on_tensors(make, problem):
    "The points of an optimizer with torch's interface, ours or another's; after the steps those that it shows in eval mode, if it has modes."
    p = {k: torch.tensor(x, requires_grad=True) for k, x in problem.start.items()}
    opt = make([*p.values()])
    def values(): return {k: x.detach().numpy() for k, x in p.items()}
    def closure():
        for k, g in problem.gradient(t, values()).items(): p[k].grad = torch.tensor(g)
        return torch.tensor(problem.loss(t, values()), dtype=torch.float64)
    if modes(opt): opt.train()
    rates, points = [g["lr"] for g in opt.param_groups], []
    for t in range(1, STEPS + 1):
        for g, lr in zip(opt.param_groups, rates): g["lr"] = lr*problem.factor(t)
        closure()
        opt.step(closure)
        points.append(flat(values()))
    if modes(opt):
        opt.eval()
        points.append(flat(values()))
    return points


def in_jax(make, lr, problem):
    "The points of an optax transformation, which gets its learning rate as a schedule."
    import jax, jax.numpy as jnp, optax
    jax.config.update("jax_enable_x64", True)
    p = {k: jnp.array(x) for k, x in problem.start.items()}
    def schedule(count): return lr*jnp.where(count + 1 >= LATER, problem.drop, 1.)
    tx = optax.with_extra_args_support(make(schedule))
    state, points = tx.init(p), []
    for t in range(1, STEPS + 1):
        g = {k: jnp.array(x) for k, x in problem.gradient(t, {k: np.array(x) for k, x in p.items()}).items()}
        told = dict(value=problem.loss(t, p), grad=g, value_fn=None)
        u, state = tx.update(g, state, p, **told)
        p = optax.apply_updates(p, u)
        points.append(flat(p))
    if hasattr(state, "z") and "ScheduleFree" in type(state).__name__: points.append(flat(optax.contrib.schedule_free_eval_params(state, p)))
    return points


# The rows

class Source:
    "A function as it is written in the table."
    def __init__(self, text): self.text, self.f = text, eval(text)
    def __call__(self, *args): return self.f(*args)
    def __repr__(self): return self.text


def spoken(settings): return ", ".join(f"{k}={v!r}" for k, v in settings.items())


@dataclass
class Row:
    method: str
    program: str                # theirs, with its module
    ours: dict                  # our settings
    theirs: dict                # their settings
    bound: float = None         # they agree below this
    figure: float = None        # or they part by about this much
    why: str = ""               # what differs
    shapes: dict = field(default_factory=lambda: SHAPES)
    drop: float = .3            # the later part of the learning rate
    cls: str = None             # our class, if it has another name than the method
    base: tuple = None          # for a wrapper: the class that it wraps, and the settings of that
    group: dict = field(default_factory=dict)

    @property
    def module(self): return self.program.split(".")[0]

    def deviation(self):
        "The largest distance of the two walks, over all steps and numbers."
        problem = Problem(self.shapes, self.drop)
        torch.manual_seed(0)
        cls, jax = getattr(litoptim, self.cls or self.method), self.module == "optax"
        # NumPy rounds nothing to bfloat16, nor does JAX; torch's programs for matrices do
        ours = (on_arrays if jax else on_tensors)(lambda p: cls(p, **self.ours), problem)
        theirs = self.of_optax(problem) if jax else on_tensors(self.of_torch, problem)
        return max(float(abs(a - b).max()) for a, b in zip(ours, theirs, strict=True))

    def of_torch(self, p):
        groups = [dict(params=p, **self.group)]
        if not self.base: return resolve_name(self.program)(groups, **self.theirs)
        name, settings = self.base
        return resolve_name(self.program)(resolve_name(name)(groups, **settings), **self.theirs)

    def of_optax(self, problem):
        settings = dict(self.theirs)
        rate = "max_learning_rate" if "max_learning_rate" in settings else "learning_rate"
        lr = settings.pop(rate)
        fixed = rate == "max_learning_rate" or "warmup_steps" in settings     # takes no schedule
        def make(schedule): return resolve_name(self.program)(**{rate: lr if fixed else schedule}, **settings)
        return in_jax(make, lr, problem)

    def holds(self, x): return x < self.bound if self.bound else self.figure/FACTOR < x < self.figure*FACTOR

    def line(self):
        x = self.deviation()
        claim = "same" if self.bound == SAME else f"below {self.bound:.0e}" if self.bound else f"{self.figure:.1e}"
        theirs = spoken({**self.theirs, **self.group})
        if self.base: theirs = f"{self.base[0]}({spoken(self.base[1])}), {theirs}"
        return dict(method=self.method, program=self.program, version=version(self.module), ours=f"{self.cls or self.method}({spoken(self.ours)})",
                    theirs=theirs, deviation=float(f"{x:.2g}"), bound=self.bound, figure=self.figure, claim=claim, holds=bool(self.holds(x)), why=self.why)


def here(row):
    "Whether we have the class, and the options that are younger than most classes."
    cls = getattr(litoptim, row.cls or row.method, None)
    return cls is not None and not {"cautious"} & {*row.ours} - {*inspect.signature(cls).parameters}


ROWS = []

def same(method, program, ours, theirs, why="", bound=SAME, **more): ROWS.append(Row(method, program, ours, theirs, bound, None, why, **more))

def apart(method, program, ours, theirs, figure, why, **more): ROWS.append(Row(method, program, ours, theirs, None, figure, why, **more))


MATRIX, SQUARE = dict(shapes=dict(W=(6, 4))), dict(shapes=dict(W=(5, 5)))
USED = dict(MATRIX, group=dict(use_muon=True))


# Signs

LION = dict(lr=.01, betas=(.9, .99), weight_decay=.1)
for program in ("lion_pytorch.Lion", "timm.optim.lion.Lion", "pytorch_optimizer.Lion", "optimi.Lion"): same("Lion", program, LION, LION)
same("Lion", "optax.lion", LION, dict(learning_rate=.01, b1=.9, b2=.99, weight_decay=.1))
apart("Lion", "optax.lion", dict(lr=.01), dict(learning_rate=.01), 1.8e-4, "weight_decay is 1e-3 by default, not 0")
apart("Lion", "lion_pytorch.Lion", LION, dict(LION, decoupled_weight_decay=True), 1.3, "weight_decay is divided by the first lr")

same("Signum", "pytorch_optimizer.SignSGD", dict(lr=.01, weight_decay=.1), dict(lr=.01, momentum=.9, weight_decay=.1))
same("Signum", "optax.signum", dict(lr=.01), dict(learning_rate=.01, beta=.9))


# Adam's kin

ADAM = dict(lr=.05, betas=(.9, .99), eps=1e-8, weight_decay=.1)
BETAS = dict(b1=.9, b2=.99)
for program in "torch.optim.AdamW", "timm.optim.adamw.AdamWLegacy", "optimi.AdamW", "pytorch_optimizer.AdamW": same("AdamW", program, ADAM, ADAM)
same("AdamW", "optax.adamw", ADAM, dict(learning_rate=.05, **BETAS, eps=1e-8, weight_decay=.1))
same("AdamW", "heavyball.AdamW", ADAM, ADAM, "keeps its means in float32", bound=1e-6)
apart("AdamW", "optax.adamw", dict(lr=.05), dict(learning_rate=.05), 8.8e-3, "weight_decay is 1e-4 by default, torch's 1e-2")
same("NAdam", "torch.optim.NAdam", dict(lr=.05), dict(lr=.05))
apart("NAdam", "optax.nadam", dict(lr=.05), dict(learning_rate=.05), 1.3e-1, "one beta for all steps; Dozat's rises with t")
same("RAdam", "torch.optim.RAdam", dict(lr=.05), dict(lr=.05))
same("RAdam", "optax.radam", dict(lr=.05, eps=0), dict(learning_rate=.05, eps=0))

BELIEF = dict(lr=.05, eps=1e-16, weight_decay=.1)
same("AdaBelief", "pytorch_optimizer.AdaBelief", BELIEF, BELIEF)
same("AdaBelief", "timm.optim.adabelief.AdaBelief", BELIEF, dict(BELIEF, rectify=False))
same("AdaBelief", "optax.adabelief", dict(lr=.05, eps=1e-16), dict(learning_rate=.05, eps=1e-16, eps_root=1e-16))
apart("AdaBelief", "timm.optim.adabelief.AdaBelief", BELIEF, BELIEF, 2.1e-1, "rectifies as RAdam does, by default")

LAPROP = dict(lr=.05, betas=(.9, .99), eps=1e-15, weight_decay=.1)
same("LaProp", "timm.optim.laprop.LaProp", dict(LAPROP, weight_decay=0), dict(LAPROP, weight_decay=0))
same("LaProp", "pytorch_optimizer.LaProp", dict(LAPROP, weight_decay=0), dict(LAPROP, weight_decay=0), "1e-15 is added inside the root, too", bound=1e-7)
apart("LaProp", "heavyball.LaProp", dict(LAPROP, weight_decay=0), dict(LAPROP, weight_decay=0), 2.6e-2, "the learning rate is outside the mean: parts when lr changes")
apart("LaProp", "timm.optim.laprop.LaProp", LAPROP, LAPROP, 1.4e-3, "decays by lr times weight_decay, after the step")

ADOPT = dict(lr=.05, betas=(.9, .99), eps=1e-6)
same("ADOPT", "timm.optim.adopt.Adopt", ADOPT, dict(ADOPT, clip_exp=.25))
same("ADOPT", "timm.optim.adopt.Adopt", dict(ADOPT, weight_decay=.1, decoupled_weight_decay=True), dict(ADOPT, weight_decay=.1, decoupled=True, clip_exp=.25))
same("ADOPT", "optax.contrib.adopt", ADOPT, dict(learning_rate=.05, **BETAS, eps=1e-6, clip_value_fn=Source("lambda t: t**.25")))
same("ADOPT", "pytorch_optimizer.ADOPT", ADOPT, dict(ADOPT, clip_lambda=Source("lambda t: (t - 1)**.25")))
apart("ADOPT", "pytorch_optimizer.ADOPT", ADOPT, ADOPT, 8.7e-3, "the bound is t**.25, not (t - 1)**.25")
apart("ADOPT", "timm.optim.adopt.Adopt", ADOPT, ADOPT, 1.1e-2, "the bound is (t - 1)**.333 by default")
apart("ADOPT", "heavyball.ADOPT", ADOPT, ADOPT, 2.0, "corrects its betas; no bound")

QH = dict(lr=.05, betas=(.9, .99), nus=(.7, .9))
same("QHAdam", "pytorch_optimizer.QHAdam", QH, QH, "keeps the weights of its means in float32", bound=1e-7)

ADAN = dict(lr=.05, betas=(.98, .92, .99), eps=1e-8, weight_decay=.1)
OPTAX_ADAN = dict(learning_rate=.05, b1=.98, b2=.92, b3=.99, eps=1e-8, eps_root=0., weight_decay=.1)
same("Adan", "timm.optim.adan.Adan", ADAN, ADAN)
same("Adan", "timm.optim.adan.Adan", dict(ADAN, no_prox=True), dict(ADAN, no_prox=True))
same("Adan", "pytorch_optimizer.Adan", ADAN, ADAN)
same("Adan", "pytorch_optimizer.Adan", dict(ADAN, no_prox=True), dict(ADAN, weight_decouple=True))
same("Adan", "optimi.Adan", ADAN, ADAN)
apart("Adan", "optimi.Adan", dict(lr=.05, weight_decay=.02), dict(lr=.05), 3.0e-6, "eps is 1e-6 by default, and weight_decay .02")
apart("Adan", "optax.adan", ADAN, OPTAX_ADAN, 1.2e-1, "the difference of gradients has the factor 1 - b2, not b2 (optax#1715)")

MIX = dict(lr=.05, betas=(.9, .99, .999), eps=1e-8, alpha=5., weight_decay=.1)
same("AdEMAMix", "pytorch_optimizer.AdEMAMix", MIX, dict(MIX, weight_decouple=True))
same("AdEMAMix", "pytorch_optimizer.AdEMAMix", dict(MIX, T=12), dict(MIX, weight_decouple=True, t_alpha_beta3=12))
same("AdEMAMix", "optax.contrib.ademamix", MIX, dict(learning_rate=.05, **BETAS, b3=.999, alpha=5., weight_decay=.1))
apart("AdEMAMix", "pytorch_optimizer.AdEMAMix", MIX, MIX, 1.0e-1, "weight_decay goes into the gradient by default")

MARS = dict(lr=.05, betas=(.95, .99), gamma=.025, weight_decay=.1)
same("MARS", "timm.optim.mars.Mars", MARS, dict(MARS, betas_1d=(.9, .95)))
apart("MARS", "timm.optim.mars.Mars", MARS, MARS, 1.4e-2, "vectors have the betas of matrices, by default")
same("MARS", "timm.optim.mars.Mars", dict(MARS, optimize_1d=True), dict(MARS, optimize_1d=True))
same("MARS", "pytorch_optimizer.MARS", dict(MARS, optimize_1d=True), dict(MARS, optimize_1d=True), "another eps", bound=1e-5)
apart("MARS", "timm.optim.mars.Mars", dict(lr=.05, optimize_1d=True), dict(lr=.05, optimize_1d=True), 2.3e-2, "betas are (.9, .99) by default, the authors' (.95, .99)")

STABLE = dict(lr=.05, betas=(.9, .99), eps=1e-6, weight_decay=.01)
same("StableAdamW", "optimi.StableAdamW", STABLE, dict(STABLE, triton=False))
same("StableAdamW", "pytorch_optimizer.StableAdamW", STABLE, STABLE)

NOVO = dict(lr=.05, betas=(.95, .98), eps=1e-8, weight_decay=.1)
same("NovoGrad", "pytorch_optimizer.NovoGrad", NOVO, NOVO)
same("NovoGrad", "timm.optim.nvnovograd.NvNovoGrad", NOVO, NOVO)
same("NovoGrad", "optax.novograd", NOVO, dict(learning_rate=.05, b1=.95, b2=.98, eps=1e-8, weight_decay=.1))


# Trust ratios

LAMB = dict(lr=.05, betas=(.9, .999), eps=1e-6, weight_decay=.01)
same("LAMB", "optax.lamb", LAMB, dict(learning_rate=.05, b1=.9, b2=.999, eps=1e-6, weight_decay=.01))
same("LAMB", "timm.optim.lamb.Lamb", LAMB, dict(LAMB, max_grad_norm=None))
same("LAMB", "timm.optim.lamb.Lamb", dict(LAMB, weight_decay=0), dict(LAMB, weight_decay=0, max_grad_norm=None, always_adapt=True))
apart("LAMB", "timm.optim.lamb.Lamb", LAMB, dict(LAMB, max_grad_norm=None, bias_correction=False), 8.2e-3, "nothing is corrected, as in the authors' code")
apart("LAMB", "timm.optim.lamb.Lamb", LAMB, LAMB, 2.1e-2, "clips all gradients to a norm of 1 by default")
apart("LAMB", "timm.optim.lamb.Lamb", dict(LAMB, weight_decay=0), dict(LAMB, weight_decay=0, max_grad_norm=None), 1.8e-1, "no trust ratio where weight_decay is 0")
apart("LAMB", "pytorch_optimizer.Lamb", LAMB, dict(LAMB, max_grad_norm=0.), 1.3, "corrects m, but in the rate of a step that has no scale: the first is ten times as long")

LARS = dict(lr=1., momentum=.9, weight_decay=5e-2, trust_coefficient=.1)
TIMM_LARS = dict(lr=1., momentum=.9, weight_decay=5e-2, trust_coeff=.1, eps=0.)
same("LARS", "timm.optim.lars.Lars", LARS, TIMM_LARS, "a constant lr", drop=1., **MATRIX)
apart("LARS", "timm.optim.lars.Lars", LARS, TIMM_LARS, 1.2, "the learning rate is outside the momentum: parts when lr changes", **MATRIX)
apart("LARS", "timm.optim.lars.Lars", dict(LARS, weight_decay=0), dict(lr=1., momentum=.9, trust_coeff=.1, eps=0.), 1.4e+01, "no trust ratio where weight_decay is 0", drop=1., **MATRIX)
apart("LARS", "optax.lars", LARS, dict(learning_rate=1., weight_decay=5e-2, trust_coefficient=.1), 9.0e-2, "the ratio has the norm of g + wd p; lr is inside the momentum", **MATRIX)


# Without a learning rate

PRODIGY = dict(lr=1., d0=1e-2, weight_decay=.1)
same("Prodigy", "prodigyopt.Prodigy", PRODIGY, PRODIGY)
same("Prodigy", "prodigyopt.Prodigy", dict(PRODIGY, use_bias_correction=True, safeguard_warmup=True), dict(PRODIGY, use_bias_correction=True, safeguard_warmup=True))
same("Prodigy", "pytorch_optimizer.Prodigy", PRODIGY, PRODIGY)
same("Prodigy", "optax.contrib.prodigy", dict(PRODIGY, use_bias_correction=True), dict(learning_rate=1., estim_lr0=1e-2, weight_decay=.1))
apart("Prodigy", "optax.contrib.prodigy", PRODIGY, dict(learning_rate=1., estim_lr0=1e-2, weight_decay=.1), 2.5e-1, "corrects the bias, always")

DOG = dict(lr=1., reps_rel=1e-2, eps=1e-8)
same("DoG", "dog.DoG", DOG, DOG)
same("DoG", "dog.DoG", dict(DOG, weight_decay=.1), dict(DOG, weight_decay=.1))
same("LDoG", "dog.LDoG", DOG, DOG)
same("DoG", "optax.contrib.dog", DOG, dict(learning_rate=1., init_step=("heuristic", 1e-2), eps=1e-8))

ADAPT = dict(lr=1., d0=1e-2, weight_decay=.1)
same("DAdaptAdam", "dadaptation.DAdaptAdam", ADAPT, dict(ADAPT, decouple=True))
apart("DAdaptAdam", "optax.contrib.dadapt_adamw", ADAPT, dict(learning_rate=1., estim_lr0=1e-2, weight_decay=.1), 2.1, "corrects the bias, always")

same("MoMo", "momo.Momo", dict(lr=1., weight_decay=.1), dict(lr=1., weight_decay=.1))
same("MoMo", "optax.contrib.momo", dict(lr=1.), dict(learning_rate=1.))
apart("MoMo", "optax.contrib.momo", dict(lr=1., weight_decay=.1), dict(learning_rate=1., weight_decay=.1), .54, "the step isn't divided by 1 + lr wd")
same("MoMoAdam", "momo.MomoAdam", dict(lr=.05, weight_decay=.1), dict(lr=.05, weight_decay=.1))
same("MoMoAdam", "optax.contrib.momo_adam", dict(lr=.05), dict(learning_rate=.05))


# Schedule-free

FREE = dict(lr=.05, betas=(.9, .999), eps=1e-8, weight_decay=.1, warmup_steps=3)
NO_WARMUP = {k: v for k, v in FREE.items() if k != "warmup_steps"}
same("AdamWScheduleFree", "schedulefree.AdamWScheduleFree", FREE, FREE)
same("SGDScheduleFree", "schedulefree.SGDScheduleFree", dict(lr=.1, weight_decay=.1, warmup_steps=3), dict(lr=.1, weight_decay=.1, warmup_steps=3))
same("RAdamScheduleFree", "schedulefree.RAdamScheduleFree", NO_WARMUP, NO_WARMUP)
OPTAX_FREE = dict(learning_rate=.05, b1=.9, b2=.999, eps=1e-8, weight_decay=.1)
same("AdamWScheduleFree", "optax.contrib.schedule_free_adamw", NO_WARMUP, OPTAX_FREE)
apart("AdamWScheduleFree", "optax.contrib.schedule_free_adamw", FREE, dict(OPTAX_FREE, warmup_steps=3), 5.2e-2, "the first step has lr 0, and the weights of the mean are a step ahead (optax#1744)", drop=1.)
same("AdamWScheduleFree", "pytorch_optimizer.ScheduleFreeAdamW", FREE, FREE)


# What goes around a step

same("AdamC", "timm.optim.adamw.AdamWLegacy", dict(ADAM, corrected_weight_decay=True), dict(ADAM, corrected_weight_decay=True), cls="AdamW")
same("AdamC", "heavyball.AdamC", dict(ADAM, corrected_weight_decay=True), dict(ADAM, max_lr=.05), "keeps its means in float32", bound=1e-6, cls="AdamW")
same("AdamC", "pytorch_optimizer.AdamC", dict(ADAM, eps=0, corrected_weight_decay=True), dict(ADAM, eps=0), group=dict(normalized=True), cls="AdamW")
apart("AdamC", "pytorch_optimizer.AdamC", dict(ADAM, corrected_weight_decay=True), ADAM, 1.3e-2, "corrects only groups with normalized=True: this is AdamW", cls="AdamW")
same("cautious decay", "heavyball.AdamW", dict(ADAM, cautious_weight_decay=True), dict(ADAM, cautious_weight_decay=True), "keeps its means in float32", bound=1e-6, cls="AdamW")
same("cautious step", "timm.optim.adamw.AdamWLegacy", dict(ADAM, cautious=True), dict(ADAM, caution=True), cls="AdamW")
same("cautious step", "timm.optim.lion.Lion", dict(LION, cautious=True), dict(LION, caution=True), cls="Lion")
LOOK = dict(cls="AdamW", base=("torch.optim.AdamW", ADAM))
same("Lookahead", "pytorch_optimizer.Lookahead", dict(ADAM, lookahead=dict(k=5, alpha=.5)), dict(k=5, alpha=.5), **LOOK)
apart("Lookahead", "timm.optim.lookahead.Lookahead", dict(ADAM, lookahead=dict(k=5, alpha=.5)), dict(k=5, alpha=.5), 1.1e-1, "the slow copy is made at the first sync, which so does nothing", **LOOK)


# Matrices

BF16 = "Newton-Schulz in bfloat16"
MUON = dict(lr=.05, weight_decay=.1, momentum=.95)
same("Muon", "torch.optim.Muon", MUON, MUON, BF16, bound=1e-2, **MATRIX)
same("Muon", "pytorch_optimizer.Muon", MUON, MUON, BF16, bound=1e-2, **USED)
same("Muon", "timm.optim.muon.Muon", MUON, dict(MUON, nesterov=True, ns_coefficients="original", adjust_lr_fn="original"), BF16, bound=1e-2, **MATRIX)
same("Muon", "optax.contrib.muon", dict(MUON, nesterov=False), dict(learning_rate=.05, beta=.95, weight_decay=.1, nesterov=False), "eps", bound=1e-6, **SQUARE)
apart("Muon", "optax.contrib.muon", dict(MUON, nesterov=False), dict(learning_rate=.05, beta=.95, weight_decay=.1, nesterov=False), 6.2e-2, "a matrix has inputs by outputs: the scale is of n/m, not m/n", **MATRIX)
apart("Muon", "timm.optim.muon.Muon", MUON, MUON, 1.8e-1, "no Nesterov, other coefficients, and the scale of AdamW's steps, by default", **MATRIX)
apart("Muon", "optax.contrib.muon", MUON, dict(learning_rate=.05, beta=.95, weight_decay=.1), 1.0e-2, "looks ahead as NAdam does, with bias corrections", **SQUARE)
same("NorMuon", "pytorch_optimizer.NorMuon", MUON, MUON, BF16, bound=1e-2, **USED)
same("AdaMuon", "pytorch_optimizer.AdaMuon", dict(lr=.05, weight_decay=.1, nesterov=False), dict(lr=.05, weight_decay=.1, betas=(.95, .999)), BF16, bound=1e-2, **USED)
same("AdaMuon", "timm.optim.muon.Muon", dict(lr=.05, weight_decay=.1), dict(lr=.05, weight_decay=.1, algo="adamuon", nesterov=True, ns_coefficients="original", betas=(.9, .999)), BF16, bound=1e-2, **MATRIX)
same("Shampoo", "pytorch_optimizer.Shampoo", dict(lr=.1, eps=1e-6), dict(lr=.1, matrix_eps=1e-6), bound=1e-8, **MATRIX)
SOAP = dict(lr=.05, betas=(.95, .95), weight_decay=.01)
same("SOAP", "pytorch_optimizer.SOAP", SOAP, SOAP, bound=1e-6, **SQUARE)
SPLUS = dict(lr=.5, weight_decay=.01, precondition_frequency=3)
PO_SPLUS = dict(lr=.5, weight_decay=.01, inverse_steps=3)
same("SPlus", "pytorch_optimizer.SPlus", SPLUS, PO_SPLUS, "eigenvectors in float32", bound=1e-4, **SQUARE)
same("SPlus", "pytorch_optimizer.SPlus", dict(lr=.5, weight_decay=.01), dict(lr=.5, weight_decay=.01), shapes=dict(b=(5,)))
KRON = dict(lr=.05, weight_decay=.1, preconditioner_update_probability=1e-6)
same("Kron", "kron_torch.Kron", KRON, KRON, "factors that never change, kept in float32", bound=1e-7, **MATRIX)
apart("Kron", "kron_torch.Kron", dict(lr=.05), dict(lr=.05), 8e-2, "other random numbers where the factors are updated", **MATRIX)


# Running

def tried(row):
    "The line of the table; if the row can't run, one that says why."
    try:
        with contextlib.redirect_stdout(io.StringIO()): return row.line()
    except Exception as e: return dict(method=row.method, program=row.program, deviation=float("nan"), claim=f"{type(e).__name__}: {e}", holds=False, why=row.why)


def said(line): return f"{'holds' if line['holds'] else 'WRONG'}  {line['method']:18} {line['program']:34} {line['deviation']:8.1e}  {line['claim']:12}  {line['why']}"

def version(module): return importlib.metadata.version(PACKAGES[module])

def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("methods", nargs="*", metavar="METHOD", help="rows of these methods; otherwise all")
    ask.add_argument("--json", type=Path, help="write the table there")
    ask.add_argument("--present", action="store_true", help="do without the programs that are missing")
    args = ask.parse_args()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)      # of the numbers that some programs keep in tensors: in float32 they cost 1e-8
    warnings.simplefilter("ignore")
    if unknown := {*args.methods} - {r.method for r in ROWS}: sys.exit(f"no method {', '.join(unknown)}")
    missing = {m for m in PACKAGES if not importlib.util.find_spec(m)}
    if missing: print("missing:", ", ".join(PACKAGES[m] for m in sorted(missing)))
    if waiting := {r.method: 1 for r in ROWS if not here(r)}: print("not here:", ", ".join(waiting))
    lines = []
    for row in ROWS:
        if row.module in missing or not here(row) or args.methods and row.method not in args.methods: continue
        lines.append(tried(row))
        print(said(lines[-1]), flush=True)
    if args.json:
        versions = dict(litoptim=litoptim.__version__, numpy=np.__version__) | {PACKAGES[m]: version(m) for m in PACKAGES if m not in missing}
        table = dict(date=str(datetime.date.today()), versions=versions, rows=lines)
        args.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    held = sum(line["holds"] for line in lines)
    print(f"{held} claims hold, {len(lines) - held} don't")
    sys.exit(held < len(lines) or bool(missing) and not args.present)


if __name__ == "__main__": main()
