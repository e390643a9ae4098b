/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a service manager is told (sd_notify(3), the datagram protocol alone:
 * no library). Without NOTIFY_SOCKET nothing happens.
 */
#ifndef VIGIE_PROC_NOTIFY_H
#define VIGIE_PROC_NOTIFY_H

/* "READY=1", "WATCHDOG=1", "RELOADING=1", "STOPPING=1". Whether it arrived
 * does not matter to us. */
void notify_say(const char *state);

#endif
