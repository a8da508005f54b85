/* Stands between a process and the C library, and makes what it does to the files of one folder go wrong.
 *
 * Every write, sync, rename, removal, truncation, creation and opening of a file below the folder is a *point* with a
 * name, such as "sync truth.sqlite-wal", with a mark when a thread does it beside the one that began. At a chosen point
 * the process is killed (before it, after it, with half of a write done, or some time later, wherever it is then), or
 * the call fails, once or from then on. Besides, it can keep a mirror of what has been synced, which is all that a loss
 * of power may leave. Knows files, but nothing of libraries; `interposed.py` is the other side.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { WRITE = 1, SYNC = 2, RENAME = 4, REMOVE = 8, TRUNCATE = 16, MAKE = 32, OPEN = 64 };
enum effect { NOTHING, KILL_BEFORE, KILL_AFTER, KILL_HALFWAY, KILL_LATER, FAIL_ONCE, FAIL_ON };

static struct {
    char folder[PATH_MAX], point[256], mirror[PATH_MAX];
    int armed, effect, error, kinds, log;
    long nth, nanoseconds;
} plan;
static long met;     /* how often the chosen point was met since counting began */
static int counting; /* whether it has begun */
static int failing;  /* calls of the chosen kinds fail from now on */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real_of(#name))

static void *real_of(const char *name) {
    return dlsym(RTLD_NEXT, name);
}

static const char *word_of(enum kind kind) {
    switch (kind) {
    case WRITE: return "write";
    case SYNC: return "sync";
    case RENAME: return "rename";
    case REMOVE: return "remove";
    case TRUNCATE: return "truncate";
    case MAKE: return "make";
    default: return "open";
    }
}

/* The path relative to the folder without what differs from run to run: numbers are N, hashes and random names H. A
 * star at the end stands for another thread than the one that began. */
static void name_of(enum kind kind, const char *path, char *name, size_t room) {
    size_t at = (size_t)snprintf(name, room, "%s ", word_of(kind));
    const char *rest = path + strlen(plan.folder);
    for (rest += *rest == '/'; *rest && *rest != ' ' && at + 1 < room;) {
        size_t hex = strspn(rest, "0123456789abcdef"), digits = strspn(rest, "0123456789");
        if (!strncmp(rest, ".tmp", 4)) {
            at += (size_t)snprintf(name + at, room - at, "H");
            break;
        }
        if (hex >= 16 || digits) {
            name[at++] = hex >= 16 ? 'H' : 'N';
            rest += hex >= 16 ? hex : digits;
        } else {
            name[at++] = *rest++;
        }
    }
    snprintf(name + (at < room - 3 ? at : room - 3), 3, "%s", gettid() == getpid() ? "" : " *");
}

static int inside(const char *path) {
    size_t length = strlen(plan.folder);
    return plan.armed && !strncmp(path, plan.folder, length) && (!path[length] || path[length] == '/');
}

static int path_of(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return length > 0;
}

static void absolute(int folder, const char *given, char *path) {
    char base[PATH_MAX] = "";
    if (given[0] == '/')
        snprintf(path, PATH_MAX, "%s", given);
    else if (folder == AT_FDCWD ? getcwd(base, sizeof base) != NULL : path_of(folder, base))
        snprintf(path, PATH_MAX, "%.2000s/%.2000s", base, given);
    else
        path[0] = 0;
}

/* What is to happen at this point: NOTHING, or the chosen effect. */
static enum effect at_point(enum kind kind, const char *path) {
    char name[300];
    if (!inside(path))
        return NOTHING;
    name_of(kind, path, name, sizeof name - 1);
    pthread_mutex_lock(&turn);
    if (plan.log >= 0) {
        dprintf(plan.log, "%s\n", name);
    }
    int here = counting && !strcmp(name, plan.point) && ++met == plan.nth;
    int fails = failing && (plan.kinds & kind);
    if (here && plan.effect == FAIL_ON)
        failing = 1;
    pthread_mutex_unlock(&turn);
    return here ? (enum effect)plan.effect : fails ? FAIL_ON : NOTHING;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* The system is to kill this process some time from now. */
static void die_later(void) {
    timer_t timer;
    struct sigevent kill_it = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    struct itimerspec then = {.it_value = {plan.nanoseconds / 1000000000, plan.nanoseconds % 1000000000}};
    if (timer_create(CLOCK_MONOTONIC, &kill_it, &timer) || timer_settime(timer, 0, &then, NULL))
        abort();
}

/* The mirror: f-INODE is what was synced of a file, d-INODE the names in a folder when that was synced. */

static void mirror_file(const struct stat *about, int source) {
    char target[PATH_MAX + 64], beside[PATH_MAX + 80], buffer[1 << 16];
    snprintf(target, sizeof target, "%s/f-%lu", plan.mirror, (unsigned long)about->st_ino);
    snprintf(beside, sizeof beside, "%s.%d", target, (int)gettid());
    int out = REAL(open)(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    off_t at = 0;
    for (ssize_t got; source >= 0 && (got = pread(source, buffer, sizeof buffer, at)) > 0; at += got)
        if (REAL(write)(out, buffer, (size_t)got) != got)
            abort();
    close(out);
    REAL(rename)(beside, target);
}

static void mirror_folder(const struct stat *about, const char *path, int empty) {
    char target[PATH_MAX + 64], beside[PATH_MAX + 80];
    snprintf(target, sizeof target, "%s/d-%lu", plan.mirror, (unsigned long)about->st_ino);
    snprintf(beside, sizeof beside, "%s.%d", target, (int)gettid());
    int out = REAL(open)(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    DIR *folder = empty ? NULL : opendir(path);
    for (struct dirent *one; folder && (one = readdir(folder));)
        if (strcmp(one->d_name, ".") && strcmp(one->d_name, ".."))
            dprintf(out, "%lu %s\n", (unsigned long)one->d_ino, one->d_name);
    if (folder)
        closedir(folder);
    close(out);
    REAL(rename)(beside, target);
}

static void mirror(const char *path, int made) {
    struct stat about;
    int kept = errno;
    if (!plan.mirror[0] || !inside(path) || stat(path, &about))
        return;
    if (S_ISDIR(about.st_mode)) {
        mirror_folder(&about, path, made);
    } else if (!made || !about.st_size) {
        int file = made ? -1 : REAL(open)(path, O_RDONLY);
        mirror_file(&about, file);
        if (file >= 0)
            close(file);
    }
    errno = kept;
}

/* Keep what is about to lose its name, so that its inode is not used again while the mirror may still name it. */
static void keep(const char *path) {
    int kept = errno;
    if (plan.mirror[0] && inside(path))
        (void)!REAL(open)(path, O_PATH | O_NOFOLLOW);
    errno = kept;
}

#define AROUND(kind, path, type, call, failure)                                                                        \
    do {                                                                                                               \
        enum effect effect_ = at_point(kind, path);                                                                    \
        if (effect_ == KILL_BEFORE || (effect_ == KILL_HALFWAY && (kind) != WRITE))                                    \
            die();                                                                                                     \
        if (effect_ == KILL_LATER)                                                                                     \
            die_later();                                                                                               \
        if (effect_ >= FAIL_ONCE) {                                                                                    \
            errno = plan.error;                                                                                        \
            return failure;                                                                                            \
        }                                                                                                              \
        type result_ = call;                                                                                           \
        if (effect_ == KILL_AFTER || effect_ == KILL_HALFWAY)                                                          \
            die();                                                                                                     \
        result = result_;                                                                                              \
        met_effect = effect_;                                                                                          \
    } while (0)

/* How much of a write is done before a kill in the middle of it. */
static size_t part(enum effect effect, size_t count) {
    return effect == KILL_HALFWAY ? count / 2 : count;
}

#define ON_FILE(file, kind, type, call, failure)                                                                       \
    char path[PATH_MAX];                                                                                               \
    type result;                                                                                                       \
    enum effect met_effect;                                                                                            \
    if (!plan.armed || !path_of(file, path))                                                                           \
        path[0] = 0;                                                                                                   \
    AROUND(kind, path, type, call, failure);                                                                           \
    (void)met_effect

ssize_t write(int file, const void *content, size_t count) {
    ON_FILE(file, WRITE, ssize_t, REAL(write)(file, content, part(effect_, count)), -1);
    return result;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    ON_FILE(file, WRITE, ssize_t, REAL(writev)(file, parts, count), -1);
    return result;
}

ssize_t pwrite(int file, const void *content, size_t count, off_t at) {
    ON_FILE(file, WRITE, ssize_t, REAL(pwrite)(file, content, part(effect_, count), at), -1);
    return result;
}

ssize_t pwrite64(int file, const void *content, size_t count, off64_t at) {
    ON_FILE(file, WRITE, ssize_t, REAL(pwrite64)(file, content, part(effect_, count), at), -1);
    return result;
}

size_t fwrite(const void *content, size_t size, size_t count, FILE *stream) {
    ON_FILE(fileno(stream), WRITE, size_t, REAL(fwrite)(content, size, count, stream), 0);
    return result;
}

int ftruncate(int file, off_t length) {
    ON_FILE(file, TRUNCATE, int, REAL(ftruncate)(file, length), -1);
    return result;
}

int ftruncate64(int file, off64_t length) {
    ON_FILE(file, TRUNCATE, int, REAL(ftruncate64)(file, length), -1);
    return result;
}

static int synced(int (*sync)(int), int file, const char *path) {
    int done = sync(file);
    if (!done)
        mirror(path, 0);
    return done;
}

int fsync(int file) {
    ON_FILE(file, SYNC, int, synced(REAL(fsync), file, path), -1);
    return result;
}

int fdatasync(int file) {
    ON_FILE(file, SYNC, int, synced(REAL(fdatasync), file, path), -1);
    return result;
}

#define ON_PATH(folder, given, kind, type, call, failure)                                                              \
    char path[PATH_MAX];                                                                                               \
    type result;                                                                                                       \
    enum effect met_effect;                                                                                            \
    path[0] = 0;                                                                                                       \
    if (plan.armed)                                                                                                    \
        absolute(folder, given, path);                                                                                 \
    AROUND(kind, path, type, call, failure);                                                                           \
    (void)met_effect

int rename(const char *from, const char *to) {
    char target[PATH_MAX] = "";
    if (plan.armed)
        absolute(AT_FDCWD, to, target);
    keep(target);
    ON_PATH(AT_FDCWD, from, RENAME, int, REAL(rename)(from, to), -1);
    return result;
}

int unlink(const char *given) {
    ON_PATH(AT_FDCWD, given, REMOVE, int, (keep(path), REAL(unlink)(given)), -1);
    return result;
}

int unlinkat(int folder, const char *given, int flags) {
    ON_PATH(folder, given, REMOVE, int, (keep(path), REAL(unlinkat)(folder, given, flags)), -1);
    return result;
}

int rmdir(const char *given) {
    ON_PATH(AT_FDCWD, given, REMOVE, int, (keep(path), REAL(rmdir)(given)), -1);
    return result;
}

static int made(int done, const char *path) {
    if (done >= 0)
        mirror(path, 1);
    return done;
}

int mkdir(const char *given, mode_t mode) {
    ON_PATH(AT_FDCWD, given, MAKE, int, made(REAL(mkdir)(given, mode), path), -1);
    return result;
}

static int opened(int folder, const char *given, int flags, mode_t mode) {
    enum kind kind = flags & O_CREAT ? MAKE : OPEN;
    ON_PATH(folder, given, kind, int, REAL(openat)(folder, given, flags, mode), -1);
    return flags & O_CREAT ? made(result, path) : result;
}

static mode_t mode_in(int flags, va_list rest) {
    return flags & O_CREAT ? va_arg(rest, mode_t) : 0;
}

#define OPENER(name, parameters, folder)                                                                               \
    int name parameters {                                                                                              \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t mode = mode_in(flags, rest);                                                                            \
        va_end(rest);                                                                                                  \
        return opened(folder, given, flags, mode);                                                                     \
    }

OPENER(open, (const char *given, int flags, ...), AT_FDCWD)
OPENER(open64, (const char *given, int flags, ...), AT_FDCWD)
OPENER(openat, (int folder, const char *given, int flags, ...), folder)
OPENER(openat64, (int folder, const char *given, int flags, ...), folder)

FILE *fopen(const char *given, const char *mode) {
    ON_PATH(AT_FDCWD, given, (mode[0] == 'r' ? OPEN : MAKE), FILE *, REAL(fopen)(given, mode), NULL);
    if (mode[0] != 'r' && result)
        made(0, path);
    return result;
}

/* From Python. */

void interpose_arm(const char *folder, const char *point, long nth, int effect, int error, int kinds, int log,
                   const char *mirrored, long nanoseconds) {
    plan.armed = 0;
    snprintf(plan.folder, sizeof plan.folder, "%s", folder);
    snprintf(plan.point, sizeof plan.point, "%s", point);
    snprintf(plan.mirror, sizeof plan.mirror, "%s", mirrored);
    plan.nanoseconds = nanoseconds, plan.nth = nth, plan.effect = effect, plan.error = error, plan.kinds = kinds, plan.log = log;
    met = 0, counting = 0, failing = 0;
    plan.armed = 1;
}

/* Count how often the point is met, from here on. */
void interpose_count(void) {
    met = 0, counting = 1;
}

void interpose_disarm(void) {
    plan.armed = 0, failing = 0;
}

/* How often the point was met. */
long interpose_met(void) {
    return met;
}
