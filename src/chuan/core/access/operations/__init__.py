"""What can be done to accounts, sessions, substitutes, and to see what another person sees."""

from chuan.core.access.operations.accounts import (
    delegate,
    end_every_session,
    end_other_sessions,
    end_session,
    give_role,
    make_password_link,
    note_event,
    note_failed_sign_in,
    reset_second_factor,
    revoke,
    send_password_link,
    welcome_person,
)
from chuan.core.access.operations.viewing import (
    answer_viewing,
    ask_to_view,
    end_viewing,
    note_page,
    start_viewing,
)

__all__ = [
    "answer_viewing",
    "ask_to_view",
    "delegate",
    "end_every_session",
    "end_other_sessions",
    "end_session",
    "end_viewing",
    "give_role",
    "make_password_link",
    "note_event",
    "note_failed_sign_in",
    "note_page",
    "reset_second_factor",
    "revoke",
    "send_password_link",
    "start_viewing",
    "welcome_person",
]
