/* SPDX-License-Identifier: EUPL-1.2 */
#include "codec/syslog.h"

#include <string.h>

#include "base/time.h"

/* RFC 5424 §6: PRI VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP
 * MSGID SP STRUCTURED-DATA [SP MSG]; lengths of §6 and §6.3.2. */
#define VERSION_DIGITS_MAX 3
#define TIMESTAMP_BYTES_MAX 64
#define HOST_BYTES_MAX 255
#define APPLICATION_BYTES_MAX 48
#define PROCESS_BYTES_MAX 128
#define MESSAGE_ID_BYTES_MAX 32
#define STRUCTURED_NAME_BYTES_MAX 32

/* RFC 3164 §4.1.3 gives a tag 32 bytes; real ones carry a program path. */
#define TAG_BYTES_MAX 128

static const char bom[] = "\xef\xbb\xbf";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct cursor {
    struct text left;
    size_t whole; /* length of the message */
};

static uint64_t
cursor_offset(const struct cursor *cursor)
{
    return cursor->whole - cursor->left.length;
}

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* PRINTUSASCII */
static bool
is_print(char byte)
{
    return byte >= 33 && byte <= 126;
}

size_t
syslog_priority_length(struct text bytes)
{
    size_t at = 1;
    uint32_t value = 0;
    if (bytes.length < 3 || bytes.bytes[0] != '<')
        return 0;
    while (at < bytes.length && at < 4 && is_digit(bytes.bytes[at]))
        value = value * 10 + (uint32_t)(bytes.bytes[at++] - '0');
    if (at == 1 || at >= bytes.length || bytes.bytes[at] != '>' || value > 191)
        return 0;
    return at + 1;
}

/* One field and the space behind it; "-" gives the empty text. */
static bool
take_field(struct cursor *cursor, size_t maximum, struct text *ret_field)
{
    size_t length = 0;
    while (length < cursor->left.length && is_print(cursor->left.bytes[length]))
        length++;
    if (length == 0 || length > maximum)
        return false;
    if (length < cursor->left.length && cursor->left.bytes[length] != ' ')
        return false;
    struct text field = {cursor->left.bytes, length};
    cursor->left = text_after(cursor->left, length);
    if (cursor->left.length > 0)
        cursor->left = text_after(cursor->left, 1);
    *ret_field = text_is(field, "-") ? (struct text){NULL, 0} : field;
    return true;
}

/* SD-NAME (§6.3.2): printable but for '=', space, ']', '"'. */
static size_t
name_length(struct text text)
{
    size_t length = 0;
    while (length < text.length && is_print(text.bytes[length]) &&
           strchr("=]\"", text.bytes[length]) == NULL)
        length++;
    return length <= STRUCTURED_NAME_BYTES_MAX ? length : 0;
}

/* PARAM-VALUE behind its opening quote, up to and with the closing one; 0
 * where it does not close. A backslash keeps the byte behind it. */
static size_t
value_length(struct text text)
{
    for (size_t at = 0; at < text.length; at++) {
        if (text.bytes[at] == '\\')
            at++;
        else if (text.bytes[at] == '"')
            return at + 1;
    }
    return 0;
}

/* One SD-ELEMENT; its length, 0 where it is not one. */
static size_t
element_length(struct text text)
{
    size_t at = 1;
    size_t length = name_length(text_after(text, at));
    if (length == 0)
        return 0;
    at += length;
    while (at < text.length && text.bytes[at] == ' ') {
        at++;
        length = name_length(text_after(text, at));
        if (length == 0)
            return 0;
        at += length;
        if (at + 1 >= text.length || text.bytes[at] != '=' ||
            text.bytes[at + 1] != '"')
            return 0;
        at += 2;
        length = value_length(text_after(text, at));
        if (length == 0)
            return 0;
        at += length;
    }
    return at < text.length && text.bytes[at] == ']' ? at + 1 : 0;
}

static bool
take_structured(struct cursor *cursor, struct syslog *syslog)
{
    struct text start = cursor->left;
    if (start.length == 0)
        return true;
    /* left out by some senders: the message itself stands here */
    if (start.bytes[0] == '<' || start.bytes[0] == '{' ||
        text_starts(start, bom))
        return true;
    if (start.bytes[0] == '-') {
        cursor->left = text_after(start, 1);
        return true;
    }
    while (cursor->left.length > 0 && cursor->left.bytes[0] == '[') {
        size_t length = element_length(cursor->left);
        if (length == 0)
            return false;
        cursor->left = text_after(cursor->left, length);
    }
    syslog->structured =
        (struct text){start.bytes, start.length - cursor->left.length};
    return syslog->structured.length > 0;
}

static struct text
message_of(struct text left)
{
    if (left.length > 0 && left.bytes[0] == ' ')
        left = text_after(left, 1);
    /* a newline may stand before the BOM as well as behind it */
    struct text trimmed = left;
    while (trimmed.length > 0 && strchr("\r\n", trimmed.bytes[0]) != NULL)
        trimmed = text_after(trimmed, 1);
    if (text_starts(trimmed, bom))
        return text_after(trimmed, 3);
    return left;
}

static enum result
parse_5424(struct cursor *cursor, struct reason *why, struct syslog *syslog)
{
    static const struct {
        const char *name;
        size_t maximum;
        size_t member;
    } fields[] = {
        {"TIMESTAMP", TIMESTAMP_BYTES_MAX, offsetof(struct syslog, timestamp)},
        {"HOSTNAME", HOST_BYTES_MAX, offsetof(struct syslog, host)},
        {"APP-NAME", APPLICATION_BYTES_MAX,
         offsetof(struct syslog, application)},
        {"PROCID", PROCESS_BYTES_MAX, offsetof(struct syslog, process)},
        {"MSGID", MESSAGE_ID_BYTES_MAX, offsetof(struct syslog, message_id)},
    };
    syslog->rfc5424 = true;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct text *field =
            (struct text *)(void *)((char *)syslog + fields[i].member);
        if (!take_field(cursor, fields[i].maximum, field))
            return reason_set(why, E_FORMAT, "syslog-header", fields[i].name,
                              cursor_offset(cursor));
    }
    if (!take_structured(cursor, syslog))
        return reason_set(why, E_FORMAT, "syslog-structured-data", "",
                          cursor_offset(cursor));
    syslog->message = message_of(cursor->left);
    return OK;
}

/* "Mmm dd hh:mm:ss", the day padded with a space or a zero. */
static bool
is_old_timestamp(struct text text)
{
    static const char shape[] = "aaa dd dd:dd:dd";
    if (text.length < sizeof shape - 1)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        char byte = text.bytes[i];
        bool fits = shape[i] == 'a' ? byte >= 'A' && byte <= 'z'
                    : shape[i] == 'd'
                        ? is_digit(byte) || (i == 4 && byte == ' ')
                        : byte == shape[i];
        if (!fits)
            return false;
    }
    return true;
}

static struct text
word_of(struct text text)
{
    return (struct text){text.bytes, text_find_byte(text, ' ')};
}

static bool
is_iso_timestamp(struct text word)
{
    int64_t time_us;
    bool zoned;
    return word.length >= 19 && is_digit(word.bytes[0]) &&
           time_parse(word, &time_us, &zoned) == OK;
}

/* "tag[pid]:" in front of the text. */
static void
take_tag(struct cursor *cursor, struct syslog *syslog)
{
    struct text word = word_of(cursor->left);
    size_t colon = text_find_byte(word, ':');
    if (colon == 0 || colon > TAG_BYTES_MAX || colon + 1 != word.length)
        return;
    struct text process;
    struct text tag = {word.bytes, colon};
    if (text_split(tag, '[', &syslog->application, &process) &&
        process.length > 1)
        syslog->process = (struct text){process.bytes, process.length - 1};
    cursor->left = text_after(cursor->left, word.length);
}

/* RFC 3164 is a description of what was seen: what does not look like its
 * header is the message. */
static void
parse_3164(struct cursor *cursor, struct syslog *syslog)
{
    size_t length = 0;
    if (is_old_timestamp(cursor->left))
        length = 15;
    else if (is_iso_timestamp(word_of(cursor->left)))
        length = word_of(cursor->left).length;
    if (length > 0) {
        syslog->timestamp = (struct text){cursor->left.bytes, length};
        cursor->left = text_after(cursor->left, length);
        if (cursor->left.length > 0 && cursor->left.bytes[0] == ' ')
            cursor->left = text_after(cursor->left, 1);
        struct text host = word_of(cursor->left);
        if (host.length > 0 && host.length <= HOST_BYTES_MAX &&
            host.length < cursor->left.length &&
            host.bytes[host.length - 1] != ':' && host.bytes[0] != '<' &&
            host.bytes[0] != '{') {
            syslog->host = host;
            cursor->left = text_after(cursor->left, host.length + 1);
        }
    }
    take_tag(cursor, syslog);
    syslog->message = message_of(cursor->left);
}

/* VERSION SP behind PRI: its length, 0 for none. */
static size_t
version_length(struct text text)
{
    size_t at = 0;
    while (at < text.length && at < VERSION_DIGITS_MAX &&
           is_digit(text.bytes[at]))
        at++;
    if (at == 0 || at >= text.length || text.bytes[at] != ' ' ||
        text.bytes[0] == '0')
        return 0;
    return at + 1;
}

enum result
syslog_parse(struct text message, struct reason *why, struct syslog *ret_syslog)
{
    struct syslog syslog = {.priority = 0};
    struct cursor cursor = {message, message.length};
    size_t length = syslog_priority_length(message);
    if (length == 0)
        return reason_set(why, E_FORMAT, "syslog-priority", "PRI", 0);
    for (size_t i = 1; i + 1 < length; i++)
        syslog.priority =
            syslog.priority * 10 + (uint32_t)(message.bytes[i] - '0');
    cursor.left = text_after(message, length);

    length = version_length(cursor.left);
    if (length > 0) {
        cursor.left = text_after(cursor.left, length);
        enum result result = parse_5424(&cursor, why, &syslog);
        if (result != OK)
            return result;
    } else {
        parse_3164(&cursor, &syslog);
    }
    *ret_syslog = syslog;
    return OK;
}

enum result
syslog_parse_line(struct text line, struct syslog *ret_syslog)
{
    struct syslog syslog = {.priority = 0};
    struct cursor cursor = {line, line.length};
    parse_3164(&cursor, &syslog);
    if (syslog.timestamp.length == 0)
        return E_NOTFOUND;
    *ret_syslog = syslog;
    return OK;
}

static enum result
old_time(struct text text, int64_t near_us, int64_t *ret_time_us)
{
    struct civil near;
    struct civil civil = {.month = 0};
    bool doubtful;
    for (int month = 0; month < 12; month++) {
        if (memcmp(months + 3 * month, text.bytes, 3) == 0)
            civil.month = month + 1;
    }
    if (civil.month == 0 || near_us == 0)
        return near_us == 0 ? E_NOTFOUND : E_FORMAT;
    const char *digits = text.bytes;
    civil.day = (digits[4] == ' ' ? 0 : digits[4] - '0') * 10 + digits[5] - '0';
    civil.hour = (digits[7] - '0') * 10 + digits[8] - '0';
    civil.minute = (digits[10] - '0') * 10 + digits[11] - '0';
    civil.second = (digits[13] - '0') * 10 + digits[14] - '0';
    time_to_civil_local(near_us, &near);
    /* 29 February may need to go back to a leap year */
    for (int back = 0; back < 5; back++) {
        int64_t time_us;
        civil.year = near.year - back;
        if (!time_civil_valid(&civil))
            continue;
        enum result result = time_from_civil_local(&civil, &time_us, &doubtful);
        if (result != OK)
            return result;
        if (time_us > near_us + TIME_DAY_US)
            continue;
        *ret_time_us = time_us;
        return OK;
    }
    return E_FORMAT;
}

enum result
syslog_time(const struct syslog *syslog, int64_t near_us, int64_t *ret_time_us)
{
    bool zoned;
    if (syslog->timestamp.length == 0)
        return E_NOTFOUND;
    if (is_old_timestamp(syslog->timestamp))
        return old_time(syslog->timestamp, near_us, ret_time_us);
    return time_parse(syslog->timestamp, ret_time_us, &zoned);
}
