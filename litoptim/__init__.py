__version__ = "0.0.1"

from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam
from .adamw import AdamW
from .lbfgs import BFGS, LBFGS
from .minimize import minimize
from .optimizer import Optimizer
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = ['Adadelta', 'Adagrad', 'Adam', 'AdamW', 'BFGS', 'LBFGS', 'minimize', 'Optimizer', 'RMSprop', 'SGD']
