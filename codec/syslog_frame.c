/* SPDX-License-Identifier: EUPL-1.2 */
#include "codec/syslog_frame.h"

#include "base/limits.h"

static enum result
read_line(struct text window, struct reason *why,
          struct syslog_frame *ret_frame)
{
    size_t end = text_find_byte(window, '\n');
    struct text message = {window.bytes, end};

    if (end > SYSLOG_FRAME_BYTES_MAX)
        return reason_set(why, E_LIMIT, "syslog-frame-max", "", 0);
    if (end == window.length)
        return E_END;
    while (message.length > 0 && (message.bytes[message.length - 1] == '\r' ||
                                  message.bytes[message.length - 1] == '\0'))
        message.length--;
    *ret_frame = (struct syslog_frame){message, end + 1};
    return OK;
}

/* MSG-LEN = NONZERO-DIGIT *DIGIT, one space. */
static enum result
read_counted(struct text window, struct reason *why,
             struct syslog_frame *ret_frame)
{
    size_t count = 0, at = 0;

    while (at < window.length && window.bytes[at] >= '0' &&
           window.bytes[at] <= '9') {
        count = count * 10 + (size_t)(window.bytes[at] - '0');
        if (count > SYSLOG_FRAME_BYTES_MAX)
            return reason_set(why, E_LIMIT, "syslog-frame-max", "", at);
        at++;
    }
    if (at == window.length)
        return E_END;
    if (window.bytes[at] != ' ')
        return reason_set(why, E_FORMAT, "syslog-frame", "", at);
    at++;
    if (window.length - at < count)
        return E_END;
    *ret_frame = (struct syslog_frame){{window.bytes + at, count}, at + count};
    return OK;
}

enum result
syslog_frame_read(struct text window, bool lines, struct reason *why,
                  struct syslog_frame *ret_frame)
{
    if (window.length == 0)
        return E_END;
    if (window.bytes[0] >= '1' && window.bytes[0] <= '9')
        return read_counted(window, why, ret_frame);
    if (lines)
        return read_line(window, why, ret_frame);
    return reason_set(why, E_FORMAT, "syslog-frame", "", 0);
}
