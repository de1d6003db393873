// The lines of an export: written, read back, and refused when they are anything else.

import Bytes
import Log
import LogEvents
import LogTools
import Records
import Testing
import Wire

@Suite("Lines of an export") struct ExportLineTests {
  private func parse(_ text: String) throws(ExportError) -> ExportLine {
    try ExportLine(parsing: ByteBuffer(text), line: 7)
  }

  private func written(_ line: ExportLine) -> ByteBuffer {
    var buffer = ByteBuffer()
    line.append(to: &buffer)
    return buffer.slice(from: 0, count: buffer.count - 1)
  }

  @Test func everyLineIsReadBack() throws {
    let bytes = ByteBuffer([0xff, 0x00, 0x80])
    let records = [
      Record(key: nil, value: nil, timestamp: 5),
      Record(key: ByteBuffer(), value: ByteBuffer(), timestamp: 5),
      Record(key: bytes, value: bytes, headers: [RecordHeader(key: "é", value: bytes)], timestamp: 5),
      Record(
        key: ByteBuffer("k\"\n"), value: ByteBuffer("v\u{0}"),
        headers: [RecordHeader(key: "a", value: nil), RecordHeader(key: "a", value: ByteBuffer("b"))],
        timestamp: 5),
    ]
    for record in records {
      let line = ExportLine.record(
        ExportedRecord(partition: 3, stored: StoredRecord(offset: .max, timestamp: 5, record: record)))
      #expect(try ExportLine(parsing: written(line), line: 1) == line)
    }
    let header = ExportLine.header(
      ExportHeader(
        id: UUID(high: 1, low: .max), topic: try TopicName("jobs"), partitions: 4096, exportedAt: -1,
        settings: [ExportHeader.Setting(key: "cleanup", value: "compact")]))
    #expect(try ExportLine(parsing: written(header), line: 1) == header)
    #expect(try ExportLine(parsing: written(.end(records: 12)), line: 1) == .end(records: 12))
  }

  @Test func membersThatAreNotKnownAreLeftOut() throws {
    let line = try parse(
      #"{"partition":0,"offset":1,"timestamp":2,"new":[{"x":1}],"value":"v","headers":[{"name":"n","value":null,"y":2}]}"#
    )
    guard case .record(let record) = line else {
      Issue.record("no record: \(line)")
      return
    }
    #expect(record.stored.record.headers == [RecordHeader(key: "n", value: nil)])
  }

  @Test(
    "Anything else is refused",
    arguments: [
      ("", "line 7 is not JSON"), ("[]", "line 7 is not JSON"), ("{}", "it has no partition"),
      (#"{"partition":-1}"#, "it has no partition"), (#"{"partition":4096}"#, "it has no partition"),
      (#"{"partition":1.5}"#, "line 7 is not JSON"),
      (#"{"partition":0,"offset":-1}"#, "it has no offset"),
      (#"{"partition":0,"offset":9223372036854775808}"#, "line 7 is not JSON"),
      (#"{"partition":0,"offset":0}"#, "it has no timestamp"),
      (#"{"partition":0,"offset":0,"timestamp":1}"#, "it has no value"),
      (#"{"partition":0,"offset":0,"timestamp":1,"value":7}"#, "line 7 is not JSON"),
      (#"{"partition":0,"offset":0,"timestamp":1,"value_base64":"?"}"#, "a value that is not base64"),
      (#"{"partition":0,"offset":0,"timestamp":1,"value":"a","value_base64":"YQ=="}"#, "its value twice"),
      (#"{"partition":0,"offset":0,"timestamp":1,"value":"a","value":"b"}"#, "line 7 is not JSON"),
      (#"{"partition":0,"offset":0,"timestamp":1,"value":"a"} x"#, "line 7 is not JSON"),
      (#"{"partition":0,"offset":0,"timestamp":1,"value":"a","headers":{}}"#, "line 7 is not JSON"),
      (#"{"varve_export":2}"#, "version 2"), (#"{"varve_export":1}"#, "has no id"),
      (#"{"varve_export":1,"id":"00000000-0000-0000-0000-000000000001"}"#, "no number of partitions"),
      (#"{"varve_export":1,"id":"00000000-0000-0000-0000-000000000001","partitions":0}"#, "from 1 to 4096"),
      (
        #"{"varve_export":1,"id":"00000000-0000-0000-0000-000000000001","partitions":1,"topic":"a/b"}"#,
        "no topic's name"
      ),
      (#"{"varve_export_end":1}"#, "without a number of records"),
      (#"{"varve_export_end":1,"records":-1}"#, "without a number of records"),
      (#"{"varve_export_end":3,"records":1}"#, "version 3"),
    ])
  func refuses(text: String, expected: String) {
    #expect {
      _ = try parse(text)
    } throws: {
      String(describing: $0).contains(expected)
    }
  }
}

@Suite("Filters of records") struct RecordFilterTests {
  private static let record = Record(
    key: ByteBuffer("user/7"), value: ByteBuffer("v"),
    headers: [
      RecordHeader(key: "a", value: ByteBuffer("1")), RecordHeader(key: "a", value: ByteBuffer("2")),
      RecordHeader(key: "ce_type", value: ByteBuffer("varve.log.TopicSet.v1")),
    ])

  @Test func allConditionsMustHold() throws {
    var filter = RecordFilter()
    #expect(filter.matches(Self.record))
    filter.keyPrefix = ByteBuffer("user/")
    filter.headers = [RecordHeader(key: "a", value: ByteBuffer("2"))]
    filter.eventType = try EventTypeName(parsing: "varve.log.TopicSet.v1")
    #expect(filter.matches(Self.record))
    filter.key = ByteBuffer("user/8")
    #expect(!filter.matches(Self.record))
  }

  @Test func aKeyThatIsNotThereHasNoPrefix() {
    var filter = RecordFilter()
    filter.keyPrefix = ByteBuffer()
    #expect(!filter.matches(Record(key: nil, value: nil)))
    #expect(filter.matches(Record(key: ByteBuffer(), value: nil)))
  }
}
