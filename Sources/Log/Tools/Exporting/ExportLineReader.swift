// Reading one line of an export. Members that are not known are left out of account; those that are must be of
// their type, and each kind of line has members that must be there.

public import Bytes
import Log
import Records
import Wire

extension ExportLine {
  /// Reads a line.
  ///
  /// - Parameters:
  ///   - bytes: the line, without its line break.
  ///   - line: its number, for errors.
  public init(parsing bytes: ByteBuffer, line: Int) throws(ExportError) {
    var parts = ExportLineParts(line: line)
    do throws(JSONError) {
      var reader = try JSONReader(bytes.readable, limits: Self.limits, duplicateKeys: .refuse)
      try parts.read(&reader)
      try reader.finish()
    } catch {
      throw .notJSON(line: line, error)
    }
    self = try parts.assembled()
  }
}

/// The members of one line, as far as they were there.
private struct ExportLineParts {
  let line: Int
  private var version: Int?
  private var endVersion: Int?
  private var id: String?
  private var topic: String?
  private var partitions: Int?
  private var exportedAt: Int64?
  private var settings: [ExportHeader.Setting] = []
  private var records: Int?
  private var partition: Int?
  private var offset: Int64?
  private var timestamp: Int64?
  private var key = Field()
  private var value = Field()
  private var headers: [(name: String, value: Field)] = []

  /// Bytes: as text, in base64, or null.
  private struct Field {
    var isThere = false
    var bytes: ByteBuffer?
    var encoded: String?
  }

  init(line: Int) { self.line = line }

  // MARK: Members

  mutating func read(_ reader: inout JSONReader) throws(JSONError) {
    try reader.beginObject()
    while try reader.nextKey() {
      if reader.textEquals("partition") {
        partition = try reader.readInteger()
      } else if reader.textEquals("offset") {
        offset = try reader.readInteger()
      } else if reader.textEquals("timestamp") {
        timestamp = try reader.readInteger()
      } else if reader.textEquals("key") {
        try Self.readText(&key, &reader)
      } else if reader.textEquals("key_base64") {
        try Self.readEncoded(&key, &reader)
      } else if reader.textEquals("value") {
        try Self.readText(&value, &reader)
      } else if reader.textEquals("value_base64") {
        try Self.readEncoded(&value, &reader)
      } else if reader.textEquals("headers") {
        try readHeaders(&reader)
      } else {
        try readFrame(&reader)
      }
    }
  }

  /// A member of the first or last line.
  private mutating func readFrame(_ reader: inout JSONReader) throws(JSONError) {
    if reader.textEquals("varve_export") {
      version = try reader.readInteger()
    } else if reader.textEquals("varve_export_end") {
      endVersion = try reader.readInteger()
    } else if reader.textEquals("id") {
      id = try reader.readString()
    } else if reader.textEquals("topic") {
      topic = try reader.readString()
    } else if reader.textEquals("partitions") {
      partitions = try reader.readInteger()
    } else if reader.textEquals("exported_at") {
      exportedAt = try reader.readInteger()
    } else if reader.textEquals("records") {
      records = try reader.readInteger()
    } else if reader.textEquals("settings") {
      try reader.beginObject()
      while try reader.nextKey() {
        let key = reader.text
        settings.append(ExportHeader.Setting(key: key, value: try reader.readString()))
      }
    } else {
      try reader.skipValue()
    }
  }

  private mutating func readHeaders(_ reader: inout JSONReader) throws(JSONError) {
    try reader.beginArray()
    while try reader.nextElement() {
      var (name, value) = ("", Field())
      try reader.beginObject()
      while try reader.nextKey() {
        if reader.textEquals("name") {
          name = try reader.readString()
        } else if reader.textEquals("value") {
          try Self.readText(&value, &reader)
        } else if reader.textEquals("value_base64") {
          try Self.readEncoded(&value, &reader)
        } else {
          try reader.skipValue()
        }
      }
      headers.append((name, value))
    }
  }

  private static func readText(_ field: inout Field, _ reader: inout JSONReader) throws(JSONError) {
    field.isThere = true
    if try reader.readNullIfPresent() { return }
    var bytes = ByteBuffer()
    try reader.readString(into: &bytes)
    field.bytes = bytes
  }

  private static func readEncoded(_ field: inout Field, _ reader: inout JSONReader) throws(JSONError) {
    field.isThere = true
    field.encoded = try reader.readString()
  }

  // MARK: The line

  func assembled() throws(ExportError) -> ExportLine {
    if let version { return .header(try header(version)) }
    if let endVersion {
      guard endVersion == ExportLine.version else { throw .unknownVersion(endVersion) }
      guard let records, records >= 0 else { throw malformed("ends the export without a number of records") }
      return .end(records: records)
    }
    return .record(try record())
  }

  private func header(_ version: Int) throws(ExportError) -> ExportHeader {
    guard version == ExportLine.version else { throw .unknownVersion(version) }
    guard let id = id.flatMap({ UUID($0) }) else { throw malformed("has no id, which is a UUID") }
    guard let partitions, (1...PartitionID.partitionsMaximum).contains(partitions) else {
      throw malformed("has no number of partitions, from 1 to \(PartitionID.partitionsMaximum)")
    }
    do throws(LogError) {
      let name = topic == TopicName.metadata.text ? TopicName.metadata : try TopicName(topic ?? "")
      return ExportHeader(
        id: id, topic: name, partitions: partitions, exportedAt: exportedAt ?? 0, settings: settings)
    } catch {
      throw malformed("has no topic's name: \(error)")
    }
  }

  private func record() throws(ExportError) -> ExportedRecord {
    guard let partition, (0..<PartitionID.partitionsMaximum).contains(partition) else {
      throw malformed("is no record: it has no partition")
    }
    guard let offset, offset >= 0 else { throw malformed("is no record: it has no offset") }
    guard let timestamp else { throw malformed("is no record: it has no timestamp") }
    guard value.isThere else { throw malformed("is no record: it has no value, not even null") }
    var fields: [RecordHeader] = []
    for header in headers {
      fields.append(RecordHeader(key: header.name, value: try bytes(header.value, "header \(header.name)")))
    }
    let record = Record(
      key: try bytes(key, "key"), value: try bytes(value, "value"), headers: fields, timestamp: timestamp)
    return ExportedRecord(
      partition: partition, stored: StoredRecord(offset: offset, timestamp: timestamp, record: record))
  }

  private func bytes(_ field: Field, _ what: String) throws(ExportError) -> ByteBuffer? {
    guard let encoded = field.encoded else { return field.bytes }
    if field.bytes != nil { throw malformed("has its \(what) twice, as text and in base64") }
    do throws(TextError) {
      return try Base64.standard.decode(encoded)
    } catch {
      throw malformed("has a \(what) that is not base64: \(error)")
    }
  }

  private func malformed(_ reason: String) -> ExportError { .malformed(line: line, reason: reason) }
}
