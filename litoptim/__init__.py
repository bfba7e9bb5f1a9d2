__version__ = "0.0.1"

from .adam import Adam
from .adamw import AdamW
from .cg import CG
from .lbfgs import BFGS, LBFGS
from .minimize import minimize
from .optimizer import Optimizer
from .sgd import SGD

__all__ = ['Adam', 'AdamW', 'BFGS', 'CG', 'LBFGS', 'Optimizer', 'SGD', 'minimize']
