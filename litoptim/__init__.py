__version__ = "0.0.1"

from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam
from .adamw import AdamW
from .optimizer import Optimizer
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = ['Adadelta', 'Adagrad', 'Adam', 'AdamW', 'Optimizer', 'RMSprop', 'SGD']
