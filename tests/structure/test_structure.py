"""The structurer: nothing is lost, damage is said with its place, and the schema says the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shufflenet_audit.errors import FormatError
from shufflenet_audit.structure.document import Form, read, written
from shufflenet_audit.structure.hints import (
    Apart,
    AtLeast,
    ByName,
    Count,
    Derived,
    DerivedIfKnown,
    Inline,
    Mark,
    OneOf,
    Within,
)
from shufflenet_audit.structure.keys import keys
from shufflenet_audit.structure.schema import schema


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Size:
    width: Count
    height: float = 1.0


@dataclass(frozen=True, slots=True)
class Grade:
    mark: float | None
    scale: str


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    size: Annotated[Size | None, Inline(unless="width")] = None

    @property
    def area(self) -> DerivedIfKnown[float]:
        """Width times height."""
        if self.size is None:
            message = "no size is known"
            raise LookupError(message)
        return self.size.width * self.size.height


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that has a bit of everything."""

    parts: Annotated[tuple[Part, ...], Mark.LINES]
    count: Annotated[Count, Within("sums")]
    grade: Annotated[Grade | None, Apart("mark", others="how")]
    first: ByName[Part] | None = None
    colours: Annotated[tuple[Colour, ...], AtLeast(1)] = (Colour.RED,)
    shape: Annotated[str, OneOf(("round", "flat"))] = "round"
    rates: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    file: Annotated[str, Mark.NOT_SAVED] = "here"

    @property
    def names(self) -> Derived[tuple[str, ...]]:
        """The names of its parts."""
        return tuple(part.name for part in self.parts)


@dataclass(frozen=True, slots=True)
class Sums:
    count: Count


def sums(thing: Thing, whole: Thing) -> Sums:
    """How many there are."""
    assert thing is whole
    return Sums(thing.count)


FORM = Form("thing", "make one", "thing_version", 2, {Thing: {"sums": sums}})
VALIDATOR = Draft202012Validator(schema(Thing, FORM))

counts = st.integers(0, 2**60)
finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(), max_size=5)


@st.composite
def things(draw: st.DrawFn) -> Thing:
    sizes = st.none() | st.builds(Size, st.integers(0, 2**20), st.floats(0, 1e6))
    named = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    parts = tuple(Part(name, draw(sizes)) for name in named)
    return Thing(
        parts,
        draw(counts),
        draw(st.none() | st.builds(Grade, st.none() | finite, texts)),
        draw(st.none() | st.sampled_from(parts)),
        tuple(draw(st.lists(st.sampled_from(Colour), min_size=1, max_size=3))),
        draw(st.sampled_from(["round", "flat"])),
        draw(st.dictionaries(texts, st.tuples(st.integers(), finite), max_size=2)),
    )


THING = Thing(
    (Part("a", Size(2, 3.0)), Part("b")),
    7,
    Grade(0.5, "of one"),
    colours=(Colour.BLUE,),
    rates={"x": (1, 2.0)},
)


@given(things())
def test_nothing_is_lost_and_the_schema_describes_it(thing: Thing) -> None:
    text = written(thing, FORM)
    assert read(Thing, text, FORM) == thing
    assert text.isascii()
    VALIDATOR.validate(json.loads(text))


def test_what_is_written_is_what_the_hints_say() -> None:
    assert json.loads(written(THING, FORM)) == {
        "thing_version": 2,
        "grade": 0.5,
        "how": {"scale": "of one"},
        "first": None,
        "colours": ["blue"],
        "shape": "round",
        "rates": {"x": [1, 2.0]},
        "names": ["a", "b"],
        "sums": {"count": 7},
        "parts": [
            {"name": "a", "width": 2, "height": 3.0, "area": 6.0},
            {"name": "b", "width": None, "height": None, "area": None},
        ],
    }


def test_what_a_later_version_added_has_its_default() -> None:
    early: dict[str, Any] = {
        "thing_version": 1,
        "grade": None,
        "how": None,
        "sums": {"count": 1},
        "parts": [],
    }
    assert read(Thing, json.dumps(early), FORM) == Thing((), 1, None)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"shape": "square"}, '.shape is "square", not one of round, flat'),
        ({"shape": None}, ".shape is null, not one of round, flat"),
        ({"colours": []}, ".colours has 0 items, at least 1 are needed"),
        ({"colours": ["red", "grey"]}, '.colours[1] is "grey", not one of red, blue'),
        ({"rates": {"x": [1]}}, '.rates["x"] is a list, not a list of 2'),
        ({"rates": {"x": [1, True]}}, '.rates["x"][1] is true, not a number'),
        ({"rates": {"x": [1, 1e999]}}, '.rates["x"][1] is Infinity, not a number'),
        ({"rates": 3}, ".rates is 3, not an object"),
        ({"sums": {"count": -1}}, ".sums.count is -1, not a whole number of at least 0"),
        ({"sums": {}}, ".sums has no count"),
        ({"sums": None}, ".sums is null, not an object"),
        ({"names": [1]}, ".names[0] is 1, not a text"),
        ({"first": "c"}, '.first is "c", and nothing is called so'),
        ({"first": 3}, ".first is 3, not a name"),
        ({"parts": [{"name": "a", "width": 1, "height": None}]},
         ".parts[0].height is null, and .width is not"),
        ({"parts": [{"width": 1}]}, ".parts[0] has no name"),
        ({"parts": [3]}, ".parts[0] is 3, not an object"),
        ({"parts": {"name": "a"}}, ".parts is an object, not a list"),
        ({"how": {"scale": "s", "mark": 1}}, '.how has "mark", which is not a field of it'),
        ({"more\n\x1b": 1}, ' has "more\\n\\u001b", which is not a field of it'),
        ({"grade": "x" * 99}, f'.grade is "{"x" * 59}…, not a number'),
    ],
)  # fmt: skip
def test_damage_is_said_with_its_place(damage: dict[str, Any], said: str) -> None:
    saved = json.loads(written(THING, FORM)) | damage
    with pytest.raises(FormatError) as refusal:
        read(Thing, json.dumps(saved).replace("Infinity", "1e999"), FORM)
    assert str(refusal.value) == f"the saved thing is damaged: the thing{said}; make one"


def test_what_has_no_saved_form_is_a_mistake_of_the_programmer() -> None:
    @dataclass
    class Strange:
        value: complex

    with pytest.raises(TypeError, match=r"complex.* has no saved form"):
        list(keys(Strange))


def test_a_file_of_any_size_is_refused_in_one_line_of_bounded_length() -> None:
    huge = json.dumps({"thing_version": 1, "shape": "x" * 10_000_000})
    with pytest.raises(FormatError) as refusal:
        read(Thing, huge, FORM)
    assert len(str(refusal.value)) < 300
