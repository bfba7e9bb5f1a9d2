__version__ = "0.0.1"

from .adadelta import Adadelta
from .adafactor import Adafactor
from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adamw import AdamW
from .cg import CG
from .lbfgs import BFGS, LBFGS
from .minimize import minimize
from .muon import Muon
from .nadam import NAdam
from .optimizer import Optimizer
from .radam import RAdam
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = ['Adadelta', 'Adafactor', 'Adagrad', 'Adam', 'Adamax', 'AdamW', 'BFGS', 'CG', 'LBFGS', 'minimize', 'Muon', 'NAdam',
           'Optimizer', 'RAdam', 'RMSprop', 'SGD']
