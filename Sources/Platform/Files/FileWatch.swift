// Hears of changes that any process makes to files, from the kernel (inotify). It says that something changed,
// not what: whoever hears it looks. Changes made on another machine that shares the file system are not heard.

import CLinux
import Glibc
import Runtime

/// Waits for changes of files.
///
/// One thread waits at a time. What changed since the last wait, or since the watch was put on, ends the next
/// one at once, so nothing between looking and waiting is missed.
public final class FileWatch: Sendable {
  private let descriptor: Int32
  private let path: FilePath

  /// A watch on nothing yet; nil when the files are not of a kind that tells of changes.
  ///
  /// - Parameter path: what is going to be watched, for errors.
  public init?(_ files: any FileSystem, for path: FilePath) throws(FileError) {
    guard files.calls.tellsOfChanges else { return nil }
    self.path = path
    descriptor = cfiles_watch_open()
    if descriptor < 0 { throw Self.failure(path) }
  }

  deinit { _ = close(descriptor) }

  /// Also hears when the bytes of the file that now is at `path` change. Watching it again costs little and
  /// does nothing.
  public func watchFile(_ path: FilePath) throws(FileError) {
    let result = path.string.withCString { cfiles_watch_file(descriptor, $0) }
    if result < 0 { throw Self.failure(path) }
  }

  /// Also hears when entries of the directory come, go or change their names.
  public func watchDirectory(_ path: FilePath) throws(FileError) {
    let result = path.string.withCString { cfiles_watch_directory(descriptor, $0) }
    if result < 0 { throw Self.failure(path) }
  }

  /// Waits until something changed, but not longer than `duration`.
  ///
  /// - Returns: whether something changed.
  public func wait(for duration: Duration) throws(FileError) -> Bool {
    // Rounded up: waiting for no time at all, again and again, would be a loop that never sleeps.
    let milliseconds = (duration.wholeNanoseconds + 999_999) / 1_000_000
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let ready = poll(&entry, 1, Int32(clamping: milliseconds))
    if ready < 0 {
      // A signal may have changed what the caller wants.
      if errno == EINTR { return false }
      throw Self.failure(path)
    }
    return ready == 0 ? false : try drain()
  }

  /// Takes what the kernel has queued: one wake for all of it.
  private func drain() throws(FileError) -> Bool {
    let (got, number) = withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { room in
      var last = 0
      repeat { last = read(descriptor, room.baseAddress, room.count) } while last > 0
      return (last, errno)
    }
    if got < 0 && number != EAGAIN && number != EINTR {
      throw .failed(.watch, path: path, offset: nil, length: nil, ErrorNumber(rawValue: number))
    }
    return true
  }

  private static func failure(_ path: FilePath) -> FileError {
    .failed(.watch, path: path, offset: nil, length: nil, .last)
  }
}
