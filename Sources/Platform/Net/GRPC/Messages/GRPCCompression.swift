// `grpc-encoding`: messages compressed one by one. gzip is what every implementation has; identity is none.

package import Bytes
import HTTP

/// How messages are compressed.
public enum GRPCCompression: String, CaseIterable, Sendable {
  case identity
  case gzip

  /// What is said of those that can be read, as `grpc-accept-encoding`.
  package static let accepted = "identity,gzip"
  /// Messages shorter than this are sent as they are: compressing them gains nothing.
  package static let bytesMinimum = 512

  private var coding: ContentCoding {
    switch self {
    case .identity: .identity
    case .gzip: .gzip
    }
  }

  /// Whether a list of `grpc-accept-encoding` has this one.
  package func isAccepted(by list: String?) -> Bool {
    guard let list else { return false }
    return list.split(separator: ",").contains { member in
      member.drop { $0 == " " }.prefix { $0 != " " } == rawValue
    }
  }

  /// A frame with its message compressed; the same frame where that would not make it shorter.
  ///
  /// - Parameter frame: a message that is not compressed, with its prefix.
  package func compress(_ frame: ByteBuffer) throws(GRPCStatus) -> ByteBuffer {
    let prefix = GRPCFrameDecoder.prefixBytes
    guard self != .identity, frame.count >= prefix + Self.bytesMinimum else { return frame }
    let message = frame.slice(from: prefix, count: frame.count - prefix)
    let body: ByteBuffer
    do throws(HTTPError) {
      body = try ContentEncoder.encode(message, as: coding, level: 1)
    } catch {
      throw GRPCStatus(.resourceExhausted, error.explanation)
    }
    guard body.count < message.count else { return frame }
    var compressed = ByteBuffer(capacity: prefix + body.count)
    GRPCFrameDecoder.writePrefix(isCompressed: true, count: body.count, to: &compressed)
    compressed.append(body)
    return compressed
  }

  /// The message of a frame.
  ///
  /// - Parameter bytesMaximum: how long it may be; what grows further is found out while it grows.
  /// - Throws: `internal` for what is not so compressed, `resourceExhausted` for what is too long.
  package func message(of frame: GRPCFrame, bytesMaximum: Int) throws(GRPCStatus) -> ByteBuffer {
    guard frame.isCompressed else { return frame.bytes }
    guard self != .identity else {
      throw GRPCStatus(.internal, "a message is compressed, and grpc-encoding does not say how")
    }
    do throws(HTTPError) {
      let decoder = try ContentDecoder(coding, bytesMaximum: bytesMaximum)
      var (input, output) = (frame.bytes, ByteBuffer())
      while try decoder.decode(&input, into: &output) {}
      try decoder.finish()
      return output
    } catch {
      if error.status == 413 {
        throw GRPCStatus(.resourceExhausted, "a message grows over \(bytesMaximum) bytes")
      }
      throw GRPCStatus(.internal, "a message cannot be decompressed: \(error.explanation)")
    }
  }
}
