// What the server's complaints mean here. It gives each a five-letter SQLSTATE; the letters decide, never the
// words, which follow the server's language.

import CPostgres

/// Turns what the server says into a `DatabaseError`.
enum PostgresFailure {
  /// How much of a statement an error repeats.
  static let excerptBytesMaximum = 200

  /// The error for a result that reports one.
  ///
  /// - Parameter inReadOnly: the transaction was asked to be read-only, so a write that is refused is a mistake.
  static func of(
    _ result: OpaquePointer, sql: String, target: String, inReadOnly: Bool = false
  ) -> DatabaseError {
    let state = field(result, "C")
    let reason = field(result, "M")
    return from(
      state: state, reason: reason.isEmpty ? whole(PQresultErrorMessage(result)) : reason, sql: sql,
      target: target, inReadOnly: inReadOnly,
      isStalePlan: state == "0A000" && field(result, "R") == "RevalidateCachedQuery")
  }

  /// The error for the SQLSTATE `state`.
  ///
  /// - Parameters:
  ///   - inReadOnly: the transaction was asked to be read-only.
  ///   - isStalePlan: the statement was prepared before a table changed its shape; prepared anew, it runs.
  static func from(
    state: String, reason: String, sql: String, target: String, inReadOnly: Bool = false,
    isStalePlan: Bool = false
  ) -> DatabaseError {
    switch state {
    case "40001", "40P01": return .conflict(reason: reason)
    case "55P03": return .busy(target: target)
    // Ended because it took too long, or by an operator: how long it takes is the server's affair, not what was asked.
    case "57014": return .overloaded(target: target, reason: reason)
    case "53100": return .storage(target: target, reason: reason)
    case "57P01", "57P02", "57P03", "25P03", "57P05": return .disconnected(target: target, reason: reason)
    case "XX001", "XX002": return .damaged(target: target, findings: [reason])
    default: break
    }
    if isStalePlan { return .conflict(reason: reason) }
    // Without a state the complaint is libpq's own, and all of those are about the connection.
    // Those of the server too, but for a protocol violation, which is what it calls a wrong number of parameters.
    if state.isEmpty || state.hasPrefix("08") && state != "08P01" {
      return .disconnected(target: target, reason: reason)
    }
    // Out of memory, connections, or what else it is allowed; then its own files and system calls.
    if state.hasPrefix("53") { return .overloaded(target: target, reason: reason) }
    if state.hasPrefix("58") { return .storage(target: target, reason: reason) }
    // A standby, or a server that was told to take no writes: whatever is written fails there, until it is promoted.
    // On a standby it is the BEGIN that is refused, as a feature that is not supported.
    if state == "25006" && !inReadOnly || state == "0A000" && sql.hasPrefix("BEGIN ") {
      return .storage(target: target, reason: reason)
    }
    if state.hasPrefix("23") { return .constraint(sql: excerpt(sql), reason: reason) }
    return .statement(sql: excerpt(sql), reason: reason)
  }

  /// A field of an error, by the letter the protocol gives it; empty when the server did not send it.
  static func field(_ result: OpaquePointer, _ code: Unicode.Scalar) -> String {
    whole(PQresultErrorField(result, Int32(code.value)))
  }

  /// A message of libpq's in one line.
  static func whole(_ text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "" }
    return String(cString: text).split(whereSeparator: \.isNewline)
      .map { $0.drop(while: { $0 == " " || $0 == "\t" }) }.joined(separator: "; ")
  }

  /// A statement in one line of bounded length.
  static func excerpt(_ sql: String) -> String {
    var line = ""
    var isBetween = false
    for character in sql {
      if character.isWhitespace {
        isBetween = !line.isEmpty
        continue
      }
      if line.utf8.count + character.utf8.count + 1 > excerptBytesMaximum { return line + "…" }
      if isBetween { line.append(" ") }
      isBetween = false
      line.append(character)
    }
    return line
  }

  // MARK: Connecting

  /// The SQLSTATE and the words of a connection that was refused, from the text that is all libpq keeps of it. Made
  /// with PQERRORS_VERBOSE, which is what puts the state there: `… FATAL:  28P01: password …`.
  static func refusal(_ message: String) -> (state: String, reason: String) {
    // Source file and line of the server, which nobody acts on; the word before the colon is translated, the rest is not.
    let lines = message.split(separator: "; ").filter { !$0.contains(".c:") }
    let text = lines.joined(separator: "; ")
    for (index, _) in text.utf8.enumerated() {
      let rest = text.utf8.dropFirst(index)
      guard rest.starts(with: ":  ".utf8) else { continue }
      let state = rest.dropFirst(3).prefix(5)
      guard state.count == 5, state.allSatisfy(isStateLetter), rest.dropFirst(8).starts(with: ": ".utf8)
      else {
        continue
      }
      return (String(Substring(state)), String(Substring(rest.dropFirst(10))))
    }
    return ("", text)
  }

  private static func isStateLetter(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
  }
}
