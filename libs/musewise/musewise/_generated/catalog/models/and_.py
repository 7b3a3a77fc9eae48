from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.between import Between
    from ..models.box import Box
    from ..models.compare import Compare
    from ..models.cone import Cone
    from ..models.in_ import In
    from ..models.is_null import IsNull
    from ..models.like import Like
    from ..models.made_from import MadeFrom
    from ..models.near import Near
    from ..models.not_ import Not
    from ..models.or_ import Or
    from ..models.used_by import UsedBy


T = TypeVar("T", bound="And")


@_attrs_define
class And:
    """All terms hold.

    Attributes:
        terms (list[And | Between | Box | Compare | Cone | In | IsNull | Like | MadeFrom | Near | Not | Or | UsedBy]):
        is_ (Literal['and'] | Unset):  Default: 'and'.
    """

    terms: list[
        And
        | Between
        | Box
        | Compare
        | Cone
        | In
        | IsNull
        | Like
        | MadeFrom
        | Near
        | Not
        | Or
        | UsedBy
    ]
    is_: Literal["and"] | Unset = "and"

    def to_dict(self) -> dict[str, Any]:
        from ..models.between import Between  # noqa: PLC0415
        from ..models.box import Box  # noqa: PLC0415
        from ..models.compare import Compare  # noqa: PLC0415
        from ..models.cone import Cone  # noqa: PLC0415
        from ..models.in_ import In  # noqa: PLC0415
        from ..models.is_null import IsNull  # noqa: PLC0415
        from ..models.like import Like  # noqa: PLC0415
        from ..models.made_from import MadeFrom  # noqa: PLC0415
        from ..models.near import Near  # noqa: PLC0415
        from ..models.not_ import Not  # noqa: PLC0415
        from ..models.used_by import UsedBy  # noqa: PLC0415

        terms = []
        for terms_item_data in self.terms:
            terms_item: dict[str, Any]
            if isinstance(terms_item_data, Compare):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, Between):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, In):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, Like):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, IsNull):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, Cone):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, Near):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, Box):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, MadeFrom):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, UsedBy):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, Not):
                terms_item = terms_item_data.to_dict()
            elif isinstance(terms_item_data, And):
                terms_item = terms_item_data.to_dict()
            else:
                terms_item = terms_item_data.to_dict()

            terms.append(terms_item)

        is_ = self.is_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "terms": terms,
            }
        )
        if is_ is not UNSET:
            field_dict["is"] = is_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.between import Between  # noqa: PLC0415
        from ..models.box import Box  # noqa: PLC0415
        from ..models.compare import Compare  # noqa: PLC0415
        from ..models.cone import Cone  # noqa: PLC0415
        from ..models.in_ import In  # noqa: PLC0415
        from ..models.is_null import IsNull  # noqa: PLC0415
        from ..models.like import Like  # noqa: PLC0415
        from ..models.made_from import MadeFrom  # noqa: PLC0415
        from ..models.near import Near  # noqa: PLC0415
        from ..models.not_ import Not  # noqa: PLC0415
        from ..models.or_ import Or  # noqa: PLC0415
        from ..models.used_by import UsedBy  # noqa: PLC0415

        d = dict(src_dict)
        terms = []
        _terms = d.pop("terms")
        for terms_item_data in _terms:

            def _parse_terms_item(
                data: object,
            ) -> (
                And
                | Between
                | Box
                | Compare
                | Cone
                | In
                | IsNull
                | Like
                | MadeFrom
                | Near
                | Not
                | Or
                | UsedBy
            ):
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_0 = Compare.from_dict(data)

                    return terms_item_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_1 = Between.from_dict(data)

                    return terms_item_type_1
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_2 = In.from_dict(data)

                    return terms_item_type_2
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_3 = Like.from_dict(data)

                    return terms_item_type_3
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_4 = IsNull.from_dict(data)

                    return terms_item_type_4
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_5 = Cone.from_dict(data)

                    return terms_item_type_5
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_6 = Near.from_dict(data)

                    return terms_item_type_6
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_7 = Box.from_dict(data)

                    return terms_item_type_7
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_8 = MadeFrom.from_dict(data)

                    return terms_item_type_8
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_9 = UsedBy.from_dict(data)

                    return terms_item_type_9
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_10 = Not.from_dict(data)

                    return terms_item_type_10
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    terms_item_type_11 = And.from_dict(data)

                    return terms_item_type_11
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                if not isinstance(data, dict):
                    raise TypeError()
                terms_item_type_12 = Or.from_dict(data)

                return terms_item_type_12

            terms_item = _parse_terms_item(terms_item_data)

            terms.append(terms_item)

        is_ = cast(Literal["and"] | Unset, d.pop("is", UNSET))
        if is_ != "and" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'and', got '{is_}'")

        and_ = cls(
            terms=terms,
            is_=is_,
        )

        return and_
