"""One BLAS thread: many small matrix products gain nothing from more, and on a busy machine wait long for them."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


@cache
def _libraries() -> ThreadpoolController:
    # To find the libraries takes milliseconds; to limit those found, microseconds.
    return ThreadpoolController()


def on_one_blas_thread(work: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Let a function do its linear algebra on one thread; afterwards there are as many as before."""

    @wraps(work)
    def limited(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        with _libraries().limit(limits=1, user_api="blas"):
            return work(*args, **kwargs)

    return limited
