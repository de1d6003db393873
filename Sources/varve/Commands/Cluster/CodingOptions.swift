// k, m and the size of a stripe, on a command line.

import Cluster
import CommandLine
import Configuration

/// `--data-shards`, `--parity-shards`, `--stripe`.
struct CodingOptions: ArgumentGroup {
  var dataShards = ErasureCoding.standard.dataShards
  var parityShards = ErasureCoding.standard.parityShards
  var stripe = ByteSize(bytes: ErasureCoding.standard.stripeBytes)

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    let maximum = ClusterLimits.shardsMaximum
    arguments.option(
      "data-shards", short: "k", \.dataShards, .integer(1...maximum), "How many shards hold a stripe's data.")
    arguments.option(
      "parity-shards", short: "m", \.parityShards, .integer(0...maximum - 1),
      "How many more there are: so many may be lost.")
    arguments.option(
      "stripe", \.stripe,
      .byteSize(
        .bytes(ClusterLimits.stripeBytes.lowerBound) ... .bytes(ClusterLimits.stripeBytes.upperBound)),
      "Bytes of a file in one stripe; a power of two.")
  }

  var coding: ErasureCoding {
    ErasureCoding(dataShards: dataShards, parityShards: parityShards, stripeBytes: stripe.bytes)
  }
}
