// How records are printed: a line of a table, a line of JSON, values, or bytes as they are.

import Bytes
import CommandLine
import Log
import LogTools
import Records
import Runtime

/// The form in which records are printed.
struct RecordForm: Sendable {
  enum Kind: Sendable {
    case line, json, value, raw
  }

  let kind: Kind
  private let payloads: EventPayloads
  private let json: RecordJSON

  init(_ kind: Kind, payloads: EventPayloads) {
    self.kind = kind
    self.payloads = payloads
    json = RecordJSON(showingEventsBy: payloads)
  }

  /// What stands above the lines.
  static let heading = "PLACE         TIME                         KEY               VALUE\n"
  private static let placeWidth = 12
  private static let keyWidth = 16

  /// Appends a record, and ends the line unless the form has none.
  func append(_ stored: StoredRecord, of partition: PartitionID, to buffer: inout ByteBuffer) {
    switch kind {
    case .line: appendLine(stored, partition, to: &buffer)
    case .json:
      json.append(stored, partition: partition.index, topic: partition.topic, to: &buffer)
      buffer.append("\n")
    case .value:
      guard let value = stored.record.value else { return }
      if case .event(_, let json) = payloads.payload(of: stored.record) {
        buffer.append(json)
      } else {
        buffer.append(value)
      }
      buffer.append("\n")
    case .raw:
      if let value = stored.record.value { buffer.append(value) }
    }
  }

  private func appendLine(_ stored: StoredRecord, _ partition: PartitionID, to buffer: inout ByteBuffer) {
    let place = TerminalText.padded("\(partition.index):\(stored.offset)", to: Self.placeWidth)
    let key = TerminalText.padded(stored.record.key.map(Self.shown) ?? "-", to: Self.keyWidth)
    let value: String
    switch payloads.payload(of: stored.record) {
    case .event(let type, let json): value = "\(type) \(Self.shown(json))"
    case .unreadable(let type, let reason): value = "\(type), unreadable: \(reason)"
    case .unknown: value = stored.record.value.map(Self.shown) ?? "(deleted)"
    }
    buffer.append("\(place)  \(Self.time(stored.timestamp))  \(key)  \(value)")
    for header in stored.record.headers where header.key != EventPayloads.typeHeader {
      buffer.append(
        "  \(TerminalText.harmless(header.key))=\(header.value.map(Self.shown) ?? "(none)")")
    }
    buffer.append("\n")
  }

  /// A timestamp as people read it.
  static func time(_ milliseconds: Int64) -> String {
    let (nanoseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    return overflow ? "\(milliseconds) ms" : Timestamp(nanoseconds: nanoseconds).description
  }

  /// Bytes as one harmless line: text, or hexadecimal.
  static func shown(_ bytes: ByteBuffer) -> String {
    if let text = String(validating: bytes) { return TerminalText.harmless(text) }
    return "0x" + bytes.withReadableBytes { $0.map(hexadecimal).joined() }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
