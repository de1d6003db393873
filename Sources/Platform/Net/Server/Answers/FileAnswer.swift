// A file as a representation: what it is and in which state, for ranges and conditions.

public import HTTP
public import Runtime

/// An open file to answer with.
public struct FileAnswer: Sendable {
  /// The open file; it must stay open until the answer was sent.
  public var descriptor: Int32
  /// How long it is.
  public var size: Int64
  /// What it is.
  public var contentType: String
  /// Its state.
  public var validators: HTTPValidators
  /// More fields for the answer: Cache-Control, Content-Disposition.
  public var fields = HTTPFields()

  /// A file in a state that the caller names.
  public init(descriptor: Int32, size: Int64, contentType: String, validators: HTTPValidators) {
    precondition(size >= 0, "a file has a size")
    self.descriptor = descriptor
    self.size = size
    self.contentType = contentType
    self.validators = validators
  }

  /// A file whose state is its size and when it was changed.
  ///
  /// - Parameters:
  ///   - descriptor: the open file.
  ///   - size: how long it is.
  ///   - modified: when it was changed.
  ///   - looked: when that was found out: a change within the same second may have been followed by another.
  ///   - contentType: what it is.
  public init(descriptor: Int32, size: Int64, modified: Timestamp, looked: Timestamp, contentType: String) {
    let second = modified.nanoseconds >= 0 ? modified.nanoseconds : modified.nanoseconds - 999_999_999
    self.init(
      descriptor: descriptor, size: size, contentType: contentType,
      validators: HTTPValidators(
        entityTag: EntityTag(fileSize: size, modifiedNanoseconds: modified.nanoseconds),
        lastModified: second / 1_000_000_000,
        isLastModifiedStrong: looked.nanoseconds - modified.nanoseconds >= 1_000_000_000))
  }
}

extension Exchange {
  /// Answers with a file, or the parts of it that are asked for, under the request's conditions: 200, 206 or 304.
  ///
  /// - Throws: 412 when a condition fails, 416 when no part can be had.
  public mutating func respond(file: FileAnswer) async throws(HTTPError) {
    let now = loop.time.wall.nanoseconds / 1_000_000_000
    var fields = file.fields
    if let tag = file.validators.entityTag { fields.append("ETag", tag.description) }
    if let modified = file.validators.lastModified {
      fields.append("Last-Modified", HTTPDate.text(seconds: modified))
    }
    switch HTTPConditions(request, file.validators, now: now) {
    case .hold: break
    case .notModified: return try await respond(HTTPResponse(304, fields: fields))
    case .failed:
      throw HTTPError(412, code: "precondition_failed", "the file is in another state than was asked for")
    }
    fields.append("Accept-Ranges", "bytes")
    // Ranges are defined for GET alone (RFC 9110 section 14.2).
    let counts = request.method == .get && HTTPConditions.rangeCounts(request, file.validators, now: now)
    let values = counts ? request.fields.values(of: "range") : []
    switch ByteRangeSelection(values.count == 1 ? values[0] : nil, length: file.size) {
    case .whole: try await respond(200, file, 0..<file.size, fields)
    case .part(let part):
      fields.append("Content-Range", ContentRange.part(part, of: file.size))
      try await respond(206, file, part, fields)
    case .parts(let parts): try await respond(file, parts, fields)
    case .unsatisfiable:
      throw HTTPError(
        416, code: "range_not_satisfiable", "the file has no such part; it has \(file.size) bytes",
        fields: ["Content-Range": ContentRange.unsatisfied(length: file.size), "Accept-Ranges": "bytes"])
    }
  }

  private mutating func respond(
    _ status: HTTPStatus, _ file: FileAnswer, _ part: Range<Int64>, _ fields: HTTPFields
  ) async throws(HTTPError) {
    var fields = fields
    fields.append("Content-Type", file.contentType)
    try await respond(HTTPResponse(status, fields: fields, body: .file(file.range(part))))
  }

  private mutating func respond(
    _ file: FileAnswer, _ parts: [Range<Int64>], _ fields: HTTPFields
  ) async throws(HTTPError) {
    let frame = MultipartByteRanges(
      parts, of: file.size, contentType: file.contentType, boundary: MultipartByteRanges.randomBoundary())
    var fields = fields
    fields.append("Content-Type", frame.contentType)
    try await start(HTTPResponseHead(206, fields: fields), length: .exactly(frame.count))
    for (index, part) in parts.enumerated() {
      try await write(frame.head(of: index))
      try await send(file.range(part))
    }
    try await write(frame.tail)
    try await finish()
  }
}

extension FileAnswer {
  fileprivate func range(_ part: Range<Int64>) -> FileRange {
    FileRange(descriptor: descriptor, offset: part.lowerBound, count: part.count)
  }
}
