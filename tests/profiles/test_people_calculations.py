"""Where people stand in the drawings: nobody twice, nobody on another, everybody below whom they report to."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributors.profiles.people.calculations import GAP_X, HIGH, INDENT, WIDE, influence, organisation


def apart(boxes):
    return all(abs(a.x - b.x) >= WIDE or abs(a.y - b.y) >= HIGH for a, b in combinations(boxes, 2))


def by_key(picture):
    return {box.key: box for box in picture.boxes}


def test_reports_without_reports_of_their_own_stand_in_a_column():
    at = by_key(organisation([1, 2, 3], {2: 1, 3: 1}))
    assert (at[2].x, at[3].x) == (at[1].x + INDENT, at[1].x + INDENT)
    assert at[1].y < at[2].y < at[3].y


def test_a_leader_stands_over_the_middle_of_those_who_lead():
    picture = organisation([1, 2, 3, 4, 5], {2: 1, 3: 1, 4: 2, 5: 3})
    at = by_key(picture)
    assert at[1].x == (at[2].x + at[3].x) // 2
    assert at[4].x == at[2].x
    assert len(picture.lines) == 4
    assert {line.kind for line in picture.lines} == {"reports_to"}


def test_who_stands_alone_stands_below_the_trees_in_rows():
    picture = organisation([1, 2, *range(10, 17)], {2: 1, 16: 99})
    at = by_key(picture)
    assert all(at[key].y > at[2].y for key in range(10, 17))
    assert at[10].y == at[14].y < at[15].y
    assert at[11].x == at[10].x + WIDE + GAP_X


def test_nobody_is_an_empty_picture():
    assert (organisation([], {}).boxes, influence({}, ["a"], ["b"], []).boxes) == ([], [])


@st.composite
def forests(draw):
    """Return how many people there are, and bosses that never run in a circle."""
    count = draw(st.integers(0, 40))
    choices = {key: draw(st.integers(-1, key - 1)) for key in range(1, count)}
    return count, {key: boss for key, boss in choices.items() if boss >= 0}


@given(forests())
def test_everybody_is_drawn_once_and_nobody_on_another(forest):
    count, bosses = forest
    picture = organisation(range(count), bosses)
    at = by_key(picture)
    assert sorted(box.key for box in picture.boxes) == list(range(count))
    assert apart(picture.boxes)
    assert all(at[key].y > at[boss].y for key, boss in bosses.items())
    assert all(box.x + WIDE <= picture.width and box.y + HIGH <= picture.height for box in picture.boxes)
    assert len(picture.lines) == len(bosses)


def test_two_hundred_people_are_drawn_apart():
    picture = organisation(range(200), {key: (key - 1) // 3 for key in range(1, 190)})
    assert len(by_key(picture)) == 200
    assert apart(picture.boxes)


def test_a_chain_of_four_hundred_is_drawn():
    picture = organisation(range(400), {key: key - 1 for key in range(1, 400)})
    assert len(picture.boxes) == 400


def test_the_map_places_by_part_and_stance_and_leaves_empty_columns_and_rows_out():
    places = {1: ("decider", "supporter"), 2: ("user", "supporter"), 3: ("user", "opponent"), 4: ("user", "opponent")}
    ties = [("ally", 1, 2), ("rival", 3, 4), ("kin", 2, 1), ("ally", 1, 99)]
    picture = influence(places, ["decider", "coach", "user"], ["supporter", "neutral", "opponent"], ties)
    at = by_key(picture)
    assert [label.code for label in picture.labels] == ["decider", "user", "supporter", "opponent"]
    assert at[1].y == at[2].y < at[3].y < at[4].y
    assert at[1].x < at[2].x == at[3].x
    assert apart(picture.boxes)
    assert [line.kind for line in picture.lines] == ["ally", "rival", "kin"]
    assert "C" in picture.lines[1].path
    assert picture.lines[0].path.startswith(f"M{at[1].x + WIDE}")
    assert picture.lines[2].path.startswith(f"M{at[2].x} ")


@pytest.mark.parametrize("many", [1, 200])
def test_the_map_holds_everybody(many):
    roles, stances = ["a", "b", "c"], ["x", "y"]
    places = {key: (roles[key % 3], stances[key % 2]) for key in range(many)}
    picture = influence(places, roles, stances, [])
    assert len(by_key(picture)) == many
    assert apart(picture.boxes)
