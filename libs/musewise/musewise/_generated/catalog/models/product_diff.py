from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.input_difference import InputDifference
    from ..models.lineage_frame import LineageFrame
    from ..models.value_difference import ValueDifference


T = TypeVar("T", bound="ProductDiff")


@_attrs_define
class ProductDiff:
    """In what two products differ.

    Attributes:
        a (LineageFrame): The part of a frame that a lineage tree shows.
        b (LineageFrame): The part of a frame that a lineage tree shows.
        inputs (list[InputDifference]):
        parameters (list[ValueDifference]):
        qc (list[ValueDifference]):
        same_content (bool):
        versions (list[ValueDifference]):
    """

    a: LineageFrame
    b: LineageFrame
    inputs: list[InputDifference]
    parameters: list[ValueDifference]
    qc: list[ValueDifference]
    same_content: bool
    versions: list[ValueDifference]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        a = self.a.to_dict()

        b = self.b.to_dict()

        inputs = []
        for inputs_item_data in self.inputs:
            inputs_item = inputs_item_data.to_dict()
            inputs.append(inputs_item)

        parameters = []
        for parameters_item_data in self.parameters:
            parameters_item = parameters_item_data.to_dict()
            parameters.append(parameters_item)

        qc = []
        for qc_item_data in self.qc:
            qc_item = qc_item_data.to_dict()
            qc.append(qc_item)

        same_content = self.same_content

        versions = []
        for versions_item_data in self.versions:
            versions_item = versions_item_data.to_dict()
            versions.append(versions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "a": a,
                "b": b,
                "inputs": inputs,
                "parameters": parameters,
                "qc": qc,
                "same_content": same_content,
                "versions": versions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.input_difference import InputDifference  # noqa: PLC0415
        from ..models.lineage_frame import LineageFrame  # noqa: PLC0415
        from ..models.value_difference import ValueDifference  # noqa: PLC0415

        d = dict(src_dict)
        a = LineageFrame.from_dict(d.pop("a"))

        b = LineageFrame.from_dict(d.pop("b"))

        inputs = []
        _inputs = d.pop("inputs")
        for inputs_item_data in _inputs:
            inputs_item = InputDifference.from_dict(inputs_item_data)

            inputs.append(inputs_item)

        parameters = []
        _parameters = d.pop("parameters")
        for parameters_item_data in _parameters:
            parameters_item = ValueDifference.from_dict(parameters_item_data)

            parameters.append(parameters_item)

        qc = []
        _qc = d.pop("qc")
        for qc_item_data in _qc:
            qc_item = ValueDifference.from_dict(qc_item_data)

            qc.append(qc_item)

        same_content = d.pop("same_content")

        versions = []
        _versions = d.pop("versions")
        for versions_item_data in _versions:
            versions_item = ValueDifference.from_dict(versions_item_data)

            versions.append(versions_item)

        product_diff = cls(
            a=a,
            b=b,
            inputs=inputs,
            parameters=parameters,
            qc=qc,
            same_content=same_content,
            versions=versions,
        )

        product_diff.additional_properties = d
        return product_diff

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
