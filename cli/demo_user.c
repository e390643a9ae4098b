/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/demo_user.h"

#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "proc/sandbox.h"

#define OPEN_MOST 16

static const struct passwd *
caller(void)
{
    const char *sudo = getenv("SUDO_UID");
    const struct passwd *user = NULL;
    uint64_t uid;

    if (sudo != NULL && text_to_u64(text_of(sudo), UINT32_MAX, &uid) == OK &&
        uid != 0)
        user = getpwuid((uid_t)uid);
    return user != NULL ? user : getpwnam("nobody");
}

void
demo_user_find(struct demo_user *ret_user)
{
    const struct passwd *user = geteuid() == 0 ? caller() : NULL;
    const struct group *group;

    *ret_user = (struct demo_user){0};
    if (user == NULL || user->pw_uid == 0)
        return;
    group = getgrgid(user->pw_gid);
    if (group == NULL || strlen(user->pw_name) >= sizeof(ret_user->name) ||
        strlen(group->gr_name) >= sizeof(ret_user->group))
        return;
    (void)strcpy(ret_user->name, user->pw_name);
    (void)strcpy(ret_user->group, group->gr_name);
    ret_user->uid = user->pw_uid;
    ret_user->gid = user->pw_gid;
}

/* nftw takes no context. */
static struct {
    uid_t uid;
    gid_t gid;
} giving;

static int
give_one(const char *path, const struct stat *status, int kind,
         struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return lchown(path, giving.uid, giving.gid);
}

/* By one who is that user for once. */
static bool
reaches(const struct demo_user *user, const char *folder)
{
    pid_t pid;
    int status = 0;

    (void)fflush(NULL);
    pid = fork();
    if (pid == 0)
        _exit(sandbox_become(user->uid, user->gid) == OK &&
                      access(folder, R_OK | W_OK | X_OK) == 0
                  ? 0
                  : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static enum result
give(const char *folder, uid_t uid, gid_t gid)
{
    giving.uid = uid;
    giving.gid = gid;
    return nftw(folder, give_one, OPEN_MOST, FTW_PHYS) == 0 ? OK : E_DENIED;
}

enum result
demo_user_as(const struct demo_user *user)
{
    if (user->name[0] == '\0')
        return OK;
    return setegid(user->gid) == 0 && seteuid(user->uid) == 0 ? OK : E_DENIED;
}

enum result
demo_user_back(const struct demo_user *user)
{
    if (user->name[0] == '\0')
        return OK;
    return seteuid(0) == 0 && setegid(0) == 0 ? OK : E_DENIED;
}

enum result
demo_user_take_back(const char *folder)
{
    return give(folder, 0, 0);
}

enum result
demo_user_give(const struct demo_user *user, const char *folder)
{
    enum result result = give(folder, user->uid, user->gid);

    if (result == OK && reaches(user, folder))
        return OK;
    (void)!demo_user_take_back(folder);
    return E_DENIED;
}
