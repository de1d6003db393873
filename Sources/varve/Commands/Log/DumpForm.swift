// How the parts of a partition's files are printed.

import Bytes
import CommandLine
import Files
import LogTools
import Records
import Wire

/// Prints a dump.
struct DumpForm {
  let isJSON: Bool
  let showsHex: Bool

  /// Appends a part, and ends its line.
  func append(_ row: DumpRow, to buffer: inout ByteBuffer) {
    if isJSON {
      buffer.appendJSON { (writer: inout JSONWriter) in
        writer.beginObject()
        write(row, &writer)
        writer.endObject()
      }
      buffer.append("\n")
    } else {
      buffer.append(line(row) + "\n")
    }
  }

  // MARK: For people

  private func line(_ row: DumpRow) -> String {
    switch row {
    case .file(let path, let bytes): "\(path)  \(bytes) bytes"
    case .batch(let position, let header, let bytes, let isRight):
      Self.line(header, at: position, isRight) + (showsHex ? "\n    \(Self.hexadecimal(bytes))" : "")
    case .record(let stored): Self.line(stored)
    case .zeros(let position, let count): "  @\(position)  \(count) zero bytes: room made ahead"
    case .unreadable(let position, let count, let reason):
      "  @\(position)  \(count) bytes UNREADABLE: \(TerminalText.harmless(reason))"
    case .offsetEntry(let row, let offset, let position):
      "  row \(row)  offset \(offset)  position \(position)"
    case .timeEntry(let row, let timestamp, let offset):
      "  row \(row)  time \(RecordForm.time(timestamp))  offset \(offset)"
    case .producer(let entry):
      "  producer \(entry.producerID)  epoch \(entry.epoch)  last sequence \(entry.lastSequence)  "
        + "last offset \(entry.lastOffset)  time \(RecordForm.time(entry.timestamp))"
    case .durableEnd(let offset): "  durable end \(offset)"
    case .text(let text): "  \(TerminalText.harmless(text))"
    }
  }

  private static func line(_ header: RecordBatchHeader, at position: Int, _ isRight: Bool) -> String {
    var line =
      "  @\(position)  offsets \(header.baseOffset) to \(header.lastOffset)  \(header.recordCount) records  "
      + "\(header.totalBytes) bytes  \(compression(header))  crc \(hexadecimal(header.crc)) "
      + "\(isRight ? "right" : "WRONG")  time \(RecordForm.time(header.baseTimestamp)) to "
      + "\(RecordForm.time(header.maxTimestamp))  epoch \(header.leaderEpoch)"
    if header.producerID >= 0 {
      line += "  producer \(header.producerID)/\(header.producerEpoch) sequence \(header.baseSequence)"
    }
    for flag in flags(header) { line += "  \(flag)" }
    return line
  }

  private static func line(_ stored: StoredRecord) -> String {
    var line = "    \(stored.offset)  \(RecordForm.time(stored.timestamp))"
    line += "  key \(stored.record.key.map(RecordForm.shown) ?? "(none)")"
    line += "  value \(stored.record.value.map(RecordForm.shown) ?? "(none)")"
    for header in stored.record.headers {
      line += "  \(TerminalText.harmless(header.key))=\(header.value.map(RecordForm.shown) ?? "(none)")"
    }
    return line
  }

  private static func compression(_ header: RecordBatchHeader) -> String {
    header.attributes.compression.map { TopicChange.CompressionChoice($0).rawValue }
      ?? "compression \(header.attributes.compressionCode)"
  }

  private static func flags(_ header: RecordBatchHeader) -> [String] {
    let attributes = header.attributes
    return [
      attributes.isControl ? "control" : nil, attributes.isTransactional ? "transactional" : nil,
      attributes.isLogAppendTime ? "append-time" : nil, attributes.hasDeleteHorizon ? "delete-horizon" : nil,
    ].compactMap { $0 }
  }

  private static func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private static func hexadecimal(_ bytes: ByteBuffer) -> String {
    Hex.encode(bytes.readable)
  }

  // MARK: For programs

  private func write(_ row: DumpRow, _ writer: inout JSONWriter) {
    switch row {
    case .file(let path, let bytes):
      writer.key("part")
      writer.plainString("file")
      writer.key("path")
      writer.string(path.string)
      Self.write([("bytes", Int64(bytes))], &writer)
    case .batch(let position, let header, let bytes, let isRight):
      writer.key("part")
      writer.plainString("batch")
      Self.write(header, at: position, &writer)
      writer.key("crc_right")
      writer.bool(isRight)
      if showsHex {
        writer.key("header_hex")
        writer.string(Self.hexadecimal(bytes))
      }
    case .record(let stored):
      writer.key("part")
      writer.plainString("record")
      writer.key("record")
      var line = ByteBuffer()
      RecordJSON(showingEventsBy: nil).append(stored, partition: nil, topic: nil, to: &line)
      writer.raw(line.readable)
    case .zeros(let position, let count):
      writer.key("part")
      writer.plainString("zeros")
      Self.write([("position", Int64(position)), ("bytes", Int64(count))], &writer)
    case .unreadable(let position, let count, let reason):
      writer.key("part")
      writer.plainString("unreadable")
      Self.write([("position", Int64(position)), ("bytes", Int64(count))], &writer)
      writer.key("reason")
      writer.string(reason)
    default: writeSideFile(row, &writer)
    }
  }

  private func writeSideFile(_ row: DumpRow, _ writer: inout JSONWriter) {
    writer.key("part")
    switch row {
    case .offsetEntry(let row, let offset, let position):
      writer.plainString("offset_index")
      Self.write([("row", Int64(row)), ("offset", offset), ("position", Int64(position))], &writer)
    case .timeEntry(let row, let timestamp, let offset):
      writer.plainString("time_index")
      Self.write([("row", Int64(row)), ("timestamp", timestamp), ("offset", offset)], &writer)
    case .producer(let entry):
      writer.plainString("producer")
      Self.write(
        [
          ("producer_id", entry.producerID), ("producer_epoch", Int64(entry.epoch)),
          ("last_sequence", Int64(entry.lastSequence)), ("last_offset", entry.lastOffset),
          ("timestamp", entry.timestamp),
        ], &writer)
    case .durableEnd(let offset):
      writer.plainString("durable_end")
      Self.write([("offset", offset)], &writer)
    case .text(let text):
      writer.plainString("text")
      writer.key("text")
      writer.string(text)
    case .file, .batch, .record, .zeros, .unreadable: preconditionFailure("written by write(_:_:)")
    }
  }

  private static func write(
    _ header: RecordBatchHeader, at position: Int, _ writer: inout JSONWriter
  ) {
    write(
      [
        ("position", Int64(position)), ("bytes", Int64(header.totalBytes)),
        ("base_offset", header.baseOffset), ("last_offset", header.lastOffset),
        ("records", Int64(header.recordCount)), ("leader_epoch", Int64(header.leaderEpoch)),
        ("attributes", Int64(header.attributes.rawValue)), ("base_timestamp", header.baseTimestamp),
        ("max_timestamp", header.maxTimestamp), ("producer_id", header.producerID),
        ("producer_epoch", Int64(header.producerEpoch)), ("base_sequence", Int64(header.baseSequence)),
        ("crc", Int64(header.crc)),
      ], &writer)
    writer.key("compression")
    writer.string(compression(header))
  }

  private static func write(_ numbers: [(name: String, value: Int64)], _ writer: inout JSONWriter) {
    for (name, value) in numbers {
      writer.key(name)
      writer.integer(value)
    }
  }
}
