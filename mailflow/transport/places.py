"""Where a MailMsg can be on a server: components, and queues under their Queue Viewer names.

Source: T4, T6, T29-T38, T52.
"""

from __future__ import annotations

from functools import lru_cache

from mailflow.names import Place, QueueName

OUTBOX = Place("outbox")
SEND_QUEUE = Place("store/send queue")
STORE_OUT = Place("exipc/Store_out_queue")
CLIENT_OUT = Place("exipc/Client_out_queue")
PICKUP = Place("smtp/Pickup")
RECEIVING = Place("smtp/receiving")
PENDING_SUBMISSION = Place("queue/Messages pending submission")
AWAITING_LOOKUP = Place("queue/Messages awaiting directory lookup")
WAITING_TO_BE_ROUTED = Place("queue/Messages waiting to be routed")
LOCAL_DELIVERY = Place("queue/Local delivery")
UNREACHABLE = Place("queue/Messages with an unreachable destination")
DSN_PENDING = Place("queue/DSN messages pending submission")
FAILED_RETRY = Place("queue/Failed message retry queue")
DEFERRED = Place("queue/Messages queued for deferred delivery")
MTA = Place("mta")

SYSTEM_QUEUES = (
    PENDING_SUBMISSION,
    AWAITING_LOOKUP,
    WAITING_TO_BE_ROUTED,
    LOCAL_DELIVERY,
    UNREACHABLE,
    DSN_PENDING,
    FAILED_RETRY,
    DEFERRED,
)


FREEZABLE = (PENDING_SUBMISSION, AWAITING_LOOKUP, WAITING_TO_BE_ROUTED, LOCAL_DELIVERY)
"""The system queues that can be frozen here: mail waits in each of them in front of a part of the server (Source: K49)."""


def freezable(name: str) -> Place | None:
    """The system queue of that name, if it can be frozen."""
    return next((place for place in FREEZABLE if name_of(place) == name), None)


@lru_cache(maxsize=1024)
def link(next_hop: QueueName, destination: str) -> Place:
    """The place of a message queue for ``destination`` inside the link queue to ``next_hop`` (Source: T33, T34)."""
    return Place(f"link/{next_hop}/{destination}")


def part_of(place: Place) -> str:
    """The part of a server that holds a place: "store", "exipc", "smtp", "queue", "link" or "mta"; or "outbox", of no server."""
    return place.partition("/")[0]


def name_of(place: Place) -> QueueName:
    """What Queue Viewer or a learner calls this place."""
    kind, _, rest = place.partition("/")
    return QueueName(rest.partition("/")[0] if kind == "link" else rest or NAMES.get(kind, kind))


NAMES = {"outbox": "Outbox", "mta": "Microsoft MTA"}
