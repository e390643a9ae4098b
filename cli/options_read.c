/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/options_read.h"

#include "base/say.h"
#include "cli/cli.h"

bool
options_read(const struct options_reader *reader, int argc, char **argv,
             int *ret_exit)
{
    int option;

    *ret_exit = EXIT_REFUSED;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", reader->known, NULL)) != -1) {
        if (option == 'h') {
            reader->usage();
            *ret_exit = EXIT_DONE;
            return false;
        }
        if (option == '?') {
            say_error(reader->command, "%s",
                      _("unknown option, or one without its "
                        "value (--help lists them)"));
            return false;
        }
        if (!reader->take(reader->context, option))
            return false;
    }
    return true;
}
