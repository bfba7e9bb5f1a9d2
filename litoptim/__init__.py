__version__ = "0.0.1"

from .adabelief import AdaBelief
from .adadelta import Adadelta
from .adafactor import Adafactor
from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adamuon import AdaMuon
from .adamw import AdamW
from .adan import Adan
from .ademamix import AdEMAMix
from .adopt import ADOPT
from .asgd import ASGD
from .solvers.cg import CG
from .laprop import LaProp
from .solvers.lbfgs import BFGS, LBFGS
from .solvers.leastsquares import least_squares
from .lion import Lion
from .solvers.minimize import minimize
from .muon import Muon
from .nadam import NAdam
from .solvers.newton import NewtonCG, TrustNCG
from .normuon import NorMuon
from .optimizer import Optimizer
from .qhadam import QHAdam
from .radam import RAdam
from .rmsprop import RMSprop
from .rprop import Rprop
from .sgd import SGD
from .shampoo import Shampoo
from .signum import Signum
from .soap import SOAP
from .sparse import SparseAdam

__all__ = ['AdaBelief', 'Adadelta', 'Adafactor', 'Adagrad', 'Adam', 'Adamax', 'AdaMuon', 'AdamW', 'Adan', 'AdEMAMix',
           'ADOPT', 'ASGD', 'BFGS', 'CG', 'LaProp', 'LBFGS', 'least_squares', 'Lion', 'minimize', 'Muon', 'NAdam',
           'NewtonCG', 'NorMuon', 'Optimizer', 'QHAdam', 'RAdam', 'RMSprop', 'Rprop', 'SGD', 'Shampoo', 'Signum',
           'SOAP', 'SparseAdam', 'TrustNCG']
