"""What a batch teaches: its losses and their gradients, in one process or in two.

Two processes of one thread, each with some of a batch's sequences, learn faster than one of two threads (LOG.md): a good
part of a step is work for one thread only. Both have the same parameters in shared memory; the helper's gradients are
added to those of the process that trains, which alone takes the step. Where shared memory is too small for the bank,
one process does it all.
"""

from __future__ import annotations

import dataclasses
import pickle
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
from longlens_training.shared_memory import room_for
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
    """What one process learns from. named_cells: how many of the bank have to tell their names.

    share: of the whole batch's reply tokens, by which losses of tokens are joined; place_share: of all its tokens, by
    which those of the guide are, which are means over places in pictures and texts.
    """

    batch: Episodes
    share: float
    place_share: float
    named_cells: int


@dataclasses.dataclass(frozen=True)
class Learnt:
    """What came of a lesson. correct: [m] bool, predicted tokens that were the first choice; loss: their mean cross-entropy.

    naming: None where it has no weight; guide: mean losses by name; longest: by attention layer.
    """

    correct: Tensor
    loss: float
    naming: float | None
    guide: dict[str, float]
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
        total, naming, guided = lesson.share * loss, None, dict[str, float]()
        if subject.naming_weight > 0:
            naming = model.naming_loss(self._named.pick(lesson.named_cells))
            total = total + lesson.share * subject.naming_weight * naming
        if subject.guide_weight > 0:
            sights = self._finder.find(batch, self.bank.names[batch.pictures])
            guide, guided = guide_loss(model.language, self.probes, sights)
            total = total + lesson.place_share * subject.guide_weight * guide
        total.backward()
        correct = logits.detach().argmax(-1) == targets
        told = None if naming is None else naming.item()
        return Learnt(correct, loss.item(), told, guided, longest_vectors(model.language))


class Helper:
    """A second process that learns at the same time. Close it."""

    def __init__(self, learner: Learner, threads: int) -> None:
        self._parameters = learner.parameters()
        for module in (learner.model, learner.probes):
            module.share_memory()
        self._gradients = torch.zeros(count_of(self._parameters)).share_memory_()
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (theirs, learner.model, learner.probes, learner.bank, learner.subject, self._gradients, threads)
        self._process = context.Process(target=_help, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    @staticmethod
    def possible(learner: Learner) -> bool:
        """Whether the bank lies in shared memory, and there is room for the parameters and their gradients."""
        parameters = learner.parameters()
        return learner.bank.features.is_shared() and room_for(2 * count_of(parameters) * parameters[0].element_size())

    def begin(self, lesson: Lesson) -> None:
        """Starts a lesson and returns at once. Raises RuntimeError when the process has ended."""
        # What is chosen by lot there depends on this process's state, which is saved with checkpoints.
        message = pickle.dumps((lesson, int(torch.randint(2**31, ()))))
        try:
            # As bytes: tensors that are sent as such leave files open on both sides.
            self._connection.send_bytes(message)
        except OSError:
            raise self._ended() from None

    def finish(self) -> Learnt:
        """Waits for the lesson and adds its gradients. Raises RuntimeError when the process has ended."""
        try:
            message = self._connection.recv_bytes()
        except (EOFError, OSError):
            raise self._ended() from None
        learnt, reached = pickle.loads(message)
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


def count_of(parameters: list[nn.Parameter]) -> int:
    """Numbers in all of them."""
    return sum(parameter.numel() for parameter in parameters)


def _slices(gradients: Tensor, parameters: list[nn.Parameter]) -> list[Tensor]:
    """Views of each parameter's shape on the numbers of all."""
    parts = gradients.split([p.numel() for p in parameters])
    return [part.view(p.shape) for part, p in zip(parts, parameters)]


def _help(
    connection: Connection, model: LongLens, probes: GuideProbes, bank: Bank, subject: Subject, gradients: Tensor, threads: int
) -> None:
    """The helping process: lessons until the other end of the connection is closed."""
    set_threads(threads)
    learner = Learner(model, probes, bank, subject)
    parameters = learner.parameters()
    slices = _slices(gradients, parameters)
    while True:
        try:
            message = connection.recv_bytes()
        except (EOFError, OSError):
            return
        lesson, seed = pickle.loads(message)
        torch.manual_seed(seed)
        learnt = learner.learn(lesson)
        reached = [p.grad is not None for p in parameters]
        for parameter, part in zip(parameters, slices):
            if parameter.grad is not None:
                part.copy_(parameter.grad)
                parameter.grad = None
        try:
            connection.send_bytes(pickle.dumps((learnt, reached)))
        except OSError:
            return


class Learners:
    """Learn whole batches: one process with all threads, or two with half of them where a batch can be shared out. A context."""

    def __init__(self, learner: Learner) -> None:
        self._learner, self._threads = learner, torch.get_num_threads()
        self._helping = self._threads // 2
        self._helper = Helper(learner, self._helping) if self._helping > 0 and Helper.possible(learner) else None

    @property
    def model(self) -> LongLens:
        """The one that all teach."""
        return self._learner.model

    @property
    def probes(self) -> GuideProbes:
        """The ones that all teach."""
        return self._learner.probes

    def learn(self, batch: Episodes) -> list[tuple[Lesson, Learnt]]:
        """Gradients of the whole batch, and what was learnt of each part of it."""
        parts = [batch] if self._helper is None else split_batch(batch)
        lessons = [lesson_of(part, batch, NAMED_CELLS // len(parts)) for part in parts]
        if self._helper is None or len(lessons) == 1:
            return [(lessons[0], self._learner.learn(lessons[0]))]
        self._helper.begin(lessons[1])
        set_threads(self._threads - self._helping)
        learnt = self._learner.learn(lessons[0])
        helped = self._helper.finish()
        set_threads(self._threads)
        return [(lessons[0], learnt), (lessons[1], helped)]

    def __enter__(self) -> Learners:
        return self

    def __exit__(self, *_: object) -> None:
        if self._helper is not None:
            self._helper.close()


def lesson_of(part: Episodes, whole: Episodes, named_cells: int) -> Lesson:
    """One part of a batch."""
    share, place_share = len(part.wanted) / len(whole.wanted), len(part.tokens) / len(whole.tokens)
    return Lesson(part, share, place_share, named_cells)
