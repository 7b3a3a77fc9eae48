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
    from ..models.and_ import And
    from ..models.between import Between
    from ..models.box import Box
    from ..models.compare import Compare
    from ..models.cone import Cone
    from ..models.in_ import In
    from ..models.is_null import IsNull
    from ..models.like import Like
    from ..models.made_from import MadeFrom
    from ..models.near import Near
    from ..models.or_ import Or
    from ..models.used_by import UsedBy


T = TypeVar("T", bound="Not")


@_attrs_define
class Not:
    """The term does not hold; so it is where nothing is known of what it asks.

    Attributes:
        term (And | Between | Box | Compare | Cone | In | IsNull | Like | MadeFrom | Near | Not | Or | UsedBy):
        is_ (Literal['not'] | Unset):  Default: 'not'.
    """

    term: (
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
    )
    is_: Literal["not"] | Unset = "not"

    def to_dict(self) -> dict[str, Any]:
        from ..models.and_ import And  # noqa: PLC0415
        from ..models.between import Between  # noqa: PLC0415
        from ..models.box import Box  # noqa: PLC0415
        from ..models.compare import Compare  # noqa: PLC0415
        from ..models.cone import Cone  # noqa: PLC0415
        from ..models.in_ import In  # noqa: PLC0415
        from ..models.is_null import IsNull  # noqa: PLC0415
        from ..models.like import Like  # noqa: PLC0415
        from ..models.made_from import MadeFrom  # noqa: PLC0415
        from ..models.near import Near  # noqa: PLC0415
        from ..models.used_by import UsedBy  # noqa: PLC0415

        term: dict[str, Any]
        if isinstance(self.term, Compare):
            term = self.term.to_dict()
        elif isinstance(self.term, Between):
            term = self.term.to_dict()
        elif isinstance(self.term, In):
            term = self.term.to_dict()
        elif isinstance(self.term, Like):
            term = self.term.to_dict()
        elif isinstance(self.term, IsNull):
            term = self.term.to_dict()
        elif isinstance(self.term, Cone):
            term = self.term.to_dict()
        elif isinstance(self.term, Near):
            term = self.term.to_dict()
        elif isinstance(self.term, Box):
            term = self.term.to_dict()
        elif isinstance(self.term, MadeFrom):
            term = self.term.to_dict()
        elif isinstance(self.term, UsedBy):
            term = self.term.to_dict()
        elif isinstance(self.term, Not):
            term = self.term.to_dict()
        elif isinstance(self.term, And):
            term = self.term.to_dict()
        else:
            term = self.term.to_dict()

        is_ = self.is_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "term": term,
            }
        )
        if is_ is not UNSET:
            field_dict["is"] = is_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.and_ import And  # noqa: PLC0415
        from ..models.between import Between  # noqa: PLC0415
        from ..models.box import Box  # noqa: PLC0415
        from ..models.compare import Compare  # noqa: PLC0415
        from ..models.cone import Cone  # noqa: PLC0415
        from ..models.in_ import In  # noqa: PLC0415
        from ..models.is_null import IsNull  # noqa: PLC0415
        from ..models.like import Like  # noqa: PLC0415
        from ..models.made_from import MadeFrom  # noqa: PLC0415
        from ..models.near import Near  # noqa: PLC0415
        from ..models.or_ import Or  # noqa: PLC0415
        from ..models.used_by import UsedBy  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_term(
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
                term_type_0 = Compare.from_dict(data)

                return term_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_1 = Between.from_dict(data)

                return term_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_2 = In.from_dict(data)

                return term_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_3 = Like.from_dict(data)

                return term_type_3
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_4 = IsNull.from_dict(data)

                return term_type_4
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_5 = Cone.from_dict(data)

                return term_type_5
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_6 = Near.from_dict(data)

                return term_type_6
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_7 = Box.from_dict(data)

                return term_type_7
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_8 = MadeFrom.from_dict(data)

                return term_type_8
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_9 = UsedBy.from_dict(data)

                return term_type_9
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_10 = Not.from_dict(data)

                return term_type_10
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                term_type_11 = And.from_dict(data)

                return term_type_11
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            term_type_12 = Or.from_dict(data)

            return term_type_12

        term = _parse_term(d.pop("term"))

        is_ = cast(Literal["not"] | Unset, d.pop("is", UNSET))
        if is_ != "not" and not isinstance(is_, Unset):
            raise ValueError(f"is must match const 'not', got '{is_}'")

        not_ = cls(
            term=term,
            is_=is_,
        )

        return not_
