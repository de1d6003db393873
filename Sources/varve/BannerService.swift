// The last service to start: when it does, everything before it is ready, and it says so.

import AdminGateway
import CommandLine
import Files
import Lifecycle
import Runtime
import Telemetry

/// Tells what listens where once the node is ready.
struct BannerService: Service {
  private let parts: NodeParts
  private let data: FilePath
  private let isNew: Bool
  private let console: Console?

  /// - Parameter console: where the banner goes; nil for none.
  init(_ parts: NodeParts, data: FilePath, isNew: Bool, console: Console?) {
    self.parts = parts
    self.data = data
    self.isNew = isNew
    self.console = console
  }

  var name: String { "banner" }

  func start() async throws {
    guard let console, let admin = parts.admin.address else { return }
    let url =
      switch admin {
      case .ip: "http://\(admin)/"
      case .unix, .unnamed: "\(admin)"
      }
    try console.write(
      """
      \(console.styled("Varve \(VarveVersion.text)", .bold))
        data    \(data)\(isNew ? " (new)" : "")
        admin   \(url)  healthz, readyz, metrics, version
        loops   \(parts.group.loops.count)
      Stop with Ctrl-C or SIGTERM.

      """)
  }
}
