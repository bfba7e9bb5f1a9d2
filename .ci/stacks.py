#!/usr/bin/env python3
"""litoptim in the place of torch.optim, in the stacks that people train with.

    pip install -e '.[stacks]' && python .ci/stacks.py [NAME...]

Every test trains in float64, from the same seed, with torch.optim and with litoptim, and with each of them goes on from the other's checkpoint:
losses, learning rates, weights and state must agree. Nothing is downloaded. Names choose tests; the last line is `N passed, N failed`.
"""
import os
os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TQDM_DISABLE="1")     # before the stacks are imported

import contextlib, gc, importlib.metadata, inspect, io, itertools, logging, pickle, random, sys, tempfile, time, traceback, warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim import lr_scheduler as schedulers
from torch.optim.swa_utils import SWALR, AveragedModel

import litoptim, litoptim.mixed

LIBRARIES = torch.optim, litoptim
STACKS = "torch", "lightning", "transformers", "accelerate", "skorch", "scikit-learn", "keras"


# Comparing

def same(a, b, where="result", rtol=1e-9):
    "Two nests of dicts, lists, tensors and numbers are the same, to rounding."
    if isinstance(a, dict):
        assert a.keys() == b.keys(), f"{where} has {[*a]} with one library, {[*b]} with another"
        for k in a: same(a[k], b[k], f"{where}[{k!r}]", rtol)
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b), f"{where} has {len(a)} items with one library, {len(b)} with another"
        for i, pair in enumerate(zip(a, b)): same(*pair, f"{where}[{i}]", rtol)
    elif a is None or isinstance(a, (bool, str)): assert a == b, f"{where} is {a} with one library, {b} with another"
    else: np.testing.assert_allclose(b, a, rtol=rtol, atol=rtol/1000, err_msg=where)


def by_both(train, *args, rtol=1e-9):
    "What `train(first, then, *args)` gives doesn't depend on the libraries that its two halves run with; its losses move."
    results = []
    for first, then in itertools.product(LIBRARIES, repeat=2):
        random.seed(0); np.random.seed(0); torch.manual_seed(0)
        results.append(train(first, then, *args))
        same(results[0], results[-1], f"{train.__name__}{args}, {first.__name__} then {then.__name__}: result", rtol)
    losses = results[0]["losses"]       # if they all stood still, they would agree
    assert np.ptp(losses) > .005, f"{train.__name__}{args} hardly moves: {losses}"


def weights(model): return [p.detach().clone() for p in model.parameters()]

def written(x):
    "What a file gives back: read without trusting it."
    torch.save(x, file := io.BytesIO()); file.seek(0)
    return torch.load(file, weights_only=True)


# The problem: a small net for the digits

def digits(n=512):
    X, y = load_digits(return_X_y=True)
    return torch.tensor(X[:n]/16), torch.tensor(y[:n])


class Net(nn.Sequential):
    def __init__(self): super().__init__(nn.Linear(64, 16), nn.Tanh(), nn.Linear(16, 10))


OPTIONS = dict(SGD=dict(lr=.1, momentum=.9, nesterov=True), Adadelta=dict(lr=1.), Adagrad=dict(lr=.05), ASGD=dict(lr=.5), RAdam=dict(lr=.05))
APART = {"LBFGS", "Muon", "Optimizer", "SparseAdam"}      # those that need a closure, matrices only, or sparse gradients
NAMES = sorted({*torch.optim.__all__} & {*litoptim.__all__} - APART)

def options(name, **changed): return {"lr": .01, **OPTIONS.get(name, {}), **changed}

def decay(name, value):
    "The option, if there is one: Rprop has none."
    return dict(weight_decay=value) if "weight_decay" in inspect.signature(getattr(torch.optim, name)).parameters else {}

def optimizer(library, name, model, **changed):
    "Weights decay and biases don't, as is usual."
    groups = [dict(params=[p for p in model.parameters() if p.ndim > 1], **decay(name, .01)),
              dict(params=[p for p in model.parameters() if p.ndim < 2], **decay(name, 0))]
    return getattr(library, name)(groups, **options(name, **changed))


# Schedulers

STEPS = 30

def cycled(o): return bool({"momentum", "betas"} & o.defaults.keys())

CHAINS = dict(
    warm_cosine=lambda o: schedulers.SequentialLR(o, [schedulers.LinearLR(o, .1, total_iters=5), schedulers.CosineAnnealingLR(o, STEPS - 5)], [5]),
    one_cycle=lambda o: schedulers.OneCycleLR(o, [2*g["lr"] for g in o.param_groups], STEPS, cycle_momentum=cycled(o)),
    plateau=lambda o: schedulers.ReduceLROnPlateau(o, factor=.5, patience=1, threshold=.01),
    cyclic=lambda o: schedulers.CyclicLR(o, [g["lr"]/5 for g in o.param_groups], [2*g["lr"] for g in o.param_groups], step_size_up=4, cycle_momentum=cycled(o)),
    chained=lambda o: schedulers.ChainedScheduler([schedulers.ExponentialLR(o, .97), schedulers.ConstantLR(o, .5, 4)]),
    restarts=lambda o: schedulers.CosineAnnealingWarmRestarts(o, 6, 2),
    each_group=lambda o: schedulers.LambdaLR(o, [lambda i: .95**i, lambda i: 1/(1 + i)]),
)

def scheduled(first, then, name, chain):
    "Half the steps with one library, the rest with the other, from what the first one has saved."
    X, y = digits(256)
    model, losses, lrs = Net(), [], []
    saved = None
    for library in first, then:
        opt = optimizer(library, name, model); scheduler = CHAINS[chain](opt)
        for live, state in zip((model, opt, scheduler), saved or ()): live.load_state_dict(state)
        for _ in range(STEPS//2):
            opt.zero_grad(); loss = nn.functional.cross_entropy(model(X), y); loss.backward(); opt.step()
            scheduler.step(*[loss.item()][:chain == "plateau"])
            losses.append(loss.item()); lrs.append([g["lr"] for g in opt.param_groups])
        saved = written([x.state_dict() for x in (model, opt, scheduler)])
    return dict(losses=losses, lrs=lrs, saved=saved)


def test_schedulers():
    for name, chain in itertools.product(NAMES, CHAINS): by_both(scheduled, name, chain)


def averaged(first, then, name):
    "Stochastic weight averaging: a running mean of the weights, from the middle on."
    X, y = digits(256)
    model, losses, state = Net(), [], None
    mean = AveragedModel(model)
    for library in first, then:
        opt = optimizer(library, name, model); scheduler = SWALR(opt, .02, anneal_epochs=5)
        if state: opt.load_state_dict(state)
        for _ in range(STEPS//2):
            opt.zero_grad(); loss = nn.functional.cross_entropy(model(X), y); loss.backward(); opt.step()
            losses.append(loss.item())
            if state: mean.update_parameters(model); scheduler.step()
        state = opt.state_dict()
    return dict(losses=losses, weights=weights(mean))


def test_swa():
    for name in NAMES: by_both(averaged, name)


# GradScaler

def scaled(first, then, name, fused):
    "Two steps have a gradient that isn't finite: they are skipped, and the scale comes down."
    X, y = digits(256)
    model, losses, state = Net(), [], None
    scaler = torch.amp.GradScaler("cpu", init_scale=1024., growth_interval=5)
    for library in first, then:
        opt = optimizer(library, name, model, **dict(fused=True) if fused else {})
        if state: opt.load_state_dict(state)
        for i in range(STEPS//2):
            opt.zero_grad(); loss = nn.functional.cross_entropy(model(X), y); scaler.scale(loss).backward()
            if i == 7: model[0].weight.grad[0, 0] = float("inf")
            if i % 2: scaler.unscale_(opt); nn.utils.clip_grad_norm_(model.parameters(), .5)
            scaler.step(opt); scaler.update(); losses.append(loss.item())
        state = written(opt.state_dict())
    assert {float(s["step"]) for s in state["state"].values() if "step" in s} <= {STEPS - 2}, "a skipped step was counted"
    return dict(losses=losses, weights=weights(model), scaler=scaler.state_dict(), state=state)


def test_scaler():
    for name in NAMES: by_both(scaled, name, False)
    for name in "SGD", "Adagrad", "Adam", "AdamW": by_both(scaled, name, True)


# Lightning

def lightning_fit(model, epochs, checkpoint=None, **options):
    "Train on the digits up to an epoch, perhaps from a checkpoint; the trainer's own checkpoint after it."
    import lightning
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*digits()), batch_size=64)
    with tempfile.TemporaryDirectory() as folder:
        trainer = lightning.Trainer(max_epochs=epochs, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
                                    enable_model_summary=False, default_root_dir=folder, **options)
        if checkpoint: Path(folder, "before.ckpt").write_bytes(checkpoint)
        trainer.fit(model, data, ckpt_path=Path(folder, "before.ckpt") if checkpoint else None)
        trainer.save_checkpoint(Path(folder, "after.ckpt"))
        return Path(folder, "after.ckpt").read_bytes()


def lightning_module():
    import lightning
    class Module(lightning.LightningModule):
        "The digits in Lightning, with the optimizer and the scheduler that it is told."
        def __init__(self, configured):
            super().__init__()
            self.backbone, self.head = nn.Sequential(nn.Linear(64, 16), nn.Tanh()), nn.Linear(16, 10)
            self.configured, self.losses, self.lrs = configured, [], []

        def loss(self, batch): return nn.functional.cross_entropy(self.head(self.backbone(batch[0])), batch[1])

        def training_step(self, batch, _):
            loss = self.loss(batch); self.losses.append(loss.item()); self.log("loss", loss)
            return loss

        def on_train_batch_end(self, *_): self.lrs.append([g["lr"] for g in self.optimizers().param_groups])
        def configure_optimizers(self): return self.configured(self)
        def result(self): return dict(losses=self.losses, lrs=self.lrs, weights=weights(self))

    class ByHand(Module):
        "The same with manual optimization."
        automatic_optimization = False
        def training_step(self, batch, _):
            opt = self.optimizers()
            def closure():
                opt.zero_grad(); loss = self.loss(batch); self.manual_backward(loss); self.losses.append(loss.item())
                return loss
            opt.step(closure)
    return Module, ByHand


def lightning_in_halves(first, then, module, configured, trainer=dict):
    "An epoch with one library, a checkpoint, and another epoch with the other."
    a = module(lambda m: configured(first, m)); checkpoint = lightning_fit(a, 1, **trainer())
    b = module(lambda m: configured(then, m)); lightning_fit(b, 2, checkpoint, **trainer())
    return {k: v if k == "weights" else a.result()[k] + v for k, v in b.result().items()}


def test_lightning():
    Module, _ = lightning_module()
    for name in NAMES:
        def configured(library, module):
            opt = optimizer(library, name, module)
            return [opt], [dict(scheduler=CHAINS["one_cycle"](opt), interval="step")]
        by_both(lightning_in_halves, Module, configured, lambda: dict(gradient_clip_val=.5, accumulate_grad_batches=2))


def test_lightning_plateau():
    Module, _ = lightning_module()
    def configured(library, module):
        opt = optimizer(library, "AdamW", module)
        return dict(optimizer=opt, lr_scheduler=dict(scheduler=CHAINS["plateau"](opt), monitor="loss"))
    by_both(lightning_in_halves, Module, configured, lambda: dict(gradient_clip_val=.01, gradient_clip_algorithm="value"))


def test_lightning_callbacks():
    "Groups that are added in mid-run, and weights that are averaged, are the callbacks' doing."
    from lightning.pytorch.callbacks import BackboneFinetuning, StochasticWeightAveraging
    Module, _ = lightning_module()
    def whole(first, then, name, callback):
        module = Module(lambda m: getattr(then, name)([p for p in m.parameters() if p.requires_grad], **options(name)))
        lightning_fit(module, 4, callbacks=[callback()])
        return module.result()
    by_both(whole, "AdamW", lambda: StochasticWeightAveraging(.02, swa_epoch_start=2))
    by_both(whole, "SGD", lambda: BackboneFinetuning(1, lambda epoch: 1.5))


def test_lightning_lbfgs():
    "Lightning's own closure, and one of ours, called several times in each step."
    for module in lightning_module():
        by_both(lightning_in_halves, module, lambda library, m: library.LBFGS(m.parameters(), max_iter=4, line_search_fn="strong_wolfe"), rtol=1e-6)


def by_fabric(first, then, name, chain):
    "A loop of one's own: the scheduler is made for what Fabric has made of the optimizer."
    from lightning.fabric import Fabric
    X, y = digits(256)
    losses, lrs, saved = [], [], None
    for library in first, then:
        fabric = Fabric(accelerator="cpu", devices=1)
        net = Net()
        model, opt = fabric.setup(net, optimizer(library, name, net))
        if saved: model.load_state_dict(saved[0]); opt.load_state_dict(saved[1])
        scheduler = CHAINS[chain](opt)
        for _ in range(STEPS//2):
            opt.zero_grad(); loss = nn.functional.cross_entropy(model(X), y); fabric.backward(loss)
            fabric.clip_gradients(model, opt, max_norm=.5); opt.step(); scheduler.step()
            losses.append(loss.item()); lrs.append([g["lr"] for g in opt.param_groups])
        saved = written([x.state_dict() for x in (model, opt)])
    return dict(losses=losses, lrs=lrs, saved=saved)


def test_fabric():
    for name, chain in ("SGD", "warm_cosine"), ("AdamW", "each_group"), ("NAdam", "chained"): by_both(by_fabric, name, chain)


# Hugging Face

def language_model():
    import transformers
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=40, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=16)).double()


def of_torch(cls):
    "The Trainer asks whether a class is torch's; ours is so only once it is joined with torch's base, as each instance over tensors is."
    return getattr(cls, "of_torch", lambda: cls)()


def hugging_face(first, then, name, how):
    "Six steps with one library, a checkpoint, and six with the other; gradients are accumulated over two batches, and clipped."
    import transformers
    class Halfway(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **_): control.should_training_stop |= state.global_step == 6

    class Watching(transformers.TrainerCallback):
        def on_pre_optimizer_step(self, args, state, control, optimizer, **_): lrs.append([g["lr"] for g in optimizer.param_groups])

    start = torch.arange(64)[:, None]
    data, lrs = [dict(input_ids=ids, labels=ids) for ids in (start*start + 3*torch.arange(12)) % 40], []
    with tempfile.TemporaryDirectory() as folder:
        for library, callbacks, resume in (first, [Watching(), Halfway()], None), (then, [Watching()], f"{folder}/checkpoint-6"):
            model = language_model()
            args = transformers.TrainingArguments(
                folder, max_steps=12, per_device_train_batch_size=4, gradient_accumulation_steps=2, max_grad_norm=.5, save_steps=6, logging_steps=1,
                learning_rate=.01, warmup_steps=3, lr_scheduler_type="cosine", report_to="none", use_cpu=True, disable_tqdm=True)
            if how == "optimizers":
                opt = optimizer(library, name, model)
                given = dict(optimizers=(opt, transformers.get_cosine_schedule_with_warmup(opt, 3, 12)))
            else: given = dict(optimizer_cls_and_kwargs=(of_torch(getattr(library, name)), options(name)))
            trainer = transformers.Trainer(model, args, train_dataset=data, callbacks=callbacks, **given)
            trainer.remove_callback(transformers.PrinterCallback)
            trainer.train(resume_from_checkpoint=resume)
            assert isinstance(trainer.optimizer.optimizer, getattr(library, name)), "the Trainer runs an optimizer of its own"
        log = trainer.state.log_history
    return dict(losses=[x["loss"] for x in log if "loss" in x], norms=[x["grad_norm"] for x in log if "grad_norm" in x], lrs=lrs, weights=weights(model))


def test_hugging_face():
    importlib.import_module("transformers.trainer")
    gc.freeze()                                           # the Trainer collects garbage each time, which is slow with all these modules
    for name in NAMES: by_both(hugging_face, name, "optimizers")
    by_both(hugging_face, "AdamW", "optimizer_cls_and_kwargs")


# skorch

def skorch_net(library, name, **changed):
    from skorch import NeuralNetClassifier
    from skorch.callbacks import GradientNormClipping, LRScheduler
    return NeuralNetClassifier(
        Net, criterion=nn.CrossEntropyLoss, optimizer=getattr(library, name), max_epochs=2, batch_size=32, train_split=None, verbose=0,
        optimizer__param_groups=[("*.bias", decay(name, 0))], iterator_train__shuffle=True,
        callbacks=[GradientNormClipping(1.), LRScheduler(schedulers.CosineAnnealingLR, T_max=6)],
        **{f"optimizer__{k}": v for k, v in options(name, **changed).items()})


def searched(first, then, name):
    "A grid search, and the best net of it goes on from a pickle, and from its files."
    from sklearn.model_selection import GridSearchCV
    X, y = (a.numpy() for a in digits(300))
    grid = [dict(optimizer__lr=[a*options(name)["lr"] for a in (.5, 2)]), *[{f"optimizer__{k}": [v]} for k, v in decay(name, .1).items()]]
    search = GridSearchCV(skorch_net(first, name), grid, cv=2, scoring="neg_log_loss").fit(X, y)
    net = pickle.loads(pickle.dumps(search.best_estimator_)).partial_fit(X, y)
    assert isinstance(net.optimizer_, getattr(first, name)), "the net has an optimizer of its own"
    with tempfile.TemporaryDirectory() as folder:
        files = dict(f_params=f"{folder}/params", f_optimizer=f"{folder}/optimizer")
        net.save_params(**files)
        after = skorch_net(then, name).set_params(**search.best_params_).initialize(); after.load_params(**files)
    after.partial_fit(X, y)
    return dict(losses=[*net.history[:, "train_loss"], *after.history[:, "train_loss"]], best=search.best_params_, weights=weights(after.module_),
                scores={k: v for k, v in search.cv_results_.items() if "score" in k and "time" not in k})


def test_skorch():
    for name in NAMES: by_both(searched, name)


def test_skorch_lbfgs():
    "skorch hands every optimizer a closure."
    def closed(first, then):
        X, y = (a.numpy() for a in digits(300))
        net = skorch_net(then, "LBFGS", lr=1., max_iter=5, line_search_fn="strong_wolfe")
        net.set_params(optimizer__param_groups=[], callbacks=[], batch_size=-1).fit(X, y)
        return dict(losses=net.history[:, "train_loss"], weights=weights(net.module_))
    by_both(closed, rtol=1e-6)


# One optimizer for a whole model, and one with two modes

def mixed(params):
    "Muon for matrices, AdamW for the rest. params: (name, parameter)."
    return litoptim.Mixed(litoptim.routed(params, (litoptim.Muon, dict(lr=.02, momentum=.9), litoptim.mixed.matrices()), (litoptim.AdamW, dict(lr=.01))))

def schedule_free(params): return litoptim.AdamWScheduleFree([p for _, p in params], lr=.02, warmup_steps=2)

OURS = mixed, schedule_free

def in_mode(opt, mode):
    "Call `opt.train()` or `opt.eval()`, if the optimizer has modes."
    if getattr(opt, "shown", None) is not None: getattr(opt, mode)()

def goes_on(train, least=.005):
    "A run that was stopped, saved and resumed with a new optimizer gives what one gives that wasn't. train(make, stops) -> losses and weights."
    for make in OURS:
        runs = []
        for stops in ((2,), (1, 2)):
            random.seed(0); np.random.seed(0); torch.manual_seed(0)
            runs.append(train(make, stops))
        same(*runs, f"{train.__name__}, {make.__name__}")
        assert runs[0]["losses"][0] - runs[0]["losses"][-1] > least, f"{train.__name__}, {make.__name__} hardly learns: {runs[0]['losses']}"


def lightning_stops(make, stops):
    Module, _ = lightning_module()
    class Ours(Module):
        def on_train_epoch_start(self): in_mode(self.optimizers().optimizer, "train")
        def on_train_epoch_end(self): in_mode(self.optimizers().optimizer, "eval")
        def result(self): return {k: v for k, v in super().result().items() if k != "lrs"}
    checkpoint, losses = None, []
    for epochs in stops:
        module = Ours(lambda m: make(m.named_parameters()))
        checkpoint = lightning_fit(module, epochs, checkpoint, gradient_clip_val=.5)
        losses += module.losses
    return dict(module.result(), losses=losses)

def test_lightning_whole_models(): goes_on(lightning_stops)


def hugging_face_stops(make, stops):
    "The Trainer calls `train` and `eval` of the optimizer itself."
    import transformers
    start = torch.arange(64)[:, None]
    data, checkpoint = [dict(input_ids=ids, labels=ids) for ids in (start*start + 3*torch.arange(12)) % 40], None
    class Halfway(transformers.TrainerCallback):
        def __init__(self, until): self.until = until
        def on_step_end(self, args, state, control, **_): control.should_training_stop |= state.global_step == self.until
    class Trainer(transformers.Trainer):
        def create_optimizer(self, *_):
            self.optimizer = make(self.model.named_parameters())
            return self.optimizer
    with tempfile.TemporaryDirectory() as folder:
        for stop in stops:
            model = language_model()
            args = transformers.TrainingArguments(
                folder, max_steps=12, per_device_train_batch_size=8, max_grad_norm=.5, save_steps=6, logging_steps=1, lr_scheduler_type="constant",
                report_to="none", use_cpu=True, disable_tqdm=True)
            trainer = Trainer(model, args, train_dataset=data, callbacks=[Halfway(6*stop)])
            trainer.remove_callback(transformers.PrinterCallback)
            trainer.train(resume_from_checkpoint=checkpoint)
            checkpoint = f"{folder}/checkpoint-6"
        in_mode(trainer.optimizer.optimizer, "eval")
        log = trainer.state.log_history
    return dict(losses=[x["loss"] for x in log if "loss" in x], weights=weights(model))

def test_hugging_face_whole_models(): goes_on(hugging_face_stops)


def accelerate_stops(make, stops):
    from accelerate import Accelerator
    X, y = digits(256)
    losses, done = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for stop in stops:
            accelerator, net = Accelerator(cpu=True, gradient_accumulation_steps=2), Net()
            model, opt = accelerator.prepare(net, make(net.named_parameters()))
            if done: accelerator.load_state(folder)
            in_mode(opt.optimizer, "train")
            for i in range(16*done, 16*stop):
                with accelerator.accumulate(model):
                    rows = slice(64*(i % 4), 64*(i % 4) + 64)
                    loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
                    accelerator.backward(loss)
                    if accelerator.sync_gradients: accelerator.clip_grad_norm_(model.parameters(), 1.)
                    opt.step(); opt.zero_grad()
                    losses.append(loss.item())
            in_mode(opt.optimizer, "eval")
            accelerator.save_state(folder)
            done = stop
    return dict(losses=losses, weights=weights(net))

def test_accelerate_whole_models(): goes_on(accelerate_stops)


def skorch_stops(make, stops):
    "skorch makes the optimizer from the groups of named parameters; here a function makes it."
    from skorch import NeuralNetClassifier
    from skorch.callbacks import Callback
    class Modes(Callback):
        def on_epoch_begin(self, net, **_): in_mode(net.optimizer_, "train")
        def on_epoch_end(self, net, **_): in_mode(net.optimizer_, "eval")
    class Classifier(NeuralNetClassifier):
        def initialize_optimizer(self, *_, **__):
            self.optimizer_ = make(self.get_all_learnable_params())
            return self
    X, y = (a.numpy() for a in digits(300))
    def made(): return Classifier(Net, criterion=nn.CrossEntropyLoss, batch_size=50, max_epochs=4, train_split=None, verbose=0, callbacks=[Modes()])
    net, losses = made().initialize(), []
    with tempfile.TemporaryDirectory() as folder:
        files, done = dict(f_params=f"{folder}/params", f_optimizer=f"{folder}/optimizer"), 0
        for stop in stops:
            if done:
                net.save_params(**files)
                net = made().initialize(); net.load_params(**files)
            net.partial_fit(X, y, epochs=4*(stop - done))
            losses += net.history[:, "train_loss"]
            done = stop
    return dict(losses=losses, weights=weights(net.module_))

def test_skorch_whole_models(): goes_on(skorch_stops)


def keras_stops(make, stops):
    "Keras on torch, with a train_step as its guide has it for torch's optimizers."
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    keras.config.set_floatx("float64")
    class Model(keras.Sequential):
        def train_step(self, data):
            x, y = data
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
            self.ours.zero_grad(); loss.backward(); self.ours.step()
            for metric in self.metrics: metric.update_state(loss.detach())
            return {metric.name: metric.result() for metric in self.metrics}
    X, y = (a.numpy() for a in digits(300))
    def made(seed):
        keras.utils.set_random_seed(seed)
        model = Model([keras.layers.Input((64,)), keras.layers.Dense(16, activation="tanh", name="inside"),
                       keras.layers.Dense(10, name="last")], name="net")
        model.ours = make([(v.path, v.value) for v in model.trainable_variables])
        model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model
    losses, done, saved = [], 0, None
    for stop in stops:
        model = made(seed=done)
        if saved:
            model.set_weights(saved[0]); model.ours.load_state_dict(saved[1])
        in_mode(model.ours, "train")
        for _ in range(4*done, 4*stop): losses += model.fit(X, y, batch_size=50, epochs=1, shuffle=False, verbose=0).history["loss"]
        in_mode(model.ours, "eval")
        saved, done = (model.get_weights(), written(model.ours.state_dict())), stop
    return dict(losses=losses, weights=[torch.tensor(w) for w in model.get_weights()])

def test_keras_whole_models(): goes_on(keras_stops)


# Running

def passes(test):
    "Run a test and say how it went; what the stacks say is left out."
    start, said = time.perf_counter(), io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said): test()
    except Exception: print(f"{traceback.format_exc()}{test.__name__}: FAILED", flush=True); return False
    print(f"{test.__name__}: passed, {time.perf_counter() - start:.0f} s", flush=True); return True


def main(names):
    torch.set_default_dtype(torch.float64); torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    tests = {k.removeprefix("test_"): f for k, f in globals().items() if k.startswith("test_")}
    if unknown := {*names} - {*tests}: sys.exit(f"no test {', '.join(unknown)}; there are {', '.join(tests)}")
    print(", ".join(f"{p} {importlib.metadata.version(p)}" for p in STACKS), flush=True)
    passed = [passes(tests[name]) for name in names or tests]
    print(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    sys.exit(not all(passed))


if __name__ == "__main__": main(sys.argv[1:])
