// partition.metadata: which topic a partition's folder belongs to, whatever the topic was called then.

import Bytes
public import Wire

/// A partition folder's owner.
public struct PartitionMetadata: Equatable, Sendable {
  /// The topic's id.
  public var topicID: UUID

  /// The metadata of a partition of that topic.
  public init(topicID: UUID) { self.topicID = topicID }

  /// What the file is called.
  public static let fileName = "partition.metadata"

  /// The metadata whose file content is `bytes`. The zero id, which stands for "none", is refused.
  public static func parse(_ bytes: RawSpan) throws(RecordError) -> PartitionMetadata {
    var lines = try TextLines(bytes, of: fileName)
    let version = try lines.next()
    if version != "version: 0" {
      throw lines.malformed("its first line is \"\(version.prefix(40))\", not \"version: 0\"")
    }
    let line = try lines.next()
    let label = "topic_id: "
    guard line.hasPrefix(label), let id = topicID(line.dropFirst(label.count)) else {
      throw lines.malformed("its second line is not \"topic_id: \" and 22 characters of base64url")
    }
    if id == .zero { throw lines.malformed("its topic id is zero") }
    try lines.end()
    return PartitionMetadata(topicID: id)
  }

  /// The file's content, which has no newline at its end.
  public var text: String {
    var id = ByteBuffer(capacity: 16)
    topicID.append(to: &id)
    return "version: 0\ntopic_id: \(Base64.url.encode(id.readable) as String)"
  }

  private static func topicID(_ text: Substring) -> UUID? {
    do throws(TextError) {
      let bytes = try Base64.url.decode(String(text))
      return UUID(bytes: bytes.readable)
    } catch {
      return nil  // the caller says what should stand there
    }
  }
}
