"""All frames that a plan may see, grouped into sets and sorted by what they give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from muse_scheduler.models import FrameRecord
from muse_scheduler.rules.candidates import Candidate, Pool, Supply
from muse_scheduler.rules.sets import FrameSet, group_frames, single
from muse_scheduler.rules.versions import newest_versions, without_twins
from musecore.muse.plan import Step
from musecore.muse.schema import MuseModel

DELIVERED = frozenset({"static", "user"})
"""Origins that are files of the category itself, put by people."""


class Shelf:
    """Frames by class, their sets, and the candidates of every category.

    Parameters
    ----------
    frames
        Everything visible to the request, in any order.
    model
        The MUSE model.
    """

    def __init__(self, frames: Iterable[FrameRecord], model: MuseModel) -> None:
        self._model = model
        self._frames: dict[str, list[FrameRecord]] = defaultdict(list)
        for frame in newest_versions(without_twins(frames)):
            self._frames[frame.tag].append(frame)
        self._templates: dict[str, list[FrameSet]] = {}
        self._singles: dict[str, list[FrameSet]] = {}
        self._supplies: dict[str, Supply] = {}
        self._nights: dict[tuple[str, bool], dict[str | None, list[FrameSet]]] = {}

    @cached_property
    def _setup(self) -> dict[str, tuple[str, ...]]:
        """Columns in which the frames of a set agree: what is asked of its products."""
        columns: dict[str, dict[str, None]] = defaultdict(dict)
        for rule in self._model.plan.rules:
            for level in rule.levels:
                for origin in level.origins:
                    columns[origin] |= dict.fromkeys(rule.match)
        return {origin: tuple(found) for origin, found in columns.items()}

    def templates(self, tag: str) -> list[FrameSet]:
        """Give the sets of a class, in order of time, grouped as its class says."""
        if tag not in self._templates:
            self._templates[tag] = group_frames(
                self._frames.get(tag, []),
                self._model.frame_class(tag),
                self._setup.get(tag, ()),
            )
        return self._templates[tag]

    def singles(self, tag: str) -> list[FrameSet]:
        """Give every valid frame of a class as a set of its own."""
        if tag not in self._singles:
            frame_class = self._model.frame_class(tag)
            if frame_class.group_by == "arcfile":
                self._singles[tag] = self.templates(tag)
            else:
                self._singles[tag] = [
                    single(frame, frame_class)
                    for found in self.templates(tag)
                    for frame in found.frames
                ]
        return self._singles[tag]

    def groups(self, step: Step, tag: str, night: str | None = None) -> list[FrameSet]:
        """Give what one task of a step is about; of a night, if one is given."""
        whole = step.one_per == "template"
        found = self.templates(tag) if whole else self.singles(tag)
        if night is None:
            return found
        key = (tag, whole)
        if key not in self._nights:
            nights = self._nights[key] = defaultdict(list)
            for frames in found:
                nights[frames.night].append(frames)
        return self._nights[key].get(night, [])

    def members(self, frames: FrameSet) -> list[FrameSet]:
        """Give the exposures of a set, each as a set of its own."""
        ids = {frame.file_id for frame in frames.frames}
        return [s for s in self.singles(frames.tag) if s.first.file_id in ids]

    def supply(self, category: str) -> Supply:
        """Give all candidates of a category."""
        if category not in self._supplies:
            self._supplies[category] = self._find(category)
        return self._supplies[category]

    def _find(self, category: str) -> Supply:
        rule = self._model.rule(category)
        origins = dict.fromkeys(o for level in rule.levels for o in level.origins)
        pools = {
            origin: Pool.of(self._from(category, origin, rule.made_by))
            for origin in origins
            if origin != "set"
        }
        return Supply(category, pools)

    def _from(
        self, category: str, origin: str, made_by: Iterable[str]
    ) -> list[Candidate]:
        if origin in DELIVERED or origin == "raw":
            return [
                Candidate(category, origin, frames, None)
                for frames in self._files(category, raw=origin == "raw")
            ]
        recipes = set(made_by)
        for step in self._model.steps_making(category):
            if origin in step.consumer and step.recipe in recipes:
                return [
                    Candidate(category, origin, frames, step)
                    for frames in self.groups(step, origin)
                ]
        return []

    def _files(self, category: str, *, raw: bool) -> list[FrameSet]:
        if raw:
            return self.templates(category)
        frame_class = self._model.frame_class(category)
        return [
            single(frame, frame_class)
            for frame in self._frames.get(category, [])
            if frame.is_valid is not False
        ]
