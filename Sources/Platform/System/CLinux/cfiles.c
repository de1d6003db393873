// File calls that glibc declares only with GNU extensions in force.
#define _GNU_SOURCE
#include "cfiles.h"
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/inotify.h>
#include <sys/sysmacros.h>
#include <unistd.h>

const int cfiles_open_direct = O_DIRECT;
const int cfiles_keep_size = FALLOC_FL_KEEP_SIZE;
const int cfiles_punch_hole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
const int cfiles_zero_range = FALLOC_FL_ZERO_RANGE;

int cfiles_open(const char *path, int flags, mode_t mode) { return open(path, flags | O_CLOEXEC, mode); }

int cfiles_fallocate(int descriptor, int mode, off_t offset, off_t length) {
  return fallocate(descriptor, mode, offset, length);
}

ssize_t cfiles_read_nowait(int descriptor, void *bytes, size_t count, off_t offset) {
  struct iovec part = {bytes, count};
  return preadv2(descriptor, &part, 1, offset, RWF_NOWAIT);
}

ssize_t cfiles_copy_range(int from, off_t from_offset, int to, off_t to_offset, size_t count) {
  return copy_file_range(from, &from_offset, to, &to_offset, count, 0);
}

int cfiles_start_writeback(int descriptor, off_t offset, off_t length) {
  return sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE);
}

int cfiles_watch_open(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

int cfiles_watch_file(int watch, const char *path) {
  return inotify_add_watch(watch, path, IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF);
}

int cfiles_watch_directory(int watch, const char *path) {
  return inotify_add_watch(watch, path, IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_ONLYDIR);
}

unsigned cfiles_device_major(dev_t device) { return major(device); }
unsigned cfiles_device_minor(dev_t device) { return minor(device); }
