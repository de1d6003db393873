// Reads one YAML document into a tree of ConfigurationNode, on libyaml's events. Only the part of YAML
// that a person needs for configuration is taken: mappings, lists and scalars. Anchors, aliases, tags,
// merge keys, directives, complex keys and further documents are refused, each with its place. What a
// plain scalar means is not decided here: the declared key decides.

internal import CYaml
internal import Notation

/// Reads the bytes of one YAML document.
struct YAMLReader: ~Copyable {
  /// Makes a source of a line and a column that count from one.
  typealias Locate = (_ line: Int, _ column: Int) -> ConfigurationSource

  private enum Stop: Error { case reported }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let locate: Locate
  private var nodes = 0
  private(set) var problems: [ConfigurationProblem] = []

  /// The root of the document in `bytes`, or `nil` if the document is empty or broken; and every problem.
  ///
  /// - Parameters:
  ///   - bytes: the document.
  ///   - locate: makes a source of a line and column that count from one.
  static func read(
    _ bytes: [UInt8], locate: @escaping Locate
  ) -> (root: ConfigurationNode?, problems: [ConfigurationProblem]) {
    guard bytes.count <= ConfigurationLimits.fileBytesMaximum else {
      let limit = ByteSize(bytes: ConfigurationLimits.fileBytesMaximum)
      return (nil, [ConfigurationProblem(.syntax, at: locate(1, 1), "the document is larger than \(limit)")])
    }
    if let problem = encodingProblem(in: bytes, locate: locate) { return (nil, [problem]) }
    return bytes.withUnsafeBufferPointer { buffer in
      var reader = YAMLReader(reading: buffer, locate)
      let root = reader.readDocument(buffer)
      return (root, reader.problems)
    }
  }

  /// The buffer must outlive the reader: libyaml reads from it as events are asked for.
  private init(
    reading buffer: UnsafeBufferPointer<UInt8>, _ locate: @escaping Locate
  ) {
    parser = .allocate(capacity: 1)
    self.locate = locate
    let isReady = yaml_parser_initialize(parser)
    precondition(isReady == 1, "out of memory")
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  // MARK: The document

  private mutating func readDocument(_ buffer: UnsafeBufferPointer<UInt8>) -> ConfigurationNode? {
    do {
      var root: ConfigurationNode?
      var documents = 0
      while true {
        var event = try next(buffer)
        defer { yaml_event_delete(&event) }
        switch event.type {
        case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
        case YAML_DOCUMENT_START_EVENT:
          documents += 1
          if documents > 1 { try stop(at: event.start_mark, "a second document is refused: write one") }
          if event.data.document_start.version_directive != nil || hasTagDirectives(event) {
            refuse(at: event.start_mark, "directives are refused")
          }
        case YAML_STREAM_END_EVENT: return root
        default: root = try node(from: event, depth: 1, buffer)
        }
      }
    } catch {
      return nil
    }
  }

  private func hasTagDirectives(_ event: yaml_event_t) -> Bool {
    event.data.document_start.tag_directives.start != event.data.document_start.tag_directives.end
  }

  private mutating func node(
    from event: yaml_event_t, depth: Int, _ buffer: UnsafeBufferPointer<UInt8>
  ) throws(Stop) -> ConfigurationNode {
    nodes += 1
    if nodes > ConfigurationLimits.nodesMaximum {
      try stop(at: event.start_mark, "there are more than \(ConfigurationLimits.nodesMaximum) values")
    }
    if depth > ConfigurationLimits.depthMaximum {
      try stop(at: event.start_mark, "values are nested deeper than \(ConfigurationLimits.depthMaximum)")
    }
    let source = place(event.start_mark)
    switch event.type {
    case YAML_SCALAR_EVENT:
      refuseProperties(event.data.scalar.anchor, event.data.scalar.tag, at: event.start_mark)
      return ConfigurationNode(content: .scalar(text(of: event), style(of: event)), source: source)
    case YAML_SEQUENCE_START_EVENT:
      refuseProperties(event.data.sequence_start.anchor, event.data.sequence_start.tag, at: event.start_mark)
      return ConfigurationNode(content: .sequence(try sequence(depth, buffer)), source: source)
    case YAML_MAPPING_START_EVENT:
      refuseProperties(event.data.mapping_start.anchor, event.data.mapping_start.tag, at: event.start_mark)
      return ConfigurationNode(content: .mapping(try mapping(depth, buffer)), source: source)
    case YAML_ALIAS_EVENT:
      refuse(at: event.start_mark, "aliases (*name) are refused: write the value again")
      return ConfigurationNode(content: .refused, source: source)
    default:
      try stop(at: event.start_mark, "is not understood")
    }
  }

  private mutating func sequence(
    _ depth: Int, _ buffer: UnsafeBufferPointer<UInt8>
  ) throws(Stop) -> [ConfigurationNode] {
    var elements: [ConfigurationNode] = []
    while true {
      var event = try next(buffer)
      defer { yaml_event_delete(&event) }
      if event.type == YAML_SEQUENCE_END_EVENT { return elements }
      elements.append(try node(from: event, depth: depth + 1, buffer))
    }
  }

  private mutating func mapping(
    _ depth: Int, _ buffer: UnsafeBufferPointer<UInt8>
  ) throws(Stop) -> [ConfigurationNode.Entry] {
    var entries: [ConfigurationNode.Entry] = []
    var places: [String: ConfigurationSource] = [:]
    while true {
      var keyEvent = try next(buffer)
      defer { yaml_event_delete(&keyEvent) }
      if keyEvent.type == YAML_MAPPING_END_EVENT { return entries }
      let mark = keyEvent.start_mark
      let keyNode = try node(from: keyEvent, depth: depth + 1, buffer)
      var valueEvent = try next(buffer)
      defer { yaml_event_delete(&valueEvent) }
      let value = try node(from: valueEvent, depth: depth + 1, buffer)
      guard case .scalar(let key, let style) = keyNode.content else {
        refuse(at: mark, "a key must be a name")
        continue
      }
      if key == "<<", style == .plain {
        refuse(at: mark, "merge keys (<<) are refused: write the values again")
      } else if key.isEmpty || key.utf8.count > ConfigurationLimits.keyBytesMaximum {
        refuse(at: mark, "a key must be a name of at most \(ConfigurationLimits.keyBytesMaximum) bytes")
      } else if let first = places[key] {
        let shown = Quotation.quoted(key)
        problems.append(
          ConfigurationProblem(
            .duplicateKey, at: place(mark), "the key \(shown) is set already at \(first.prefix)"))
      } else {
        places[key] = keyNode.source
        entries.append(ConfigurationNode.Entry(key: key, keySource: keyNode.source, value: value))
      }
    }
  }

  // MARK: Events

  private mutating func next(_ buffer: UnsafeBufferPointer<UInt8>) throws(Stop) -> yaml_event_t {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else {
      problems.append(syntaxProblem(in: buffer))
      throw .reported
    }
    return event
  }

  /// libyaml's words, except where they hide the usual cause: a tab among the leading spaces.
  private func syntaxProblem(in buffer: UnsafeBufferPointer<UInt8>) -> ConfigurationProblem {
    let mark = parser.pointee.problem_mark
    var place = place(mark)
    if parser.pointee.error == YAML_READER_ERROR {
      // The reader is ahead of the marks, and counts bytes.
      place = Self.place(of: min(parser.pointee.problem_offset, buffer.count), in: buffer, locate)
    } else if let tab = indentingTab(onLine: Int(mark.line), in: buffer) {
      let place = Self.place(of: tab, in: buffer, locate)
      return ConfigurationProblem(.syntax, at: place, "a tab is used to indent: use spaces")
    }
    let problem = parser.pointee.problem.map { ": \(String(cString: $0))" } ?? ""
    let context = parser.pointee.context.map { " \(String(cString: $0))" } ?? ""
    return ConfigurationProblem(.syntax, at: place, "not valid YAML\(problem)\(context)")
  }

  private func place(_ mark: yaml_mark_t) -> ConfigurationSource {
    locate(Int(mark.line) + 1, Int(mark.column) + 1)
  }

  private func indentingTab(onLine line: Int, in buffer: UnsafeBufferPointer<UInt8>) -> Int? {
    var start = 0
    for _ in 0..<line {
      guard let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) else { break }
      start = end + 1
    }
    let indentation = buffer[start...].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return indentation.firstIndex(of: UInt8(ascii: "\t"))
  }

  /// The place of a byte: lines end at line feeds, columns count characters.
  private static func place(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>, _ locate: Locate)
    -> ConfigurationSource
  {
    let before = bytes[..<offset]
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    return locate(line, before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1)
  }

  private func text(of event: yaml_event_t) -> String {
    guard let start = event.data.scalar.value else { return "" }
    return String(decoding: UnsafeBufferPointer(start: start, count: event.data.scalar.length), as: UTF8.self)
  }

  private func style(of event: yaml_event_t) -> ConfigurationNode.ScalarStyle {
    event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? .plain : .quoted
  }

  // MARK: Refusals

  private mutating func refuseProperties(
    _ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?,
    at mark: yaml_mark_t
  ) {
    if anchor != nil { refuse(at: mark, "anchors (&name) are refused") }
    if tag != nil { refuse(at: mark, "tags (!name) are refused: the key decides the type") }
  }

  private mutating func refuse(at mark: yaml_mark_t, _ reason: String) {
    problems.append(ConfigurationProblem(.syntax, at: place(mark), reason))
  }

  private mutating func stop(at mark: yaml_mark_t, _ reason: String) throws(Stop) -> Never {
    refuse(at: mark, reason)
    throw .reported
  }

  /// Where the bytes stop being UTF-8, if they do. libyaml would notice, but count its place in bytes.
  private static func encodingProblem(
    in bytes: [UInt8], locate: Locate
  ) -> ConfigurationProblem? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      let offset = error.byteOffsets.lowerBound
      let place = bytes.withUnsafeBufferPointer { Self.place(of: offset, in: $0, locate) }
      let digits = String(bytes[offset], radix: 16, uppercase: true)
      return ConfigurationProblem(
        .syntax, at: place, "the byte 0x\(digits) is not valid UTF-8")
    }
  }
}
