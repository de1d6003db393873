// Control records: the marks that end transactions.

import Bytes
import Records
import Testing

@Suite("Control records") struct ControlRecordTests {
  @Test(
    "A mark is written as Kafka writes it",
    arguments: [
      (ControlRecord.Kind.abort, "00000000"), (.commit, "00000001"),
    ])
  func bytes(kind: ControlRecord.Kind, key: String) throws {
    let record = ControlRecord(kind, coordinatorEpoch: 0x0102_0304).record(timestamp: 5)
    #expect(record.key?.hex == key)
    #expect(record.value?.hex == "000001020304")
    #expect(record.timestamp == 5)
  }

  @Test(
    "What is written is read",
    arguments: [
      ControlRecord(.abort, coordinatorEpoch: 0), ControlRecord(.commit, coordinatorEpoch: -1),
      ControlRecord(.commit, coordinatorEpoch: .max, version: 3),
      ControlRecord(.other(2), coordinatorEpoch: nil), ControlRecord(.other(-7), coordinatorEpoch: nil),
    ])
  func roundTrip(control: ControlRecord) throws {
    let batch = try makeBatch([control.record()]) {
      ($0.attributes.isControl, $0.attributes.isTransactional, $0.producerID, $0.producerEpoch) = (
        true, true, 9, 1
      )
    }
    let record = try #require(try RecordBatch(validating: batch.bytes).records().first?.record)
    #expect(try parse(record.key, record.value) == control)
  }

  @Test func laterVersionsMayHaveMoreBytes() throws {
    let control = try parse(ByteBuffer(hex: "0001 0001 ffff"), ByteBuffer(hex: "0001 00000007 ff"))
    #expect(control == ControlRecord(.commit, coordinatorEpoch: 7, version: 1))
  }

  @Test(
    "Malformed ones are refused",
    arguments: [
      (nil, nil, "no key"), ("", nil, "0 bytes"), ("000000", nil, "3 bytes"),
      ("ffff0001", "000000000000", "its key has version -1"), ("00000001", nil, "no value"),
      ("00000000", "0000000000", "5 bytes"), ("00000000", "800000000000", "its value has version -32768"),
    ] as [(String?, String?, String)])
  func refusal(key: String?, value: String?, says: String) throws {
    let (key, value) = (try key.map { try ByteBuffer(hex: $0) }, try value.map { try ByteBuffer(hex: $0) })
    let error = #expect(throws: RecordError.self) { try parse(key, value) }
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
  }

  private func parse(_ key: ByteBuffer?, _ value: ByteBuffer?) throws -> ControlRecord {
    switch (key, value) {
    case (let key?, let value?): try ControlRecord(parsing: key.readable, value: value.readable)
    case (let key?, nil): try ControlRecord(parsing: key.readable, value: nil)
    case (nil, _): try ControlRecord(parsing: nil, value: nil)
    }
  }
}
