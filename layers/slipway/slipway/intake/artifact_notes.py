"""What is likely to go wrong with a sound archive where it is served: said, but nothing is refused for it."""

from collections.abc import Iterator

from slipway.intake.contents import CODE_FILE, REQUIREMENTS, Contents
from slipway.intake.names import readable
from slipway.release.serve_spec import Serve
from slipway.release.verdicts import Finding

_IMAGES = {
    "PyTorch": ("pytorch",),
    "Hugging Face": ("huggingface",),
    "TensorFlow": ("tensorflow",),
    "scikit-learn": ("sklearn", "scikit-learn"),
    "XGBoost": ("xgboost",),
    "MLflow": ("mlflow",),
    "Triton": ("triton",),
}
"""Words in the names of images that serve one framework only (AWS's containers and the common ones)."""

_ALSO = {"MLflow": set(_IMAGES), "Hugging Face": {"PyTorch", "TensorFlow"}, "XGBoost": {"scikit-learn"}}
"""Frameworks whose models are served by images of these others too."""


def notes(contents: Contents, serve: Serve) -> Iterator[Finding]:
    """Tell what does not fit together."""
    yield from _framework(contents.frameworks(), serve.image)
    if REQUIREMENTS in contents.kept and serve.network_isolation:
        what = "The container is cut off from the network, so it cannot install these when it starts."
        step = "Put them into the image, or set serve.network_isolation to false."
        yield Finding("CODE_REQUIREMENTS_ISOLATED", what, step, REQUIREMENTS)
    named = serve.environment.get("SAGEMAKER_PROGRAM", "")
    if contents.code and CODE_FILE not in contents.code and not named:
        what = "code/ holds Python files, but no inference.py, which AWS's framework containers look for."
        step = "Rename the one with model_fn, or name it by SAGEMAKER_PROGRAM in serve.environment."
        yield Finding("CODE_NO_INFERENCE", what, step, readable(contents.code[0], 120))
    if contents.has_root_code and CODE_FILE not in contents.code:
        what = "inference.py stands at the root, where AWS's framework containers do not look."
        yield Finding("CODE_AT_ROOT", what, "Move it to code/inference.py.", "inference.py")
    if named and contents.code and f"code/{named}" not in contents.code and not _is_elsewhere(serve):
        what = f"SAGEMAKER_PROGRAM names {readable(named, 80)}, which is not among the first files of code/."
        yield Finding(
            "CODE_NO_PROGRAM", what, f"Add code/{readable(named, 80)}.", "serve.environment.SAGEMAKER_PROGRAM"
        )


def _is_elsewhere(serve: Serve) -> bool:
    folder = serve.environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "/opt/ml/model/code")
    return folder.rstrip("/") != "/opt/ml/model/code"


def _framework(found: tuple[str, ...], image: str) -> Iterator[Finding]:
    """Compare the layout with the image's name, where both say something."""
    name = image.rpartition("/")[2].lower()
    served = {framework for framework, words in _IMAGES.items() if any(word in name for word in words)}
    known = [framework for framework in found if framework in _IMAGES]
    fitting = {*known, *(other for framework in known for other in _ALSO.get(framework, ()))}
    if served and known and not served & fitting:
        laid_out, named = " and ".join(known), " and ".join(sorted(served))
        what = f"The archive is laid out for {laid_out}, but the image's name says {named}."
        yield Finding("FRAMEWORK_MISMATCH", what, "Check serve.image.", "serve.image")
