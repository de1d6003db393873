// How a file's stripes are cut and protected: k, m and the size of a stripe.

import Database
import LogEvents

/// The numbers of a storage policy.
public struct ErasureCoding: Hashable, Sendable {
  /// How many shards hold the data: k.
  public var dataShards: Int
  /// How many more there are, each for any one that is lost: m.
  public var parityShards: Int
  /// Bytes of a file in one stripe.
  public var stripeBytes: Int

  /// k + m with stripes of so many bytes.
  public init(dataShards: Int, parityShards: Int, stripeBytes: Int) {
    self.dataShards = dataShards
    self.parityShards = parityShards
    self.stripeBytes = stripeBytes
  }

  /// 4+2 with stripes of 1 MiB: half as much again is written as is kept, and any two shards may be lost.
  public static let standard = ErasureCoding(dataShards: 4, parityShards: 2, stripeBytes: 1 << 20)

  /// Throws unless there is such a code.
  public func check() throws(InvalidValue) {
    let shards = ClusterLimits.shardsMaximum
    guard (1...shards).contains(dataShards) else {
      throw InvalidValue("data shards", "\(dataShards)", accepted: "1 to \(shards)")
    }
    guard (0...shards - dataShards).contains(parityShards) else {
      throw InvalidValue(
        "parity shards", "\(parityShards)",
        accepted: "0 to \(shards - dataShards): with \(dataShards) data shards, \(shards) shards at most")
    }
    let bytes = ClusterLimits.stripeBytes
    guard bytes.contains(stripeBytes), stripeBytes.nonzeroBitCount == 1 else {
      throw InvalidValue(
        "stripe size", "\(stripeBytes)",
        accepted: "a power of two from \(bytes.lowerBound) to \(bytes.upperBound) bytes")
    }
  }

  /// How many bytes of `raw` remain for data.
  public func dataBytes(of raw: Int) -> Int {
    let shards = dataShards + parityShards
    // In whole shards first: the product of both could be too large.
    return raw / shards * dataShards + raw % shards * dataShards / shards
  }

  init(stored message: Varve_Cluster_V1_ErasureCoding) throws(DatabaseError) {
    guard let stripeBytes = Int(exactly: message.stripeBytes) else {
      throw .inconsistent(reason: "a stripe of \(message.stripeBytes) bytes cannot be")
    }
    self.init(
      dataShards: Int(message.dataShards), parityShards: Int(message.parityShards), stripeBytes: stripeBytes)
  }

  /// As it stands in events. Only of what was checked.
  var message: Varve_Cluster_V1_ErasureCoding {
    var message = Varve_Cluster_V1_ErasureCoding()
    message.dataShards = UInt32(dataShards)
    message.parityShards = UInt32(parityShards)
    message.stripeBytes = UInt64(stripeBytes)
    return message
  }
}

extension ErasureCoding: CustomStringConvertible {
  /// `4+2`; the size of the stripes is left to whoever shows it.
  public var description: String { "\(dataShards)+\(parityShards)" }
}
