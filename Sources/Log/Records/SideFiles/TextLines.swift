// Reading the two text side files: lines that end in one newline, the last of which may lack it.

import Bytes

/// The lines of a small text file, one after another.
struct TextLines {
  private let file: String
  private var rest: Substring
  private(set) var lineNumber = 0

  /// The lines of `bytes`, which are the whole of what messages call `file`.
  init(_ bytes: RawSpan, of file: String) throws(RecordError) {
    self.file = file
    let text = bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    guard let text else { throw .malformedSideFile(file: file, reason: "it is not text") }
    rest = Substring(text)
  }

  /// The next line, without its newline.
  mutating func next() throws(RecordError) -> Substring {
    lineNumber += 1
    if rest.isEmpty { throw malformed("line \(lineNumber) is missing") }
    let line = rest.prefix { $0 != "\n" }
    rest = rest.dropFirst(line.count + 1)
    return line
  }

  /// Throws if there is another line.
  func end() throws(RecordError) {
    if !rest.isEmpty { throw malformed("something follows line \(lineNumber)") }
  }

  func malformed(_ reason: String) -> RecordError { .malformedSideFile(file: file, reason: reason) }

  /// A number without sign or leading zeros, as this code and Kafka write it.
  static func number<Integer: FixedWidthInteger>(_ text: Substring) -> Integer? {
    guard let value = Integer(text), String(value) == text, value >= 0 else { return nil }
    return value
  }
}
