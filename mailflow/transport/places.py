"""Where a MailMsg can be on a server: components, and queues under their Queue Viewer names.

Source: T4, T6, T29-T38, T52.
"""

from __future__ import annotations

OUTBOX = "outbox"
SEND_QUEUE = "store/send queue"
STORE_OUT = "exipc/Store_out_queue"
CLIENT_OUT = "exipc/Client_out_queue"
PICKUP = "smtp/Pickup"
RECEIVING = "smtp/receiving"
PENDING_SUBMISSION = "queue/Messages pending submission"
AWAITING_LOOKUP = "queue/Messages awaiting directory lookup"
WAITING_TO_BE_ROUTED = "queue/Messages waiting to be routed"
LOCAL_DELIVERY = "queue/Local delivery"
UNREACHABLE = "queue/Messages with an unreachable destination"
DSN_PENDING = "queue/DSN messages pending submission"
FAILED_RETRY = "queue/Failed message retry queue"
DEFERRED = "queue/Messages queued for deferred delivery"
MTA = "mta"

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


def link(next_hop: str, destination: str) -> str:
    """The place of a message queue for ``destination`` inside the link queue to ``next_hop`` (Source: T33, T34)."""
    return f"link/{next_hop}/{destination}"


def name_of(place: str) -> str:
    """What Queue Viewer or a learner calls this place."""
    kind, _, rest = place.partition("/")
    return rest.partition("/")[0] if kind == "link" else rest or NAMES.get(kind, kind)


NAMES = {"outbox": "Outbox", "mta": "Microsoft MTA"}
