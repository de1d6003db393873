// Between the threads that log and the one that writes: two areas of memory. Callers copy whole lines into
// the open one under a short lock; the writer swaps the areas and writes the full one out. Nobody who logs
// ever waits for the sink: when the open area is full, lines are dropped, counted, and the count is itself
// written as a line as soon as there is room.
//
// The areas are published for the crash handler (clinux_crash.h), which can write what is queued without
// a lock.

import Bytes
import CLinux
import Glibc
import Runtime

/// The bounded queue of one pipeline and its writer thread.
///
/// `@unchecked Sendable`: `state` is touched only with `mutex` held, through its pointer, field by field, for
/// a condition wait in the middle lets others at it; an area's bytes below its
/// `end` are written before `end` is moved under the lock, and are read only by the writer, after it swapped
/// the area out under the same lock. The allocations live until `deinit`, or for ever once published.
final class LogQueue: @unchecked Sendable {
  /// What happened so far, by level.
  struct Counts: Equatable {
    var accepted = [UInt64](repeating: 0, count: LogLevel.allCases.count)
    var dropped = [UInt64](repeating: 0, count: LogLevel.allCases.count)
    /// Lines that were queued and that the sink then refused.
    var lost: UInt64 = 0
    var writeErrors: UInt64 = 0
    var lastError: LogSinkError?
  }

  private struct State {
    var open = 0
    var fill = 0
    var queued: UInt64 = 0
    var handled: UInt64 = 0
    var counts = Counts()
    /// What was dropped when the writer last took an area: to be told after the lines of that area.
    var droppedBefore = Counts().dropped
    var toldDropped = Counts().dropped
    var toldLost: UInt64 = 0
    var isWriterAsleep = false
    /// Whether lines should be written now, without waiting for more.
    var isUrgent = false
    var isClosing = false
    var hasEnded = false
  }

  private let limits: LogLimits
  private let sink: any LogSink
  /// Renders the line that tells what was dropped and lost.
  private let report: @Sendable (_ dropped: [UInt64], _ lost: UInt64, LogSinkError?) -> ByteBuffer
  private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
  private let areas: [UnsafeMutableRawPointer]
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let hasWork = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let hasHandled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let crashLines = UnsafeMutablePointer<clinux_crash_lines>.allocate(capacity: 1)

  init(
    sink: any LogSink, limits: LogLimits,
    report: @escaping @Sendable ([UInt64], UInt64, LogSinkError?) -> ByteBuffer
  ) throws(ThreadError) {
    self.sink = sink
    self.limits = limits
    self.report = report
    areas = (0..<2).map { _ in .allocate(byteCount: limits.queueBytesMaximum, alignment: 64) }
    state.initialize(to: State())
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    for condition in [hasWork, hasHandled] {
      condition.initialize(to: pthread_cond_t())
      pthread_cond_init(condition, &attributes)
    }
    pthread_condattr_destroy(&attributes)
    clinux_crash_lines_init(crashLines, sink.descriptor ?? -1, areas[0], areas[1])
    _ = try SystemThread.start(name: "log-writer") { [self] in run() }
  }

  deinit {
    pthread_cond_destroy(hasWork)
    pthread_cond_destroy(hasHandled)
    pthread_mutex_destroy(mutex)
    for area in areas { area.deallocate() }
    state.deinitialize(count: 1)
    state.deallocate()
    mutex.deallocate()
    hasWork.deallocate()
    hasHandled.deallocate()
    crashLines.deallocate()
  }

  // MARK: Any thread

  /// Queues one whole line, or drops and counts it when the queue is too full for its level.
  func append(_ line: UnsafeRawBufferPointer, level: LogLevel) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    let fill = state.pointee.fill
    let room = limits.queueBytes(for: level) - fill
    guard !state.pointee.isClosing, line.count <= room, let source = line.baseAddress else {
      state.pointee.counts.dropped[Int(level.rawValue)] += 1
      return
    }
    let open = state.pointee.open
    (areas[open] + fill).copyMemory(from: source, byteCount: line.count)
    state.pointee.fill = fill + line.count
    state.pointee.queued += 1
    state.pointee.counts.accepted[Int(level.rawValue)] += 1
    clinux_crash_lines_set_end(crashLines, Int32(open), fill + line.count)
    // Waking the writer costs more than all the rest: the first line of a batch does, and errors.
    if state.pointee.isWriterAsleep {
      state.pointee.isWriterAsleep = false
      pthread_cond_signal(hasWork)
    }
    if level >= .error || fill + line.count >= limits.queueBytesMaximum / 4 { hurry() }
  }

  /// With the lock held: ends the writer's wait for more lines, if it is in one.
  private func hurry() {
    if !state.pointee.isUrgent {
      state.pointee.isUrgent = true
      pthread_cond_signal(hasWork)
    }
  }

  /// Waits until every line queued so far was given to the sink; false when the time is up before.
  func flush(within limit: Duration) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    let target = state.pointee.queued
    hurry()
    return wait(within: limit) { state.pointee.handled >= target }
  }

  /// Takes no more lines and waits for the writer to end; false when the time is up before.
  func close(within limit: Duration) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    state.pointee.isClosing = true
    hurry()
    return wait(within: limit) { state.pointee.hasEnded }
  }

  /// What happened so far.
  var counts: Counts {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return state.pointee.counts
  }

  /// Bytes waiting to be taken by the writer.
  var queuedBytes: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return state.pointee.fill
  }

  /// Lets the crash handler write what is queued. Keeps the queue in memory for ever.
  func publishForCrash() {
    guard sink.descriptor != nil else { return }
    _ = Unmanaged.passRetained(self)
    clinux_crash_publish(crashLines)
  }

  /// Waits, with the lock held on entry and return, until `isDone` or the time is up.
  private func wait(within limit: Duration, until isDone: () -> Bool) -> Bool {
    var until = Self.moment(after: limit)
    while !isDone() {
      if pthread_cond_timedwait(hasHandled, mutex, &until) == ETIMEDOUT { return isDone() }
    }
    return true
  }

  private static func moment(after limit: Duration) -> timespec {
    let nanoseconds = SystemTime().monotonic.advanced(by: limit).nanoseconds
    var moment = timespec()
    moment.tv_sec = Int(min(nanoseconds / 1_000_000_000, UInt64(Int32.max)))
    moment.tv_nsec = Int(nanoseconds % 1_000_000_000)
    return moment
  }

  // MARK: The writer's thread

  private nonisolated(unsafe) static let newline: UnsafeRawBufferPointer = {
    // Safe: a literal's bytes never change and never go away.
    let literal: StaticString = "\n"
    return UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
  }()

  /// Bytes given to the sink at once, in whole lines when one of them is not longer.
  private static let writeBytesMaximum = 64 << 10

  private func run() {
    // Whether the sink last took part of a line: the next line then begins with a newline.
    var isTorn = false
    while let (area, count, queued) = takeArea() {
      write(UnsafeRawBufferPointer(start: areas[area], count: count), area: area, &isTorn)
      clinux_crash_lines_set_end(crashLines, Int32(area), 0)
      clinux_crash_lines_set_begin(crashLines, Int32(area), 0)
      tellLosses(&isTorn)
      pthread_mutex_lock(mutex)
      state.pointee.handled = queued
      pthread_cond_broadcast(hasHandled)
      pthread_mutex_unlock(mutex)
    }
  }

  /// How long a line that is no error may wait for others to be written with it.
  private static let gathering = Duration.milliseconds(2)

  /// Waits for lines and swaps the areas; nil when the queue was closed and everything is written.
  private func takeArea() -> (area: Int, count: Int, queued: UInt64)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while state.pointee.fill == 0 {
      if state.pointee.isClosing {
        state.pointee.hasEnded = true
        pthread_cond_broadcast(hasHandled)
        return nil
      }
      state.pointee.isUrgent = false
      state.pointee.isWriterAsleep = true
      pthread_cond_wait(hasWork, mutex)
      state.pointee.isWriterAsleep = false
    }
    // More lines come soon as a rule, and written together they cost one wake-up and one write.
    var end = Self.moment(after: Self.gathering)
    while !state.pointee.isUrgent {
      if pthread_cond_timedwait(hasWork, mutex, &end) == ETIMEDOUT { break }
    }
    state.pointee.isUrgent = false
    let area = state.pointee.open
    let count = state.pointee.fill
    state.pointee.open = 1 - area
    state.pointee.fill = 0
    state.pointee.droppedBefore = state.pointee.counts.dropped
    clinux_crash_lines_set_older(crashLines, Int32(area))
    return (area, count, state.pointee.queued)
  }

  /// Writes whole lines. An error ends the attempt: what is left is counted as lost, not tried for ever.
  private func write(_ lines: UnsafeRawBufferPointer, area: Int?, _ isTorn: inout Bool) {
    var offset = 0
    do throws(LogSinkError) {
      if isTorn {
        _ = try sink.write(Self.newline)
        isTorn = false
      }
      while offset < lines.count {
        // The crash handler writes the rest; two writers would write lines twice.
        while clinux_crash_has_begun() != 0 { pause() }
        offset += try sink.write(Self.next(of: lines, from: offset))
        if let area { clinux_crash_lines_set_begin(crashLines, Int32(area), offset) }
      }
    } catch {
      isTorn = isTorn || (offset > 0 && lines[offset - 1] != UInt8(ascii: "\n"))
      let lost = lines[offset...].reduce(into: UInt64(0)) { $0 += $1 == UInt8(ascii: "\n") ? 1 : 0 }
      pthread_mutex_lock(mutex)
      // A report that could not be written is no lost line: it is written again later.
      if area != nil { state.pointee.counts.lost += lost }
      state.pointee.counts.writeErrors += 1
      state.pointee.counts.lastError = error
      pthread_mutex_unlock(mutex)
    }
  }

  private static func next(of lines: UnsafeRawBufferPointer, from offset: Int) -> UnsafeRawBufferPointer {
    let whole = min(lines.count, offset + writeBytesMaximum)
    var end = whole
    while whole < lines.count && end > offset && lines[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: lines[offset..<(end > offset ? end : whole)])
  }

  /// Writes a line that says what was dropped or lost since the last one that did.
  private func tellLosses(_ isTorn: inout Bool) {
    pthread_mutex_lock(mutex)
    let now = state.pointee
    pthread_mutex_unlock(mutex)
    guard now.droppedBefore != now.toldDropped || now.counts.lost != now.toldLost else { return }
    let dropped = zip(now.droppedBefore, now.toldDropped).map { $0 - $1 }
    let line = report(dropped, now.counts.lost - now.toldLost, now.counts.lastError)
    line.withReadableBytes { write($0, area: nil, &isTorn) }
    pthread_mutex_lock(mutex)
    // Told only when it was written.
    if state.pointee.counts.writeErrors == now.counts.writeErrors {
      state.pointee.toldDropped = now.droppedBefore
      state.pointee.toldLost = now.counts.lost
    }
    pthread_mutex_unlock(mutex)
  }
}
