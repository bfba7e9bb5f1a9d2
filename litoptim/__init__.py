__version__ = "0.0.1"

from .optimizer import Optimizer
from .sgd import SGD

__all__ = ['Optimizer', 'SGD']
