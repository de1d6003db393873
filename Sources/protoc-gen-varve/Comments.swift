import Wire

/// The comments of a .proto file, by the place of what they are about.
struct Comments {
  private var leading: [[Int32]: String] = [:]
  private var trailing: [[Int32]: String] = [:]

  init(_ source: Google_Protobuf_SourceCodeInfo) {
    for location in source.location {
      if location.hasLeadingComments { leading[location.path] = location.leadingComments }
      if location.hasTrailingComments { trailing[location.path] = location.trailingComments }
    }
  }

  /// The comment at `path` as doc comment lines; nil when the file says nothing there.
  func documentation(at path: [Int32]) -> String? {
    let texts = [leading[path], trailing[path]].compactMap { $0 }
    let paragraphs = texts.map { text in
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(trimmedEnd)
      while lines.last?.isEmpty == true { lines.removeLast() }
      while lines.first?.isEmpty == true { lines.removeFirst() }
      return lines
    }
    .filter { !$0.isEmpty }
    if paragraphs.isEmpty { return nil }
    return paragraphs.joined(separator: [""]).map { line in
      // protoc keeps the blank after the slashes.
      line.isEmpty ? "///" : line.hasPrefix(" ") ? "///" + line : "/// " + line
    }
    .joined(separator: "\n")
  }

  private func trimmedEnd(_ line: Substring) -> String {
    var line = line
    while line.last?.isWhitespace == true { line.removeLast() }
    return String(line)
  }
}
