// What can be told of a topic, declared once: a section under `topics` in the configuration and the options of
// `varve log topic create` and `alter` have the same names and take the same values. What is not told stays as
// it is, or has its default in a topic that is new.

import CommandLine
import Configuration
import Log
import Records

/// An amount that may be without a limit.
enum Limit<Amount: Hashable & Sendable>: Hashable, Sendable {
  case unlimited
  case amount(Amount)

  var amount: Amount? {
    if case .amount(let amount) = self { amount } else { nil }
  }
}

/// Settings of a topic, those that are told.
struct TopicChange: Hashable, Sendable {
  var partitions: Int?
  var segmentBytes: ByteSize?
  var segmentAge: Duration?
  var retentionAge: Limit<Duration>?
  var retentionBytes: Limit<ByteSize>?
  var cleanup: TopicSettings.Cleanup?
  var tombstoneRetention: Duration?
  var compactionLag: Duration?
  var compression: CompressionChoice?
  var flushInterval: Duration?
  var flushBytes: ByteSize?
  var recordBytesMaximum: ByteSize?
  var batchBytesMaximum: ByteSize?
  var queueBytesMaximum: ByteSize?
  var preallocation: TopicSettings.Preallocation?
  var keysMaximum: Int?
  var producersMaximum: Int?

  /// How batches are compressed, by name.
  enum CompressionChoice: String, CaseIterable, Sendable {
    case none, lz4, zstd

    init(_ compression: Compression) {
      switch compression {
      case .none: self = .none
      case .lz4: self = .lz4
      case .zstd: self = .zstd
      }
    }

    var compression: Compression {
      switch self {
      case .none: .none
      case .lz4: .lz4
      case .zstd: .zstd
      }
    }
  }

  /// Nothing told.
  init() {}

  /// Every setting of a topic.
  init(_ settings: TopicSettings) {
    partitions = settings.partitions
    segmentBytes = ByteSize(bytes: settings.segmentBytes)
    segmentAge = settings.segmentAge
    retentionAge = settings.retentionAge.map { .amount($0) } ?? .unlimited
    retentionBytes = settings.retentionBytes.map { .amount(ByteSize(bytes: $0)) } ?? .unlimited
    cleanup = settings.cleanup
    tombstoneRetention = settings.tombstoneRetention
    compactionLag = settings.compactionLag
    compression = CompressionChoice(settings.compression)
    flushInterval = settings.flushInterval
    flushBytes = ByteSize(bytes: settings.flushBytes)
    recordBytesMaximum = ByteSize(bytes: settings.recordBytesMaximum)
    batchBytesMaximum = ByteSize(bytes: settings.batchBytesMaximum)
    queueBytesMaximum = ByteSize(bytes: settings.queueBytesMaximum)
    preallocation = settings.preallocation
    keysMaximum = settings.keysMaximum
    producersMaximum = settings.producersMaximum
  }

  /// Sets what is told.
  func apply(to settings: inout TopicSettings) {
    if let partitions { settings.partitions = partitions }
    if let segmentBytes { settings.segmentBytes = segmentBytes.bytes }
    if let segmentAge { settings.segmentAge = segmentAge }
    if let retentionAge { settings.retentionAge = retentionAge.amount }
    if let retentionBytes { settings.retentionBytes = retentionBytes.amount?.bytes }
    if let cleanup { settings.cleanup = cleanup }
    if let tombstoneRetention { settings.tombstoneRetention = tombstoneRetention }
    if let compactionLag { settings.compactionLag = compactionLag }
    if let compression { settings.compression = compression.compression }
    if let flushInterval { settings.flushInterval = flushInterval }
    if let flushBytes { settings.flushBytes = flushBytes.bytes }
    if let recordBytesMaximum { settings.recordBytesMaximum = recordBytesMaximum.bytes }
    if let batchBytesMaximum { settings.batchBytesMaximum = batchBytesMaximum.bytes }
    if let queueBytesMaximum { settings.queueBytesMaximum = queueBytesMaximum.bytes }
    if let preallocation { settings.preallocation = preallocation }
    if let keysMaximum { settings.keysMaximum = keysMaximum }
    if let producersMaximum { settings.producersMaximum = producersMaximum }
  }
}

// MARK: The declaration

/// Takes the settings one after the other.
private protocol TopicSettingVisitor {
  mutating func visit<Value: Sendable>(
    _ name: String, _ field: FieldPath<TopicChange, Value?>, _ notation: ValueNotation<Value>,
    _ meaning: String)
}

extension TopicChange {
  /// The longest duration a topic may be told: a hundred years.
  private static let longest = Duration.seconds(36_525 * 86_400)

  private static func visit(_ visitor: inout some TopicSettingVisitor) {
    let segment = ByteSize(bytes: TopicSettings.segmentBytesMinimum)
    let anySize = ByteSize(bytes: 1)...ByteSize(bytes: 1 << 30)
    visitor.visit(
      "partitions", \.partitions, .integer(1...PartitionID.partitionsMaximum),
      "How many partitions there are; may grow, never shrink. 1 for a new topic.")
    visitor.visit(
      "cleanup", \.cleanup, .choice,
      "What is done with old records: delete whole segments, compact to the latest of each key, or both.")
    visitor.visit(
      "retention_age", \.retentionAge,
      ValueNotation<Duration>.duration(.seconds(1)...longest).orUnlimited("forever"),
      "How long records are kept.")
    visitor.visit(
      "retention_bytes", \.retentionBytes,
      ValueNotation<ByteSize>.byteSize(ByteSize(bytes: 0)...ByteSize(bytes: 1 << 60)).orUnlimited("all"),
      "How many bytes of each partition are kept.")
    visitor.visit(
      "compression", \.compression, .choice, "How batches are compressed.")
    visitor.visit(
      "segment_bytes", \.segmentBytes,
      .byteSize(segment...ByteSize(bytes: TopicSettings.segmentBytesMaximum)),
      "How large a segment becomes before the next is begun.")
    visitor.visit(
      "segment_age", \.segmentAge, .duration(.seconds(1)...longest),
      "How old a segment becomes before the next is begun.")
    visitor.visit(
      "flush_interval", \.flushInterval, .duration(.milliseconds(1) ... .seconds(3600)),
      "After how long records that nobody waits for are synced.")
    visitor.visit(
      "flush_bytes", \.flushBytes, .byteSize(.kibibytes(4) ... .gibibytes(64)),
      "After how many bytes records that nobody waits for are synced.")
    visitor.visit(
      "record_bytes_maximum", \.recordBytesMaximum, .byteSize(anySize), "The largest record.")
    visitor.visit(
      "batch_bytes_maximum", \.batchBytesMaximum, .byteSize(anySize), "The largest batch: one append.")
    visitor.visit(
      "queue_bytes_maximum", \.queueBytesMaximum, .byteSize(anySize),
      "How many bytes may wait for the disk before appends wait.")
    visitor.visit(
      "preallocation", \.preallocation, .choice,
      "How room is made before records come: a little ahead, a whole segment, or none.")
    visitor.visit(
      "tombstone_retention", \.tombstoneRetention, .duration(.zero...longest),
      "How long a deletion stays after compaction has met it.")
    visitor.visit(
      "compaction_lag", \.compactionLag, .duration(.zero...longest),
      "How old a record is before compaction may touch it.")
    visitor.visit(
      "keys_maximum", \.keysMaximum, .integer(1...100_000_000),
      "How many keys are remembered for appends that depend on one.")
    visitor.visit(
      "producers_maximum", \.producersMaximum, .integer(1...1_000_000),
      "How many idempotent producers are remembered.")
  }
}

extension TopicChange: ConfigurationSection {
  static func declare(_ section: inout SectionDeclaration<Self>) {
    struct Visitor: TopicSettingVisitor {
      var section: SectionDeclaration<TopicChange>

      mutating func visit<Value: Sendable>(
        _ name: String, _ field: FieldPath<TopicChange, Value?>, _ notation: ValueNotation<Value>,
        _ meaning: String
      ) {
        section.key(name, field, notation, meaning)
      }
    }
    var visitor = Visitor(section: section)
    visit(&visitor)
    section = visitor.section
  }
}

extension TopicChange: ArgumentGroup {
  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    struct Visitor: TopicSettingVisitor {
      var arguments: ArgumentDeclaration<TopicChange>

      mutating func visit<Value: Sendable>(
        _ name: String, _ field: FieldPath<TopicChange, Value?>, _ notation: ValueNotation<Value>,
        _ meaning: String
      ) {
        let option = String(name.map { $0 == "_" ? "-" : $0 })
        arguments.option(option, field, notation, meaning)
      }
    }
    var visitor = Visitor(arguments: arguments)
    visit(&visitor)
    arguments = visitor.arguments
  }
}

// MARK: As texts

extension TopicChange {
  /// What is told, as key and text: `retention_age` and `7d`.
  var texts: [(key: String, text: String)] {
    struct Visitor: TopicSettingVisitor {
      let change: TopicChange
      var texts: [(key: String, text: String)] = []

      mutating func visit<Value: Sendable>(
        _ name: String, _ field: FieldPath<TopicChange, Value?>, _ notation: ValueNotation<Value>,
        _ meaning: String
      ) {
        if let value = change[keyPath: field] { texts.append((name, notation.write(value))) }
      }
    }
    var visitor = Visitor(change: self)
    Self.visit(&visitor)
    return visitor.texts
  }

  /// Reads what `texts` gives; keys that are not known are left out.
  init(texts: [String: String]) throws(NotationError) {
    struct Visitor: TopicSettingVisitor {
      let texts: [String: String]
      var change = TopicChange()
      var failure: NotationError?

      mutating func visit<Value: Sendable>(
        _ name: String, _ field: FieldPath<TopicChange, Value?>, _ notation: ValueNotation<Value>,
        _ meaning: String
      ) {
        guard let text = texts[name] else { return }
        do throws(NotationError) {
          change[keyPath: field] = try notation.read(text)
        } catch {
          failure = failure ?? error
        }
      }
    }
    var visitor = Visitor(texts: texts)
    Self.visit(&visitor)
    if let failure = visitor.failure { throw failure }
    self = visitor.change
  }
}

extension ValueNotation where Value: Hashable {
  /// The same, or a word for no limit.
  fileprivate func orUnlimited(_ word: String) -> ValueNotation<Limit<Value>> {
    let (read, write) = (read, write)
    return ValueNotation<Limit<Value>>(
      name: name, accepted: "\(accepted), or \(word)", placeholder: placeholder, role: role,
      read: { text throws(NotationError) in text == word ? .unlimited : .amount(try read(text)) },
      write: { $0.amount.map(write) ?? word })
  }
}

extension ValueNotation where Value == TopicName {
  /// The name of a topic.
  static var topicName: ValueNotation {
    ValueNotation(
      name: "topic", accepted: "1 to 249 letters, digits, dots, dashes and underscores", placeholder: "TOPIC",
      read: { text throws(NotationError) in
        do throws(LogError) {
          return try TopicName(text)
        } catch {
          throw .malformed("cannot name a topic")
        }
      },
      write: \.text)
  }
}
