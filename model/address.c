/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Addresses as trails write them, to one normal text, and their networks.
 */
#include <arpa/inet.h>
#include <string.h>

#include "model/event.h"

/* Four decimal numbers without leading zeros (which some read as octal),
 * the whole text: then it is in normal form already. */
static bool
is_ipv4(struct text text)
{
    unsigned parts = 0, value = 0, digits = 0;

    if (text.length < 7 || text.length > 15) {
        return false;
    }
    for (size_t i = 0; i <= text.length; i++) {
        if (i == text.length || text.bytes[i] == '.') {
            if (digits == 0 || value > 255) {
                return false;
            }
            parts++;
            value = digits = 0;
            continue;
        }
        const char byte = text.bytes[i];

        if (byte < '0' || byte > '9' || (digits > 0 && value == 0)) {
            return false;
        }
        value = value * 10 + (unsigned)(byte - '0');
        digits++;
    }
    return parts == 4;
}

static void
put_text(struct text text, char ret_address[ADDRESS_TEXT_BYTES])
{
    memcpy(ret_address, text.bytes, text.length);
    ret_address[text.length] = '\0';
}

static bool
port_shaped(struct text port)
{
    uint64_t number;

    return text_to_u64(port, 65535, &number) == OK;
}

/* ::ffff:192.0.2.1 (RFC 4291 2.5.5.2) is the IPv4 client of a dual socket. */
static enum result
parse_ipv6(struct text given, char ret_address[ADDRESS_TEXT_BYTES])
{
    char copy[ADDRESS_TEXT_BYTES];
    struct in6_addr address;
    const size_t zone = text_find_byte(given, '%');

    given.length = zone < given.length ? zone : given.length;
    if (given.length == 0 || given.length >= sizeof(copy) ||
        memchr(given.bytes, '\0', given.length) != NULL) {
        return E_FORMAT;
    }
    put_text(given, copy);
    if (inet_pton(AF_INET6, copy, &address) != 1) {
        return E_FORMAT;
    }
    const void *const shown =
        IN6_IS_ADDR_V4MAPPED(&address)
            ? inet_ntop(AF_INET, address.s6_addr + 12, copy, sizeof(copy))
            : inet_ntop(AF_INET6, &address, copy, sizeof(copy));

    if (shown == NULL) {
        return E_FORMAT;
    }
    memcpy(ret_address, copy, sizeof(copy));
    return OK;
}

enum result
event_address_parse(struct text given, char ret_address[ADDRESS_TEXT_BYTES])
{
    struct text head, tail;

    given = text_trim(given);
    if (is_ipv4(given)) {
        put_text(given, ret_address);
        return OK;
    }
    if (given.length > 0 && given.bytes[0] == '[') {
        if (!text_split(text_after(given, 1), ']', &head, &tail) ||
            (tail.length > 0 &&
             (tail.bytes[0] != ':' || !port_shaped(text_after(tail, 1))))) {
            return E_FORMAT;
        }
        return parse_ipv6(head, ret_address);
    }
    if (text_split(given, ':', &head, &tail) && is_ipv4(head)) {
        if (!port_shaped(tail)) {
            return E_FORMAT;
        }
        put_text(head, ret_address);
        return OK;
    }
    return parse_ipv6(given, ret_address);
}

/* A /24 is what one site or operator's customer pool has at least; a /48 is
 * the smallest that one site is given (RFC 6177). */
enum result
event_address_network(struct text address, char ret_network[ADDRESS_TEXT_BYTES])
{
    char copy[ADDRESS_TEXT_BYTES];
    struct in6_addr bytes;

    if (is_ipv4(address)) {
        const char *dot = memrchr(address.bytes, '.', address.length);
        const size_t kept = (size_t)(dot - address.bytes);

        memcpy(ret_network, address.bytes, kept);
        memcpy(ret_network + kept, ".0/24", sizeof(".0/24"));
        return OK;
    }
    if (address.length == 0 || address.length >= sizeof(copy) ||
        memchr(address.bytes, '\0', address.length) != NULL) {
        return E_FORMAT;
    }
    put_text(address, copy);
    if (inet_pton(AF_INET6, copy, &bytes) != 1) {
        return E_FORMAT;
    }
    memset(bytes.s6_addr + 6, 0, 10);
    if (inet_ntop(AF_INET6, &bytes, copy, sizeof(copy)) == NULL ||
        strlen(copy) + sizeof("/48") > sizeof(copy)) {
        return E_FORMAT;
    }
    memcpy(ret_network, copy, strlen(copy));
    memcpy(ret_network + strlen(copy), "/48", sizeof("/48"));
    return OK;
}
