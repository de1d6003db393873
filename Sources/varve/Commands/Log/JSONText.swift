// Lines of JSON for programs: one object a line.

import Bytes
import CommandLine
import Wire

extension Console {
  /// Prints what `body` writes as one line of JSON.
  func printJSON(_ body: (inout JSONWriter) -> Void) throws(CommandLineError) {
    var buffer = ByteBuffer()
    buffer.appendJSON { (writer: inout JSONWriter) in body(&writer) }
    buffer.append("\n")
    try write(buffer.readable)
  }

  /// Prints a table as wide as the terminal is.
  func print(_ table: TextTable) throws(CommandLineError) {
    try write(
      table.text(
        width: outputTraits.isTerminal ? outputTraits.width : nil, hasColor: outputTraits.hasColor))
  }
}

extension JSONWriter {
  /// Writes a number, or null.
  mutating func integer(orNull value: (some FixedWidthInteger)?) {
    if let value { integer(value) } else { null() }
  }
}
