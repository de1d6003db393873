// The projections that this program has.

import Cluster
import CommandLine
import Log
import Projections

/// Every projection there is, by name.
enum ProjectionCatalogue {
  /// In the order of their names.
  static func all() throws(LogError) -> [any Projection] { [try ClusterDomain()] }

  /// Those named, or all when none is.
  static func selected(_ names: [String]) throws -> [any Projection] {
    let all = try all()
    if names.isEmpty { return all }
    return try names.map { name in
      guard let found = all.first(where: { $0.name.text == name }) else {
        throw CommandFailure(
          .data, "there is no projection \(name)",
          hint: "there are: \(all.map(\.name.text).joined(separator: ", "))")
      }
      return found
    }
  }
}
