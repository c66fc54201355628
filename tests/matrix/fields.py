"""Fields for tests: one of the real size, by hand from what releases declare, and small ones."""

from datetime import date

from hypothesis import strategies as st

from harness.matrix.field import Declaration, Field, Pin, Pins, Strength, in_order

PAIRS: Strength = (2, None)
REAL_STRENGTHS: tuple[Strength, ...] = (PAIRS, (3, ("django", "celery", "django-celery-beat")))

# A series, the month of its first release, and what it declares: an axis, from where, and up to where.
_RELEASES = {
    "python": """
        3.6   2016-12
        3.7   2018-06
        3.8   2019-10
        3.9   2020-10
        3.10  2021-10
        3.11  2022-10
        3.12  2023-10
        3.13  2024-10
    """,
    "django": """
        2.2   2019-04
        3.0   2019-12  python 3.6 4
        3.1   2020-08  python 3.6 4
        3.2   2021-04  python 3.6 4
        4.0   2021-12  python 3.8 4
        4.1   2022-08  python 3.8 4
        4.2   2023-04  python 3.8 4
        5.0   2023-12  python 3.10 4
        5.1   2024-08  python 3.10 4
        5.2   2025-04  python 3.10 4
        6.0   2025-12  python 3.12 4
        6.1   2026-08  python 3.12 4
    """,
    "celery": """
        4.3   2019-03
        4.4   2019-12
        5.0   2020-09  python 3.6 4
        5.1   2021-05  python 3.6 4
        5.2   2021-11  python 3.7 4
        5.3   2023-06  python 3.8 4
        5.4   2024-04  python 3.8 4
        5.5   2025-03  python 3.8 4
        5.6   2025-11  python 3.9 4
        5.7   2026-10  python 3.10 4
    """,
    "django-celery-beat": """
        1.6   2020-02  celery 3.1 5.0
        2.0   2020-03  celery 4.4 5.0
        2.1   2020-10  celery 4.4 6.0
        2.2   2021-01  celery 5.0 6.0  django 2.2 4.0
        2.3   2022-05  celery 5.0 6.0  django 2.2 5.0  python 3.7 4
        2.4   2022-10  celery 5.2 6.0  django 2.2 5.0  python 3.7 4
        2.5   2023-03  celery 5.2 6.0  django 2.2 5.0  python 3.7 4
        2.6   2024-03  celery 5.2 6.0  django 2.2 5.1  python 3.8 4
        2.7   2024-08  celery 5.2 6.0  django 2.2 5.2  python 3.8 4
        2.8   2025-04  celery 5.2 6.0  django 2.2 6.0  python 3.8 4
        2.9   2026-02  celery 5.2 6.0  django 2.2 6.1  python 3.8 4
    """,
    "django-celery-results": """
        1.2   2020-01  celery 4.4 5.0
        2.0   2020-10  celery 4.4 6.0
        2.1   2021-07  celery 4.4 6.0
        2.2   2021-07  celery 4.4 6.0
        2.3   2022-05  celery 4.4 6.0
        2.4   2022-05  celery 5.2 6.0  python 3.7 4
        2.5   2023-03  celery 5.2 6.0  django 3.2 99  python 3.7 4
        2.6   2025-04  celery 5.2 6.0  django 3.2 99  python 3.8 4
    """,
    "redis": """
        3.2   2019-02
        3.3   2019-07
        3.4   2020-02
        3.5   2020-05
        4.0   2021-11  python 3.6 4
        4.1   2021-12  python 3.6 4
        4.2   2022-03  python 3.6 4
        4.3   2022-05  python 3.6 4
        4.4   2022-12  python 3.7 4
        4.5   2023-02  python 3.7 4
        4.6   2023-06  python 3.7 4
        5.0   2023-08  python 3.7 4
        5.1   2024-09  python 3.8 4
        5.2   2024-10  python 3.8 4
        5.3   2025-04  python 3.8 4
        6.0   2025-05  python 3.8 4
        6.1   2025-05  python 3.8 4
        6.2   2025-05  python 3.9 4
        6.3   2025-08  python 3.9 4
        6.4   2025-08  python 3.9 4
        7.0   2025-10  python 3.9 4
        7.1   2025-11  python 3.10 4
        7.2   2026-02  python 3.10 4
        7.3   2026-04  python 3.10 4
        7.4   2026-05  python 3.10 4
        8.0   2026-07  python 3.10 4
        8.1   2026-10  python 3.10 4
    """,
}


def real_field() -> Field:
    """A field like the real one, and when each series was released. What it declares is about right."""
    lines = [(axis, line.split()) for axis, text in _RELEASES.items() for line in text.strip().splitlines()]
    axes = {axis: tuple(words[0] for of, words in lines if of == axis) for axis in _RELEASES}
    forbidden: dict[Pins, Declaration] = {}
    for axis, (series, _month, *declared) in lines:
        for package, floor, cap in zip(declared[::3], declared[1::3], declared[2::3], strict=True):
            for value in axes[package]:
                if not _version(floor) <= _version(value) < _version(cap):
                    pair = in_order({axis: series, package: value}, axes)
                    forbidden[pair] = Declaration(text=f"{axis} {series} declares {package}>={floor},<{cap}")
    released = {(axis, words[0]): date.fromisoformat(f"{words[1]}-01").toordinal() for axis, words in lines}
    return Field(axes=axes, forbidden=forbidden, released=released)


def ten_axes() -> Field:
    """A field with no axis much longer than the others, and every 23rd pair forbidden."""
    sizes = (6, 6, 6, 6, 6, 5, 5, 5, 4, 4)
    axes = {f"axis-{number}": tuple(map(str, range(size))) for number, size in enumerate(sizes)}
    pairs = Field(axes=axes, forbidden={}).pairs
    return Field(axes=axes, forbidden=dict.fromkeys(pairs[::23], Declaration(text="every 23rd is forbidden")))


def three_by_thirteen() -> Field:
    """Thirteen axes of three values, nothing forbidden: fifteen rows are the fewest known."""
    return Field(axes={f"axis-{number}": ("0", "1", "2") for number in range(13)}, forbidden={})


def without(field: Field, gone: Pin) -> Field:
    """The field as it was before a value came."""
    return Field(
        axes={
            axis: tuple(value for value in values if (axis, value) != gone)
            for axis, values in field.axes.items()
        },
        forbidden={pins: why for pins, why in field.forbidden.items() if gone not in pins},
        released={pin: day for pin, day in field.released.items() if pin != gone},
    )


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """Small fields of all shapes: up to five axes, with any pairs forbidden."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    axes = {f"axis-{number}": tuple(map(str, range(size))) for number, size in enumerate(sizes)}
    pairs = Field(axes=axes, forbidden={}).pairs
    forbidden = draw(st.sets(st.sampled_from(pairs), max_size=len(pairs) // 2)) if pairs else set()
    return Field(
        axes=axes, forbidden={pair: Declaration(text=f"{pair} is forbidden") for pair in sorted(forbidden)}
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


# Fields with strengths, for comparisons.
MODELS: dict[str, tuple[Field, tuple[Strength, ...]]] = {
    "real": (real_field(), REAL_STRENGTHS),
    "real, pairs only": (real_field(), (PAIRS,)),
    "ten axes": (ten_axes(), (PAIRS,)),
    "three by thirteen": (three_by_thirteen(), (PAIRS,)),
}
