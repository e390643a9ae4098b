/* SPDX-License-Identifier: EUPL-1.2 */
/* Whatever is sent to the live demo's FHIR service: every answer is JSON, and
 * its parts lie in what was received. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "demo/fhir_service.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    uint64_t *numbers = malloc(2 * sizeof(*numbers));
    struct fhir_book book;
    struct buffer out = {0};
    struct text method, target, body;
    struct reason why;
    char *received = malloc(length == 0 ? 1 : length);

    if (numbers == NULL || received == NULL)
        abort();
    numbers[0] = 200000000002;
    numbers[1] = 100000000001;
    if (length > 0)
        memcpy(received, bytes, length);
    if (fhir_book_open(numbers, 2, &book) != OK)
        abort();
    if (fhir_service_split((struct text){received, length}, &method, &target,
                           &body) == OK) {
        assert(body.bytes + body.length <= received + length);
        unsigned status =
            fhir_service_answer(&book, method, target, body, &out);
        assert(status >= 200 && status < 500);
        assert(json_check(buffer_as_text(&out), &why) == OK);
    }
    buffer_free(&out);
    fhir_book_close(&book);
    free(received);
    return 0;
}
