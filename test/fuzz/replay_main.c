/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Feeds each file named (or in the folders named) to a fuzz target, so that
 * the seeds replay in the ordinary test run, with gcc. Each input lies in
 * memory of exactly its size: the sanitizers see a read past its end.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static unsigned replayed;

static int
replay_file(const char *path, size_t length)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(length == 0 ? 1 : length);
    int failed = 1;

    if (file == NULL || bytes == NULL ||
        fread(bytes, 1, length, file) != length) {
        (void)fprintf(stderr, "replay: cannot read %s\n", path);
        goto out;
    }
    /* said before: a crash leaves the name of the guilty one */
    (void)fprintf(stderr, "# %s\n", path);
    (void)LLVMFuzzerTestOneInput(bytes, length);
    replayed++;
    failed = 0;
out:
    free(bytes);
    if (file != NULL) {
        (void)fclose(file);
    }
    return failed;
}

static int
replay(const char *path)
{
    struct stat status;
    struct dirent **entries;
    int failed = 0;

    if (stat(path, &status) != 0) {
        (void)fprintf(stderr, "replay: %s is not there\n", path);
        return 1;
    }
    if (!S_ISDIR(status.st_mode)) {
        return replay_file(path, (size_t)status.st_size);
    }
    const int count = scandir(path, &entries, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        char inner[4096];

        if (entries[i]->d_name[0] != '.' &&
            snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name) <
                (int)sizeof(inner)) {
            failed |= replay(inner);
        }
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return failed;
}

int
main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++) {
        failed |= replay(argv[i]);
    }
    if (replayed == 0) {
        (void)fprintf(stderr, "replay: no seed\n");
        return 1;
    }
    (void)fprintf(stderr, "%u seeds replayed\n", replayed);
    return failed;
}
