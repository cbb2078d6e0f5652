"""A requirements.txt at which pip would stop is told of before a container tries."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.intake.archive import inspect
from slipway.intake.requirements_text import requirement_findings
from tests.unit.hostile_archives import packed


def told(text: str) -> list[str]:
    return [finding.message for finding in requirement_findings(text.encode(), "code/requirements.txt")]


@pytest.mark.parametrize(
    "line",
    [
        "numpy",
        "numpy==1.26.4",
        "numpy >= 1.21, < 2 ; python_version > '3.8'",
        "numpy (>=1.21)",
        "torch==2.3.0+cpu",
        "torch==2.*",
        "requests[socks,security]~=2.31",
        "name @ https://example.com/name-1.0-py3-none-any.whl",
        "git+https://github.com/owner/name@v1",
        "https://example.com/name-1.0.tar.gz",
        "-r other.txt",
        "--extra-index-url https://download.pytorch.org/whl/cpu",
        "numpy==1.26.4 --hash=sha256:aa --hash=sha256:bb",
        "numpy==1.26.4 \\\n    --hash=sha256:aa",
        "# a comment",
        "numpy  # the usual",
        "",
        "\ufeffnumpy",
        "numpy==1.0; python_version<'3.9'\nnumpy==2.0; python_version>='3.9'",
    ],
)
def test_what_pip_reads_is_not_remarked_upon(line: str) -> None:
    assert told(line) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("numpy=1.26.4=py311", "conda's way"),
        ("-e .", "your own machine"),
        ("--editable=.", "your own machine"),
        ("./wheels/mine.whl", "on your machine"),
        ("/home/me/mine.whl", "on your machine"),
        ("file:///home/me/mine.whl", "on your machine"),
        ("numpy @ file:///home/conda/feedstock_root/work", "on your machine"),
        ("import numpy", "cannot read"),
        ("numpy=>1", "cannot read"),
        ("numpy==1.0\nNumPy==2.0", "pinned to '1.0' before"),
    ],
)
def test_what_pip_would_stop_at_is_told_with_its_line(line: str, what: str) -> None:
    (message,) = told(f"pandas\n{line}")
    assert what in message
    assert message.startswith(f"line {2 + line.count(chr(10))}, ")


def test_an_archive_with_requirements_that_cannot_be_installed_is_refused() -> None:
    inspection = inspect([packed({"model.pth": b"", "code/requirements.txt": b"-e .\n"})])
    assert [(finding.code, finding.where) for finding in inspection.findings] == [
        ("CODE_REQUIREMENTS", "code/requirements.txt")
    ]


@pytest.mark.parametrize(
    "text", ["a" * 64_000, "a " * 32_000, "a," * 32_000, "a==1" + " " * 64_000 + "!", "\\\n" * 32_000]
)
def test_no_line_takes_long_to_judge(text: str) -> None:
    began = time.process_time()
    told(text)
    assert time.process_time() - began < 1


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    assert len(list(requirement_findings(content, "x"))) <= 10
