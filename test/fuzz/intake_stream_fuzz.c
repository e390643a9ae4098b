/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The framing of syslog streams and the head of the feed's requests. The
 * first byte chooses. What is found lies within the window; what a longer
 * window starts with is found as in the shorter one.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codec/http_request.h"
#include "codec/syslog_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
frames(struct text window, bool lines)
{
    struct syslog_frame frame, again;
    struct reason why = {0};

    while (syslog_frame_read(window, lines, &why, &frame) == OK) {
        assert(frame.used > 0 && frame.used <= window.length);
        assert(frame.message.length < frame.used);
        assert(syslog_frame_read((struct text){window.bytes, frame.used}, lines,
                                 &why, &again) == OK);
        assert(again.used == frame.used);
        assert(syslog_frame_read((struct text){window.bytes, frame.used - 1},
                                 lines, &why, &again) == E_END);
        window = text_after(window, frame.used);
    }
}

static void
head(struct text window)
{
    struct http_request request, again;
    struct reason why = {0};
    enum result result = http_request_read(window, &why, &request);

    if (result == E_FORMAT || result == E_LIMIT)
        assert(why.rule != NULL);
    if (result != OK)
        return;
    assert(request.head_bytes <= window.length);
    assert(request.method.length > 0 && request.target.length > 0);
    assert(http_request_read((struct text){window.bytes, request.head_bytes},
                             &why, &again) == OK);
    assert(again.body_bytes == request.body_bytes);
    assert(
        http_request_read((struct text){window.bytes, request.head_bytes - 1},
                          &why, &again) == E_END);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *exact; /* the sanitizer sees beyond */

    if (length == 0)
        return 0;
    exact = malloc(length);
    if (exact == NULL)
        return 0;
    memcpy(exact, bytes + 1, length - 1);
    if (bytes[0] % 3 == 2)
        head((struct text){exact, length - 1});
    else
        frames((struct text){exact, length - 1}, bytes[0] % 3 == 1);
    free(exact);
    return 0;
}
