/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The commands: one file each, argv[0] is the command's name. Exit codes:
 * 0 done; 1 check, verify, doctor found something; 2 used wrongly, refused
 * or failed.
 */
#ifndef VIGIE_CLI_CLI_H
#define VIGIE_CLI_CLI_H

#include <stdbool.h>

#define EXIT_DONE 0
#define EXIT_FOUND 1
#define EXIT_REFUSED 2

int cli_replay(int argc, char **argv);
int cli_scope(int argc, char **argv);
int cli_hunt(int argc, char **argv);
int cli_who(int argc, char **argv);
int cli_alerts(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_verify(int argc, char **argv);
int cli_checkpoint(int argc, char **argv);
int cli_prove(int argc, char **argv);
int cli_tiles(int argc, char **argv);
int cli_witness(int argc, char **argv);
int cli_label(int argc, char **argv);
int cli_simulate(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_sessions(int argc, char **argv);
int cli_cut(int argc, char **argv);
int cli_orders(int argc, char **argv);
int cli_review(int argc, char **argv);
int cli_step_up(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_posture(int argc, char **argv);
int cli_keys(int argc, char **argv);
int cli_erase(int argc, char **argv);
int cli_approve(int argc, char **argv);
int cli_retain(int argc, char **argv);
int cli_hold(int argc, char **argv);
int cli_vault(int argc, char **argv);
int cli_ledger(int argc, char **argv);
int cli_backup(int argc, char **argv);
int cli_recover(int argc, char **argv);
int cli_demo(int argc, char **argv);

#endif
