// Turns one call into one line on the calling thread and hands it to the queue: rendering costs a few
// hundred nanoseconds, and sending half-built values to another thread would cost more.

import Bytes
import Glibc
import Runtime

/// What a pipeline and its loggers share.
final class LogCore: Sendable {
  let queue: LogQueue
  let renderer: LogRenderer
  let time: any TimeSource

  init(queue: LogQueue, renderer: LogRenderer, time: any TimeSource) {
    self.queue = queue
    self.renderer = renderer
    self.time = time
  }

  func emit(_ level: LogLevel, module: String, _ message: String, _ fields: LogFields, of logger: Logger) {
    let context = LogContext.current
    LineScratch.with { line in
      renderer.render(
        LogRecord(
          time: time.wall, level: level, module: module, message: message,
          requestID: logger.requestID ?? context?.requestID ?? context?.serving?.id,
          contextFields: context?.fields ?? [:], loggerFields: logger.fields, fields: fields),
        into: &line)
      line.withReadableBytes { queue.append($0, level: level) }
    }
  }
}

/// A buffer kept by each thread that logs, so that a line costs no allocation of its own.
enum LineScratch {
  /// A buffer that one enormous line made larger than this is not kept.
  static let keptBytesMaximum = 64 << 10

  private final class Box {
    var buffer = ByteBuffer(capacity: 1024)
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let result = pthread_key_create(&key) { box in
      if let box { Unmanaged<Box>.fromOpaque(box).release() }
    }
    precondition(result == 0, "pthread_key_create failed with \(result)")
    return key
  }()

  /// Calls `body` with an empty buffer. A field whose description logs gets a buffer of its own: the
  /// thread's is taken while it is in use.
  static func with(_ body: (inout ByteBuffer) -> Void) {
    let kept = pthread_getspecific(key)
    if kept != nil { pthread_setspecific(key, nil) }
    let box = kept.map { Unmanaged<Box>.fromOpaque($0).takeRetainedValue() } ?? Box()
    box.buffer.clear()
    body(&box.buffer)
    if box.buffer.capacity <= keptBytesMaximum, pthread_getspecific(key) == nil {
      pthread_setspecific(key, Unmanaged.passRetained(box).toOpaque())
    }
  }
}
