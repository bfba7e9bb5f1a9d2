"""Random numbers that are off in their last digits: for .ci/shake.py, which puts this folder on PYTHONPATH.

NumPy's generators and torch's give what they always give, times 1 + e: e is at most two units in the last
place, and depends on the number and on LITOPTIM_JITTER alone, so the same seed still gives the same numbers.
Rounding errors of other processors have about this size. What a page claims of an experiment must hold of its
neighbours, too."""
import importlib.abc, importlib.util, os, sys

JITTER = float(os.environ.get("LITOPTIM_JITTER") or 0)


def jittered(np, x):
    x = np.asarray(x)
    if x.dtype.kind != "f": return x
    ulps = np.rint(2*np.sin(1e6*np.asarray(x, np.float64) + JITTER))
    return x*(1 + ulps*np.finfo(x.dtype).eps).astype(x.dtype)


def shake_numpy(np):
    class Generator(np.random.Generator): "Draws numbers that are off a little."
    def wrapped(name):
        plain = getattr(np.random.Generator, name)
        def draw(self, *args, **kwargs):
            x = plain(self, *args, **kwargs)
            near = np.asarray(jittered(np, x))
            return near if isinstance(x, np.ndarray) else near[()]
        return draw
    for name in "standard_normal", "normal", "uniform", "random", "exponential", "standard_cauchy":
        setattr(Generator, name, wrapped(name))
    plain_rng = np.random.default_rng
    def default_rng(seed=None):
        return seed if isinstance(seed, Generator) else Generator(plain_rng(seed).bit_generator)
    np.random.default_rng = default_rng


def shake_torch(torch):
    import numpy as np
    def wrapped(plain):
        def draw(*args, **kwargs):
            x = plain(*args, **kwargs)
            if x.dtype not in (torch.float32, torch.float64) or x.device.type != "cpu": return x
            near = np.asarray(jittered(np, x.detach().numpy()))
            with torch.no_grad(): x.copy_(torch.from_numpy(near))
            return x
        return draw
    for name in "randn", "rand": setattr(torch, name, wrapped(getattr(torch, name)))


class Later(importlib.abc.MetaPathFinder):
    "Shakes numpy and torch as soon as somebody imports them."
    shakes = dict(numpy=shake_numpy, torch=shake_torch)

    def find_spec(self, name, path=None, target=None):
        if name not in self.shakes: return None
        shake = self.shakes.pop(name)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module
        def exec_module(module):
            load(module)
            shake(module)
        spec.loader.exec_module = exec_module
        return spec


if JITTER: sys.meta_path.insert(0, Later())
