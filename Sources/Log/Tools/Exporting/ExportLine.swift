// An export is lines of JSON: a header, a line for each record, and a last line that says how many there were.
// docs/log.md has the members. This file writes and reads the lines; it does no I/O.

public import Bytes
public import Log
public import Records
public import Wire

/// What an export says of itself.
public struct ExportHeader: Hashable, Sendable {
  /// Sixteen bytes that no other export has: what tells an import that was begun from one that was not.
  public var id: UUID
  /// Where the records are from.
  public var topic: TopicName
  /// How many partitions that had.
  public var partitions: Int
  /// When the export was begun, in milliseconds since 1970.
  public var exportedAt: Int64
  /// The topic's settings as the configuration writes them, in the order to be written.
  public var settings: [Setting]

  /// A setting of a topic.
  public struct Setting: Hashable, Sendable {
    /// Its key.
    public var key: String
    /// Its value.
    public var value: String

    /// A setting.
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// A header.
  public init(
    id: UUID, topic: TopicName, partitions: Int, exportedAt: Int64, settings: [Setting] = []
  ) {
    self.id = id
    self.topic = topic
    self.partitions = partitions
    self.exportedAt = exportedAt
    self.settings = settings
  }
}

/// A record and where it was.
public struct ExportedRecord: Equatable, Sendable {
  /// The partition it was in.
  public var partition: Int
  /// The record; its offset is the one it had.
  public var stored: StoredRecord

  /// A record of a partition.
  public init(partition: Int, stored: StoredRecord) {
    self.partition = partition
    self.stored = stored
  }
}

/// A line of an export.
public enum ExportLine: Equatable, Sendable {
  /// The first.
  case header(ExportHeader)
  /// Those between.
  case record(ExportedRecord)
  /// The last: how many records there are.
  case end(records: Int)

  /// The version that is written, and read.
  public static let version = 1

  /// What one line may cost: a record of the largest size, its bytes in base64.
  static let limits = JSONLimits(
    documentBytesMaximum: 256 << 20, depthMaximum: 8, stringBytesMaximum: 128 << 20,
    valuesMaximum: 1_000_000)

  // MARK: Writing

  /// Appends the line with its line break.
  public func append(to buffer: inout ByteBuffer) {
    switch self {
    case .header(let header): Self.append(header, to: &buffer)
    case .record(let record):
      RecordJSON(showingEventsBy: nil).append(
        record.stored, partition: record.partition, topic: nil, to: &buffer)
    case .end(let records):
      buffer.appendJSON { (writer: inout JSONWriter) in
        writer.beginObject()
        writer.key("varve_export_end")
        writer.integer(Self.version)
        writer.key("records")
        writer.integer(records)
        writer.endObject()
      }
    }
    buffer.append("\n")
  }

  private static func append(_ header: ExportHeader, to buffer: inout ByteBuffer) {
    buffer.appendJSON { (writer: inout JSONWriter) in
      writer.beginObject()
      writer.key("varve_export")
      writer.integer(version)
      writer.key("id")
      writer.string(header.id.description)
      writer.key("topic")
      writer.string(header.topic.text)
      writer.key("partitions")
      writer.integer(header.partitions)
      writer.key("exported_at")
      writer.integer(header.exportedAt)
      writer.key("settings")
      writer.beginObject()
      for setting in header.settings {
        writer.key(setting.key)
        writer.string(setting.value)
      }
      writer.endObject()
      writer.endObject()
    }
  }
}
