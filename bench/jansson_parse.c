/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The yardstick of `make bench`: parses every line of a file with jansson
 * and does nothing else. Prints how many there were.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    char *line = NULL;
    size_t room = 0;
    unsigned long parsed = 0;
    ssize_t length;

    if (file == NULL) {
        (void)fputs("jansson_parse FILE\n", stderr);
        return 2;
    }
    while ((length = getline(&line, &room, file)) > 0) {
        json_error_t error;
        json_t *root = json_loadb(line, (size_t)length, 0, &error);

        if (root == NULL) {
            (void)fprintf(stderr, "line %lu: not JSON\n", parsed + 1);
            return 1;
        }
        json_decref(root);
        parsed++;
    }
    free(line);
    (void)fclose(file);
    (void)printf("%lu\n", parsed);
    return 0;
}
