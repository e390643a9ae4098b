/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Exits lie sorted by length of prefix, so that one search a length in use
 * finds the networks around an address. Databases are read by libmaxminddb,
 * field by field as MaxMind and DB-IP publish them; what it cannot read is
 * counted and says nothing.
 */
#include "core/address_facts.h"

#include <arpa/inet.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "model/event.h"
#include "model/facts.h"

#define COUNTRIES_MAX 676 /* two letters */
#define LENGTHS 129

struct exit_network {
    uint8_t bytes[16];
    uint8_t length;
    uint32_t site;
};

struct address_facts {
    struct exit_network *exits;
    size_t exit_count, exit_room;
    size_t length_at[LENGTHS + 1]; /* first exit of the length or a longer */
    MMDB_s databases[CONTEXT_MMDB_MAX];
    size_t database_count;
    uint8_t usual[COUNTRIES_MAX];
    bool countries_given;
    uint64_t errors;
};

static int
country_index(const char *letters)
{
    if (letters[0] < 'A' || letters[0] > 'Z' || letters[1] < 'A' ||
        letters[1] > 'Z')
        return -1;
    return (letters[0] - 'A') * 26 + (letters[1] - 'A');
}

enum result
address_facts_new(struct address_facts **ret_facts)
{
    /* France and its territories that have a code of their own */
    static const char french[] = "FRGPMQGFREYTPMBLMFNCPFWFTF";
    struct address_facts *facts = calloc(1, sizeof(*facts));

    if (facts == NULL)
        return E_NOMEM;
    for (size_t i = 0; i + 1 < sizeof(french); i += 2)
        facts->usual[country_index(french + i)] = 1;
    *ret_facts = facts;
    return OK;
}

void
address_facts_free(struct address_facts *facts)
{
    if (facts == NULL)
        return;
    for (size_t i = 0; i < facts->database_count; i++)
        MMDB_close(&facts->databases[i]);
    free(facts->exits);
    free(facts);
}

bool
address_parse(struct text text, struct address *ret_address)
{
    char normal[ADDRESS_TEXT_BYTES];
    struct address address = {{0}};

    if (event_address_parse(text, normal) != OK)
        return false;
    if (inet_pton(AF_INET, normal, address.bytes + 12) == 1) {
        memset(address.bytes + 10, 0xff, 2);
    } else if (inet_pton(AF_INET6, normal, address.bytes) != 1) {
        return false;
    }
    *ret_address = address;
    return true;
}

static bool
is_v4(const struct address *address)
{
    static const uint8_t head[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    return memcmp(address->bytes, head, sizeof(head)) == 0;
}

/* Zeroes behind the prefix; true where there were others. */
static bool
cut(uint8_t bytes[16], unsigned length)
{
    bool had = false;

    for (unsigned i = 0; i < 16; i++) {
        unsigned kept = length >= 8 * (i + 1) ? 8
                        : length > 8 * i      ? length - 8 * i
                                              : 0;
        uint8_t mask = (uint8_t)(0xff00u >> kept);

        had = had || (bytes[i] & (uint8_t)~mask) != 0;
        bytes[i] &= mask;
    }
    return had;
}

static enum result
parse_network(struct text text, struct exit_network *ret_network,
              const char **ret_rule)
{
    struct exit_network network = {.length = 128};
    struct address address;
    struct text host, bits;
    uint64_t length, longest;

    bool prefixed = text_split(text_trim(text), '/', &host, &bits);

    *ret_rule = "address-malformed";
    if (!address_parse(host, &address))
        return E_FORMAT;
    memcpy(network.bytes, address.bytes, sizeof(network.bytes));
    longest = is_v4(&address) ? 32 : 128;
    if (prefixed) {
        *ret_rule = "prefix-malformed";
        if (text_to_u64(bits, longest, &length) != OK)
            return E_FORMAT;
        /* a prefix of 0 would make the whole world a site */
        *ret_rule = "prefix-too-short";
        if (length < (longest == 32 ? 8 : 16))
            return E_FORMAT;
        network.length = (uint8_t)(length + 128 - longest);
    }
    *ret_rule = "bits-behind-prefix";
    if (cut(network.bytes, network.length))
        return E_FORMAT;
    *ret_network = network;
    return OK;
}

enum result
address_facts_exit(struct address_facts *facts, struct text exit, uint32_t site,
                   const char **ret_rule)
{
    struct exit_network network;
    enum result result = parse_network(exit, &network, ret_rule);

    if (result != OK)
        return result;
    if (facts->exit_count == facts->exit_room) {
        size_t room = facts->exit_room == 0 ? 64 : facts->exit_room * 2;
        struct exit_network *exits =
            realloc(facts->exits, room * sizeof(exits[0]));

        if (exits == NULL)
            return E_NOMEM;
        facts->exits = exits;
        facts->exit_room = room;
    }
    network.site = site;
    facts->exits[facts->exit_count++] = network;
    return OK;
}

enum result
address_facts_country(struct address_facts *facts, struct text country)
{
    char letters[2];
    int index;

    if (country.length != 2)
        return E_FORMAT;
    for (int i = 0; i < 2; i++) {
        letters[i] = country.bytes[i];
        if (letters[i] >= 'a' && letters[i] <= 'z')
            letters[i] = (char)(letters[i] - 32);
    }
    index = country_index(letters);
    if (index < 0)
        return E_FORMAT;
    if (!facts->countries_given)
        memset(facts->usual, 0, sizeof(facts->usual));
    facts->countries_given = true;
    facts->usual[index] = 1;
    return OK;
}

enum result
address_facts_mmdb(struct address_facts *facts, const char *path,
                   bool *ret_says)
{
    MMDB_s *database = &facts->databases[facts->database_count];
    struct stat status;
    int code;

    if (stat(path, &status) != 0)
        return E_IO;
    if (facts->database_count == CONTEXT_MMDB_MAX ||
        (uint64_t)status.st_size > CONTEXT_MMDB_BYTES_MAX)
        return E_LIMIT;
    code = MMDB_open(path, MMDB_MODE_MMAP, database);
    if (code == MMDB_OUT_OF_MEMORY_ERROR)
        return E_NOMEM;
    if (code == MMDB_FILE_OPEN_ERROR)
        return E_IO;
    if (code != MMDB_SUCCESS)
        return E_FORMAT;
    facts->database_count++;
    *ret_says = !text_ends(text_of(database->metadata.database_type), "ASN");
    return OK;
}

static int
exit_order(const void *a, const void *b)
{
    const struct exit_network *x = a, *y = b;
    int order;

    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    order = memcmp(x->bytes, y->bytes, sizeof(x->bytes));
    if (order != 0)
        return order;
    return x->site == y->site ? 0 : x->site < y->site ? -1 : 1;
}

void
address_facts_finish(struct address_facts *facts)
{
    size_t at = 0;

    if (facts->exit_count > 0)
        qsort(facts->exits, facts->exit_count, sizeof(facts->exits[0]),
              exit_order);
    for (unsigned length = 0; length <= LENGTHS; length++) {
        while (at < facts->exit_count && facts->exits[at].length < length)
            at++;
        facts->length_at[length] = at;
    }
}

uint32_t
address_facts_site(const struct address_facts *facts,
                   const struct address *address, uint32_t nth)
{
    for (unsigned length = 0; length < LENGTHS && facts->exit_count > 0;
         length++) {
        size_t low = facts->length_at[length];
        size_t end = facts->length_at[length + 1], high = end;
        struct address cut_address = *address;

        if (low == end)
            continue;
        (void)cut(cut_address.bytes, length);
        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (memcmp(facts->exits[middle].bytes, cut_address.bytes, 16) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < end &&
               memcmp(facts->exits[low].bytes, cut_address.bytes, 16) == 0;
             low++) {
            if (nth-- == 0)
                return facts->exits[low].site;
        }
    }
    return 0;
}

/* True where the path leads to a value of the type; a path that is not there
 * is no error, damaged data are. */
static bool
value_of(struct address_facts *facts, MMDB_entry_s *entry,
         const char *const *path, uint32_t type, MMDB_entry_data_s *ret_value)
{
    int code = MMDB_aget_value(entry, ret_value, path);

    if (code != MMDB_SUCCESS &&
        code != MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR) {
        facts->errors++;
        return false;
    }
    return code == MMDB_SUCCESS && ret_value->has_data &&
           ret_value->type == type;
}

static bool
is_true(struct address_facts *facts, MMDB_entry_s *entry, const char *name)
{
    const char *const path[] = {name, NULL};
    MMDB_entry_data_s value;

    return value_of(facts, entry, path, MMDB_DATA_TYPE_BOOLEAN, &value) &&
           value.boolean;
}

static void
read_entry(struct address_facts *facts, MMDB_entry_s *entry,
           struct address_fact *fact)
{
    static const char *const country[] = {"country", "iso_code", NULL};
    MMDB_entry_data_s value;
    int index;

    if (is_true(facts, entry, "is_hosting_provider"))
        fact->bits |= FACT_HOSTING;
    if (is_true(facts, entry, "is_anonymous_vpn") ||
        is_true(facts, entry, "is_public_proxy") ||
        is_true(facts, entry, "is_tor_exit_node"))
        fact->bits |= FACT_VPN;
    if (!value_of(facts, entry, country, MMDB_DATA_TYPE_UTF8_STRING, &value) ||
        value.data_size != 2)
        return;
    index = country_index(value.utf8_string);
    if (index < 0)
        return;
    memcpy(fact->country, value.utf8_string, 2);
    if (!facts->usual[index])
        fact->bits |= FACT_ABROAD;
}

static void
look_in(struct address_facts *facts, const MMDB_s *database,
        const struct address *address, struct address_fact *fact)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const struct sockaddr *given = (const struct sockaddr *)&v6;
    MMDB_lookup_result_s found;
    int code = MMDB_SUCCESS;

    memcpy(&v6.sin6_addr, address->bytes, 16);
    if (is_v4(address)) {
        memcpy(&v4.sin_addr, address->bytes + 12, 4);
        given = (const struct sockaddr *)&v4;
    } else if (database->metadata.ip_version == 4) {
        return; /* it does not know such addresses */
    }
    found = MMDB_lookup_sockaddr(database, given, &code);
    if (code != MMDB_SUCCESS)
        facts->errors++;
    else if (found.found_entry)
        read_entry(facts, &found.entry, fact);
}

void
address_facts_look(struct address_facts *facts, const struct address *address,
                   struct address_fact *ret_fact)
{
    struct address_fact fact = {0};

    for (size_t i = 0; i < facts->database_count; i++)
        look_in(facts, &facts->databases[i], address, &fact);
    fact.is_exit = address_facts_site(facts, address, 0) != 0;
    *ret_fact = fact;
}

uint64_t
address_facts_errors(const struct address_facts *facts)
{
    return facts->errors;
}
