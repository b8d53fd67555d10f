from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class SignedIn(HttpRequest):
    """A request of somebody with an account: `people`, which knows more, stands above this layer."""

    user: AbstractBaseUser  # type: ignore[assignment]
