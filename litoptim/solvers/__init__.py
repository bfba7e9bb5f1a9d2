"Methods that see the whole problem: line searches, conjugate gradients, L-BFGS, and `minimize`."
