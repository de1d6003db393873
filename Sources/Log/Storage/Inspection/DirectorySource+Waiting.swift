// Waiting for a writer in another process.

import Files
import Records
import Runtime

extension DirectorySource {
  /// How long at most nobody looks although the kernel says nothing.
  private static let silenceMaximum = Duration.seconds(1)
  /// How often to look where the kernel cannot say anything.
  private static let lookInterval = Duration.milliseconds(50)

  /// Blocks until the end is past `offset`, or `timeout` is over.
  func waitForMore(from offset: LogOffset, timeout: Duration) throws(LogError) -> Bool {
    let time = SystemTime()
    let deadline = time.monotonic.advanced(by: timeout)
    do throws(FileError) {
      // Kept between calls: giving one up makes the kernel wait until nobody looks at it any more.
      let watch = try takeWatch()
      defer { giveBack(watch) }
      while true {
        // Armed before the look, so that what happens after the look is heard.
        try arm(watch)
        if try durableExtent().end > offset { return true }
        let left = deadline.since(time.monotonic)
        if left == .zero { return false }
        if let watch {
          _ = try watch.wait(for: min(left, Self.silenceMaximum))
        } else {
          pause(min(left, Self.lookInterval))
        }
      }
    } catch {
      throw .file(error)
    }
  }

  private func arm(_ watch: FileWatch?) throws(FileError) {
    guard let watch else { return }
    try watch.watchDirectory(directory.path)
    do throws(FileError) {
      try watch.watchFile(directory.durableEnd)
    } catch {
      guard error.isNotFound else { throw error }
      // A directory of Kafka's: its segment grows.
      if let last = try SegmentListing(directory).last {
        try watch.watchFile(last.swap ?? directory.log(last.base))
      }
    }
  }

  private func pause(_ duration: Duration) {
    let semaphore = ThreadSemaphore()
    _ = semaphore.wait(for: duration)
  }
}
