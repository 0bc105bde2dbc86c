"""What went wrong with the hub, in irbis's words. No text of the hub's is passed on: a token, or an
address that holds one, must not come out in a message.
"""

from __future__ import annotations

from irbis.errors import DataError, IrbisError, ModelNotFoundError
from irbis.extras import require

__all__ = ["UnreachableError", "explained"]

# The libraries that huggingface_hub has talked HTTP with; their errors have no common base.
_CLIENTS = {"httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "hf_xet"}


class UnreachableError(ModelNotFoundError):
    """The hub can't be reached, or broke off."""


def explained(error: Exception, what: str, revision: str) -> IrbisError:
    """Return the error to raise instead; raises `error` itself if it is none of the hub's.

    Parameters
    ----------
    error : Exception
    what : str
        Name of the repository.
    revision : str
    """
    if isinstance(error, IrbisError):
        return error
    known = require("huggingface_hub.errors", extra="hub")
    if isinstance(error, known.GatedRepoError):
        return ModelNotFoundError(
            f"{what}, which is gated",
            expected="a token of an account that accepted its conditions",
            do="accept them on its page, then set HF_TOKEN",
        )
    if isinstance(error, known.RepositoryNotFoundError):
        return ModelNotFoundError(
            f"the model name {what!r}, which the hub does not show",
            expected="a public repository, or a token that may read it",
            do="check the spelling, or set HF_TOKEN",
        )
    if isinstance(error, known.RevisionNotFoundError):
        return ModelNotFoundError(
            f"the revision {revision!r} of {what}", expected="a branch, a tag or a commit of it"
        )
    if isinstance(error, known.HFValidationError):
        return ModelNotFoundError(f"the model name {what!r}", expected="org/repo")
    return _by_status(error, what)


def _by_status(error: Exception, what: str) -> IrbisError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in {401, 403}:
        return ModelNotFoundError(
            f"{what}, for which the hub refused the token ({status})",
            expected="a token that may read it",
            do="make one in the account's settings, then set HF_TOKEN",
        )
    if status is not None and status < 500 and status != 429:
        return DataError(f"{what}: the hub answered {status}", expected="the repository's files")
    broken = any(base.__module__.partition(".")[0] in _CLIENTS for base in type(error).__mro__)
    if status is not None or broken or isinstance(error, OSError):
        said = f"answered {status}" if status is not None else f"broke off ({type(error).__name__})"
        return UnreachableError(
            f"{what}: the hub can't be reached or {said}",
            expected="an answer",
            do="try again; check HF_ENDPOINT; HF_HUB_OFFLINE=1 takes what is cached",
        )
    raise error
