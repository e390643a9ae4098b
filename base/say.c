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

static void
find_catalogue(void)
{
    char path[PATH_MAX + 16];
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    char *slash;

    if (length > 0) {
        path[length] = '\0';
        slash = strrchr(path, '/');
        /* test programs lie deeper in build/ than the program itself */
        while (slash != NULL && slash != path) {
            memcpy(slash, "/locale", sizeof("/locale"));
            if (access(path, R_OK | X_OK) == 0) {
                (void)bindtextdomain("vigie", path);
                return;
            }
            *slash = '\0';
            slash = strrchr(path, '/');
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
