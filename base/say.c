/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/say.h"

#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool french = true;

/* gettext keeps what it found; it looks again only after this counter,
 * which it exports for that purpose, has changed. */
extern int _nl_msg_cat_cntr;

#define CATALOGUE "/fr/LC_MESSAGES/vigie.mo"

/* True where the catalogue lies under `path` + `folder`; path has room. */
static bool
has_catalogue(char *path, size_t length, const char *folder)
{
    const size_t more = strlen(folder);

    memcpy(path + length, folder, more);
    memcpy(path + length + more, CATALOGUE, sizeof(CATALOGUE));
    const bool there = access(path, R_OK) == 0;

    path[length + more] = '\0';
    return there;
}

/* Beside the program (build/locale; test programs lie deeper), or where
 * `make install` puts it, from bin/ to share/locale. */
static void
find_catalogue(void)
{
    char path[PATH_MAX + 64];
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);

    if (length > 0) {
        path[length] = '\0';
        for (char *slash = strrchr(path, '/'); slash != NULL && slash != path;
             slash = strrchr(path, '/')) {
            const size_t at = (size_t)(slash - path);

            if (has_catalogue(path, at, "/locale") ||
                has_catalogue(path, at, "/share/locale")) {
                (void)bindtextdomain("vigie", path);
                return;
            }
            *slash = '\0';
        }
    }
    (void)bindtextdomain("vigie", "/usr/share/locale");
}

void
say_language(const char *language)
{
    french = strncmp(language, "en", 2) != 0;
    (void)setenv("LANGUAGE", french ? "fr" : "en", 1);
    _nl_msg_cat_cntr++;
}

void
say_start(const char *language)
{
    if (language == NULL)
        language = getenv("VIGIE_LANG");
    /* in the plain "C" locale gettext translates nothing; C.UTF-8 is always
     * there on Debian and changes nothing else that we use */
    if (setlocale(LC_ALL, "C.UTF-8") == NULL)
        (void)setlocale(LC_ALL, "");
    find_catalogue();
    (void)bind_textdomain_codeset("vigie", "UTF-8");
    (void)textdomain("vigie");
    say_language(language == NULL ? "fr" : language);
}

bool
say_is_french(void)
{
    return french;
}

void
say_error(const char *what, const char *format, ...)
{
    va_list arguments;

    (void)fprintf(stderr, "vigie: %s: ", what);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
}
