# SPDX-License-Identifier: EUPL-1.2
"""A worker of the door as core sees it: writes and reads the packets of
wire/, from their description alone. For tests."""
import os
import socket
import struct
import time

HELLO, WELCOME, ASK, ANSWER, ORDER, MISSED, COMMAND, REPLY = range(1, 9)
BATCH = 10
BEFORE, WINDOW, LAST = 1, 2, 3
(WRITE, SEARCH, UNLABELLED, DURABLE, OBSERVE, GLASS, MORE, SHORT, REQUESTED,
 REFUSED) = (1 << bit for bit in range(10))
RELEASE, STEP_UP, CUT, REFUSE = 1, 2, 3, 4
READ, LIST, EXPORT = 1, 2, 6
IDENTITY = 1


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<H", len(value)) + value


def hello(version=4, magic=0x65696776):
    return struct.pack("<BIHIQ", HELLO, magic, version, os.getpid(), 7)


def ask(number, persons, professional="", session="", flags=0, phase=LAST,
        interaction=READ, auth=0, worst=0, request="", service="dossier",
        address="192.0.2.7", device="Firefox", reason="", status=200,
        categories=IDENTITY, attempts=0, place=(0, 0, 0)):
    packet = struct.pack("<BQBHHQQIIBHBQI", ASK, number, phase, flags, status,
                         int(time.time() * 1e6), auth, worst, attempts,
                         interaction, 0, *place)
    for value in (professional, session, address, device, request, service,
                  "", reason):
        packet += text(value)
    packet += struct.pack("<H", len(persons))
    for person in persons:
        name, identifier = person if isinstance(person, tuple) else (person,
                                                                     "")
        packet += text(name) + text(identifier)
        packet += struct.pack("<HH", categories, 0)
    return packet + struct.pack("<H", 0)


def missed(number, released, refused, persons, service="dossier"):
    now = int(time.time() * 1e6)
    return struct.pack("<BQQQQQQ", MISSED, number, now - 5000000, now,
                       released, refused, persons) + text(service)


class Worker:
    def __init__(self, path, greet=True, version=4):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self.number = 0
        self.orders = []
        self.waiting = []  # messages of a batch, not yet asked for
        if greet:
            self.send(hello(version))
            self.welcome = self.receive()

    def standing(self):
        """Orders up to the mark of their end."""
        while True:
            packet = self.receive()
            assert packet[0] == ORDER, packet
            scope, verdict, last, tag, since = struct.unpack(
                "<BBBQQ", packet[1:])
            if last:
                return self.orders
            self.orders.append((scope, verdict, tag, since))

    def send(self, packet):
        self.socket.send(packet)

    def receive(self):
        if not self.waiting:
            packet = self.socket.recv(65536)
            if packet[:1] != bytes([BATCH]):
                return packet
            at = 3
            for _ in range(struct.unpack("<H", packet[1:3])[0]):
                length = struct.unpack("<H", packet[at:at + 2])[0]
                self.waiting.append(packet[at + 2:at + 2 + length])
                at += 2 + length
        return self.waiting.pop(0)

    def closed(self):
        """True where core has closed the connection."""
        try:
            while True:
                if not self.receive():
                    return True
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False

    def answer(self):
        """(decision, since, alert, number) of the next answer; orders that
        come before it are kept."""
        while True:
            packet = self.receive()
            if not packet:
                raise EOFError("core went away")
            if packet[0] == ORDER:
                scope, verdict, _, tag, since = struct.unpack("<BBBQQ",
                                                              packet[1:])
                self.orders.append((scope, verdict, tag, since))
                continue
            assert packet[0] == ANSWER, packet
            number, decision, since, alert = struct.unpack("<QBQQ",
                                                           packet[1:])
            return decision, since, alert, number

    def ask(self, persons, **more):
        self.number += 1
        self.send(ask(self.number, persons, **more))
        decision, since, alert, number = self.answer()
        assert number == self.number, (number, self.number)
        self.since, self.alert = since, alert
        return decision
