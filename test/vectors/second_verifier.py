# SPDX-License-Identifier: EUPL-1.2
"""A second verifier of proofs, written from RFC 9162 §2.1 and C2SP signed-note
alone and in another way than ledger/proof_check.c: it works down from the
root, not up from the leaf. Reads cases and says of each whether it holds:

    inclusion INDEX SIZE LEAF ROOT HASH…
    consistency SIZE1 SIZE2 ROOT1 ROOT2 HASH…

one a line, hashes in hex; answers "1" or "0" a line."""
import hashlib
import sys


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def half(size):
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_root(index, size, leaf, proof):
    """The root that the proof leads to; None where it has too few or many."""
    if size == 1:
        return leaf if not proof else None
    if not proof:
        return None
    k = half(size)
    rest, last = proof[:-1], proof[-1]
    if index < k:
        below = inclusion_root(index, k, leaf, rest)
        return None if below is None else node(below, last)
    below = inclusion_root(index - k, size - k, leaf, rest)
    return None if below is None else node(last, below)


def consistency_roots(old, new, whole, root, proof):
    """(old root, new root) of a subtree of `new` leaves whose first `old` are
    the old tree's; `whole`: it is the old tree itself, whose root is known."""
    if old == new:
        if whole:
            return (root, root) if not proof else None
        return (proof[0], proof[0]) if len(proof) == 1 else None
    if not proof:
        return None
    k = half(new)
    rest, last = proof[:-1], proof[-1]
    if old <= k:
        below = consistency_roots(old, k, whole, root, rest)
        return None if below is None else (below[0], node(below[1], last))
    below = consistency_roots(old - k, new - k, False, root, rest)
    return None if below is None else (node(last, below[0]),
                                       node(last, below[1]))


def holds(words):
    first, second = int(words[1]), int(words[2])
    hashes = [bytes.fromhex(word) for word in words[3:]]
    if words[0] == "inclusion":
        if first >= second:
            return False
        return inclusion_root(first, second, hashes[0],
                              hashes[2:]) == hashes[1]
    if first == 0 or first > second:
        return False
    return consistency_roots(first, second, True, hashes[0],
                             hashes[2:]) == (hashes[0], hashes[1])


def main():
    for line in sys.stdin:
        print("1" if holds(line.split()) else "0")


if __name__ == "__main__":
    main()
