// JSON beside Foundation's coders, both ways.

import Bytes
import Foundation
import Measure
import Wire

/// Prints the JSON lines of the table.
func compareJSON() throws {
  let operations = 2000
  let sample = Subject.sample
  var text = ByteBuffer()
  try text.appendJSON { writer in try sample.write(to: &writer) }
  let data = Data([UInt8](text))
  let encoder = JSONEncoder()
  let decoder = JSONDecoder()
  let theirs = try decoder.decode(Subject.self, from: data)
  var check = try JSONReader(text.readable)
  let ours = try Subject(from: &check)
  precondition(theirs == sample && ours == sample, "the two sides disagree about the record")

  var failure: (any Error)?
  func attempt(_ body: () throws -> Void) {
    do { try body() } catch { failure = error }
  }

  var target = ByteBuffer(capacity: 4096)
  Comparison(
    "JSON write, \(text.count) bytes, 7 objects", operations: operations,
    ours: {
      attempt {
        for _ in 0..<operations {
          target.clear()
          try target.appendJSON { writer in try sample.write(to: &writer) }
        }
      }
    },
    peer: { attempt { for _ in 0..<operations { keep(try encoder.encode(sample)) } } }
  ).report(peerName: "JSONEncoder", goal: "at least 15x")

  let read = {
    attempt {
      for _ in 0..<operations {
        var reader = try JSONReader(text.readable)
        keep(try Subject(from: &reader))
      }
    }
  }
  Comparison(
    "JSON read into structs", operations: operations, ours: read,
    peer: { attempt { for _ in 0..<operations { keep(try decoder.decode(Subject.self, from: data)) } } }
  ).report(peerName: "JSONDecoder", goal: "to know")

  Comparison(
    "JSON read into a tree", operations: operations,
    ours: {
      attempt {
        for _ in 0..<operations { keep(try JSONValue(parsing: text.readable, duplicateKeys: .keepEvery)) }
      }
    },
    peer: {
      attempt {
        for _ in 0..<operations { keep(try JSONSerialization.jsonObject(with: data) as? [String: Any]) }
      }
    }
  ).report(peerName: "JSONSerialization", goal: "to know")

  Comparison(
    "JSON skip (check only)", operations: operations,
    ours: {
      attempt {
        for _ in 0..<operations {
          var reader = try JSONReader(text.readable)
          try reader.skipValue()
          keep(reader.offset)
        }
      }
    }, peer: read
  ).report(peerName: "our read into structs", goal: "to know")

  Comparison(
    "the same, repeated keys refused", operations: operations,
    ours: {
      attempt {
        for _ in 0..<operations {
          var reader = try JSONReader(text.readable, duplicateKeys: .refuse)
          try reader.skipValue()
          keep(reader.offset)
        }
      }
    }, peer: read
  ).report(peerName: "our read into structs", goal: "to know")
  try compareNumbers()
  if let failure { throw failure }
}

/// Doubles of 17 digits, where the work is.
private func compareNumbers() throws {
  let values = (1...1000).map { 1 / Double($0) * 1e3 }
  let encoder = JSONEncoder()
  var target = ByteBuffer(capacity: 64 << 10)
  var failure: (any Error)?
  Comparison(
    "JSON write a long double", operations: values.count * 5,
    ours: {
      for _ in 0..<5 {
        target.clear()
        do {
          try target.appendJSON { writer in
            writer.beginArray()
            for value in values { try writer.double(value) }
            writer.endArray()
          }
        } catch { failure = error }
      }
    },
    peer: { for _ in 0..<5 { do { keep(try encoder.encode(values)) } catch { failure = error } } }
  ).report(peerName: "JSONEncoder", goal: "to know")
  let decoder = JSONDecoder()
  let data = Data([UInt8](target))
  Comparison(
    "JSON read a long double", operations: values.count * 5,
    ours: {
      for _ in 0..<5 {
        do {
          var reader = try JSONReader(target.readable)
          var sum = 0.0
          try reader.beginArray()
          while try reader.nextElement() { sum += try reader.readDouble() }
          keep(sum)
        } catch { failure = error }
      }
    },
    peer: {
      for _ in 0..<5 { do { keep(try decoder.decode([Double].self, from: data)) } catch { failure = error } }
    }
  ).report(peerName: "JSONDecoder", goal: "to know")
  if let failure { throw failure }
}
