// What Foundation is asked to do in these comparisons.

import Bytes
import Foundation

/// Base64 by Foundation.
struct FoundationPeer {
  private let data: Data
  private let text: Data

  init(bytes: ByteBuffer) {
    data = Data([UInt8](bytes))
    text = data.base64EncodedData()
  }

  func encodeBase64() { precondition(data.base64EncodedData().count == text.count) }

  func decodeBase64() { precondition(Data(base64Encoded: text)?.count == data.count) }
}
