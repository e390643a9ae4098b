/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The row, byte by byte. All numbers little endian.
 *
 *    0  8  time_received_us  signed
 *    8  8  time_source_us    signed
 *   16  8  session
 *   24  8  professional
 *   32  8  person
 *   40  8  request
 *   48  2  service
 *   50  2  controller
 *   52  2  categories
 *   54  1  grade             0 … 3
 *   55  1  kind              1 … 19
 *   56  2  flags
 *   58  2  source
 *   60  4  detail
 *
 * A row never changes once it is written: its digest is a leaf of the log.
 */
#include "model/row.h"

#include <endian.h>
#include <string.h>

#include "model/event.h"

_Static_assert(ROW_SEARCH == (int)EVENT_SEARCH && ROW_WRITE == (int)EVENT_WRITE,
               "the first eight flags are those of the event");

/* One move each: rows are encoded and decoded once for each leaf. */
static void
put16(uint8_t *at, uint16_t value)
{
    value = htole16(value);
    memcpy(at, &value, sizeof(value));
}

static void
put32(uint8_t *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
}

static void
put64(uint8_t *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof(value));
}

static uint16_t
get16(const uint8_t *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof(value));
    return le16toh(value);
}

static uint32_t
get32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return le32toh(value);
}

static uint64_t
get64(const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof(value));
    return le64toh(value);
}

bool
row_is_taken_back(const struct row *row)
{
    const unsigned both = ROW_WITHHELD | ROW_SAME_REQUEST;

    return row->kind == ROW_DISCLOSURE && row->grade != GRADE_SENT &&
           (row->flags & both) == both;
}

void
row_encode(const struct row *row, uint8_t ret_bytes[ROW_BYTES])
{
    put64(ret_bytes, (uint64_t)row->time_received_us);
    put64(ret_bytes + 8, (uint64_t)row->time_source_us);
    put64(ret_bytes + 16, row->session);
    put64(ret_bytes + 24, row->professional);
    put64(ret_bytes + 32, row->person);
    put64(ret_bytes + 40, row->request);
    put16(ret_bytes + 48, row->service);
    put16(ret_bytes + 50, row->controller);
    put16(ret_bytes + 52, row->categories);
    ret_bytes[54] = row->grade;
    ret_bytes[55] = row->kind;
    put16(ret_bytes + 56, row->flags);
    put16(ret_bytes + 58, row->source);
    put32(ret_bytes + 60, row->detail);
}

enum result
row_decode(const uint8_t bytes[ROW_BYTES], struct row *ret_row)
{
    const uint8_t grade = bytes[54];
    const uint8_t kind = bytes[55];

    if (grade > GRADE_REQUESTED || kind < ROW_DISCLOSURE || kind > ROW_LINEAGE)
        return E_CORRUPT;
    *ret_row = (struct row){
        .time_received_us = (int64_t)get64(bytes),
        .time_source_us = (int64_t)get64(bytes + 8),
        .session = get64(bytes + 16),
        .professional = get64(bytes + 24),
        .person = get64(bytes + 32),
        .request = get64(bytes + 40),
        .service = get16(bytes + 48),
        .controller = get16(bytes + 50),
        .categories = get16(bytes + 52),
        .grade = grade,
        .kind = kind,
        .flags = get16(bytes + 56),
        .source = get16(bytes + 58),
        .detail = get32(bytes + 60),
    };
    return OK;
}

const char *
row_kind_name(unsigned kind)
{
    static const char *const names[] = {
        [ROW_DISCLOSURE] = "disclosure",
        [ROW_SIGHTING] = "sighting",
        [ROW_LOGIN] = "login",
        [ROW_LOGOUT] = "logout",
        [ROW_REFUSAL] = "refusal",
        [ROW_VERDICT] = "verdict",
        [ROW_SIGN] = "sign",
        [ROW_ORDER] = "order",
        [ROW_GAP] = "gap",
        [ROW_UNLABELLED] = "unlabelled",
        [ROW_CLOCK_JUMP] = "clock-jump",
        [ROW_CONFIGURATION] = "configuration",
        [ROW_CONSOLE_READ] = "console-read",
        [ROW_ERASURE] = "erasure",
        [ROW_JOIN] = "join",
        [ROW_REFUSED_INPUT] = "refused-input",
        [ROW_TOKEN] = "token",
        [ROW_QUERY] = "query",
        [ROW_LINEAGE] = "lineage",
    };

    if (kind >= sizeof(names) / sizeof(names[0]) || names[kind] == NULL) {
        return "";
    }
    return names[kind];
}
