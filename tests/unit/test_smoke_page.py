"""docs/smoke.md tells the treatment of every error as the code has it."""

from pathlib import Path

from slipway.judging.runtime_errors import TREATMENTS, Treatment, treatment
from slipway.release.verdicts import Answer

PAGE = Path(__file__).parents[2] / "docs/smoke.md"


def line_of(treated: Treatment) -> str:
    """Write one treatment as the page's table has it."""
    errors = " ".join(f"`{error}`" for error in treated.errors)
    again = f"{treated.again} times within {treated.within_seconds:g} s" if treated.again else "never"
    judged = "the model or the request fails" if treated.answer is Answer.FAILED else "left open"
    return f"| {errors} | {treated.name} | {again} | {judged} | `{treated.code}` |"


def test_the_pages_table_is_the_codes() -> None:
    page = PAGE.read_text()
    begin = page.index("|---|---|---|---|---|\n") + len("|---|---|---|---|---|\n")
    lines = page[begin : page.index("\n\n", begin)].splitlines()
    assert lines == [line_of(treated) for treated in TREATMENTS]


def test_every_error_of_the_invoke_endpoint_page_has_a_treatment_of_its_own() -> None:
    from botocore.session import get_session

    model = get_session().get_service_model("sagemaker-runtime").operation_model("InvokeEndpoint")
    named = {str(shape.metadata.get("error", {}).get("code") or shape.name) for shape in model.error_shapes}
    assert len(named) >= 6
    assert all(treatment(name) is not TREATMENTS[-1] for name in named), named
