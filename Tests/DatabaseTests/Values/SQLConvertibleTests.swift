// What Swift values become in a column, and what of a column they take back.

import Bytes
import Database
import Testing
import Wire

@Suite("Values of columns") struct SQLConvertibleTests {
  private func roundTrip<Value: SQLConvertible & Equatable>(_ value: Value) -> Bool {
    Value(sqlValue: value.sqlValue) == value
  }

  @Test("every type comes back as it was stored")
  func roundTrips() {
    #expect(roundTrip(Int64.min) && roundTrip(Int.max) && roundTrip(Int32.min) && roundTrip(UInt32.max))
    #expect(roundTrip(true) && roundTrip(false))
    #expect(roundTrip(-0.5) && roundTrip(Double.infinity))
    #expect(roundTrip("") && roundTrip("žluť") && roundTrip(ByteBuffer([0, 255])))
    #expect(roundTrip(UUID(high: 1, low: .max)))
    #expect(roundTrip(Int?.none) && roundTrip(Int?.some(7)))
  }

  @Test("a column of another type or out of range is no value")
  func refusals() {
    #expect(Int(sqlValue: .text("1")) == nil)
    #expect(Int32(sqlValue: .integer(1 << 40)) == nil)
    #expect(UInt32(sqlValue: .integer(-1)) == nil)
    #expect(Bool(sqlValue: .integer(2)) == nil)
    #expect(String(sqlValue: .null) == nil)
    #expect(Double(sqlValue: .integer(1)) == nil)
    #expect(UUID(sqlValue: .bytes(ByteBuffer([1, 2]))) == nil)
    #expect(String?(sqlValue: .integer(1)) == nil)
  }
}
