__version__ = "0.0.1"

from .adabelief import AdaBelief
from .adadelta import Adadelta
from .adafactor import Adafactor
from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adammini import AdamMini
from .adamuon import AdaMuon
from .adamw import AdamW
from .adan import Adan
from .ademamix import AdEMAMix
from .adopt import ADOPT
from .asgd import ASGD
from .solvers.cg import CG
from .dadapt import DAdaptAdam
from .dion import Dion
from .doctor import doctor
from .dog import DoG, LDoG
from .explain import Explanation
from .fromrule import from_rule
from .kron import Kron
from .lamb import LAMB
from .laprop import LaProp
from .lars import LARS
from .solvers.lbfgs import BFGS, LBFGS
from .solvers.leastsquares import least_squares
from .lion import Lion
from .mars import MARS
from .solvers.minimize import minimize
from .mixed import Mixed, recipe, routed
from .monitor import Monitor
from .muon import Muon
from .nadam import NAdam
from .solvers.newton import NewtonCG, TrustNCG
from .normuon import NorMuon
from .novograd import NovoGrad
from .optimizer import Optimizer
from .polyak import PolyakSGD, MoMo, MoMoAdam
from .prodigy import Prodigy
from .qhadam import QHAdam
from .radam import RAdam
from .rmsprop import RMSprop
from .rprop import Rprop
from .sam import sam
from .schedulefree import AdamWScheduleFree, RAdamScheduleFree, SGDScheduleFree
from .schedules import Schedule
from .scion import Scion
from .sgd import SGD
from .shampoo import Shampoo
from .signum import Signum
from .soap import SOAP
from .sparse import SparseAdam
from .splus import SPlus
from .stableadamw import StableAdamW

__all__ = ['AdaBelief', 'Adadelta', 'Adafactor', 'Adagrad', 'Adam', 'Adamax', 'AdamMini', 'AdaMuon',
           'AdamW', 'AdamWScheduleFree', 'Adan', 'AdEMAMix', 'ADOPT', 'ASGD', 'BFGS', 'CG', 'DAdaptAdam',
           'Dion', 'doctor', 'DoG', 'Explanation', 'from_rule', 'Kron', 'LAMB', 'LaProp', 'LARS', 'LBFGS',
           'LDoG', 'least_squares', 'Lion', 'MARS', 'minimize', 'Mixed', 'MoMo', 'MoMoAdam', 'Monitor',
           'Muon', 'NAdam', 'NewtonCG', 'NorMuon', 'NovoGrad', 'Optimizer', 'PolyakSGD', 'Prodigy',
           'QHAdam', 'RAdam', 'RAdamScheduleFree', 'recipe', 'RMSprop', 'routed', 'Rprop', 'sam',
           'Schedule', 'Scion', 'SGD', 'SGDScheduleFree', 'Shampoo', 'Signum', 'SOAP', 'SparseAdam',
           'SPlus', 'StableAdamW', 'TrustNCG']
