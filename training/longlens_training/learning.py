"""What a batch teaches: its losses and their gradients, in one process or in two.

Two processes of one thread, each with some of a batch's sequences, learn faster than one of two threads (LOG.md): a good
part of a step is work for one thread only. Both have the same parameters in shared memory; the helper's gradients are
added to those of the process that trains, which alone takes the step.
"""

from __future__ import annotations

import dataclasses
from multiprocessing.connection import Connection

import torch
from torch import Tensor, multiprocessing, nn
from torch.nn import functional

from longlens_training.attention_guide import GuideProbes, guide_loss
from longlens_training.attention_limit import LongestVectors, longest_vectors
from longlens_training.batch_split import split_batch
from longlens_training.encode_bank import Bank
from longlens_training.frame_changes import CLIP_PHASES
from longlens_training.longlens_model import LongLens, NamedCellPicker
from longlens_training.sights import SightFinder, TaskNumbers
from longlens_training.streams import Episodes, TextTokens
from longlens_training.threads import set_threads

#: Cells of the bank that have to tell their names at every step. Those of the batch are too few, and many show nothing.
NAMED_CELLS = 2_048


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is learnt in a phase besides the next token."""

    naming_weight: float
    guide_weight: float
    text_tokens: TextTokens
    tasks: TaskNumbers


@dataclasses.dataclass(frozen=True)
class Lesson:
    """What one process learns from. share: of the whole batch's loss; named_cells: NAMED_CELLS' part of it."""

    batch: Episodes
    share: float
    named_cells: int


@dataclasses.dataclass(frozen=True)
class Learnt:
    """What came of a lesson. correct: [m] bool, predicted tokens that were the first choice; loss: their mean.

    measured: means of the other losses, by name; longest: by attention layer.
    """

    batch: Episodes
    share: float
    correct: Tensor
    loss: float
    measured: dict[str, float]
    longest: dict[int, LongestVectors]


class Learner:
    """One process's model, and what it needs to teach it."""

    def __init__(self, model: LongLens, probes: GuideProbes, bank: Bank, subject: Subject) -> None:
        self.model, self.probes, self.bank, self.subject = model, probes, bank, subject
        model.language.watch(True)  # and forgets its last pass, which no other process can be given
        self._finder = SightFinder(subject.text_tokens, subject.tasks, CLIP_PHASES * bank.settings.clips)
        self._named = NamedCellPicker(bank)

    def parameters(self) -> list[nn.Parameter]:
        """Everything that gets gradients, in the same order in every process."""
        return [*self.model.parameters(), *self.probes.parameters()]

    def learn(self, lesson: Lesson) -> Learnt:
        """Adds the lesson's share of the gradients."""
        batch, subject, model = lesson.batch, self.subject, self.model
        logits = model(batch, self.bank)
        targets = batch.tokens[batch.wanted]
        loss = functional.cross_entropy(logits, targets)
        total, measured = loss, dict[str, float]()
        if subject.naming_weight > 0:
            naming = model.naming_loss(self._named.pick(lesson.named_cells))
            total = total + subject.naming_weight * naming
            measured["naming"] = naming.item()
        if subject.guide_weight > 0:
            sights = self._finder.find(batch, self.bank.names[batch.pictures])
            guide, losses = guide_loss(model.language, self.probes, sights)
            total = total + subject.guide_weight * guide
            measured |= losses
        (lesson.share * total).backward()
        correct = logits.detach().argmax(-1) == targets
        return Learnt(batch, lesson.share, correct, loss.item(), measured, longest_vectors(model.language))


class Helper:
    """A second process that learns at the same time. Close it."""

    def __init__(self, learner: Learner) -> None:
        self._parameters = learner.parameters()
        for module in (learner.model, learner.probes):
            module.share_memory()
        learner.bank.share_memory()
        self._gradients = torch.zeros(sum(p.numel() for p in self._parameters)).share_memory_()
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (theirs, learner.model, learner.probes, learner.bank, learner.subject, self._gradients)
        self._process = context.Process(target=_help, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, lesson: Lesson) -> None:
        """Starts a lesson and returns at once. Raises RuntimeError when the process has ended."""
        # What is chosen by lot there depends on this process's state, which is saved with checkpoints.
        try:
            self._connection.send((lesson, int(torch.randint(2**31, ()))))
        except BrokenPipeError:
            raise self._ended() from None

    def finish(self) -> Learnt:
        """Waits for the lesson and adds its gradients. Raises RuntimeError when the process has ended."""
        try:
            learnt, reached = self._connection.recv()
        except EOFError:
            raise self._ended() from None
        for parameter, gradient, there in zip(self._parameters, _slices(self._gradients, self._parameters), reached):
            if there and parameter.grad is None:
                parameter.grad = gradient.clone()
            elif there:
                parameter.grad.add_(gradient)
        return learnt

    def _ended(self) -> RuntimeError:
        self._process.join()
        return RuntimeError(f"the helping process ended with exit code {self._process.exitcode}")

    def close(self) -> None:
        """Ends the process. May be called twice."""
        self._connection.close()
        self._process.join()


def _slices(gradients: Tensor, parameters: list[nn.Parameter]) -> list[Tensor]:
    """Views of each parameter's shape on the numbers of all."""
    parts = gradients.split([p.numel() for p in parameters])
    return [part.view(p.shape) for part, p in zip(parts, parameters)]


def _help(
    connection: Connection, model: LongLens, probes: GuideProbes, bank: Bank, subject: Subject, gradients: Tensor
) -> None:
    """The helping process: lessons until the other end of the connection is closed."""
    set_threads(1)
    learner = Learner(model, probes, bank, subject)
    parameters = learner.parameters()
    slices = _slices(gradients, parameters)
    while True:
        try:
            lesson, seed = connection.recv()
        except EOFError:
            return
        torch.manual_seed(seed)
        learnt = learner.learn(lesson)
        reached = [p.grad is not None for p in parameters]
        for parameter, part in zip(parameters, slices):
            if parameter.grad is not None:
                part.copy_(parameter.grad)
                parameter.grad = None
        connection.send((learnt, reached))


class Learners:
    """Learn whole batches: one process with all threads, or two where a batch can be shared out. A context."""

    def __init__(self, learner: Learner) -> None:
        self._learner, self._threads = learner, torch.get_num_threads()
        self._helper = Helper(learner) if self._threads > 1 else None

    @property
    def model(self) -> LongLens:
        """The one that all teach."""
        return self._learner.model

    @property
    def probes(self) -> GuideProbes:
        """The ones that all teach."""
        return self._learner.probes

    def learn(self, batch: Episodes) -> list[Learnt]:
        """Gradients of the whole batch, and what was learnt of each part of it."""
        parts = [batch] if self._helper is None else split_batch(batch)
        lessons = [Lesson(part, len(part.wanted) / len(batch.wanted), NAMED_CELLS // len(parts)) for part in parts]
        if self._helper is None or len(lessons) == 1:
            return [self._learner.learn(lessons[0])]
        self._helper.begin(lessons[1])
        set_threads(1)
        learnt = self._learner.learn(lessons[0])
        both = [learnt, self._helper.finish()]
        set_threads(self._threads)
        return both

    def __enter__(self) -> Learners:
        return self

    def __exit__(self, *_: object) -> None:
        if self._helper is not None:
            self._helper.close()
