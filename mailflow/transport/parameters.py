"""What belongs to the model and to no object of the organization: how long work takes, and what is unconfirmed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from mailflow.facts.kinds import need
from mailflow.facts.mistake import InputError
from mailflow.plain import Plain


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Durations(Plain):
    """How long each piece of work takes, in seconds. No document gives such figures: they are chosen so that a
    learner can tell the steps apart.

    ``restriction`` is for each name on a list of senders that is looked through, in the restrictions of recipients and of
    connectors. Documents say that many of them take long (Source: K52, T43) and not how long: it is 0 unless you give a figure.
    """

    rpc: float = 0.020
    exipc: float = 0.001
    submission: float = 0.002
    sinks: float = 0.005
    lookup: float = 0.010
    expansion: float = 0.015
    expansion_per_member: float = 0.0002
    decision: float = 0.002
    routing: float = 0.003
    store: float = 0.015
    conversion: float = 0.020
    round_trip: float = 0.040
    dns: float = 0.030
    mta: float = 0.200
    link_state: float = 0.020
    directory: float = 2.0
    restriction: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Parameters(Plain):
    """Settings of the model that belong to no object of the organization.

    ``glitch_retries`` times ``glitch_seconds`` pass before a link counts as failed. ``keep_up_without_alternative`` is
    the rule of Exchange 2003 that leaves a connector up when it is the only way to or from a leaf, a routing group with
    one neighbour, or the only way out (the latter is unconfirmed; False gives the behaviour of Exchange 2000). With
    ``no_route_waits`` a message for which no connector exists waits as unreachable instead of being returned; the
    documents disagree. So they do about an address outside that no address space matches
    although there are some: with ``unmatched_returned`` it is returned with 5.0.0 instead of being sent by DNS (a smart
    host of the virtual server comes before both). ``null_mx`` is a rule that is younger than Exchange 2003: a
    single MX record of "." says that a domain takes no mail.

    The others belong to link state. A bridgehead tries a connector that is down every ``probe_seconds``. After more than
    ``oscillation_changes`` changes of a connector within ``oscillation_seconds`` Exchange 2003 leaves it up (unconfirmed;
    0 switches the rule off). ``hold_back_seconds`` delays the announcement of such changes; a book gives 600, other
    documents none. With ``some_stay_up`` the connectors that cannot be marked down are left alone (unconfirmed list).
    Members and master miss each other after ``polling_seconds`` (inferred default) and connect again after
    ``client_connect_retry_seconds``. With ``link_state_without_mail`` news make a bridgehead connect even when no mail
    waits; with ``link_state_before_mail`` it comes first in a session that carries mail (both unconfirmed).

    Example:
        >>> import mailflow
        >>> mailflow.Parameters().keep_up_without_alternative
        True
        >>> mailflow.Parameters(glitch_seconds=5, glitch_retries=2).probe_seconds
        60.0

    Source: T17, T76, T106, T115, T131, R63, R76, R80, R81, R86, R87, R88, R89, R90, R115.
    """

    mailmsg_limit: int = 90_000
    glitch_seconds: float = 60.0
    glitch_retries: int = 3
    probe_seconds: float = 60.0
    keep_up_without_alternative: bool = True
    oscillation_changes: int = 2
    oscillation_seconds: float = 600.0
    hold_back_seconds: float = 0.0
    some_stay_up: bool = True
    polling_seconds: float = 300.0
    client_connect_retry_seconds: float = 120.0
    link_state_without_mail: bool = True
    link_state_before_mail: bool = True
    no_route_waits: bool = False
    unmatched_returned: bool = False
    null_mx: bool = False
    durations: Durations = field(default_factory=Durations)

    def __post_init__(self) -> None:
        """Refuse what is no number, and a time or number below 0.

        Raises:
            ValueError: a value is of the wrong kind, or too small.
        """
        for item in fields(self):
            value, usual = getattr(self, item.name), item.default
            if item.name == "durations":
                need("Parameters(durations)", value, Durations, "Durations", "leave it out, or give Durations(...)")
            elif isinstance(usual, bool):
                need(f"Parameters({item.name})", value, bool, "truth value", "write True or False")
            else:
                need(f"Parameters({item.name})", value, (int, float), "number", "write it without quotes")
                if value < 0:
                    raise InputError(f"Parameters({item.name}={value!r}): must be 0 or more")

    @classmethod
    def exchange_2000(cls, **others: Any) -> Parameters:
        """The rules before Exchange 2003: a connector is marked down without an alternative, and as often as it changes.

        Source: R87, R89.
        """
        return cls(keep_up_without_alternative=False, oscillation_changes=0, **others)
