// Decides which nested messages lie inside the struct that has them and which in a box. Inside costs no
// allocation, and makes the struct larger; a message that contains itself cannot lie inside itself.

/// Where nested messages are kept.
enum StoragePlan {
  /// A message larger than this is boxed where it is a field of another.
  static let inlineBytesMaximum = 128

  /// Sets `isBoxed` on the fields of `messages`, which are all there are.
  static func decide(for messages: [MessageType]) {
    var reachable: [ObjectIdentifier: Set<ObjectIdentifier>] = [:]
    for message in messages { reachable[ObjectIdentifier(message)] = reach(from: message) }
    for message in messages {
      for (field, nested) in inlineCandidates(message) {
        field.isBoxed = reachable[ObjectIdentifier(nested)]?.contains(ObjectIdentifier(message)) ?? false
      }
    }
    // No circle is left, so sizes are finite; a boxed field is one word whatever it holds.
    var sizes: [ObjectIdentifier: Int] = [:]
    for message in messages {
      for (field, nested) in inlineCandidates(message) where size(of: nested, &sizes) > inlineBytesMaximum {
        field.isBoxed = true
      }
    }
  }

  /// The fields that hold one message: repeated fields and maps are out of line anyway.
  private static func inlineCandidates(_ message: MessageType) -> [(Field, MessageType)] {
    message.fields.compactMap { field in
      guard case .message(let nested) = field.kind, field.descriptor.label != .repeated else { return nil }
      return (field, nested)
    }
  }

  /// The message itself and every message that lies in it, at any depth.
  private static func reach(from message: MessageType) -> Set<ObjectIdentifier> {
    var seen: Set<ObjectIdentifier> = []
    var left = [message]
    while let next = left.popLast() {
      if seen.insert(ObjectIdentifier(next)).inserted { left += inlineCandidates(next).map(\.1) }
    }
    return seen
  }

  /// About how many bytes the struct has.
  private static func size(of message: MessageType, _ known: inout [ObjectIdentifier: Int]) -> Int {
    if let size = known[ObjectIdentifier(message)] { return size }
    var total = 8
    for oneof in message.oneofs {
      total += 8 + (oneof.members.map { size(of: $0, &known) }.max() ?? 0)
    }
    for field in message.fields where field.oneof == nil {
      total += size(of: field, &known) + (field.storedWithPresence ? 4 : 0)
    }
    known[ObjectIdentifier(message)] = total
    return total
  }

  private static func size(of field: Field, _ known: inout [ObjectIdentifier: Int]) -> Int {
    if field.descriptor.label == .repeated || field.isBoxed { return 8 }
    switch field.kind {
    case .scalar(let scalar): return scalar.inlineSize
    case .enumeration: return 9
    case .message(let nested):
      let inline = size(of: nested, &known)
      return inline > inlineBytesMaximum ? 8 : inline
    }
  }
}

extension Field {
  fileprivate var storedWithPresence: Bool {
    if case .optional = shape { true } else { false }
  }
}
