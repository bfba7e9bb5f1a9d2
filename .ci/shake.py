#!/usr/bin/env python3
"""Run the notebooks again, under the arithmetic of other machines.

    .ci/shake.py --list                                 which shakes there are, and what each sets
    .ci/shake.py                                        all of them
    .ci/shake.py plainest eager                         these two
    .ci/shake.py plainest --notebooks nbs/5*.ipynb      on some notebooks only

Another processor sums in another order, rounds a product and a sum at once or one by one, and has other
routines for exp and sin; another machine has more threads, or less time. A shake is a set of environment
variables that brings such arithmetic to this machine, or something that keeps it busy. Each test must hold
under every one, and each stored output must come out again by the rule of .ci/book.py.

Cells go on after one that fails, so that one run tells all. The last line is `N passed, N failed`: cells
with assertions, over all shakes."""
import argparse, contextlib, copy, os, re, subprocess, sys, time
from functools import partial
from pathlib import Path

import nbformat
import book

# OpenBLAS's kernels for x86 and for ARM, the plainest first, and what a processor must have to run them.
KERNELS = dict(
    Prescott={"pni"}, Nehalem={"sse4_2"}, Sandybridge={"avx"}, Haswell={"avx2", "fma"}, Zen={"avx2", "fma"},
    SkylakeX={"avx512f", "avx512dq", "avx512bw", "avx512vl"}, Cooperlake={"avx512_bf16"},
    ARMV8={"asimd"}, NEOVERSEN1={"asimddp"}, NEOVERSEV1={"sve"})


# What this machine can do

def features():
    "What the processor has, as Linux spells it; nothing where that can't be read."
    with contextlib.suppress(OSError, StopIteration), open("/proc/cpuinfo", encoding="utf-8") as lines:
        return set(next(line for line in lines if line.startswith(("flags", "Features"))).split())
    return set()


def kernels():
    "OpenBLAS's kernels for this processor; none above the one that this machine asks for."
    has, most = features(), os.environ.get("OPENBLAS_CORETYPE")
    runnable = [name for name, needed in KERNELS.items() if needed <= has]
    return runnable[:runnable.index(most) + 1] if most in runnable else runnable


def dispatched():
    "The groups of instructions that NumPy can use here and can do without."
    from numpy._core._multiarray_umath import __cpu_baseline__, __cpu_dispatch__, __cpu_features__
    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name) and name not in __cpu_baseline__]


# Shakes: name -> environment variables

PLAIN_TORCH = dict(ATEN_CPU_CAPABILITY="default", MKL_CBWR="COMPATIBLE", ONEDNN_MAX_CPU_ISA="SSE41")
ONE_THREAD = dict(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
THREE_THREADS = dict(OMP_NUM_THREADS="3", OPENBLAS_NUM_THREADS="3")
GENERIC = dict(LITOPTIM_CPU="generic")

def plain_numpy(but=()):
    "NumPy without what it could use here, but for these."
    left_out = [name for name in dispatched() if name not in but]
    return dict(NPY_DISABLE_CPU_FEATURES=" ".join(left_out)) if left_out else {}


def of_2013():
    "Fused multiply-add and vectors of 256 bits, as most processors have them; where this one has more."
    for_torch = dict(ATEN_CPU_CAPABILITY="avx2", MKL_ENABLE_INSTRUCTIONS="AVX2", ONEDNN_MAX_CPU_ISA="AVX2")
    for_numpy = plain_numpy(but=("X86_V3", "AVX2", "FMA3", "AVX", "F16C"))
    return dict(OPENBLAS_CORETYPE="Haswell", LITOPTIM_CPU="x86-64-v3", **for_torch, **for_numpy)


def jitter(number):
    "Random numbers that are off by a rounding error, see .ci/jitter/sitecustomize.py."
    path = os.pathsep.join([str(book.ROOT/".ci/jitter"), os.environ["PYTHONPATH"]])
    return dict(LITOPTIM_JITTER=str(number), PYTHONPATH=path)


def shakes():
    "All that this machine can be made to be."
    blas = kernels()
    plainest = dict(OPENBLAS_CORETYPE=blas[0]) if blas else {}
    table = dict(plainest={**plainest, **PLAIN_TORCH, **plain_numpy(), **ONE_THREAD, **GENERIC})
    table["eager"] = dict(LITOPTIM_ENGINE="eager")
    table["blocks"] = dict(LITOPTIM_ENGINE="blocks")
    table["generic"] = GENERIC
    table["numpy"] = plain_numpy()
    table["torch"] = PLAIN_TORCH
    table["one-thread"] = ONE_THREAD
    table["three-threads"] = THREE_THREADS
    if "SkylakeX" in blas: table["avx2"] = of_2013()
    table |= {f"blas-{name}": dict(OPENBLAS_CORETYPE=name) for name in blas}
    table |= {f"jitter-{n}": jitter(n) for n in (1, 2, 3)}
    table["busy"] = {}                          # beside busy processors, see `beside`
    return table


@contextlib.contextmanager
def beside(name):
    "While the shake is `busy`, every processor has something else to do."
    count = os.cpu_count() if name == "busy" else 0
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try: yield
    finally:
        for other in others: other.kill()
        for other in others: other.wait()


# Running

ENGINE = r"\d+ (?:by llvm|by numpy blocks|eagerly \([^)]*\))"
ENGINES = re.compile(rf"{ENGINE}(?:, {ENGINE})*")

def masked(outputs):
    "Outputs without what they say about the engine, and without NumPy's warnings."
    kept = [copy.deepcopy(o) for o in outputs if o.get("name") != "stderr"]
    for o in kept:
        if "text" in o: o.text = ENGINES.sub("(an engine)", o.text)
        for mime in [m for m in o.get("data", {}) if m.startswith("text/")]:
            o.data[mime] = ENGINES.sub("(an engine)", o.data[mime])
    return kept


def complaint(old, new):
    """What is wrong with a cell's new outputs, '' if nothing is.

    If another engine is asked for, a cell may say by which engine it ran."""
    if "LITOPTIM_ENGINE" in os.environ: old, new = masked(old), masked(new)
    return book.complaint(old, new)


def tried(path, outputs=True):
    """Execute a copy of a notebook.

    Returns what went wrong where, how many cells with assertions passed, and how many cells failed."""
    stored = nbformat.read(path, as_version=4)
    fresh = copy.deepcopy(stored)
    began = time.perf_counter()
    _, stopped = book.execute(fresh, path.parent, go_on=True)
    report, passed, failed = [], 0, 0
    for i, (old, new) in enumerate(zip(stored.cells, fresh.cells)):
        if not book.is_run(old): continue
        errors = [f"{o.ename}: {o.evalue}" for o in new.outputs if o.output_type == "error"]
        wrong = "\n".join(errors)
        if outputs and not wrong and not stopped: wrong = complaint(old.outputs, new.outputs)
        if wrong: report.append(f"  {book.name(path)}, cell {i + 1} ({old.id}): {wrong}")
        failed += bool(wrong)
        passed += book.has_assertion(old) and not wrong
    if stopped: report, passed, failed = [f"  {book.name(path)}: {stopped}"], 0, 1
    seconds = time.perf_counter() - began
    report.append(f"  {book.name(path)}: {passed} passed, {failed} failed, {seconds:.0f} s")
    return "\n".join(report), passed, failed


def shake(name, variables, paths, outputs=True):
    "Try all notebooks under one shake: how many cells passed, and how many failed."
    said = " ".join(f"{k}={v!r}" if " " in v else f"{k}={v}" for k, v in variables.items())
    print(f"== {name}: {said or 'beside a busy loop on every processor'}", flush=True)
    before, began = dict(os.environ), time.perf_counter()
    os.environ.update(variables)
    try:
        with beside(name): passed, failed = book.each(partial(tried, outputs=outputs), paths)
    finally:
        os.environ.clear()
        os.environ.update(before)
    print(f"== {name}: {passed} passed, {failed} failed, {time.perf_counter() - began:.0f} s", flush=True)
    return passed, failed


def main():
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("shakes", metavar="SHAKE", nargs="*", help="names; all without one")
    parser.add_argument("--list", action="store_true", help="say which shakes there are, and run none")
    parser.add_argument("--notebooks", metavar="NB", nargs="+", type=Path, default=[])
    parser.add_argument("--cells-only", dest="outputs", action="store_false",
                        help="don't compare what cells print with what is stored")
    parser.add_argument("--but", metavar="SHAKE", nargs="+", default=[], help="not these")
    parser.add_argument("--part", metavar="I/N", default="0/1",
                        help="every N-th of them, from the I-th on: for several machines")
    args = parser.parse_args()
    paths = book.prepared(args.notebooks)
    table = shakes()
    if unknown := {*args.shakes, *args.but} - {*table}:
        parser.error(f"no shake {', '.join(sorted(unknown))} on this machine; there are {', '.join(table)}")
    first, step = map(int, args.part.split("/"))
    names = [name for name in args.shakes or table if name not in args.but][first::step]
    chosen = {name: table[name] for name in names}
    if args.list:
        for name, variables in chosen.items(): print(f"{name:14} {variables or ''}")
        return
    results = [shake(name, variables, paths, args.outputs) for name, variables in chosen.items()]
    passed, failed = map(sum, zip(*results))
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__": main()
