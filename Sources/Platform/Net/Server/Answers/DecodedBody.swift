// A request's body with its content coding undone, piece by piece or whole.

public import Bytes
public import HTTP

/// Pulls the decoded body of one request.
public struct DecodedBody {
  private let decoder: ContentDecoder?
  private let limit: Int
  private var input = ByteBuffer()
  private var taken = 0
  private var hasMore = false
  private var hasEnded = false

  init(_ fields: HTTPFields, limit: Int) throws(HTTPError) {
    self.limit = limit
    switch try ContentCoding.ofBody(fields) {
    case .identity: decoder = nil
    case let coding: decoder = try ContentDecoder(coding, bytesMaximum: limit)
    }
  }

  /// Whether the body comes as it is.
  var isPlain: Bool { decoder == nil }

  /// The next piece; nil after the last.
  public mutating func next(from exchange: inout Exchange) async throws(HTTPError) -> ByteBuffer? {
    guard let decoder else {
      guard let piece = try await exchange.nextChunk() else { return nil }
      taken += piece.count
      if taken > limit { throw .bodyTooLarge(limit: limit) }
      return piece
    }
    while true {
      if hasMore || !input.isEmpty {
        var output = ByteBuffer()
        hasMore = try decoder.decode(&input, into: &output)
        if !output.isEmpty { return output }
        if hasMore { continue }
      }
      if hasEnded { return nil }
      if let piece = try await exchange.nextChunk() {
        if input.isEmpty { input = piece } else { input.append(piece) }
      } else {
        hasEnded = true
        try decoder.finish()
        return nil
      }
    }
  }
}

extension Exchange {
  /// The body, to be pulled in decoded pieces.
  ///
  /// - Parameter limit: how many decoded bytes there may be: 413 above it.
  /// - Throws: 415 for a coding that is not known.
  public func decodedChunks(limit: Int) throws(HTTPError) -> DecodedBody {
    try DecodedBody(request.fields, limit: limit)
  }

  /// The whole body, decoded.
  ///
  /// - Throws: 413 when it is longer than `limit` bytes, 415 for a coding that is not known, 400 for what is not coded
  ///   as it says.
  public mutating func decodedBody(limit: Int) async throws(HTTPError) -> ByteBuffer {
    var chunks = try decodedChunks(limit: limit)
    if chunks.isPlain { return try await collect(limit: limit) }
    var whole = ByteBuffer()
    while let piece = try await chunks.next(from: &self) {
      if whole.isEmpty { whole = piece } else { whole.append(piece) }
    }
    return whole
  }
}
