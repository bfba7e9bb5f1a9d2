__version__ = "0.0.1"

from .adam import Adam
from .adamax import Adamax
from .adamw import AdamW
from .nadam import NAdam
from .optimizer import Optimizer
from .radam import RAdam
from .sgd import SGD

__all__ = ['Adam', 'AdamW', 'Adamax', 'NAdam', 'Optimizer', 'RAdam', 'SGD']
