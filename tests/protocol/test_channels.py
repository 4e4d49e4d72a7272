"""Channels: nobody is sent an entry; who looks is told how far the log reaches, and reads what is lacking (CHAN-1)."""

from __future__ import annotations

from typing import Any

from port_fakes import ConnectionServerFake, PhoneFake, StoreFake
from recording_port import STORE, FakeConnection
from words import ANNS, BOB, BOBS, append, connect, hello, online_phone, welcome

from sim.protocol.channel_desk import ChannelDesk
from sim.protocol.channel_news import ChannelNewsroom
from sim.protocol.channel_reader import ChannelReader
from sim.protocol.store_state import StoreState
from sim.vocabulary.channels import ChannelHint, ChannelNews, FollowChannel, UnwatchChannel, WatchChannel
from sim.vocabulary.ids import channel_numbered
from sim.vocabulary.messages import Accepted, Enter, Granted, trace_of
from sim.vocabulary.population import Plain
from sim.vocabulary.read_messages import Fetch, Fetched, LogRow, Side

CHANNEL = channel_numbered(0)


class Authors(Plain):
    """Ann writes in the channel."""

    def members(self, conversation: int) -> tuple[int, ...]:
        return (0,)


class ChannelStoreFake(StoreFake):
    """A store that tells of channels."""

    def make_machines(self) -> tuple[Any, ...]:
        store, *others = super().make_machines()
        store.newsroom = ChannelNewsroom(self, self.timers)
        return (store, *others, store.newsroom)


class DeskFake(ConnectionServerFake):
    """A connection server whose phones look at channels."""

    def make_machines(self) -> tuple[Any, ...]:
        (server,) = super().make_machines()
        return server, ChannelDesk(self, self.timers, server)

    @property
    def desk(self) -> ChannelDesk:
        return self.machines[1]  # type: ignore[no-any-return]


def store_of_a_channel() -> ChannelStoreFake:
    return ChannelStoreFake(StoreState(4, Authors()))


def say(store: ChannelStoreFake, number: int) -> None:
    """Ann says something in the channel, durably."""
    store.receive("server a", append(number)._replace(conversation=CHANNEL))
    store.sync_all()


def follow(store: ChannelStoreFake, server: str, number: int = 0) -> None:
    store.receive(server, FollowChannel(CHANNEL, trace_of(0, number)))


# -- the store ------------------------------------------------------------------------------------------------------


def test_chan_1_an_entry_of_a_channel_is_accepted_and_owed_to_nobody() -> None:
    store = store_of_a_channel()
    say(store, 1)
    assert [each.sequence for each in store.sent(Accepted)] == [1]
    assert store.sent(Enter) == []
    assert store.fan_out.done_through == 1, "the shared cursor does not wait for anybody"


def test_chan_1_who_follows_is_told_at_once_and_of_what_comes_together_once() -> None:
    store = store_of_a_channel()
    say(store, 1)
    follow(store, "server a")
    follow(store, "server b")
    assert [each.newest for each in store.sent(ChannelNews)] == [1, 1]
    store.forget()
    for number in (2, 3, 4):
        say(store, number)
    assert store.sent(ChannelNews) == []
    store.fire_due(store.timers.hint_us)
    assert [(each.to, each.subject.newest) for each in store.effects if each.name == "send"
            and isinstance(each.subject, ChannelNews)] == [("server a", 4), ("server b", 4)]  # fmt: skip


def test_chan_1_nothing_is_told_before_it_is_durable() -> None:
    store = store_of_a_channel()
    follow(store, "server a")
    store.receive("server a", append(1)._replace(conversation=CHANNEL))
    store.fire_due(store.timers.hint_us)
    follow(store, "server a", 1)
    assert [each.newest for each in store.sent(ChannelNews)] == [0, 0]


def test_a_server_that_does_not_renew_is_forgotten() -> None:
    store = store_of_a_channel()
    follow(store, "server a")
    store.forget()
    store.fire_due(store.timers.follow_us)
    say(store, 1)
    store.fire_due(store.timers.hint_us)
    assert store.sent(ChannelNews) == []
    assert not store.machines[-1].followers


# -- a connection server --------------------------------------------------------------------------------------------


def viewers(*devices: int) -> tuple[DeskFake, dict[int, FakeConnection]]:
    """A server with these phones, all of which look at the channel."""
    server = DeskFake()
    connections = {}
    for number, device in enumerate(devices, 1):
        connection = connections[device] = FakeConnection(number, 1, server)
        server.machine.on_hello(connection, hello(1, device=device, user=device // 1024))
        server.receive("registry", Granted(device, 1, number, trace_of(device)))
        server.desk.on_watch(connection, WatchChannel(device, 1, CHANNEL, trace_of(device)))
    return server, connections


def hints(server: DeskFake, connection: FakeConnection) -> list[int]:
    return [each.newest for each in server.to_phone(connection) if isinstance(each, ChannelHint)]


def news(server: DeskFake, newest: int) -> None:
    server.receive(STORE, ChannelNews(CHANNEL, newest, trace_of(0, newest)))


def test_chan_1_a_server_follows_once_and_splits_the_news_among_its_viewers() -> None:
    server, connections = viewers(ANNS, BOBS)
    assert len(server.sent(FollowChannel)) == 1
    news(server, 5)
    news(server, 5)
    news(server, 4)
    assert [hints(server, each) for each in connections.values()] == [[5], [5]]


def test_chan_1_who_comes_later_or_says_it_again_is_told_what_is_known() -> None:
    server, connections = viewers(ANNS)
    news(server, 5)
    server.desk.on_watch(connections[ANNS], WatchChannel(ANNS, 1, CHANNEL, trace_of(ANNS, 1)))
    assert hints(server, connections[ANNS]) == [5, 5]


def test_chan_1_it_is_renewed_while_somebody_looks_and_then_no_longer() -> None:
    server, connections = viewers(ANNS, BOBS)
    server.fire_due(server.timers.follow_us // 3)
    assert len(server.sent(FollowChannel)) == 2
    server.desk.on_unwatch(connections[ANNS], UnwatchChannel(ANNS, 1, CHANNEL, trace_of(ANNS)))
    server.machine.on_closed(connections[BOBS])
    server.fire_due(server.timers.follow_us // 3)
    assert len(server.sent(FollowChannel)) == 2 and not server.desk.channels
    news(server, 6)
    assert hints(server, connections[ANNS]) == hints(server, connections[BOBS]) == []


def test_a_closing_that_another_connection_has_overtaken_closes_nothing() -> None:
    server, connections = viewers(ANNS)
    server.desk.on_unwatch(connections[ANNS], UnwatchChannel(ANNS, 0, CHANNEL, trace_of(ANNS)))
    news(server, 1)
    assert hints(server, connections[ANNS]) == [1]


# -- a phone --------------------------------------------------------------------------------------------------------


def reader() -> PhoneFake:
    """A phone with the channel open."""
    phone = online_phone()
    phone.machine.channels = ChannelReader(phone.machine)
    phone.machine.channels.on_open(CHANNEL)
    return phone


def page(phone: PhoneFake, *sequences: int) -> None:
    """The page that was asked for comes."""
    rows = tuple(LogRow(each, BOB, 5000 + each, 0, 100 + each) for each in sequences)
    read = phone.machine.reads[CHANNEL]
    phone.machine.receive(Fetched(ANNS, CHANNEL, read.number, 1, rows[-1].sequence if rows else 0, rows, trace_of(1)))


def hint(phone: PhoneFake, newest: int) -> None:
    epoch = phone.durable.epoch
    phone.machine.receive(ChannelHint(ANNS, epoch, CHANNEL, newest, trace_of(ANNS, newest)))


def asked(phone: PhoneFake) -> list[tuple[int, int]]:
    return [(each.side, each.edge) for each in phone.sent(Fetch)]


def test_chan_1_opening_reads_the_newest_page_and_says_what_is_on_the_screen() -> None:
    phone = reader()
    assert [each.conversation for each in phone.sent(WatchChannel)] == [CHANNEL]
    assert asked(phone) == [(Side.NEWEST, 0)]


def test_chan_1_what_comes_behind_is_read_page_by_page_and_without_a_hole() -> None:
    phone = reader()
    hint(phone, 9)
    assert asked(phone) == [(Side.NEWEST, 0)], "one range at a time"
    page(phone, 3, 4, 5)
    page(phone, 6, 7, 8)
    page(phone, 9)
    hint(phone, 9)
    assert asked(phone) == [(Side.NEWEST, 0), (Side.BEHIND, 5), (Side.BEHIND, 8)]
    hint(phone, 11)
    assert asked(phone)[-1] == (Side.BEHIND, 9)


def test_chan_1_it_is_said_again_with_each_heartbeat_and_on_each_connection() -> None:
    phone = reader()
    phone.beat()
    assert len(phone.sent(WatchChannel)) == 2
    phone.machine.on_network_down()
    connect(phone)
    welcome(phone)
    assert [each.epoch for each in phone.sent(WatchChannel)] == [1, 1, 2]


def test_a_hint_for_a_channel_that_was_closed_reads_nothing() -> None:
    phone = reader()
    page(phone, 1)
    phone.machine.channels.on_close()
    assert len(phone.sent(UnwatchChannel)) == 1
    hint(phone, 5)
    phone.beat()
    assert asked(phone) == [(Side.NEWEST, 0)] and len(phone.sent(WatchChannel)) == 1


def test_an_opening_while_an_earlier_read_is_under_way_gets_its_newest_page_afterwards() -> None:
    phone = reader()
    page(phone, 1)
    hint(phone, 2)
    phone.machine.channels.on_close()
    phone.machine.channels.on_open(CHANNEL)
    page(phone, 2)
    assert asked(phone) == [(Side.NEWEST, 0), (Side.BEHIND, 1), (Side.NEWEST, 0)]
