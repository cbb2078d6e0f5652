"""docs/states.md tells the machine as it is."""

from tests.statemachine.asl import states
from tests.statemachine.states_page import PAGE, condition, picture, renewed, table


def test_the_page_is_what_the_machine_generates() -> None:
    page = PAGE.read_text("utf-8")

    assert page == renewed(page), "run: .venv/bin/python -m tests.statemachine.states_page"


def test_the_table_has_a_row_for_each_task() -> None:
    assert len(table().splitlines()) == 2 + len(states("Task"))


def test_the_picture_shows_every_state() -> None:
    assert all(f'"{name}"' in picture() for name in states())


def test_a_condition_is_told_in_words() -> None:
    assert condition("{% $answer in ['in_service', 'baking'] %}") == "in service or baking"
    assert condition("{% $answer = 'ours' and $kind = 'release' %}") == "ours and release"
    assert condition("{% $baking = true %}") == "baking"
    assert condition("{% $outcome = 'ROLLED_BACK' %}") == "ROLLED BACK"
