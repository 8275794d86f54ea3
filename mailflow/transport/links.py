"""Link queues: mail that waits for one next hop, the sessions that empty them, and what happens when the hop does not
answer.

Source: T33, T34, T48, T102, T104, T106, T175.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator

import simpy

from mailflow.dns import MxAnswer
from mailflow.facts import rule
from mailflow.names import USUAL, HostName, Place, RuleName, rule_of
from mailflow.organization.check import is_ip
from mailflow.trace.clock import seconds_until_open, time_of_day
from mailflow.trace.effects import QueueState
from mailflow.trace.hop import Hop
from mailflow.transport import places
from mailflow.transport.dialogue import Dialogue
from mailflow.transport.directory import content_format
from mailflow.transport.mail import IN_STORE, Mail
from mailflow.transport.node import INFORMATION_STORE, Node
from mailflow.transport.notification import delay_notification, non_delivery
from mailflow.transport.tellings_smtp import (
    ConnectionFailed,
    ContentBack,
    ContentMissing,
    Converted,
    LinkHeld,
    MxAsked,
    PutOff,
    Rerouted,
)
from mailflow.transport.wire import client_of
from mailflow.transport.work import Steps, Wait

CONTENT_FORMAT = rule_of(content_format)


def _choice(answer: MxAnswer) -> str:
    """Which hosts are tried, in which order, and which ones are left out, as a sentence."""
    left_out = [f"{item.host} ({item.note})" for item in answer.exchangers if item.note]
    order = f" It tries {', then '.join(answer.hosts)}." if answer.hosts else ""
    return order + (f" Left out: {', '.join(left_out)}." if left_out else "")


class Link:
    """One link queue of a server. Its process lives as long as there is mail in it.

    ``name`` is the queue in Queue Viewer, ``place`` where its state is kept. ``waiting`` is the mail that goes in its turn, ``held`` the
    messages that an administrator froze.
    """

    def __init__(self, node: Node, hop: Hop) -> None:
        self.node = node
        self.hop = hop
        self.name = hop.link
        self.place = Place(f"link/{hop.link}")
        self.sends = node.instances[hop.virtual_server]
        self.waiting: deque[Mail] = deque()
        self.held: deque[Mail] = deque()
        self.frozen = False
        self.running = False
        self.busy = False
        self.failures = 0
        self._wake: simpy.Event | None = None

    def put(self, mail: Mail) -> None:
        """Add a MailMsg; the first one wakes the link."""
        self.waiting.append(mail)
        if not self.running:
            self.running = True
            self.node.env.start(self._run())

    def wake(self) -> None:
        """Something changed (thawed, enabled, forced): look again now."""
        if self._wake is not None:
            waiting, self._wake = self._wake, None
            waiting.succeed()

    def _idle(self) -> list[Mail]:
        """The mail that waits, without the message that is being transferred right now."""
        return list(self.waiting)[1 if self.busy else 0 :]

    def there(self, message: str = "") -> list[Mail]:
        """The mail that an administrator finds there: of one message, or all, except what is being transferred right now."""
        found = [*self._idle(), *self.held]
        return [mail for mail in found if message in (mail.id, mail.letter.id)] if message else found

    def hold(self, mail: Mail) -> None:
        """Keep a MailMsg back, while the others go on."""
        self.waiting.remove(mail)
        self.held.append(mail)

    def let_go(self, mail: Mail) -> None:
        """Let a MailMsg that was held back line up again. Where no other waits, it is tried at once."""
        self.held.remove(mail)
        self.waiting.append(mail)
        if len(self.waiting) == 1:
            self.wake()

    def take_out(self, mail: Mail) -> None:
        """Take a MailMsg out. The last one lets the link end."""
        (self.held if mail in self.held else self.waiting).remove(mail)
        if not self.waiting and not self.held:
            self.wake()

    def state_effect(self, state: str) -> QueueState:
        """The effect that sets the state Queue Viewer shows (Source: T175)."""
        return self.node.queue_state(self.place, state)

    def _run(self) -> Steps:
        while self.waiting or self.held:
            if self.node.closed and (closed := [gate for gate in self.sends.gates if not gate.open]):
                yield closed[0].opened()
                continue
            if held := self._held():
                yield from self.hold_link(*held)
                continue
            if not self.waiting:
                yield from self._sleep(None)
                continue
            self.busy = True
            hosts = (yield from self._exchangers()) if self.hop.type == "dns" else self._named_hosts()
            if hosts:
                yield from self._try_hosts(hosts)
            self.busy = False
        self.running = False
        self.node.links.pop(self.hop.link, None)

    def _held(self) -> tuple[str, str, float | None] | None:
        """State, reason, and seconds until it changes by itself, when the link may not send now."""
        if self.frozen:
            return "Frozen", "an administrator froze it", None
        if self.node.outbound_disabled:
            return "Disabled", "an administrator disabled outbound mail", None
        if self.hop.remote_triggered:
            return "Remote", "the other side will fetch its mail with ETRN or TURN", None
        if not self.hop.schedule:
            return None
        seconds = seconds_until_open(self.hop.schedule, self.node.env.now)
        if seconds > 0:
            return "Scheduled", f"the connector opens at {time_of_day(self.node.env.now + seconds)}", seconds
        return None

    @rule
    def hold_link(self, state: str, why: str, seconds: float | None) -> Steps:
        """Frozen, Disabled, Scheduled and Remote links take mail in but send none.

        Source: T174, T175, T176, O-19, O-20.
        Sure: inferred.
        """
        first = (self.waiting or self.held)[0]
        telling = LinkHeld(link=self.name, state=state, why=why, seconds=seconds)
        self.node.note(telling, first.id, None, (self.state_effect(state),))
        yield from self._sleep(seconds)

    def _sleep(self, seconds: float | None) -> Steps:
        """Wait until woken, at most ``seconds``; mail that comes due meanwhile is reported late or expires."""
        env = self.node.env
        until = float("inf") if seconds is None else env.now + seconds
        self._wake = env.event()
        self.busy = False
        while self._wake is not None and env.now < until and (self.waiting or self.held):
            due = min(until, self._next_deadline())
            yield self._wake if due == float("inf") else self._wake | env.timeout(max(0.0, due - env.now))
            self._check_deadlines()
        self._wake = None

    def _next_deadline(self) -> float:
        settings = self.sends.settings
        late, end = settings.delay_notification_hours * 3600, settings.expiration_hours * 3600
        late = min(late, end)
        every = (*self.waiting, *self.held)
        return min(mail.submitted + (end if mail.delay_told or mail.is_report else late) for mail in every)

    def _check_deadlines(self) -> None:
        settings = self.sends.settings
        now = self.node.env.now
        for mail in (*self.waiting, *self.held):
            if now >= mail.submitted + settings.expiration_hours * 3600:
                self.take_out(mail)
                non_delivery(
                    self.node, mail, list(mail.recipients), "4.4.7", f"{self.hop.target} did not answer in time"
                )
            elif now >= mail.submitted + settings.delay_notification_hours * 3600:
                delay_notification(self.node, mail)

    @rule
    def _try_hosts(self, hosts: tuple[str, ...]) -> Steps:
        """The hosts are tried in order: one that cannot be reached, or answers 4.x.x, leaves the mail to the next one.

        Source: T126, T129.
        Sure: documented.
        """
        why = ""
        for host in hosts:
            why = self.node.network.reachable(self.node.name, host, self.hop.connector)
            if not why:
                other = USUAL if host == hosts[0] else rule_of(Link._try_hosts)
                settled, why = yield from self._session(host, other)
                if settled or self._held():
                    return
        yield from self.retry(hosts[-1], why, "smart host" if self.hop.type == "smart host" else "connection")

    def _exchangers(self) -> Generator[Wait, object, tuple[str, ...]]:
        """The hosts that DNS names. Without any, the mail is returned or tried again later."""
        yield self.node.durations.dns
        answer = self.node.network.ask_mx(self.hop.target, self.node, self.sends.settings.external_dns)
        command = f"{self.hop.target} IN MX?"
        telling = MxAsked(peer=HostName("DNS"), command=command, reply=answer.why, choice=_choice(answer))
        self.node.note(telling, self.waiting[0].id)
        if answer.outcome in ("bounce", "loop"):
            self._bounce_all(answer.code, answer.why)
            return ()
        if not answer.hosts:
            yield from self.retry(self.hop.target, answer.why, "dns")
        return answer.hosts

    @rule
    def _named_hosts(self) -> tuple[str, ...]:
        """An IP address as smart host needs square brackets: without them it is looked up as a name, and there is none.

        Source: T115, T133.
        Sure: inferred.
        """
        if self.hop.type != "smart host":
            return self.hop.hosts
        hosts = tuple(host for host in self.hop.hosts if not is_ip(host))
        if not hosts:
            bare = self.hop.hosts[0]
            why = f"the smart host {bare} is looked up as a name, because it stands without brackets"
            self._bounce_all("4.4.9", why, rule_of(Link._named_hosts))
        return hosts

    def _bounce_all(self, code: str, why: str, fired: RuleName = USUAL) -> None:
        while self.waiting:
            mail = self.waiting.popleft()
            non_delivery(self.node, mail, list(mail.recipients), code, why, fired)

    def _session(self, host: str, rule: RuleName) -> Generator[Wait, object, tuple[bool, str]]:
        """One session: whether nothing more is to be tried now, and otherwise why this host did not do."""
        node, settings = self.node, self.sends.settings
        dialogue = Dialogue(node, node.network.receiver(client_of(node, settings), host), exchange=True)
        active = (self.state_effect("Active"),)
        if not (yield from dialogue.open_session(self.waiting[0].id, active, rule)):
            return False, "it does not accept the connection"
        yield from node.network.link_state_first(node, host)
        most = settings.max_messages_per_connection
        sent = 0
        last = self.waiting[0].id
        while self.waiting and (most is None or sent < most) and not self._held():
            if why := node.network.connected(node.name, host, self.hop.connector):
                return False, f"the connection broke: {why}"
            mail = self.waiting[0]
            if mail.content_in == IN_STORE and not (yield from self.fetch_content(mail)):
                continue
            last = mail.id
            done = yield from dialogue.send(mail)
            self.waiting.popleft()
            if not done:
                self.waiting.append(mail)
                return False, ""
            sent += 1
            self.failures = 0
        drained = (self.state_effect("" if not self.waiting else "Ready"),)
        yield from dialogue.close_session(last, drained)
        return True, ""

    @rule
    def fetch_content(self, mail: Mail) -> Generator[Wait, object, bool]:
        """Mail from the store is rendered by IMAIL when its session stands; while the store is stopped it cannot be
        sent.

        That such mail waits in the failed message retry queue is inferred.

        Source: T23, T37, T58, S1.
        Sure: inferred.
        """
        node = self.node
        if node.store.open:
            yield node.durations.conversion
            first = mail.recipients[0]
            chosen = USUAL if first.destination[0] == "server" else CONTENT_FORMAT
            node.jot(Converted, (first.format,), mail.id, None, (), chosen)
            return True
        self.waiting.popleft()
        node.note(ContentMissing(service=INFORMATION_STORE), mail.id, places.FAILED_RETRY)
        node.env.start(self._when_store_is_back(mail))
        return False

    def _when_store_is_back(self, mail: Mail) -> Steps:
        yield self.node.store.opened()
        self.node.note(ContentBack(), mail.id, places.WAITING_TO_BE_ROUTED)
        yield from self.node.queuing.ask_routing_engine(self.node, mail)

    @rule
    def retry(self, peer: str, why: str, cause: str) -> Steps:
        """After a failure: three short pauses of 60 seconds, then the retry intervals of the virtual server.

        The intervals 10, 10, 10 and 15 minutes are unconfirmed for Exchange 2003; 15, 30, 60 and 240 are documented for
        Exchange 2000.

        Source: T104, T106, R80, R81, R82, O-11.
        """
        parameters = self.node.parameters
        self.busy = False
        self.failures += 1
        glitches = parameters.glitch_retries
        if self.failures <= glitches:
            pause, phase = parameters.glitch_seconds, f"glitch retry {self.failures} of {glitches}"
        else:
            intervals = self.sends.settings.retry_minutes
            number = self.failures - glitches
            pause = intervals[min(number, len(intervals)) - 1] * 60.0
            phase = f"retry interval {number} of the virtual server"
        told = f"{pause:g} seconds" if pause < 300 else f"{pause / 60:g} minutes"
        host, link, attempt = HostName(peer), self.name, self.failures + 1
        again = (link, attempt, told, phase, pause)
        telling = ConnectionFailed(host, why, *again, cause) if why else PutOff(host, *again)
        self.node.note(telling, self.waiting[0].id, None, (self.state_effect("Retry"),))
        if self.failures > glitches and why and self.hop.connector:
            self.node.network.connection_failed(self.node, self.hop.connector)
        yield from self._sleep(pause)

    @rule
    def reset_routes(self) -> None:
        """When the server's link state table changes, mail that waits is looked at again; what has another way now takes it.

        Source: R84, R85, R112, R116.
        Sure: documented.
        """
        network = self.node.network
        for mail in self._idle():
            if network.stands(self.node, self.hop, mail):
                continue
            self.waiting.remove(mail)
            effects = () if self.waiting else (self.state_effect(""),)
            self.node.note(Rerouted(link=self.name), mail.id, places.WAITING_TO_BE_ROUTED, effects)
            self.node.env.start(self.node.queuing.ask_routing_engine(self.node, mail))
        if not self.waiting:
            self.wake()
