"""What a level asks for if it comes true: how soon, who, and to whom it goes on from there. Roles, never people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Notice: TypeAlias = Literal["page", "message", "next-business-day"]
"""Whether somebody is woken, told during the day, or finds it on the next working day."""


class Escalation(NamedTuple):
    """Not resolved after `after` seconds, it goes on to `role`."""

    after: int
    role: str


class Response(NamedTuple):
    """The response to an incident of one level.

    within: seconds until the responder is told; None for the next business day. first_response: seconds until they
    must have answered; None where nothing is promised. responder: role that answers first. escalation: in order of
    time. source: ``path:line`` of the policy, or ``default``.
    """

    level: str
    notice: Notice
    within: int | None
    first_response: int | None
    responder: str
    escalation: tuple[Escalation, ...] = ()
    source: str = "default"


_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
ON_CALL: Final = "on-call engineer"
_MANAGER, _CTO, _LEAD = "engineering manager", "CTO", "team lead"

DEFAULTS: Final[Mapping[str, Response]] = {
    "P0": Response(
        "P0",
        "page",
        0,
        15 * _MINUTE,
        ON_CALL,
        (Escalation(30 * _MINUTE, _MANAGER), Escalation(_HOUR, _CTO)),
    ),
    "P1": Response(
        "P1",
        "page",
        15 * _MINUTE,
        _HOUR,
        ON_CALL,
        (Escalation(2 * _HOUR, _MANAGER), Escalation(4 * _HOUR, _CTO)),
    ),
    "P2": Response("P2", "message", _HOUR, 4 * _HOUR, ON_CALL, (Escalation(_DAY, _LEAD),)),
    "P3": Response("P3", "next-business-day", None, None, ON_CALL, (Escalation(7 * _DAY, _LEAD),)),
}
"""As incident runbooks usually have it: a convention, nothing measured. A team states its own under `response`."""


def response_to(level: str | None, declared: Mapping[str, Response]) -> Response | None:
    """What `level` asks for, by the policy where it says so. None below P3. declared: by level."""
    return None if level is None else declared.get(level) or DEFAULTS.get(level)


def told(response: Response) -> str:
    """One line: ``page within 15 min, answer within 1 h; engineering manager after 2 h, CTO after 4 h``."""
    words = {"page": "page the", "message": "tell the", "next-business-day": "next business day:"}
    text = f"{words[response.notice]} {response.responder}"
    if response.within is not None:
        text += f" within {spoken(response.within)}" if response.within else " at once"
    if response.first_response:
        text += f", answer within {spoken(response.first_response)}"
    onward = ", ".join(f"{one.role} after {spoken(one.after)}" for one in response.escalation)
    return f"{text}; {onward}" if onward else text


def spoken(seconds: int) -> str:
    """``15 min``, ``1 h``, ``1 h 30 min``, ``2 days``: whole units, largest first."""
    parts = []
    for size, name in ((_DAY, "day"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}{'s' if name == 'day' and count > 1 else ''}")
    return " ".join(parts) or "0 min"
