// Finding a map's value by its key. The keys are listed once. A type asks for its keys in the order in which
// it was most likely written, so each search begins after the last hit; maps of more keys than are worth
// searching, and maps that may have a key twice, get a dictionary instead.

import Glibc

/// The keys of one map on a tape.
final class CBORKeyIndex {
  /// A key that Swift's coding keys can name. Others are ignored.
  enum Name: Hashable {
    case text(String)
    case integer(Int)
  }

  private static let scannedMaximum = 24

  let tape: CBORTape
  /// Where the map is.
  let path: CBORPath?
  /// The nodes of the keys; each one's value is the node after it.
  private let places: [Int32]
  /// Which key to look at first.
  private var hint = 0
  /// Where the values are, when keys are not searched one by one.
  private let dictionary: [Name: Int]?

  init(_ tape: CBORTape, map: Int, path: CBORPath?) throws(CBORError) {
    self.tape = tape
    self.path = path
    let count = Int(tape.nodes[map].argument)
    var places: [Int32] = []
    places.reserveCapacity(count)
    var needsDictionary = count > Self.scannedMaximum || tape.options.duplicateKeys != .refused
    var key = map + 1
    for _ in 0..<count {
      places.append(Int32(truncatingIfNeeded: key))
      if tape.nodes[key].kind == .chunkedText { needsDictionary = true }
      key = Int(tape.nodes[Int(tape.nodes[key].next)].next)
    }
    self.places = places
    guard needsDictionary else {
      dictionary = nil
      return
    }
    var dictionary: [Name: Int] = [:]
    dictionary.reserveCapacity(count)
    for place in places {
      if let name = try Self.name(of: tape.nodes[Int(place)], on: tape) {
        dictionary[name] = Int(tape.nodes[Int(place)].next)
      }
    }
    self.dictionary = dictionary
  }

  /// Every key, in the order of the map.
  var all: [Name] {
    if let dictionary { return dictionary.sorted { $0.value < $1.value }.map(\.key) }
    return places.compactMap { place in
      let node = tape.nodes[Int(place)]
      return switch node.kind {
      case .text: .text(String(decoding: tape.content(of: node), as: UTF8.self))
      default: Self.integer(node).map { .integer($0) }
      }
    }
  }

  /// The node of the value under `key`: under its integer, where integers are used, else under its text.
  @inline(__always)
  func place(of key: some CodingKey) -> Int? {
    if tape.usesIntegerKeys, let integer = key.integerForm, let place = place(integer) { return place }
    return place(key.stringValue)
  }

  private func place(_ text: String) -> Int? {
    if let dictionary { return dictionary[.text(text)] }
    var text = text
    return text.withUTF8 { utf8 in
      search { node in
        node.kind == .text && node.argument == UInt64(utf8.count)
          && (utf8.isEmpty || memcmp(tape.content(of: node).baseAddress!, utf8.baseAddress!, utf8.count) == 0)
      }
    }
  }

  private func place(_ integer: Int) -> Int? {
    if let dictionary { return dictionary[.integer(integer)] }
    return search { Self.integer($0) == integer }
  }

  @inline(__always)
  private func search(_ isKey: (CBORNode) -> Bool) -> Int? {
    let first = hint
    for step in 0..<places.count {
      let index = first &+ step < places.count ? first &+ step : first &+ step &- places.count
      let node = tape.nodes[Int(places[index])]
      if isKey(node) {
        hint = index &+ 1 == places.count ? 0 : index &+ 1
        return Int(node.next)
      }
    }
    return nil
  }

  private static func integer(_ node: CBORNode) -> Int? {
    switch node.kind {
    case .unsigned: Int(exactly: node.argument)
    case .negative: Int(exactly: node.argument).map { ~$0 }
    default: nil
    }
  }

  private static func name(of node: CBORNode, on tape: CBORTape) throws(CBORError) -> Name? {
    if let integer = integer(node) { return .integer(integer) }
    if let text = try tape.text(at: node) { return .text(text) }
    return nil
  }
}
