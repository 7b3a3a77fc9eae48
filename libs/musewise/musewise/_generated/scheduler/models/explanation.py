from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.ancestor_choices import AncestorChoices
    from ..models.choice import Choice
    from ..models.explanation_parameters import ExplanationParameters
    from ..models.explanation_set_parameters import ExplanationSetParameters
    from ..models.explanation_versions import ExplanationVersions
    from ..models.other_version import OtherVersion


T = TypeVar("T", bound="Explanation")


@_attrs_define
class Explanation:
    """Everything that made a product what it is.

    Attributes:
        ancestors (list[AncestorChoices]):
        caveats (list[str]):
        choices (list[Choice]):
        filename (str):
        frame_id (UUID):
        group (str):
        ifu (int | None):
        key (str):
        other_versions (list[OtherVersion]):
        parameters (ExplanationParameters):
        realised_key (None | str):
        recipe (str):
        reuse (list[str]):
        sentences (list[str]):
        set_parameters (ExplanationSetParameters):
        state (str):
        state_reason (str):
        tag (str):
        task_id (UUID):
        versions (ExplanationVersions):
    """

    ancestors: list[AncestorChoices]
    caveats: list[str]
    choices: list[Choice]
    filename: str
    frame_id: UUID
    group: str
    ifu: int | None
    key: str
    other_versions: list[OtherVersion]
    parameters: ExplanationParameters
    realised_key: None | str
    recipe: str
    reuse: list[str]
    sentences: list[str]
    set_parameters: ExplanationSetParameters
    state: str
    state_reason: str
    tag: str
    task_id: UUID
    versions: ExplanationVersions

    def to_dict(self) -> dict[str, Any]:
        ancestors = []
        for ancestors_item_data in self.ancestors:
            ancestors_item = ancestors_item_data.to_dict()
            ancestors.append(ancestors_item)

        caveats = self.caveats

        choices = []
        for choices_item_data in self.choices:
            choices_item = choices_item_data.to_dict()
            choices.append(choices_item)

        filename = self.filename

        frame_id = str(self.frame_id)

        group = self.group

        ifu: int | None
        ifu = self.ifu

        key = self.key

        other_versions = []
        for other_versions_item_data in self.other_versions:
            other_versions_item = other_versions_item_data.to_dict()
            other_versions.append(other_versions_item)

        parameters = self.parameters.to_dict()

        realised_key: None | str
        realised_key = self.realised_key

        recipe = self.recipe

        reuse = self.reuse

        sentences = self.sentences

        set_parameters = self.set_parameters.to_dict()

        state = self.state

        state_reason = self.state_reason

        tag = self.tag

        task_id = str(self.task_id)

        versions = self.versions.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "ancestors": ancestors,
                "caveats": caveats,
                "choices": choices,
                "filename": filename,
                "frame_id": frame_id,
                "group": group,
                "ifu": ifu,
                "key": key,
                "other_versions": other_versions,
                "parameters": parameters,
                "realised_key": realised_key,
                "recipe": recipe,
                "reuse": reuse,
                "sentences": sentences,
                "set_parameters": set_parameters,
                "state": state,
                "state_reason": state_reason,
                "tag": tag,
                "task_id": task_id,
                "versions": versions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.ancestor_choices import AncestorChoices  # noqa: PLC0415
        from ..models.choice import Choice  # noqa: PLC0415
        from ..models.explanation_parameters import ExplanationParameters  # noqa: PLC0415
        from ..models.explanation_set_parameters import ExplanationSetParameters  # noqa: PLC0415
        from ..models.explanation_versions import ExplanationVersions  # noqa: PLC0415
        from ..models.other_version import OtherVersion  # noqa: PLC0415

        d = dict(src_dict)
        ancestors = []
        _ancestors = d.pop("ancestors")
        for ancestors_item_data in _ancestors:
            ancestors_item = AncestorChoices.from_dict(ancestors_item_data)

            ancestors.append(ancestors_item)

        caveats = cast(list[str], d.pop("caveats"))

        choices = []
        _choices = d.pop("choices")
        for choices_item_data in _choices:
            choices_item = Choice.from_dict(choices_item_data)

            choices.append(choices_item)

        filename = d.pop("filename")

        frame_id = UUID(d.pop("frame_id"))

        group = d.pop("group")

        def _parse_ifu(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ifu = _parse_ifu(d.pop("ifu"))

        key = d.pop("key")

        other_versions = []
        _other_versions = d.pop("other_versions")
        for other_versions_item_data in _other_versions:
            other_versions_item = OtherVersion.from_dict(other_versions_item_data)

            other_versions.append(other_versions_item)

        parameters = ExplanationParameters.from_dict(d.pop("parameters"))

        def _parse_realised_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        realised_key = _parse_realised_key(d.pop("realised_key"))

        recipe = d.pop("recipe")

        reuse = cast(list[str], d.pop("reuse"))

        sentences = cast(list[str], d.pop("sentences"))

        set_parameters = ExplanationSetParameters.from_dict(d.pop("set_parameters"))

        state = d.pop("state")

        state_reason = d.pop("state_reason")

        tag = d.pop("tag")

        task_id = UUID(d.pop("task_id"))

        versions = ExplanationVersions.from_dict(d.pop("versions"))

        explanation = cls(
            ancestors=ancestors,
            caveats=caveats,
            choices=choices,
            filename=filename,
            frame_id=frame_id,
            group=group,
            ifu=ifu,
            key=key,
            other_versions=other_versions,
            parameters=parameters,
            realised_key=realised_key,
            recipe=recipe,
            reuse=reuse,
            sentences=sentences,
            set_parameters=set_parameters,
            state=state,
            state_reason=state_reason,
            tag=tag,
            task_id=task_id,
            versions=versions,
        )

        return explanation
