// Topic settings as the event that stores them. A setting that an older writer did not know has its default.

public import LogEvents
import Records

extension TopicSettings {
  /// The settings in an event, checked.
  public init(_ event: Varve_Log_V1_TopicSettings, topic: String) throws(LogError) {
    self.init()
    func number(_ value: UInt64, _ fallback: Int) -> Int { value == 0 ? fallback : Int(clamping: value) }
    func duration(_ milliseconds: UInt64) -> Duration { .milliseconds(Int64(clamping: milliseconds)) }
    partitions = Int(event.partitions)
    segmentBytes = number(event.segmentBytes, segmentBytes)
    if event.segmentAgeMs > 0 { segmentAge = duration(event.segmentAgeMs) }
    retentionAge = event.hasRetentionMs ? duration(event.retentionMs) : nil
    retentionBytes = event.hasRetentionBytes ? Int(clamping: event.retentionBytes) : nil
    switch event.cleanup {
    case .delete: cleanup = .delete
    case .compact: cleanup = .compact
    case .compactDelete: cleanup = .compactDelete
    default: throw Self.unknown("cleanup", topic)
    }
    switch event.compression {
    case .none: compression = .none
    case .lz4: compression = .lz4
    case .zstd: compression = .zstd
    default: throw Self.unknown("compression", topic)
    }
    switch event.preallocate {
    case .ahead: preallocation = .ahead
    case .segment: preallocation = .segment
    case .none: preallocation = .none
    default: throw Self.unknown("preallocation", topic)
    }
    if event.flushIntervalMs > 0 { flushInterval = duration(event.flushIntervalMs) }
    flushBytes = number(event.flushBytes, flushBytes)
    recordBytesMaximum = number(event.recordBytesMaximum, recordBytesMaximum)
    batchBytesMaximum = number(event.batchBytesMaximum, batchBytesMaximum)
    tombstoneRetention = duration(event.tombstoneRetentionMs)
    compactionLag = duration(event.compactionLagMs)
    queueBytesMaximum = number(event.queueBytesMaximum, queueBytesMaximum)
    keysMaximum = number(event.keysMaximum, keysMaximum)
    producersMaximum = number(event.producersMaximum, producersMaximum)
    try validate(topic: topic)
  }

  private static func unknown(_ key: String, _ topic: String) -> LogError {
    .invalidSetting(topic: topic, key: key, reason: "a newer version of this program has set it")
  }

  /// The event that stores the settings.
  public var event: Varve_Log_V1_TopicSettings {
    var event = Varve_Log_V1_TopicSettings()
    event.partitions = UInt32(partitions)
    event.segmentBytes = UInt64(segmentBytes)
    event.segmentAgeMs = segmentAge.wholeMilliseconds
    if let retentionAge { event.retentionMs = retentionAge.wholeMilliseconds }
    if let retentionBytes { event.retentionBytes = UInt64(retentionBytes) }
    switch cleanup {
    case .delete: event.cleanup = .delete
    case .compact: event.cleanup = .compact
    case .compactDelete: event.cleanup = .compactDelete
    }
    switch compression {
    case .none: event.compression = .none
    case .lz4: event.compression = .lz4
    case .zstd: event.compression = .zstd
    }
    switch preallocation {
    case .ahead: event.preallocate = .ahead
    case .segment: event.preallocate = .segment
    case .none: event.preallocate = .none
    }
    event.flushIntervalMs = flushInterval.wholeMilliseconds
    event.flushBytes = UInt64(flushBytes)
    event.recordBytesMaximum = UInt64(recordBytesMaximum)
    event.batchBytesMaximum = UInt64(batchBytesMaximum)
    event.tombstoneRetentionMs = tombstoneRetention.wholeMilliseconds
    event.compactionLagMs = compactionLag.wholeMilliseconds
    event.queueBytesMaximum = UInt64(queueBytesMaximum)
    event.keysMaximum = UInt64(keysMaximum)
    event.producersMaximum = UInt64(producersMaximum)
    return event
  }
}

extension Duration {
  /// Whole milliseconds, rounded down; zero when negative.
  fileprivate var wholeMilliseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 { return 0 }
    return UInt64(seconds) * 1000 + UInt64(attoseconds / 1_000_000_000_000_000)
  }
}
