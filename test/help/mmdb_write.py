#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes a small MMDB file, from the public format description (MaxMind DB
File Format 2.0): a binary tree over the bits of addresses, data, metadata.

mmdb_write.py OUT < JSON
JSON: {"type": "Test-Country", "ip_version": 6, "record_size": 24,
       "networks": {"192.0.2.0/24": {"country": {"iso_code": "DE"}}}}
"""
import ipaddress
import json
import struct
import sys

MARKER = b"\xab\xcd\xefMaxMind.com"


def head(kind, size):
    """Control byte(s): three bits of type, five of size, both extensible."""
    if size < 29:
        bits, more = size, b""
    elif size < 285:
        bits, more = 29, bytes([size - 29])
    else:
        bits, more = 30, struct.pack(">H", size - 285)
    if kind < 8:
        return bytes([kind << 5 | bits]) + more
    return bytes([bits, kind - 7]) + more


def encode(value):
    if isinstance(value, bool):
        return head(14, int(value))
    if isinstance(value, int):
        raw = value.to_bytes(8, "big").lstrip(b"\0")
        return head(9 if value > 0xffffffff else 6, len(raw)) + raw
    if isinstance(value, str):
        raw = value.encode()
        return head(2, len(raw)) + raw
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encode, value))
    return head(7, len(value)) + b"".join(
        encode(k) + encode(v) for k, v in value.items())


def short(value):
    """An integer of type uint16, which the metadata want."""
    raw = value.to_bytes(2, "big").lstrip(b"\0")
    return head(5, len(raw)) + raw


class Tree:
    def __init__(self, bits):
        self.bits = bits
        self.nodes = [[None, None]]

    def insert(self, network, value):
        net = ipaddress.ip_network(network)
        address, length = int(net.network_address), net.prefixlen
        if net.version == 4 and self.bits == 128:
            length += 96  # ::/96 holds IPv4
        at = 0
        for depth in range(length - 1):
            bit = address >> (self.bits - 1 - depth) & 1
            child = self.nodes[at][bit]
            if child is None or child[0] == "data":
                self.nodes.append([child, child])
                child = ("node", len(self.nodes) - 1)
                self.nodes[at][bit] = child
            at = child[1]
        self.nodes[at][address >> (self.bits - length) & 1] = ("data", value)


def record(value, size):
    return value.to_bytes(size // 8, "big")


def write(wanted):
    size = wanted.get("record_size", 24)
    version = wanted.get("ip_version", 6)
    tree = Tree(128 if version == 6 else 32)
    data, offsets = b"", {}
    networks = sorted(wanted["networks"].items(), key=lambda item:
                      ipaddress.ip_network(item[0]).prefixlen)
    for network, value in networks:
        raw = encode(value)
        if raw not in offsets:
            offsets[raw] = len(data)
            data += raw
        tree.insert(network, offsets[raw])
    count, out = len(tree.nodes), b""
    for node in tree.nodes:
        pair = [count if child is None else child[1] if child[0] == "node"
                else count + 16 + child[1] for child in node]
        if size == 28:
            out += (record(pair[0] & 0xffffff, 24)
                    + bytes([(pair[0] >> 24) << 4 | pair[1] >> 24])
                    + record(pair[1] & 0xffffff, 24))
        else:
            out += record(pair[0], size) + record(pair[1], size)
    fields = [("node_count", encode(count)), ("record_size", short(size)),
              ("ip_version", short(version)),
              ("database_type", encode(wanted["type"])),
              ("languages", encode(["en"])),
              ("binary_format_major_version", short(2)),
              ("binary_format_minor_version", short(0)),
              ("build_epoch", encode(1 << 40)),
              ("description", encode({"en": "made by a test"}))]
    return (out + bytes(16) + data + MARKER + head(7, len(fields))
            + b"".join(encode(name) + value for name, value in fields))


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        file.write(write(json.load(sys.stdin)))
